"""Favourites and buying again: kept by a star, one tap from the price of now, and never bought by that."""

import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from bot import favourites as rules
from bot.errors import FavouritesFull
from bot.sandbox.provider import WORLDWIDE, FaultKind
from bot.sandbox.telegram import Message, Person, TelegramFault
from bot.storage import favourites, migrations, users
from tests.conftest import World

BOBS_KEY = "k2k2k2k2k2k2k2k2k2k2"
PAGE_WITH_STAR = ["★ Favourite", "Home", "Back", "Buy at 0.62"]


async def keep(person: Person, service: str = "Telegram", operator: str = "Viettel") -> Message:
    """Have a person keep a favourite on its confirmation page; return the page."""
    page = await open_page(person, service, operator)
    await person.click("☆ Favourite", message=page)
    await person.until(lambda _: "★ Favourite" in page.labels)
    return page


async def open_page(person: Person, service: str, operator: str) -> Message:
    """Have a person choose until a new confirmation page; return it."""
    asked = await person.send(service)
    screen = await person.sees("Choose an operator", after=asked)
    await person.click(operator, message=screen)
    return await person.sees("Buy this number?", after=asked)


def carried(message: Message, label: str) -> str:
    """Return what a button carries."""
    (data,) = [
        button.data
        for button in message.buttons
        if button.text == label or button.text.startswith(f"{label} at ")
    ]
    assert data is not None
    return data


def rows(message: Message, *signs: str) -> list[str]:
    """Return the labels that begin with one of these signs, in their order."""
    return [label for label in message.labels if label.startswith(signs)]


async def test_a_star_on_the_page_changes_only_the_keyboard(bot_world: World) -> None:
    """The page keeps its text and its one purchase, and the provider is not asked anything."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann, operator="Viettel")
    text, token, asked = page.text, carried(page, "Buy"), len(bot_world.provider.requests)
    toast = await ann.click("☆ Favourite")
    assert toast is not None
    assert toast.text == "Added to favourites."
    starred = await ann.sees("Buy this number?", "★ Favourite")
    assert (starred.message_id, starred.text, carried(starred, "Buy")) == (page.message_id, text, token)
    assert starred.labels == PAGE_WITH_STAR
    assert len(bot_world.provider.requests) == asked
    await ann.click("Buy")
    await ann.sees("Waiting for the code", "★ Favourite")


@pytest.mark.parametrize("label", ["Home", "Back"])
async def test_a_star_brings_no_button_under_another_screen(bot_world: World, label: str) -> None:
    """A star tapped just after Home or Back shows its page again, whole: Buy stands under nothing else."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann, operator="Viettel")
    leave, star = carried(page, label), carried(page, "☆ Favourite")
    queries = [ann.tap(page, leave), ann.tap(page, star)]
    await ann.until(lambda _: all(query.answered for query in queries))
    await ann.until(lambda _: "★ Favourite" in page.labels)
    assert "Buy this number?" in page.text
    assert "Viettel" in page.text
    assert page.labels == PAGE_WITH_STAR


