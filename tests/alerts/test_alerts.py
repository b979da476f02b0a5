"""Watches: told when there are numbers, out of what the budget leaves over; no purchase by itself."""

import asyncio
import logging
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bot.activations.schedule import Schedule
from bot.alerts.alerts import LIFETIME, LIMIT, QUIET_PERIOD, AlertMatch, MaxPrice, should_notify
from bot.domain import Activation, Alert, Operator, State
from bot.errors import Blocked
from bot.sandbox.provider import WORLDWIDE, FaultKind
from bot.sandbox.telegram import Fault, Message, Person
from bot.telegram.callbacks import Confirm
from bot.telegram.operator_bitmask import pack, seal
from tests.conftest import KEY, World

BOBS_KEY = "k2k2k2k2k2k2k2k2k2k2"
TELL = "🔔 Tell me when there are some"
RANG = "There are numbers."


@pytest.fixture
async def bot_world(world: World) -> World:
    """Both servers and the running bot, with so much budget that tests need not wait for the reserve."""
    await world.start(key_rate=10.0**6, provider_rate=10.0**6)
    return world


async def open_page(person: Person, service: str = "Telegram", operator: str = "Any operator") -> Message:
    """Have a person choose until a new confirmation page; return it."""
    asked = await person.send(service)  # whatever has no numbers stands on the last page
    screen = await person.sees("Found for", after=asked)
    await person.click(service, message=screen)
    await person.sees("Choose an operator", after=asked)
    await person.click(operator, message=screen)
    return await person.sees("Buy this number?", after=asked)


async def alert(
    world: World,
    person: Person,
    service: str = "tg",
    operator: str = "Any operator",
    limit: str = "Any price",
) -> Message:
    """Have a person set a watch where there are no numbers; return the message that says so."""
    names = {"tg": "Telegram", "wa": "WhatsApp", "fb": "Facebook", "ig": "Instagram", "vi": "Viber"}
    world.provider.set_stock(service, 0)
    world.pass_time(61)  # what was known of the stock is out of date
    page = await open_page(person, names[service], operator)
    await person.click(TELL, message=page)
    await person.until(lambda _: "Shall I tell you when there are numbers?" in page.text)
    await person.click(limit, message=page)
    await person.until(lambda _: "I will tell you when there are numbers." in page.text)
    return page


async def look(world: World, seconds: float = 61) -> None:
    """Let time go by, and the watchman look at whatever is due then."""
    app = world.app
    assert app is not None
    while app.alerts.changed.is_set():  # noqa: ASYNC110  # cleared by a loop that tells nobody
        await asyncio.sleep(0)  # its own loop is still busy with the time before
    world.clock.ahead += seconds
    async with asyncio.TaskGroup() as group:
        await app.alert_checker.tick(group, world.clock())


def rung(person: Person) -> list[Message]:
    """Return the messages that told of numbers."""
    return [message for message in person.messages if RANG in message.text]


