"""Numbers that were bought on the provider's site, or by another program, are taken over by one tap."""

import csv
import hashlib
import io
import json
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from bot.sandbox.provider import SMS_ACTIVATE, FaultKind, Number, NumberState
from bot.sandbox.telegram import Message, Person
from bot.telegram.texts.phones import pretty
from tests.conftest import KEY, World

HEADING = "Bought elsewhere"


@pytest.fixture
async def listing(world: World) -> World:
    """The running bot, at a provider that lists the active numbers."""
    world.provider.dialect = SMS_ACTIVATE
    await world.start()
    return world


def bought_on_the_site(world: World, service: str = "tg", *, price: str | None = None) -> Number:
    """Let the owner of the key buy a number on the provider's site."""
    if price is not None:
        world.provider.set_stock(service, 5, price=Decimal(price))
    return world.provider.buy(world.provider.accounts[KEY], service, "10")


async def active_screen(person: Person, *fragments: str) -> Message:
    """Open the list of active numbers."""
    return await person.sees(*fragments, after=await person.send("/active"))


async def taken(person: Person, number: Number) -> Message:
    """Take a number over; return its card."""
    screen = await active_screen(person, HEADING)
    await person.click(f"➕ Telegram · +{number.phone}", message=screen)
    return await person.sees("taken over here", pretty(number.phone), after=screen)


def rows(world: World, *fields: str) -> list[tuple[object, ...]]:
    """Return these columns of all activations."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        return connection.execute(f"SELECT {', '.join(fields)} FROM activations ORDER BY id").fetchall()  # noqa: S608


def listed(world: World, *listed_rows: dict[str, object]) -> None:
    """Let the provider answer with these rows."""
    body = json.dumps({"status": "success", "activeActivations": listed_rows})
    world.provider.fail(FaultKind.BODY, action="getActiveActivations", body=body, times=None)


async def test_the_life_of_a_number_that_is_taken_over(listing: World) -> None:
    """One tap makes it a card; its codes come, another one can be requested, and it is completed."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    screen = await active_screen(ann, HEADING, "1 number of your API key was not bought here")
    toast = await ann.click("➕ Telegram", message=screen)
    assert toast is not None
    assert toast.text == "Its codes will come here from now on."
    card = await ann.sees("Waiting for the code", "taken over here", "or earlier: I don’t know", after=screen)
    assert card.labels == [
        f"+{number.phone}",
        number.phone,
        "I’ve requested the code",
        "Another number",
        "☆ Favourite",
        "Cancel",
        "📝 Note",
        "Home",
    ]
    await ann.until(lambda _: HEADING not in screen.text and "1 active number" in screen.text)
    assert [label[:10] for label in screen.labels] == ["⏳ Telegram", "Buy a numb", "Home"]
    listing.provider.deliver(number.id, "12345")
    await ann.sees("· Telegram", "12345")
    await ann.click("Get another code", message=card)
    await ann.until(lambda _: "Waiting for another code" in card.text)
    listing.provider.deliver(number.id, "67890")
    await ann.sees("· Telegram · code 2", "67890")
    await ann.click("Complete", message=card)
    await ann.until(lambda _: "✔️ Completed." in card.text)
    assert number.state is NumberState.FINISHED
    assert listing.asked("getNumber") == []


async def test_codes_that_the_list_has_are_sent(listing: World) -> None:
    """All codes from before are sent, each once, whichever answer has the whole text of the SMS."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    listing.provider.deliver(number.id, "Your code is 11111")
    listed(
        listing,
        {
            "activationId": number.id,
            "serviceCode": "tg",
            "countryCode": "10",
            "phoneNumber": number.phone,
            "smsCode": ["00000", "11111"],
        },
    )
    card = await taken(ann, number)
    await ann.sees("Your code is 11111")
    await ann.sees("00000", "Telegram")
    await ann.until(lambda _: "Code received" in card.text)
    polls = len(listing.asked("getStatus"))
    listing.pass_time(40)
    await listing.provider.wait_for(lambda _: len(listing.asked("getStatus")) > polls)
    assert [text for (text,) in code_texts(listing)] == ["Your code is 11111", "00000"]


def code_texts(world: World) -> list[tuple[str]]:
    """Return the texts of all stored codes."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        return connection.execute("SELECT text FROM codes ORDER BY ordinal").fetchall()


async def test_it_can_be_cancelled(listing: World) -> None:
    """The provider says when a cancel is too early; later it works."""
    ann = await listing.customer()
    listing.provider.cancel_after = 120
    number = bought_on_the_site(listing)
    card = await taken(ann, number)
    await ann.click("Cancel", message=card)
    await ann.sees("You can cancel this number from", "Shall I cancel it then")
    listing.pass_time(121)
    await ann.click("Cancel at")
    await ann.sees("✖️ Cancelled.")
    assert number.state is NumberState.CANCELLED