async def test_a_star_tapped_after_buy_leaves_the_card_alone(bot_world: World) -> None:
    """Once the page has become a card, its star keeps the favourite and puts no Buy under the card."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann, operator="Viettel")
    buy, star = carried(page, "Buy"), carried(page, "☆ Favourite")
    queries = [ann.tap(page, buy), ann.tap(page, star)]
    await ann.until(lambda _: all(query.answered for query in queries))
    await ann.sees("Waiting for the code", "Viettel", "★ Favourite")
    assert not rows(page, "Buy")
    assert len(bot_world.provider.ledger) == 1


async def unfinished(world: World, ann: Person) -> Message:
    """Have a confirmation page stand there without its balance, which comes when the provider is healed."""
    world.patience = 0.05
    await world.stop()
    await world.start()
    screen = await ann.sees("Choose a service", after=await ann.send("/buy"))
    await ann.click("Telegram", message=screen)
    await ann.until(lambda _: any(label.startswith("Viettel") for label in screen.labels))
    world.provider.fail(FaultKind.DELAY, action="getBalance", seconds=10)
    await ann.click("Viettel", message=screen)
    await ann.until(lambda _: "Balance: …" in screen.text)
    return screen


async def test_a_star_on_a_page_that_is_still_filling_in(bot_world: World) -> None:
    """The star waits for the rest of the page, which comes all the same, with its one purchase."""
    ann = await bot_world.customer()
    page = await unfinished(bot_world, ann)
    token, made = carried(page, "Buy"), len(bot_world.telegram.called("editMessageText"))
    toast = await ann.click("☆ Favourite", message=page)
    assert toast is not None
    assert toast.text == "Added to favourites."
    bot_world.provider.heal()
    await ann.until(lambda _: "Balance: 10.00" in page.text)
    assert page.labels == PAGE_WITH_STAR
    assert carried(page, "Buy") == token
    assert len(bot_world.telegram.called("editMessageText")) == made + 1
    await ann.click("★ Favourite", message=page)
    await ann.until(lambda _: "☆ Favourite" in page.labels)
    assert "Balance: 10.00" in page.text
    await ann.click("Buy", message=page)
    await ann.sees("Waiting for the code")


async def test_a_star_while_a_page_waits_for_another_try(bot_world: World) -> None:
    """A page whose rest Telegram did not take yet shows the star as it is when it does."""
    ann = await bot_world.customer()
    page = await unfinished(bot_world, ann)
    token, made = carried(page, "Buy"), len(bot_world.telegram.called("editMessageText"))
    bot_world.telegram.fail(TelegramFault.RETRY_AFTER, method="editMessageText", retry_after=1)
    bot_world.provider.heal()
    await bot_world.telegram.until_called("editMessageText", made + 1)
    await ann.click("☆ Favourite", message=page)
    await ann.until(lambda _: "Balance: 10.00" in page.text)
    assert page.labels == PAGE_WITH_STAR
    assert carried(page, "Buy") == token


async def test_a_star_while_the_rest_of_a_page_is_on_its_way(bot_world: World) -> None:
    """An edit that was drawn before the tap is followed by one that shows the star."""
    ann = await bot_world.customer()
    page = await unfinished(bot_world, ann)
    made = len(bot_world.telegram.called("editMessageText"))
    bot_world.telegram.fail(TelegramFault.DELAY, method="editMessageText", seconds=0.5)
    bot_world.provider.heal()
    await bot_world.telegram.until_called("editMessageText", made + 1)
    await ann.click("☆ Favourite", message=page)
    await ann.until(lambda _: "Balance: 10.00" in page.text and "★ Favourite" in page.labels)
    assert page.labels == PAGE_WITH_STAR


async def test_an_old_star_is_harmless(bot_world: World) -> None:
    """A star's button says what is wanted, so that the same tap again changes nothing."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    old = carried(page, "☆ Favourite")
    for _ in range(2):
        toast = await ann.press(old, message=page)
        assert toast is not None
        assert toast.text == "Added to favourites."
    await ann.send("/favourites")
    listed = await ann.sees("Tap one to see its price")
    assert rows(listed, "★") == ["★ Telegram"]
    starred = await ann.sees("Buy this number?", "★ Favourite")
    for _ in range(2):
        toast = await ann.press(carried(starred, "★ Favourite"), message=starred)
        assert toast is not None
        assert toast.text == "Removed from favourites."
    await ann.send("/favourites")
    await ann.sees("No favourites yet")