async def told(world: World, person: Person) -> list[Message]:
    """Return the messages that told of numbers, once everything that was written down to be told is there."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        left = "SELECT 1 FROM notices WHERE delivered_at IS NULL"
        while connection.execute(left).fetchone():  # noqa: ASYNC110  # the courier tells only the chat
            await asyncio.sleep(0.01)
    return rung(person)


def asked(world: World) -> int:
    """Return how often the provider was asked for prices or counts."""
    return len(world.asked("getPrices")) + len(world.asked("getNumbersStatus"))


async def test_a_watch_rings_when_there_are_numbers(bot_world: World) -> None:
    """From a page without numbers: the message names everything, and buys nothing until Buy is tapped."""
    ann = await bot_world.customer()
    page = await alert(bot_world, ann, operator="Viettel")
    assert "Telegram · Vietnam · Viettel\nat any price" in page.text
    assert page.labels == ["Watches", "Home"]
    await look(bot_world)
    assert await told(bot_world, ann) == []
    bot_world.provider.set_stock("tg", 7, price="0.35", operator="viettel")
    await look(bot_world)
    ring = await ann.sees(RANG)
    for words in ("Telegram · Vietnam · Viettel", "7 numbers", "about 0.35", "Nothing is bought yet."):
        assert words in ring.text
    assert ring.labels == ["Show offer", "Stop watching"]
    await ann.click("Show offer", message=ring)
    offer = await ann.sees("Buy this number?", "Viettel", "about 0.35", after=ring)
    assert RANG in ring.text
    assert bot_world.provider.ledger == []
    await ann.click("Buy", message=offer)
    await ann.sees("Waiting for the code")
    assert bot_world.provider.ledger[0].operator == "viettel"


async def test_a_refused_purchase_offers_a_watch(bot_world: World) -> None:
    """On the card of a purchase without numbers the offer opens a message of its own; the card stays."""
    ann = await bot_world.customer()
    page = await open_page(ann)
    bot_world.provider.set_stock("tg", 0)
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought.", TELL)
    await ann.click(TELL, message=card)
    question = await ann.sees("Shall I tell you when there are numbers?", after=card)
    await ann.click("Any price", message=question)
    await ann.until(lambda _: "I will tell you when there are numbers." in question.text)
    assert "Nothing was bought." in card.text
    bot_world.provider.set_stock("tg", 1)
    await look(bot_world)
    await ann.sees(RANG, "1 number\n")


async def test_other_refusals_offer_no_watch(bot_world: World) -> None:
    """Whoever lacks the money is not helped by numbers."""
    ann = await bot_world.customer()
    page = await open_page(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body="NO_BALANCE")
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought.")
    assert TELL not in card.labels
    assert TELL not in page.labels


async def test_a_service_without_numbers_offers_a_watch(bot_world: World) -> None:
    """Where a service has none at any operator, the screen of operators has the offer too."""
    bot_world.provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    await ann.send("telegram")
    screen = await ann.sees("Found for")
    await ann.click("Telegram", message=screen)
    await ann.sees("Choose an operator", TELL)
    await ann.click(TELL, message=screen)
    await ann.sees("Shall I tell you when there are numbers?", "Telegram · Vietnam · any")
    assert screen.labels[-2:] == ["Back", "Home"]


async def test_where_there_are_numbers_no_watch_is_offered(bot_world: World) -> None:
    """The offer stands only where it is needed."""
    ann = await bot_world.customer()
    page = await open_page(ann)
    assert TELL not in page.labels


async def test_a_price_limit_is_kept(bot_world: World) -> None:
    """The limits are made of the price that was shown, and numbers above the chosen one are not told of."""
    bot_world.provider.set_stock("tg", 0, price="0.40")
    ann = await bot_world.customer()
    page = await open_page(ann)
    await ann.click(TELL, message=page)
    await ann.until(lambda _: "It is about 0.40 now." in page.text)
    assert page.labels[:4] == ["Any price", "Up to 0.40", "Up to 0.44 (+10%)", "Up to 0.60 (+50%)"]
    await ann.click("Up to 0.44", message=page)
    await ann.until(lambda _: "up to 0.44" in page.text)
    bot_world.provider.set_stock("tg", 5, price="0.45")
    await look(bot_world)
    assert await told(bot_world, ann) == []
    bot_world.provider.set_stock("tg", 5, price="0.44")
    await look(bot_world)
    await ann.sees(RANG, "about 0.44")


async def test_an_unknown_price_rings_only_without_a_limit(bot_world: World) -> None:
    """Where the provider no longer shows prices, a watch with a limit is silent and one without tells."""
    ann = await bot_world.customer()
    await alert(bot_world, ann, "tg", limit="Up to")
    await alert(bot_world, ann, "wa")
    bot_world.provider.fail(FaultKind.BODY, action="getPrices", body="{}", times=None)
    for service in ("tg", "wa"):
        bot_world.provider.set_stock(service, 5)
    await look(bot_world)
    ring = await ann.sees(RANG, "WhatsApp")
    assert "about" not in ring.text
    assert await told(bot_world, ann) == [ring]


async def test_with_an_unknown_price_no_limit_is_asked_for(bot_world: World) -> None:
    """Without a price there is nothing to limit: the watch is set at once."""
    bot_world.provider.fail(FaultKind.BODY, action="getPrices", body="{}", times=None)
    bot_world.provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    page = await open_page(ann)
    await ann.click(TELL, message=page)
    await ann.until(lambda _: "I will tell you when there are numbers." in page.text)
    assert "at any price" in page.text


async def test_operators_are_counted_together(bot_world: World) -> None:
    """A watch on several operators adds up theirs, and is deaf to all others."""
    bot_world.provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    await ann.send("telegram")
    screen = await ann.sees("Found for")
    await ann.click("Telegram", message=screen)
    await ann.click("Several…", message=await ann.sees("Choose an operator"))
    for operator in ("Viettel", "Mobifone"):
        await ann.click(operator, message=await ann.sees("Tap the operators"))
        await ann.sees(f"✓ {operator}")
    await ann.click("Continue", message=screen)
    await ann.sees("Buy this number?", TELL)
    await ann.click(TELL, message=screen)
    await ann.sees("Shall I tell you when there are numbers?")
    await ann.click("Any price", message=screen)
    await ann.sees("I will tell you when there are numbers.")
    bot_world.provider.set_stock("tg", 9, operator="vinaphone")
    await look(bot_world)
    assert await told(bot_world, ann) == []
    bot_world.provider.set_stock("tg", 2, operator="viettel")
    bot_world.provider.set_stock("tg", 3, operator="mobifone")
    await look(bot_world)
    await ann.sees(RANG, "Mobifone, Viettel", "5 numbers")


async def test_a_watch_is_quiet_for_ten_minutes_after_it_rang(bot_world: World) -> None:
    """While numbers stay, the next message comes ten minutes later and not before."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    bot_world.provider.set_stock("tg", 5)
    await look(bot_world)
    await ann.sees(RANG)
    for _ in range(8):
        await look(bot_world)
    assert len(await told(bot_world, ann)) == 1
    await look(bot_world, QUIET_PERIOD)
    await ann.until(lambda person: len(rung(person)) == 2)