async def test_the_provider_ends_it(listing: World) -> None:
    """When it ends is the provider's word, which may come before the time on the card."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    listing.pass_time(600)
    card = await taken(ann, number)
    listing.pass_time(601)
    await ann.until(lambda _: "The provider ended this number" in card.text)
    assert number.state is NumberState.EXPIRED


async def test_it_counts_as_active_and_is_no_purchase(listing: World) -> None:
    """It takes a place among the active numbers. Its charge is known, so it is in the sums after a code."""
    await listing.stop()
    await listing.start(max_active=1)
    ann = await listing.customer()
    first, second = bought_on_the_site(listing), bought_on_the_site(listing)
    await taken(ann, first)
    screen = await active_screen(ann, "1 active number", HEADING)
    toast = await ann.click(f"➕ Telegram · +{second.phone}", message=screen)
    assert toast is not None
    assert "You have 1 active number; the limit is 1." in toast.text
    listing.provider.deliver(first.id, "12345")
    await ann.sees("· Telegram", "12345")
    history = await ann.sees("History", after=await ann.send("/history"))
    assert f"Spent today: {first.price:.2f} for 1 number" in history.text
    assert " · elsewhere · " in history.labels[1]
    assert rows(listing, "bought_at", "price", "charged", "taken_over") == [(None, None, str(first.price), 1)]
    await ann.click("CSV", message=history)
    file = await ann.sees("Your numbers and codes as a table")
    assert file.file is not None
    (line,) = csv.DictReader(io.StringIO(file.file.content.decode("utf-8-sig")))
    assert (line["taken_over"], line["bought_utc"]) == ("yes", "")


async def test_an_unknown_charge_is_no_expense(listing: World) -> None:
    """A number whose price the list does not say is in no sum, also not as one without a price."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    listed(listing, {"activationId": number.id, "serviceCode": "tg", "phoneNumber": number.phone})
    await taken(ann, number)
    listing.provider.deliver(number.id, "12345")
    await ann.sees("· Telegram", "12345")
    await ann.sees("Spent today: nothing", after=await ann.send("/history"))


async def test_it_is_not_completed_automatically(listing: World) -> None:
    """The preference to complete after a code is for the bot's own numbers: this one may be needed still."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    with closing(sqlite3.connect(listing.values["database_path"])) as connection, connection:
        connection.execute("INSERT INTO preferences (user_id, complete_after_code) VALUES (1, 1)")
    listing.provider.deliver(number.id, "12345")
    card = await taken(ann, number)
    await ann.until(lambda _: "Code received" in card.text)
    await ann.press("nothing")
    assert listing.asked("setStatus") == []


async def test_nothing_changes_without_a_list(bot_world: World) -> None:
    """At a provider without a list the screen has the bot's own numbers only, and is drawn once."""
    ann = await bot_world.customer()
    bought_on_the_site(bot_world)
    screen = await active_screen(ann, "No active numbers.")
    assert screen.text == "No active numbers."
    assert screen.labels == ["Buy a number", "Home"]
    assert bot_world.telegram.called("editMessageText") == []


async def test_the_own_numbers_are_there_first(world: World) -> None:
    """With a slow provider the bot's own numbers are shown at once, and the others when the list comes."""
    world.patience = 0.05
    world.provider.dialect = SMS_ACTIVATE
    await world.start()
    ann = await world.customer()
    own = await world.buy(ann)
    assert world.app is not None
    await world.app.jobs.finish(5)  # the list was read for the charge
    number = bought_on_the_site(world, "wa")
    world.pass_time(10)
    world.provider.fail(FaultKind.DELAY, action="getActiveActivations", seconds=0.3)
    screen = await active_screen(ann, "1 active number")
    assert HEADING not in screen.text
    await ann.until(lambda _: HEADING in screen.text)
    assert screen.labels[0].startswith("⏳ Telegram")
    assert own.phone[-4:] in screen.labels[0].replace(" ", "")
    assert screen.labels[1:] == [f"➕ WhatsApp · +{number.phone}", "Buy a number", "Home"]