async def test_a_star_on_the_card(bot_world: World) -> None:
    """On a card the star is drawn anew with it, in every state, whatever changed it."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann, operator="Viettel")
    card = await ann.sees("Waiting for the code", "☆ Favourite")
    await ann.click("☆ Favourite", message=card)
    await ann.sees("Waiting for the code", "★ Favourite")
    await ann.send("/favourites")
    await ann.click("Remove…")
    await ann.click("✕ Telegram · Viettel")
    await ann.click("Done")
    await ann.sees("No favourites yet")
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("Code received", "☆ Favourite")
    await ann.click("Complete")
    await ann.sees("Completed.", "☆ Favourite")
    await ann.click("☆ Favourite", message=card)
    await ann.sees("Completed.", "★ Favourite")
    assert ann.find(card.message_id) is card


async def test_a_favourite_opens_a_page_with_the_price_of_now(bot_world: World) -> None:
    """A tap on a favourite draws a new page in place of the list; it buys nothing by itself."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.40"))
    ann = await bot_world.customer()
    page = await keep(ann)
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.70"))
    bot_world.pass_time(61)
    await ann.send("/start")
    await ann.click("Favourites", message=await ann.sees("Tap a button", after=page))
    listed = await ann.sees("Tap one to see its price")
    await ann.click("★ Telegram · Viettel", message=listed)
    fresh = await ann.sees("Buy this number?", "about 0.70", "Viettel", "★ Favourite", after=page)
    assert fresh.message_id == listed.message_id
    assert carried(fresh, "Buy") != carried(page, "Buy")
    assert bot_world.provider.ledger == []
    await ann.click("Buy", message=fresh)
    await ann.sees("Waiting for the code")
    (request,) = bot_world.asked("getNumber")
    assert (request["service"], request["operator"]) == ("tg", "viettel")


async def test_favourites_are_listed_newest_first_and_removed_one_by_one(bot_world: World) -> None:
    """The list begins with the newest; rows keep their places until Done, and an old button is no error."""
    ann = await bot_world.customer()
    await ann.send("/favourites")
    empty = await ann.sees("No favourites yet")
    assert empty.labels == ["Buy a number", "Home"]
    await keep(ann, "Telegram", "Viettel")
    await keep(ann, "WhatsApp", "Any operator")
    await ann.send("/favourites")
    listed = await ann.sees("Tap one to see its price")
    assert rows(listed, "★") == ["★ WhatsApp", "★ Telegram · Viettel"]
    await ann.click("Remove…", message=listed)
    await ann.sees("Tap one to remove it")
    gone = carried(listed, "✕ WhatsApp")
    await ann.click("✕ WhatsApp", message=listed)
    left = ["✓ Removed", "✕ Telegram · Viettel", "Done", "Home"]
    await ann.until(lambda _: listed.labels == left)
    await ann.press(gone, message=listed)
    assert listed.labels == left
    await ann.click("Done", message=listed)
    await ann.sees("Tap one to see its price")
    assert rows(listed, "★") == ["★ Telegram · Viettel"]