async def test_a_watch_can_be_stopped_where_it_rang(bot_world: World) -> None:
    """Stop watching ends it and leaves the message with its offer, which still opens a page."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    bot_world.provider.set_stock("tg", 5)
    await look(bot_world)
    ring = await ann.sees(RANG)
    toast = await ann.click("Stop watching", message=ring)
    assert toast is not None
    assert toast.text == "I no longer watch this."
    await ann.until(lambda _: ring.labels == ["Show offer", "Home"])
    before = asked(bot_world)
    await look(bot_world, QUIET_PERIOD)
    assert asked(bot_world) == before
    assert await told(bot_world, ann) == [ring]
    await ann.click("Show offer", message=ring)
    await ann.sees("Buy this number?", after=ring)
    await ann.send("/watches")
    await ann.sees("I watch nothing for you.")


async def test_the_list_of_alerts(bot_world: World) -> None:
    """It says what each waits for, since when and until when; Stop takes one off."""
    ann = await bot_world.customer()
    await ann.send("/watches")
    await ann.sees("I watch nothing for you.", "Home")
    await alert(bot_world, ann, "tg", "Viettel", "Up to")
    await alert(bot_world, ann, "wa")
    await ann.send("/favourites")
    favourites = await ann.sees("You have no favourites yet", "Watches")
    await ann.click("Watches", message=favourites)
    await ann.sees("What I watch for you")
    assert favourites.text.count("since ") == favourites.text.count(", until ") == 2
    assert "WhatsApp · Vietnam · any operator\nat any price" in favourites.text
    assert "Telegram · Vietnam · Viettel\nup to 0." in favourites.text
    assert favourites.labels == ["Stop: WhatsApp", "Stop: Telegram · Viettel", "Favourites", "Home"]
    await ann.click("Stop: WhatsApp", message=favourites)
    await ann.until(lambda _: favourites.labels == ["Stop: Telegram · Viettel", "Favourites", "Home"])


async def test_a_watch_ends_after_a_day_without_a_message(bot_world: World) -> None:
    """Its end stands in the list for another day; nothing is asked and nothing is said by itself."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    bot_world.provider.set_stock("tg", 5)
    before = asked(bot_world)
    await look(bot_world, LIFETIME + 1)
    await look(bot_world)
    assert asked(bot_world) == before
    assert await told(bot_world, ann) == []
    await ann.send("/watches")
    listed = await ann.sees("What I watch for you", "Telegram", "ended ")
    assert listed.labels == ["Favourites", "Home"]
    bot_world.pass_time(LIFETIME)
    await ann.send("/watches")
    await ann.sees("I watch nothing for you.")