async def test_rows_with_gaps(listing: World) -> None:
    """Rows without a number, with a masked one, and of an unknown service or country can be taken over."""
    ann = await listing.customer()
    numbers = [bought_on_the_site(listing) for _ in range(3)]
    listed(
        listing,
        {"activationId": numbers[0].id},
        {"activationId": numbers[1].id, "phoneNumber": "849********1", "serviceCode": "tg"},
        {
            "activationId": numbers[2].id,
            "phoneNumber": "+84 91",
            "serviceCode": "zzz",
            "countryCode": "x" * 99,
        },
    )
    screen = await active_screen(ann, HEADING)
    labels = ["Unknown service · id " + numbers[0].id, "Telegram · 849********1", "zzz · +8491"]
    assert screen.labels[:3] == [f"➕ {label}" for label in labels]
    heads = ["Unknown service · unknown country", "Telegram · unknown country", "zzz · unknown country"]
    for number, label, head in zip(numbers, labels, heads, strict=True):
        await ann.click(f"➕ {label}", message=screen)
        card = await ann.sees(head, "taken over here", after=screen)
        hidden = f"doesn’t show the full number. Its id there is {number.id}" in card.text
        assert hidden is (number is not numbers[2])
        shown = [label for label in card.labels if label in ("I’ve requested the code", "Cancel", "Home")]
        assert shown == ["I’ve requested the code", "Cancel", "Home"]
        listing.provider.deliver(number.id, "4711")
        await ann.sees("📩", head.split(" · ")[0], "4711")
        screen = await active_screen(ann)


async def test_buttons_that_no_longer_fit(listing: World) -> None:
    """A number that has ended, or a forged button, is answered in plain words, and nothing is stored."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    screen = await active_screen(ann, HEADING)
    listing.pass_time(1201)
    toast = await ann.click("➕ Telegram", message=screen)
    assert toast is not None
    assert toast.text == "The provider no longer lists this number as active."
    for data in ("to:nonsense", "to:", "to:" + "0" * 24):
        toast = await ann.press(data, message=screen)
        assert toast is not None
        assert "no longer lists" in toast.text or "out of date" in toast.text
    assert number.state is NumberState.EXPIRED
    assert rows(listing, "id") == []


async def test_a_number_that_ends_during_the_tap(listing: World) -> None:
    """If the list still has the number but its status is closed, it is not taken over."""
    ann = await listing.customer()
    bought_on_the_site(listing)
    screen = await active_screen(ann, HEADING)
    for body in ("STATUS_CANCEL", "NO_ACTIVATION"):
        listing.provider.fail(FaultKind.BODY, action="getStatus", body=body)
        toast = await ann.click("➕ Telegram", message=screen)
        assert toast is not None
        assert toast.text == "The provider no longer lists this number as active."
    assert rows(listing, "id") == []


async def test_two_people_with_one_key(listing: World) -> None:
    """The second one is told that the number is followed already, and their list no longer has it."""
    ann, bob = await listing.customer(1), await listing.customer(2)
    number = bought_on_the_site(listing)
    screen = await active_screen(bob, HEADING)
    await taken(ann, number)
    toast = await bob.click("➕ Telegram", message=screen)
    assert toast is not None
    assert toast.text == "Another person with the same API key already follows this number here."
    await active_screen(bob, "No active numbers.")
    assert rows(listing, "user_id") == [(1,)]


async def test_taps_at_the_same_time(listing: World) -> None:
    """Two taps of one person and one of another, at once: the number is taken over once."""
    ann, bob = await listing.customer(1), await listing.customer(2)
    bought_on_the_site(listing)
    screens = [await active_screen(person, HEADING) for person in (ann, bob)]
    listing.provider.fail(FaultKind.DELAY, action="getActiveActivations", seconds=0.1, times=3)
    data = screens[0].buttons[0].data
    assert data is not None
    first, second, other = ann.tap(screens[0], data), ann.tap(screens[0], data), bob.tap(screens[1], data)
    await ann.until(lambda _: first.answered and second.answered)
    await bob.until(lambda _: other.answered)
    assert len(rows(listing, "id")) == 1


async def is_left_to_reconciliation(person: Person, screen: Message, number: Number) -> None:
    """Check that a tap from an earlier screen does not take a number over."""
    mark = hashlib.blake2b(number.id.encode(), digest_size=12).hexdigest()
    toast = await person.press(f"to:{mark}", message=screen)
    assert toast is not None
    assert toast.text.startswith("This number may be from a purchase that I’m still checking.")


@pytest.mark.parametrize("times", [0, None])
async def test_numbers_of_an_unclear_purchase_are_not_offered(listing: World, times: int | None) -> None:
    """What an unclear purchase may have bought is left to reconciliation, also if it was offered before.

    Without the list from before the purchase that is each number of the service.
    """
    ann = await listing.customer()
    failing = listing.provider.fail(FaultKind.STATUS, status=503, action="getActiveActivations", times=times)
    page = await listing.open_page(ann)
    listing.provider.fail(FaultKind.BODY, action="getNumber", body="ERROR_SQL")
    await ann.click("Buy", message=page)
    await ann.until(lambda _: "It’s unclear whether a number was bought" in page.text)
    assert listing.app is not None
    await listing.app.jobs.finish(5)  # the first attempt to reconcile
    listing.provider.heal(failing)
    other, mine = bought_on_the_site(listing, "wa"), bought_on_the_site(listing)
    listing.pass_time(4)
    screen = await active_screen(ann, HEADING)
    assert [label for label in screen.labels if "➕" in label] == [f"➕ WhatsApp · +{other.phone}"]
    await is_left_to_reconciliation(ann, screen, mine)


async def test_reconciliation_does_not_adopt_it(listing: World) -> None:
    """A number that was taken over before is no candidate of a purchase that becomes unclear later."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    await taken(ann, number)
    failing = listing.provider.fail(FaultKind.STATUS, status=503, action="getActiveActivations", times=None)
    page = await listing.open_page(ann)
    listing.provider.fail(FaultKind.BODY, action="getNumber", body="ERROR_SQL")
    await ann.click("Buy", message=page)
    await ann.until(lambda _: "It’s unclear whether a number was bought" in page.text)
    assert listing.app is not None
    await listing.app.jobs.finish(5)  # the first attempt to reconcile
    listing.provider.heal(failing)
    listing.pass_time(11)
    await ann.click("Check again", message=page)
    await ann.press("nothing")
    assert "may be from this purchase" not in page.text
    assert rows(listing, "provider_id", "state") == [(number.id, "waiting"), (None, "unknown")]