async def test_a_full_list_is_said(bot_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit nothing is kept and the user reads why; the star stays empty."""
    monkeypatch.setattr(rules, "LIMIT", 1)
    ann = await bot_world.customer()
    await keep(ann, "Telegram", "Viettel")
    page = await open_page(ann, "Telegram", "Mobifone")
    toast = await ann.click("☆ Favourite", message=page)
    assert toast is not None
    assert "You have 1 favourite, the maximum" in toast.text
    assert "☆ Favourite" in page.labels
    await ann.send("/favourites")
    listed = await ann.sees("Tap one to see its price")
    assert rows(listed, "★") == ["★ Telegram · Viettel"]


async def test_favourites_and_recent_purchases_come_first(bot_world: World) -> None:
    """/buy begins with favourites and with what was bought lately and is none, each one tap from its page."""
    ann = await bot_world.customer()
    await bot_world.buy(ann, "WhatsApp", "Any operator")
    await bot_world.buy(ann, "WhatsApp", "Any operator")
    await bot_world.buy(ann, "Telegram", "Viettel")
    await ann.click("☆ Favourite", message=await ann.sees("Telegram", "Waiting for the code"))
    await ann.sees("Telegram", "Waiting for the code", "★ Favourite")
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    assert screen.labels[:2] == ["★ Telegram · Viettel", "↺ WhatsApp"]
    assert rows(screen, "★", "↺") == screen.labels[:2]
    await ann.click("↺ WhatsApp", message=screen)
    page = await ann.sees("Buy this number?", "WhatsApp", "☆ Favourite")
    assert page.message_id == screen.message_id
    await ann.send("/buy")
    screen = await ann.sees("Choose a service", after=page)
    await ann.click("★ Telegram · Viettel", message=screen)
    page = await ann.sees("Buy this number?", "Viettel", "★ Favourite")
    assert page.message_id == screen.message_id
    assert len(bot_world.provider.ledger) == 3


async def test_shortcuts_leave_pages_and_search_alone(bot_world: World) -> None:
    """The shortcuts stand on the first page only; the services of each page are the same without them."""
    ann = await bot_world.customer()
    await ann.send("/buy")
    before = list((await ann.sees("Choose a service")).labels)
    await keep(ann)
    await ann.send("/buy")
    screen = await ann.sees("Choose a service", "★ Telegram · Viettel", after=ann.newest)
    assert screen.labels == ["★ Telegram · Viettel", *before]
    await ann.click("›", message=screen)
    await ann.sees("2 / ")
    assert rows(screen, "★", "↺") == []
    await ann.send("telegarm")
    found = await ann.sees("Results for")
    assert rows(found, "★", "↺") == []


async def test_at_most_six_favourites_and_four_recent_purchases_come_first(bot_world: World) -> None:
    """More of them stay in their lists: the services are not pushed off the screen."""
    ann = await bot_world.customer()
    await bot_world.stop()
    names = ["Telegram", "WhatsApp", "Facebook", "Instagram", "Viber", "Google", "TikTok", "Zalo"]
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection, connection:
        for number, name in enumerate(names):
            connection.execute(
                """INSERT INTO favourites (user_id, provider, service, service_name, country, operators,
                       kept_at)
                   VALUES (1, 'own', ?, ?, '10', '[]', 1)""",
                (f"f{number}", name),
            )
            connection.execute(
                """INSERT INTO activations (token, user_id, key_id, provider, service, service_name, country,
                       operators, state, ordered_at, bought_at, card_drawn)
                   VALUES (?, 1, 1, 'own', ?, ?, '10', '[]', 'cancelled', 1, 1, 1)""",
                (f"t{number}", f"a{number}", name),
            )
    await bot_world.start()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    assert rows(screen, "★") == [f"★ {name}" for name in reversed(names[2:])]
    assert rows(screen, "↺") == [f"↺ {name}" for name in reversed(names[4:])]


async def test_with_several_countries_shortcuts_stand_on_their_screen(world: World) -> None:
    """Where a country is chosen first, the shortcuts stand above the countries and name their own."""
    world.provider.dialect = WORLDWIDE
    await world.start(countries="10,6")
    ann = await world.customer()
    await ann.send("telegram vietnam")
    await ann.click("Any operator", message=await ann.sees("Choose an operator"))
    await ann.click("☆ Favourite", message=await ann.sees("Buy this number?"))
    await ann.send("/buy")
    screen = await ann.sees("★ Telegram · Vietnam", "By country")
    assert screen.labels[0] == "★ Telegram · Vietnam"
    await ann.click("By country", message=screen)
    await ann.until(lambda _: "Choose a country" in screen.text)
    assert screen.labels[0] == "★ Telegram · Vietnam"
    await ann.click("🇻🇳 Vietnam", message=screen)
    await ann.sees("Choose a service", after=ann.messages[-2])
    assert rows(screen, "★", "↺") == []


async def test_a_country_no_longer_on_offer(bot_world: World) -> None:
    """A favourite in a country that is no longer offered gets the ordinary sentence, and can be removed."""
    ann = await bot_world.customer()
    await keep(ann)
    await bot_world.stop()
    await bot_world.start(countries="6")
    await ann.send("/favourites")
    listed = await ann.sees("Tap one to see its price", "★ Telegram · Vietnam · Viettel")
    toast = await ann.click("★ Telegram", message=listed)
    assert toast is not None
    assert "doesn’t offer this country" in toast.text
    await ann.click("Remove…", message=listed)
    await ann.click("✕ Telegram", message=listed)
    await ann.click("Done", message=listed)
    await ann.sees("No favourites yet")


async def test_an_operator_no_longer_listed(bot_world: World) -> None:
    """A favourite at an operator that the provider no longer lists gets the ordinary sentence."""
    ann = await bot_world.customer()
    await keep(ann)
    await bot_world.stop()
    body = '{"status": "success", "countryOperators": {"10": ["mobifone", "wintel"]}}'
    bot_world.provider.fail(FaultKind.BODY, action="getOperators", body=body, times=None)
    await bot_world.start()
    await ann.send("/favourites")
    toast = await ann.click("★ Telegram · Viettel", message=await ann.sees("Tap one to see its price"))
    assert toast is not None
    assert "doesn’t offer this operator" in toast.text


async def test_a_service_no_longer_listed(bot_world: World) -> None:
    """A favourite for a service that the provider no longer lists gets the ordinary sentence."""
    ann = await bot_world.customer()
    await keep(ann)
    await bot_world.stop()
    body = '{"10": {"wa": {"cost": 0.5, "count": 3}}}'
    bot_world.provider.fail(FaultKind.BODY, action="getPrices", body=body, times=None)
    await bot_world.start()
    await ann.send("/favourites")
    toast = await ann.click("★ Telegram · Viettel", message=await ann.sees("Tap one to see its price"))
    assert toast is not None
    assert "doesn’t offer this service" in toast.text


async def test_what_is_somebody_elses_is_refused(bot_world: World) -> None:
    """A forged button neither opens nor removes a favourite of another user, nor stars with their page."""
    bot_world.provider.open_account(BOBS_KEY)
    ann = await bot_world.customer()
    bob = await bot_world.customer(2, BOBS_KEY)
    page = await keep(ann)
    await ann.send("/favourites")
    listed = await ann.sees("Tap one to see its price")
    toast = await bob.press(carried(listed, "★ Telegram · Viettel"))
    assert toast is not None
    assert "no longer in your favourites" in toast.text
    await bob.press("fd:1")
    await bob.sees("No favourites yet")
    toast = await bob.press(carried(page, "★ Favourite"))
    assert toast is not None
    assert "out of date" in toast.text
    toast = await bob.press("fa:1:1")
    assert toast is not None
    assert "can’t find this number" in toast.text
    await ann.send("/favourites")
    again = await ann.sees("Tap one to see its price", after=listed)
    assert rows(again, "★") == ["★ Telegram · Viettel"]


async def test_buying_again_leaves_cards_and_notices_where_they_are(bot_world: World) -> None:
    """From a card, and from the message that told of its end, Buy again sends the page as a new message."""
    ann = await bot_world.customer()
    await bot_world.buy(ann, operator="Viettel")
    bot_world.provider.lifetime = 1230
    bot_world.pass_time(1201)
    await ann.sees("I’ll check once more for a late code")
    bot_world.pass_time(61)
    words = "No code arrived in time."
    await ann.until(lambda person: sum(words in message.text for message in person.messages) == 2)
    for message in [message for message in ann.messages if words in message.text]:
        newest = ann.newest
        await ann.click("Buy again", message=message)
        await ann.sees("Buy this number?", "Viettel", after=newest)
        assert words in message.text
    assert len(bot_world.provider.ledger) == 1


@given(st.permutations(["viettel", "mobifone", "vinaphone"]))
def test_the_order_of_operators_is_no_matter(order: list[str]) -> None:
    """The same operators in another order are the same favourite; others are another one."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        migrations.migrate(connection, migrations.directory())
        users.get_or_create(connection, 1, "en", 1)
        thing = {"country": "10", "service": "tg"}

        def keep(operators: list[str], limit: int) -> None:
            favourites.add(
                connection,
                1,
                "own",
                **thing,
                service_name="Telegram",
                operators=operators,
                now=1,
                limit=limit,
            )

        keep(order, 1)
        keep(sorted(order), 1)
        assert favourites.exists(connection, 1, "own", **thing, operators=order[::-1])
        assert not favourites.exists(connection, 1, "own", **thing, operators=order[:2])
        assert not favourites.exists(connection, 2, "own", **thing, operators=order)
        with pytest.raises(FavouritesFull):
            keep(order[:2], 1)
        favourites.remove(connection, 1, "own", **thing, operators=order[1:] + order[:1])
        assert favourites.list_for_user(connection, 1) == []