async def test_at_most_five_and_the_same_is_one(bot_world: World) -> None:
    """The sixth is refused with a sentence; setting one again renews it, with its new limit."""
    ann = await bot_world.customer()
    for service in ("tg", "wa", "fb", "ig", "vi"):
        await alert(bot_world, ann, service)
    await alert(bot_world, ann, "tg", limit="Up to")
    await ann.send("/watches")
    listed = await ann.sees("What I watch for you")
    assert listed.text.count("until ") == LIMIT
    assert listed.text.count("up to ") == 1
    bot_world.provider.set_stock("go", 0)
    bot_world.pass_time(61)
    page = await open_page(ann, "Google")
    await ann.click(TELL, message=page)
    await ann.until(lambda _: "Any price" in page.labels)
    toast = await ann.click("Any price", message=page)
    assert toast is not None
    assert "You have 5 watches, which is the limit" in toast.text
    await ann.click("Stop", message=listed)
    await ann.click("Any price", message=page)
    await ann.until(lambda _: "I will tell you when there are numbers." in page.text)


async def test_several_users_ask_once(bot_world: World) -> None:
    """What is the same for every key is asked once for all who wait for it, with one of their keys."""
    await bot_world.stop()
    await bot_world.start(key_rate=10.0**6, provider_rate=10.0**6)  # two looks leave the reserve whole
    bot_world.provider.open_account(BOBS_KEY)
    people = [await bot_world.customer(), await bot_world.customer(2, BOBS_KEY)]
    for person in people:
        await alert(bot_world, person)
    before = asked(bot_world)
    await look(bot_world)
    assert asked(bot_world) == before + 1
    bot_world.provider.set_stock("tg", 5)
    await look(bot_world)
    assert asked(bot_world) == before + 2
    for person in people:
        await person.sees(RANG)


async def test_what_was_seen_lately_is_not_asked_again(bot_world: World) -> None:
    """A watch takes what a tap, or another watch in the country, was told a moment ago, but nothing older."""
    await bot_world.stop()
    await bot_world.start(
        key_rate=10.0**6, provider_rate=10.0**6
    )  # two looks at once leave the reserve whole
    ann = await bot_world.customer()
    await alert(bot_world, ann, "tg")
    await alert(bot_world, ann, "wa", "Viettel")
    app = bot_world.app
    assert app is not None
    prices, counts = len(bot_world.asked("getPrices")), len(bot_world.asked("getNumbersStatus"))
    await look(bot_world)
    assert len(bot_world.asked("getPrices")) == prices + 1
    assert len(bot_world.asked("getNumbersStatus")) == counts + 1
    for since_the_tap, asked_by_the_watch in ((10, 0), (41, 1)):
        await look(bot_world, 0)
        bot_world.clock.ahead += 61 - since_the_tap
        app.alert_checker.catalog.lists.expire_offers("10")
        tapped = await ann.send("telegram")
        await ann.sees("Found for", after=tapped)
        prices = len(bot_world.asked("getPrices"))
        await look(bot_world, since_the_tap)
        assert len(bot_world.asked("getPrices")) == prices + asked_by_the_watch


async def test_it_rang_and_is_told_in_one_transaction(bot_world: World) -> None:
    """If the notice cannot be written, the watch has not rung, and rings the next time."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON notices BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
    bot_world.provider.set_stock("tg", 5)
    await look(bot_world)
    assert await told(bot_world, ann) == []
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection:
        assert connection.execute("SELECT notified_at FROM alerts").fetchall() == [(None,)]
        connection.execute("DROP TRIGGER no")
    await look(bot_world, 600)
    await ann.sees(RANG)


async def test_alerts_survive_a_restart(bot_world: World) -> None:
    """After a crash the watch goes on, and its end stays where it was."""
    ann = await bot_world.customer()
    page = await alert(bot_world, ann)
    until = page.text.partition("until ")[2].partition(",")[0]
    await bot_world.kill()
    bot_world.provider.set_stock("tg", 5)
    await bot_world.start()
    await look(bot_world, 0)
    await look(bot_world)
    await ann.sees(RANG)
    await ann.send("/watches")
    await ann.sees("What I watch for you", f"until {until}")


async def test_a_ring_outlives_an_outage_of_telegram_and_a_crash(bot_world: World) -> None:
    """It rang and will be told in one: what could not be sent is sent after the restart, once."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    bot_world.provider.set_stock("tg", 5)
    bot_world.telegram.fail(Fault.ERROR, method="sendMessage", times=None)
    sent = len(bot_world.telegram.called("sendMessage"))
    await look(bot_world)
    await bot_world.telegram.until_called("sendMessage", sent + 1)
    for _ in range(3):
        await look(bot_world, QUIET_PERIOD)  # what could not be said yet is not said twice
    await bot_world.kill()
    bot_world.telegram.heal()
    await bot_world.start()
    ring = await ann.sees(RANG, "5 numbers", "Seen ")
    assert await told(bot_world, ann) == [ring]