async def test_a_purchase_in_progress(listing: World) -> None:
    """While a purchase has no answer, a new number may be its own, so it is not taken over."""
    ann, bob = await listing.customer(1), await listing.customer(2)
    old = bought_on_the_site(listing)
    page = await listing.open_page(ann)
    listing.provider.fail(FaultKind.COMMIT_THEN_HANG, action="getNumber")
    await ann.click("Buy", message=page)
    await listing.provider.wait_for(lambda provider: len(provider.ledger) == 2)
    new = [*listing.provider.numbers.values()][-1]
    new.service = "zz"  # a list may name the services otherwise
    listing.pass_time(4)
    screen = await active_screen(bob, HEADING)
    assert screen.labels[0] == f"➕ Telegram · +{old.phone}"
    assert len([label for label in screen.labels if "➕" in label]) == 1
    await is_left_to_reconciliation(bob, screen, new)
    await listing.kill()  # an orderly stop would wait for the purchase


async def test_a_crash_after_the_row_was_written(listing: World) -> None:
    """Codes that the list has are sent after a restart, if the bot died before it had stored them."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    listing.provider.deliver(number.id, "12345")
    screen = await active_screen(ann, HEADING)
    with listing.full_disk("INSERT ON codes"):
        await ann.click("➕ Telegram", message=screen)
        await listing.kill()
    assert rows(listing, "provider_id") == [(number.id,)]
    await listing.start()
    await ann.sees("· Telegram", "12345", timeout=10)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Mua ở nơi khác", "1 số thuộc API key", "nay nhận mã ở đây", "hoặc sớm hơn", "nơi khác"]),
        ("ru", ["Куплены не здесь", "1 номер на вашем", "коды приходят и сюда", "или раньше", "не здесь"]),
    ],
)
async def test_other_languages(listing: World, language: str, words: list[str]) -> None:
    """The heading, the card and the history say it in the reader's language."""
    ann = listing.telegram.person(1, language=language)
    await ann.send("/start")
    await ann.send(KEY)
    await ann.sees("10,00")
    bought_on_the_site(listing)
    screen = await active_screen(ann, *words[:2])
    await ann.click("➕ Telegram", message=screen)
    await ann.sees(*words[2:4], after=screen)
    history = await ann.sees("0,", after=await ann.send("/history"))
    assert words[4] in history.labels[1]


async def test_a_purchase_that_answers_with_it(listing: World) -> None:
    """If the provider sells a number again that was taken over, it is no second purchase."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    await taken(ann, number)
    page = await listing.open_page(ann)
    body = f"ACCESS_NUMBER:{number.id}:{number.phone}"
    listing.provider.fail(FaultKind.BODY, action="getNumber", body=body)
    await ann.click("Buy", message=page)
    await ann.until(lambda _: "Nothing was bought." in page.text)
    assert rows(listing, "provider_id", "state") == [(number.id, "waiting"), (None, "refused")]


async def test_its_end_may_change_the_balance_at_any_time(listing: World) -> None:
    """While such a number waits, the balance does not show what another number has cost."""
    ann = await listing.customer()
    number = bought_on_the_site(listing)
    listed(listing, {"activationId": number.id, "serviceCode": "tg", "phoneNumber": number.phone})
    await taken(ann, number)
    listing.pass_time(60)
    await listing.buy(ann)
    await listing.stop()  # waits until the charge is known
    assert rows(listing, "charged") == [(None,), (None,)]