async def test_without_a_key_alerts_are_paused(bot_world: World) -> None:
    """An unbound key asks nothing; with a key bound again the watch goes on."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    await ann.send("/key")
    await ann.click("Unbind", message=await ann.sees("Your API key is bound"))
    await ann.click("Yes, unbind")
    await ann.sees("Send me")
    bot_world.provider.set_stock("tg", 5)
    before = asked(bot_world)
    for _ in range(3):
        await look(bot_world)
    assert asked(bot_world) == before
    await ann.send(KEY)
    await ann.sees("The key works", after=ann.newest)
    await look(bot_world, 0)
    await look(bot_world)
    await ann.sees(RANG)


async def test_with_a_refused_key_alerts_are_paused(bot_world: World) -> None:
    """A key the provider no longer takes is tried once, said once, and others' watches go on."""
    bot_world.provider.open_account(BOBS_KEY)
    ann = await bot_world.customer()
    bob = await bot_world.customer(2, BOBS_KEY)
    await alert(bot_world, ann)
    await alert(bot_world, bob)
    bot_world.provider.close_account(KEY)
    for _ in range(20):
        await look(bot_world)
    await ann.sees("no longer accepts your API key")
    bot_world.provider.set_stock("tg", 5)
    await look(bot_world)
    await bob.sees(RANG)
    assert await told(bot_world, ann) == []
    assert sum("no longer accepts" in message.text for message in ann.messages) == 1
    keys = [request.params["api_key"] for request in bot_world.provider.requests]
    await look(bot_world)
    after = [request.params["api_key"] for request in bot_world.provider.requests]
    assert after.count(KEY) == keys.count(KEY)
    assert len(after) > len(keys)


ASLEEP = "I cannot look now: there is no API key that works"


async def test_the_list_says_that_nothing_is_looked_for_without_a_key(bot_world: World) -> None:
    """The question before the key goes names the watches, and the list says that they sleep then."""
    ann = await bot_world.customer()
    words = "Without a key I cannot look for what you watch"
    await ann.send("/key")
    keys = await ann.sees("Your API key is bound")
    await ann.click("Unbind", message=keys)
    await ann.until(lambda _: "Unbind the API key?" in keys.text)
    assert words not in keys.text
    page = await alert(bot_world, ann)
    listed = await ann.sees("What I watch for you", after=await ann.send("/watches"))
    assert ASLEEP not in listed.text
    await ann.send("/key")
    keys = await ann.sees("Your API key is bound", after=page)
    await ann.click("Unbind", message=keys)
    await ann.until(lambda _: words in keys.text)
    await ann.click("Yes, unbind", message=keys)
    await ann.until(lambda _: "The key is unbound" in keys.text)
    listed = await ann.sees("What I watch for you", after=await ann.send("/watches"))
    assert ASLEEP in listed.text
    assert ", until " in listed.text
    await ann.sees("The key works", after=await ann.send(KEY))
    listed = await ann.sees("What I watch for you", after=await ann.send("/watches"))
    assert ASLEEP not in listed.text


async def test_the_list_says_that_nothing_is_looked_for_with_a_refused_key(bot_world: World) -> None:
    """While the provider refuses the key the list says so; what has ended needs no key."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    bot_world.provider.close_account(KEY)
    await look(bot_world)
    await ann.sees("no longer accepts your API key")
    listed = await ann.sees("What I watch for you", after=await ann.send("/watches"))
    assert ASLEEP in listed.text
    bot_world.pass_time(LIFETIME)
    listed = await ann.sees("What I watch for you", "ended ", after=await ann.send("/watches"))
    assert ASLEEP not in listed.text


async def test_alerts_are_paused_for_a_user_who_blocked_the_bot(bot_world: World) -> None:
    """Nothing is asked for somebody who cannot be told."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    ann.block()
    app = bot_world.app
    assert app is not None
    while (await app.alerts.running())[0].reachable:  # noqa: ASYNC110  # a block is answered by nothing
        await asyncio.sleep(0.01)
    bot_world.provider.set_stock("tg", 5)
    before = asked(bot_world)
    await look(bot_world)
    assert asked(bot_world) == before


async def test_bad_answers_back_off_in_silence(bot_world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Without an answer the pauses double, to ten minutes at most; a good one ends it; no log is filled."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    bot_world.provider.fail(FaultKind.STATUS, action="getPrices", status=503, times=None)
    caplog.set_level(logging.INFO)
    gaps, since = [], 0
    for _ in range(60):
        before = asked(bot_world)
        await look(bot_world, 60)
        since += 60
        if asked(bot_world) > before:
            gaps.append(since)
            since = 0
    assert gaps[0] == 60
    assert gaps == sorted(gaps)
    assert set(gaps[-2:]) <= {600, 660}
    assert not [record for record in caplog.records if record.name == "bot.alerts.checker"]
    bot_world.provider.heal()
    await look(bot_world, 600)
    before = asked(bot_world)
    await look(bot_world)
    assert asked(bot_world) == before + 1


async def watch_everywhere(world: World) -> tuple[Person, list[Operator]]:
    """Start the bot where somebody watches 26 operators, with a budget that spares one request a second."""
    world.provider.dialect = WORLDWIDE
    world.provider.set_stock("tg", 0, country="0")
    await world.start(countries="0", key_rate=10.0**6, provider_rate=10.0**6)
    ann = await world.customer()
    app = world.app
    assert app is not None
    operators = await app.alert_checker.catalog.operators(await app.accounts.key(1), "0")
    assert len(operators) == 26
    everyone = pack(operators, {operator.code for operator in operators})
    await ann.press(Confirm(country="0", service="tg", chosen=everyone, seal=seal(operators)).pack())
    page = await ann.sees("Buy this number?", TELL)
    await ann.click(TELL, message=page)
    await ann.until(lambda _: "Any price" in page.labels)
    await ann.click("Any price", message=page)
    await ann.until(lambda _: "I will tell you when there are numbers." in page.text)
    await world.stop()
    world.pass_time(61)
    await world.start(key_rate=1.0, provider_rate=1000.0)
    app = world.app
    assert app is not None
    app.alert_checker.budget.clock = world.clock  # so that it fills up as time is let go by
    return ann, operators


async def test_a_look_at_many_operators_takes_several_turns(world: World) -> None:
    """Where the budget spares little, a look at many operators goes on where it had to stop, and rings."""
    ann, operators = await watch_everywhere(world)
    world.provider.set_stock("tg", 2, country="0", operator=operators[0].code)
    world.provider.set_stock("tg", 3, country="0", operator=operators[-1].code)
    turns = 0
    while not await told(world, ann) and turns < 200:
        await look(world, 1)
        turns += 1
    assert turns > 26
    await ann.sees(RANG, "5 numbers")


async def test_a_look_that_was_put_off_for_long_begins_anew(world: World) -> None:
    """What was learnt an hour ago rings no more, though the look that learnt it has not come to its end."""
    ann, operators = await watch_everywhere(world)
    world.provider.set_stock("tg", 2, country="0", operator=operators[0].code)
    before = len(world.asked("getNumbersStatus"))
    while len(world.asked("getNumbersStatus")) < before + 5:
        await look(world, 1)
    assert await told(world, ann) == []
    world.provider.set_stock("tg", 0, country="0", operator=operators[0].code)
    await look(world, 3600)
    for _ in range(100):
        await look(world, 1)
    assert await told(world, ann) == []
    assert {request["operator"] for request in world.asked("getNumbersStatus")[before + 5 :]} == {
        operator.code for operator in operators
    }


async def test_alerts_leave_the_budget_to_others(bot_world: World) -> None:
    """While the host is left alone, or a poll is due, nothing is asked; afterwards it is."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    app = bot_world.app
    assert app is not None
    alert_checker, usual = app.alert_checker, app.alert_checker.next_poll
    busy = Schedule(5, bot_world.clock)
    busy.add(waiting(), immediately=True)  # nobody takes it, so that it stays due
    alert_checker.next_poll = busy.next_at
    before = asked(bot_world)
    await look(bot_world)
    await look(bot_world)
    assert asked(bot_world) == before
    alert_checker.next_poll = usual
    await look(bot_world)
    assert asked(bot_world) == before + 1
    app.alert_checker.budget.note(app.alert_checker.chance.choice([await app.accounts.key(1)]), Blocked(3600))
    await look(bot_world)
    assert asked(bot_world) == before + 1


def waiting() -> Activation:
    """Return a number that waits for its code."""
    return Activation(
        id=1,
        token="t",
        user_id=1,
        key_id=1,
        service="tg",
        service_name="Telegram",
        country="10",
        operators=(),
        price=None,
        state=State.WAITING,
        ordered_at=1,
    )


async def test_what_is_somebody_elses_is_refused(bot_world: World) -> None:
    """A forged button neither stops nor shows a watch of another user, nor sets one with their page."""
    bot_world.provider.open_account(BOBS_KEY)
    ann = await bot_world.customer()
    bob = await bot_world.customer(2, BOBS_KEY)
    page = await open_page(ann)
    (token,) = [button.data for button in page.buttons if button.text == "Buy"]
    assert token is not None
    await alert(bot_world, ann)
    toast = await bob.press("wb:1")
    assert toast is not None
    assert "watch is long over" in toast.text
    await bob.press("wd:1:1")
    toast = await bob.press(f"w:{token.removeprefix('b:')}:any")
    assert toast is not None
    assert "out of date" in toast.text
    bot_world.provider.set_stock("tg", 5)
    await look(bot_world)
    await ann.sees(RANG)
    assert await told(bot_world, bob) == []


async def test_a_stopped_watch_does_not_ring_any_more(bot_world: World) -> None:
    """A watch that is stopped while it is being looked for does not ring with what was found."""
    ann = await bot_world.customer()
    await alert(bot_world, ann)
    app = bot_world.app
    assert app is not None
    (running,) = await app.alerts.running()
    await app.alerts.stop(1, running.id)
    await app.alerts.notify(running, 5, None)
    assert await told(bot_world, ann) == []


def a_watch(**changes: Any) -> Alert:
    """Return a watch."""
    values: dict[str, Any] = {
        "id": 1,
        "user_id": 1,
        "service": "tg",
        "service_name": "Telegram",
        "country": "10",
        "operators": (),
        "price_limit": None,
        "created_at": 0,
        "ends_at": LIFETIME,
    }
    return Alert(**(values | changes))


PRICES = st.decimals("0.0001", "9999", places=4)


@given(count=st.integers(-5, 10**6), price=PRICES | st.none(), limit=PRICES | st.none())
def test_when_a_watch_rings(count: int, price: Decimal | None, limit: Decimal | None) -> None:
    """With numbers, and inside the limit where there is one; an unknown price is inside no limit."""
    inside = limit is None or (price is not None and price <= limit)
    assert should_notify(a_watch(price_limit=limit), count, price, 10) == (count > 0 and inside)


@given(after=st.integers(0, 2000))
def test_how_long_a_watch_is_quiet(after: int) -> None:
    """Ten minutes after it rang it may ring again, not before."""
    assert should_notify(a_watch(notified_at=1000), 1, None, 1000 + after) == (after >= QUIET_PERIOD)


@given(shown=PRICES, max_price=st.sampled_from(MaxPrice))
def test_price_limits(shown: Decimal, max_price: MaxPrice) -> None:
    """No limit, the price that was shown, a tenth more, or half of it more; none without a price."""
    share = {MaxPrice.SHOWN: "1", MaxPrice.TENTH_MORE: "1.1", MaxPrice.HALF_MORE: "1.5"}
    limit = max_price.limit(shown)
    assert limit == (None if max_price is MaxPrice.ANY else shown * Decimal(share[max_price]))
    assert max_price.limit(None) is None


@given(
    st.builds(
        AlertMatch,
        alert_id=st.integers(1, 2**62),
        service_name=st.text(),
        country=st.text(),
        operators=st.lists(st.text(), max_size=4).map(tuple),
        count=st.integers(1, 10**9),
        price=PRICES | st.none(),
        seen_at=st.integers(0, 2**40),
    )
)
def test_a_ring_survives_being_stored(ring: AlertMatch) -> None:
    """What is said when a watch rings comes out of a notice as it went in."""
    assert AlertMatch.read(ring.details()) == ring
