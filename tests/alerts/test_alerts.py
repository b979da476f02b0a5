"""Availability alerts: checks with spare requests, one notice per match, and no purchase by themselves."""

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
from bot.domain import Activation, Alert, Offer, Operator, State
from bot.errors import Blocked
from bot.provider.pauses import ActionClass
from bot.sandbox.provider import WORLDWIDE, FaultKind
from bot.sandbox.telegram import Message, Person, TelegramFault
from bot.telegram.callbacks import ShowQuote
from bot.telegram.operator_bitmask import checksum, pack
from tests.conftest import KEY, World

BOBS_KEY = "k2k2k2k2k2k2k2k2k2k2"
TELL = "🔔 Notify me"
NUMBERS_AVAILABLE = "is available again"


@pytest.fixture
async def bot_world(world: World) -> World:
    """Both servers and the running bot, with a request budget that is never used up."""
    await world.start(key_rate=10.0**6, provider_rate=10.0**6)
    return world


async def open_page(person: Person, service: str = "Telegram", operator: str = "Any operator") -> Message:
    """Let a person search and choose until a new quote is shown; return its message."""
    sent = await person.send(service)  # the list has services without numbers only on its last page
    screen = await person.sees("Choose an operator", after=sent)
    await person.click(operator, message=screen)
    return await person.sees("Operator: ", after=sent)


async def set_alert(
    world: World,
    person: Person,
    service: str = "tg",
    operator: str = "Any operator",
    limit: str = "Any price",
) -> Message:
    """Let a person set an alert for a service without numbers; return the message that confirms it."""
    names = {"tg": "Telegram", "wa": "WhatsApp", "fb": "Facebook", "ig": "Instagram", "vi": "Viber"}
    world.provider.set_stock(service, 0)
    world.pass_time(61)  # the cached counts expire
    page = await open_page(person, names[service], operator)
    await person.click(TELL, message=page)
    await person.until(lambda _: "New alert" in page.text)
    await person.click(limit, message=page)
    await person.until(lambda _: "Alert set" in page.text)
    return page


async def check_alerts(world: World, seconds: float = 61) -> None:
    """Let time pass, and run the alert checker for what is due then."""
    app = world.app
    assert app is not None
    while app.alerts.changed.is_set():  # noqa: ASYNC110  # no event says that the loop has cleared it
        await asyncio.sleep(0)  # the bot's own loop is still running
    world.clock.ahead += seconds
    app.schedule.changed.set()
    # Alerts leave the requests to the checks that are due; no event says that none is due.
    while (at := app.schedule.next_at()) is not None and at <= world.clock.steady():  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    async with asyncio.TaskGroup() as group:
        await app.alert_checker.tick(group, world.clock.steady())


def notices(person: Person) -> list[Message]:
    """Return the notices about available numbers."""
    return [message for message in person.messages if NUMBERS_AVAILABLE in message.text]


async def delivered_notices(world: World, person: Person) -> list[Message]:
    """Wait until all stored notices are delivered; return those about available numbers."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        left = "SELECT 1 FROM notices WHERE delivered_at IS NULL"
        while connection.execute(left).fetchone():  # noqa: ASYNC110  # no event says that a notice is delivered
            await asyncio.sleep(0.01)
    return notices(person)


def count_requests(world: World) -> int:
    """Return how many requests for prices or counts the provider got."""
    return len(world.asked("getPrices")) + len(world.asked("getNumbersStatus"))


async def test_an_alert_notifies_when_numbers_are_available(bot_world: World) -> None:
    """The notice names the whole offer and buys nothing until Buy is tapped."""
    ann = await bot_world.customer()
    page = await set_alert(bot_world, ann, operator="Viettel")
    assert "Telegram · Vietnam · Viettel\nat any price" in page.text
    assert page.labels == ["Alerts", "Home"]
    await check_alerts(bot_world)
    assert await delivered_notices(bot_world, ann) == []
    bot_world.provider.set_stock("tg", 7, price="0.35", operator="viettel")
    await check_alerts(bot_world)
    notice = await ann.sees(NUMBERS_AVAILABLE)
    for words in ("Telegram", "Vietnam · Viettel", "7 numbers", "about 0.35", "Checked at"):
        assert words in notice.text
    assert notice.labels == ["Show offer", "Stop alert"]
    await ann.click("Show offer", message=notice)
    offer = await ann.sees("Buy this number?", "Viettel", "about 0.35", after=notice)
    assert NUMBERS_AVAILABLE in notice.text
    assert bot_world.provider.ledger == []
    await ann.click("Buy", message=offer)
    await ann.sees("Waiting for the code")
    assert bot_world.provider.ledger[0].operator == "viettel"


async def test_a_refused_purchase_offers_an_alert(bot_world: World) -> None:
    """On the card of a purchase without numbers, the offer opens a new message and leaves the card."""
    ann = await bot_world.customer()
    page = await open_page(ann)
    bot_world.provider.set_stock("tg", 0)
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought.", TELL)
    await ann.click(TELL, message=card)
    question = await ann.sees("New alert", after=card)
    await ann.click("Any price", message=question)
    await ann.until(lambda _: "Alert set" in question.text)
    assert "Nothing was bought." in card.text
    bot_world.provider.set_stock("tg", 1)
    await check_alerts(bot_world)
    await ann.sees(NUMBERS_AVAILABLE, "1 number\n")


async def test_other_refusals_offer_no_alert(bot_world: World) -> None:
    """A refusal because of the balance offers no alert."""
    ann = await bot_world.customer()
    page = await open_page(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body="NO_BALANCE")
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought.")
    assert TELL not in card.labels
    assert TELL not in page.labels


async def test_a_service_without_numbers_offers_an_alert(bot_world: World) -> None:
    """If no operator has numbers, the screen of the operators offers an alert."""
    bot_world.provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    await ann.send("telegram")
    screen = await ann.sees("Choose an operator", TELL)
    await ann.click(TELL, message=screen)
    await ann.sees("New alert", "Telegram · Vietnam · any")
    assert screen.labels[-2:] == ["Back", "Home"]


async def test_no_alert_is_offered_while_numbers_are_available(bot_world: World) -> None:
    """The offer appears only without numbers."""
    ann = await bot_world.customer()
    page = await open_page(ann)
    assert TELL not in page.labels


async def test_a_price_limit_is_respected(bot_world: World) -> None:
    """The limits are based on the shown price, and numbers above the chosen one cause no notice."""
    bot_world.provider.set_stock("tg", 0, price="0.40")
    ann = await bot_world.customer()
    page = await open_page(ann)
    await ann.click(TELL, message=page)
    await ann.until(lambda _: "It is about 0.40 now." in page.text)
    assert page.labels[:4] == ["Any price", "Up to 0.40", "Up to 0.44 (+10%)", "Up to 0.60 (+50%)"]
    await ann.click("Up to 0.44", message=page)
    await ann.until(lambda _: "up to 0.44" in page.text)
    bot_world.provider.set_stock("tg", 5, price="0.45")
    await check_alerts(bot_world)
    assert await delivered_notices(bot_world, ann) == []
    bot_world.provider.set_stock("tg", 5, price="0.44")
    await check_alerts(bot_world)
    await ann.sees(NUMBERS_AVAILABLE, "about 0.44")


async def test_an_unknown_price_notifies_only_without_a_limit(bot_world: World) -> None:
    """Without prices, an alert with a limit stays silent and one without a limit notifies."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann, "tg", limit="Up to")
    await set_alert(bot_world, ann, "wa")
    bot_world.provider.fail(FaultKind.BODY, action="getPrices", body="{}", times=None)
    for service in ("tg", "wa"):
        bot_world.provider.set_stock(service, 5)
    await check_alerts(bot_world)
    notice = await ann.sees(NUMBERS_AVAILABLE, "WhatsApp")
    assert "about" not in notice.text
    assert await delivered_notices(bot_world, ann) == [notice]


async def test_with_an_unknown_price_no_limit_is_asked_for(bot_world: World) -> None:
    """Without a shown price the alert is set at once, without the question for a limit."""
    bot_world.provider.fail(FaultKind.BODY, action="getPrices", body="{}", times=None)
    bot_world.provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    page = await open_page(ann)
    await ann.click(TELL, message=page)
    await ann.until(lambda _: "Alert set" in page.text)
    assert "at any price" in page.text


async def test_operators_are_counted_together(bot_world: World) -> None:
    """An alert for several operators adds up their counts and ignores other operators."""
    bot_world.provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    await ann.send("telegram")
    screen = await ann.sees("Choose an operator")
    await ann.click("Several…", message=screen)
    for operator in ("Viettel", "Mobifone"):
        await ann.click(operator, message=await ann.sees("Tap the operators"))
        await ann.sees(f"✓ {operator}")
    await ann.click("Continue", message=screen)
    await ann.sees("Operator: ", TELL)
    await ann.click(TELL, message=screen)
    await ann.sees("New alert")
    await ann.click("Any price", message=screen)
    await ann.sees("Alert set")
    bot_world.provider.set_stock("tg", 9, operator="vinaphone")
    await check_alerts(bot_world)
    assert await delivered_notices(bot_world, ann) == []
    bot_world.provider.set_stock("tg", 2, operator="viettel")
    bot_world.provider.set_stock("tg", 3, operator="mobifone")
    await check_alerts(bot_world)
    await ann.sees(NUMBERS_AVAILABLE, "Mobifone, Viettel", "5 numbers")


async def test_an_alert_is_quiet_for_ten_minutes_after_a_notice(bot_world: World) -> None:
    """While numbers stay available, the next notice comes after ten minutes."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    bot_world.provider.set_stock("tg", 5)
    await check_alerts(bot_world)
    await ann.sees(NUMBERS_AVAILABLE)
    for _ in range(8):
        await check_alerts(bot_world)
    assert len(await delivered_notices(bot_world, ann)) == 1
    await check_alerts(bot_world, QUIET_PERIOD)
    await ann.until(lambda person: len(notices(person)) == 2)


async def test_an_alert_can_be_stopped_in_its_notice(bot_world: World) -> None:
    """Stopping leaves the notice with its offer, which still opens a quote."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    bot_world.provider.set_stock("tg", 5)
    await check_alerts(bot_world)
    notice = await ann.sees(NUMBERS_AVAILABLE)
    toast = await ann.click("Stop alert", message=notice)
    assert toast is not None
    assert toast.text == "Alert stopped."
    await ann.until(lambda _: notice.labels == ["Show offer", "Home"])
    before = count_requests(bot_world)
    await check_alerts(bot_world, QUIET_PERIOD)
    assert count_requests(bot_world) == before
    assert await delivered_notices(bot_world, ann) == [notice]
    await ann.click("Show offer", message=notice)
    await ann.sees("Buy this number?", after=notice)
    await ann.send("/alerts")
    await ann.sees("No alerts yet.")


async def test_the_list_of_alerts(bot_world: World) -> None:
    """The list shows what each alert is for, its start and its end; Stop ends one, and its row stays."""
    ann = await bot_world.customer()
    await ann.send("/alerts")
    await ann.sees("No alerts yet.", "Home")
    await set_alert(bot_world, ann, "tg", "Viettel", "Up to")
    await set_alert(bot_world, ann, "wa")
    await ann.send("/favourites")
    favourites = await ann.sees("No favourites yet", "Alerts")
    await ann.click("Alerts", message=favourites)
    await ann.sees("Availability alerts")
    assert favourites.text.count("until ") == 2
    assert "WhatsApp · Vietnam · any operator\nat any price" in favourites.text
    assert "Telegram · Vietnam · Viettel\nup to 0." in favourites.text
    assert favourites.labels == ["Stop: WhatsApp", "Stop: Telegram · Viettel", "Favourites", "Home"]
    await ann.click("Stop: WhatsApp", message=favourites)
    left = ["✓ Stopped", "Stop: Telegram · Viettel", "Favourites", "Home"]
    await ann.until(lambda _: favourites.labels == left)
    assert "WhatsApp" not in favourites.text
    await ann.click("✓ Stopped", message=favourites)
    assert favourites.labels == left


async def test_an_alert_ends_after_a_day_without_a_notice(bot_world: World) -> None:
    """An ended alert stays in the list for another day and causes no requests and no message."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    bot_world.provider.set_stock("tg", 5)
    before = count_requests(bot_world)
    await check_alerts(bot_world, LIFETIME + 1)
    await check_alerts(bot_world)
    assert count_requests(bot_world) == before
    assert await delivered_notices(bot_world, ann) == []
    await ann.send("/alerts")
    listed = await ann.sees("Availability alerts", "Telegram", "ended ")
    assert listed.labels == ["Favourites", "Home"]
    bot_world.pass_time(LIFETIME)
    await ann.send("/alerts")
    await ann.sees("No alerts yet.")


async def test_at_most_five_alerts_without_duplicates(bot_world: World) -> None:
    """A sixth alert is refused with an explanation; setting one twice renews it with the new limit."""
    ann = await bot_world.customer()
    for service in ("tg", "wa", "fb", "ig", "vi"):
        await set_alert(bot_world, ann, service)
    await set_alert(bot_world, ann, "tg", limit="Up to")
    await ann.send("/alerts")
    listed = await ann.sees("Availability alerts")
    assert listed.text.count("until ") == LIMIT
    assert listed.text.count("up to ") == 1
    bot_world.provider.set_stock("go", 0)
    bot_world.pass_time(61)
    page = await open_page(ann, "Google")
    await ann.click(TELL, message=page)
    await ann.until(lambda _: "Any price" in page.labels)
    toast = await ann.click("Any price", message=page)
    assert toast is not None
    assert "You have 5 alerts, the maximum" in toast.text
    await ann.click("Stop", message=listed)
    await ann.click("Any price", message=page)
    await ann.until(lambda _: "Alert set" in page.text)


async def test_one_request_serves_several_users(bot_world: World) -> None:
    """A check of the same target is made once for all users, with the key of one of them."""
    await bot_world.stop()
    await bot_world.start(key_rate=10.0**6, provider_rate=10.0**6)  # two checks do not use up the reserve
    bot_world.provider.open_account(BOBS_KEY)
    people = [await bot_world.customer(), await bot_world.customer(2, BOBS_KEY)]
    for person in people:
        await set_alert(bot_world, person)
    before = count_requests(bot_world)
    await check_alerts(bot_world)
    assert count_requests(bot_world) == before + 1
    bot_world.provider.set_stock("tg", 5)
    await check_alerts(bot_world)
    assert count_requests(bot_world) == before + 2
    for person in people:
        await person.sees(NUMBERS_AVAILABLE)


async def test_recent_answers_are_used_again(bot_world: World) -> None:
    """An alert uses a recent answer to a tap or to another alert in the country, but no older one."""
    await bot_world.stop()
    await bot_world.start(
        key_rate=10.0**6, provider_rate=10.0**6
    )  # two concurrent checks do not use up the reserve
    ann = await bot_world.customer()
    await set_alert(bot_world, ann, "tg")
    await set_alert(bot_world, ann, "wa", "Viettel")
    app = bot_world.app
    assert app is not None
    prices, counts = len(bot_world.asked("getPrices")), len(bot_world.asked("getNumbersStatus"))
    await check_alerts(bot_world)
    assert len(bot_world.asked("getPrices")) == prices + 1
    assert len(bot_world.asked("getNumbersStatus")) == counts + 1
    for since_the_tap, asked_by_the_alert in ((10, 0), (41, 1)):
        await check_alerts(bot_world, 0)
        bot_world.clock.ahead += 61 - since_the_tap
        app.alert_checker.catalogs.of("own").lists.expire_offers("10")
        tapped = await ann.send("telegarm")
        await ann.sees("Results for", after=tapped)
        prices = len(bot_world.asked("getPrices"))
        await check_alerts(bot_world, since_the_tap)
        assert len(bot_world.asked("getPrices")) == prices + asked_by_the_alert


async def test_a_match_and_its_notice_are_stored_in_one_transaction(bot_world: World) -> None:
    """If the notice cannot be stored, the alert is not marked, and notifies at the next check."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON notices BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
    bot_world.provider.set_stock("tg", 5)
    await check_alerts(bot_world)
    assert await delivered_notices(bot_world, ann) == []
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection:
        assert connection.execute("SELECT notified_at FROM alerts").fetchall() == [(None,)]
        connection.execute("DROP TRIGGER no")
    await check_alerts(bot_world, 600)
    await ann.sees(NUMBERS_AVAILABLE)


async def test_alerts_survive_a_restart(bot_world: World) -> None:
    """After a crash an alert continues with the same end."""
    ann = await bot_world.customer()
    page = await set_alert(bot_world, ann)
    until = page.text.partition("until ")[2].partition(",")[0]
    await bot_world.kill()
    bot_world.provider.set_stock("tg", 5)
    await bot_world.start()
    await check_alerts(bot_world, 0)
    await check_alerts(bot_world)
    await ann.sees(NUMBERS_AVAILABLE)
    await ann.send("/alerts")
    await ann.sees("Availability alerts", f"until {until}")


async def test_a_notice_survives_an_outage_of_telegram_and_a_crash(bot_world: World) -> None:
    """A notice that could not be sent is sent once after the restart."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    bot_world.provider.set_stock("tg", 5)
    bot_world.telegram.fail(TelegramFault.ERROR, method="sendMessage", times=None)
    sent = len(bot_world.telegram.called("sendMessage"))
    await check_alerts(bot_world)
    await bot_world.telegram.until_called("sendMessage", sent + 1)
    for _ in range(3):
        await check_alerts(bot_world, QUIET_PERIOD)  # an undelivered notice is not stored twice
    await bot_world.kill()
    bot_world.telegram.heal()
    await bot_world.start()
    notice = await ann.sees(NUMBERS_AVAILABLE, "5 numbers", "Checked at ")
    assert await delivered_notices(bot_world, ann) == [notice]


@pytest.mark.parametrize("command", ["/alerts", "/watches"])
async def test_the_list_has_two_commands(bot_world: World, command: str) -> None:
    """The command menu lists /alerts; the older /watches still answers."""
    ann = await bot_world.customer()
    await ann.send(command)
    await ann.sees("No alerts yet.", "Home")


async def test_without_a_key_alerts_are_paused(bot_world: World) -> None:
    """Without a bound key there are no requests; after binding one the alert continues."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    await ann.send("/key")
    await ann.click("Remove", message=await ann.sees("Your API key is saved"))
    await ann.click("Yes, remove")
    await ann.sees("send me a key")
    bot_world.provider.set_stock("tg", 5)
    before = count_requests(bot_world)
    for _ in range(3):
        await check_alerts(bot_world)
    assert count_requests(bot_world) == before
    await ann.send(KEY)
    await ann.sees("Your key works", after=ann.newest)
    await check_alerts(bot_world, 0)
    await check_alerts(bot_world)
    await ann.sees(NUMBERS_AVAILABLE)


async def test_with_a_refused_key_alerts_are_paused(bot_world: World) -> None:
    """A refused key is tried once and notified once; alerts of other users continue."""
    bot_world.provider.open_account(BOBS_KEY)
    ann = await bot_world.customer()
    bob = await bot_world.customer(2, BOBS_KEY)
    await set_alert(bot_world, ann)
    await set_alert(bot_world, bob)
    bot_world.provider.close_account(KEY)
    for _ in range(20):
        await check_alerts(bot_world)
    await ann.sees("no longer accepts your API key")
    bot_world.provider.set_stock("tg", 5)
    await check_alerts(bot_world)
    await bob.sees(NUMBERS_AVAILABLE)
    assert await delivered_notices(bot_world, ann) == []
    assert sum("no longer accepts" in message.text for message in ann.messages) == 1
    keys = [request.params["api_key"] for request in bot_world.provider.requests]
    await check_alerts(bot_world)
    after = [request.params["api_key"] for request in bot_world.provider.requests]
    assert after.count(KEY) == keys.count(KEY)
    assert len(after) > len(keys)


PAUSED = "Your alerts are paused"


async def test_the_list_says_that_alerts_are_paused_without_a_key(bot_world: World) -> None:
    """The question before unbinding names the alerts, and the list says that they are paused then."""
    ann = await bot_world.customer()
    words = "Your alerts will be paused"
    await ann.send("/key")
    keys = await ann.sees("Your API key is saved")
    await ann.click("Remove", message=keys)
    await ann.until(lambda _: "Remove your API key?" in keys.text)
    assert words not in keys.text
    page = await set_alert(bot_world, ann)
    listed = await ann.sees("Availability alerts", after=await ann.send("/alerts"))
    assert PAUSED not in listed.text
    await ann.send("/key")
    keys = await ann.sees("Your API key is saved", after=page)
    await ann.click("Remove", message=keys)
    await ann.until(lambda _: words in keys.text)
    await ann.click("Yes, remove", message=keys)
    await ann.until(lambda _: "API key removed" in keys.text)
    listed = await ann.sees("Availability alerts", after=await ann.send("/alerts"))
    assert PAUSED in listed.text
    assert "until " in listed.text
    await ann.sees("Your key works", after=await ann.send(KEY))
    listed = await ann.sees("Availability alerts", after=await ann.send("/alerts"))
    assert PAUSED not in listed.text


async def test_the_list_says_that_alerts_are_paused_with_a_refused_key(bot_world: World) -> None:
    """While the provider refuses the key, the list says so, except for ended alerts."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    bot_world.provider.close_account(KEY)
    await check_alerts(bot_world)
    await ann.sees("no longer accepts your API key")
    listed = await ann.sees("Availability alerts", after=await ann.send("/alerts"))
    assert PAUSED in listed.text
    bot_world.pass_time(LIFETIME)
    listed = await ann.sees("Availability alerts", "ended ", after=await ann.send("/alerts"))
    assert PAUSED not in listed.text


async def test_alerts_are_paused_for_a_user_who_blocked_the_bot(bot_world: World) -> None:
    """There are no requests for an unreachable user."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    ann.block()
    app = bot_world.app
    assert app is not None
    while (await app.alerts.running())[0].reachable:  # noqa: ASYNC110  # a block is answered by nothing
        await asyncio.sleep(0.01)
    bot_world.provider.set_stock("tg", 5)
    before = count_requests(bot_world)
    await check_alerts(bot_world)
    assert count_requests(bot_world) == before


async def test_failed_checks_back_off_silently(bot_world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Failures double the pauses up to ten minutes, a success resets them, and nothing is logged."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    bot_world.provider.fail(FaultKind.STATUS, action="getPrices", status=503, times=None)
    caplog.set_level(logging.INFO)
    gaps, since = [], 0
    for _ in range(60):
        before = count_requests(bot_world)
        await check_alerts(bot_world, 60)
        since += 60
        if count_requests(bot_world) > before:
            gaps.append(since)
            since = 0
    assert gaps[0] == 60
    assert gaps == sorted(gaps)
    assert set(gaps[-2:]) <= {600, 660}
    assert not [record for record in caplog.records if record.name == "bot.alerts.checker"]
    bot_world.provider.heal()
    await check_alerts(bot_world, 600)
    before = count_requests(bot_world)
    await check_alerts(bot_world)
    assert count_requests(bot_world) == before + 1


async def alert_at_every_operator(world: World) -> tuple[Person, list[Operator]]:
    """Start the bot with an alert for 26 operators and a budget of one spare request a second."""
    world.provider.dialect = WORLDWIDE
    world.provider.set_stock("tg", 0, country="0")
    await world.start(countries="0", key_rate=10.0**6, provider_rate=10.0**6)
    ann = await world.customer()
    app = world.app
    assert app is not None
    operators = await app.alert_checker.catalogs.of("own").operators(await app.accounts.key(1), "0")
    assert len(operators) == 26
    everyone = pack(operators, {operator.code for operator in operators})
    await ann.press(
        ShowQuote(country="0", service="tg", chosen=everyone, checksum=checksum(operators)).pack()
    )
    page = await ann.sees("Operator: ", TELL)
    await ann.click(TELL, message=page)
    await ann.until(lambda _: "Any price" in page.labels)
    await ann.click("Any price", message=page)
    await ann.until(lambda _: "Alert set" in page.text)
    await world.stop()
    world.pass_time(61)
    await world.start(key_rate=1.0, provider_rate=1000.0)
    app = world.app
    assert app is not None
    app.accounts.gateways.first.budget.clock = world.clock  # the budget follows the test's clock
    return ann, operators


async def test_a_check_of_many_operators_takes_several_turns(world: World) -> None:
    """With little spare budget, a check of many operators continues where it stopped, and notifies."""
    ann, operators = await alert_at_every_operator(world)
    world.provider.set_stock("tg", 2, country="0", operator=operators[0].code)
    world.provider.set_stock("tg", 3, country="0", operator=operators[-1].code)
    turns = 0
    while not await delivered_notices(world, ann) and turns < 200:
        await check_alerts(world, 1)
        turns += 1
    assert turns > 26
    await ann.sees(NUMBERS_AVAILABLE, "5 numbers")


async def test_a_check_that_was_paused_for_long_starts_over(world: World) -> None:
    """Counts from an hour ago cause no notice, although the check that loaded them is not finished."""
    ann, operators = await alert_at_every_operator(world)
    world.provider.set_stock("tg", 2, country="0", operator=operators[0].code)
    before = len(world.asked("getNumbersStatus"))
    while len(world.asked("getNumbersStatus")) < before + 5:
        await check_alerts(world, 1)
    assert await delivered_notices(world, ann) == []
    world.provider.set_stock("tg", 0, country="0", operator=operators[0].code)
    await check_alerts(world, 3600)
    for _ in range(100):
        await check_alerts(world, 1)
    assert await delivered_notices(world, ann) == []
    assert {request["operator"] for request in world.asked("getNumbersStatus")[before + 5 :]} == {
        operator.code for operator in operators
    }


async def test_alerts_leave_the_budget_to_others(bot_world: World) -> None:
    """While the provider is paused, or a poll is due, there are no requests; afterwards there are."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    app = bot_world.app
    assert app is not None
    alert_checker, usual = app.alert_checker, app.alert_checker.next_poll
    busy = Schedule(5, bot_world.clock, bot_world.clock.steady)
    busy.add(waiting(), immediately=True)  # it is never taken, so it stays due
    alert_checker.next_poll = busy.next_at
    before = count_requests(bot_world)
    await check_alerts(bot_world)
    await check_alerts(bot_world)
    assert count_requests(bot_world) == before
    alert_checker.next_poll = usual
    await check_alerts(bot_world)
    assert count_requests(bot_world) == before + 1
    key = await app.accounts.key(1)
    key.gateway.budget.pause(key.secret, Blocked(3600), ActionClass.LISTS)
    await check_alerts(bot_world)
    assert count_requests(bot_world) == before + 1


def waiting() -> Activation:
    """Return an activation that waits for its code."""
    return Activation(
        id=1,
        token="t",
        user_id=1,
        key_id=1,
        provider="own",
        service="tg",
        service_name="Telegram",
        country="10",
        operators=(),
        price=None,
        state=State.WAITING,
        ordered_at=1,
    )


async def test_alerts_of_other_users_are_protected(bot_world: World) -> None:
    """A forged button cannot stop or show another user's alert, nor set one with another user's quote."""
    bot_world.provider.open_account(BOBS_KEY)
    ann = await bot_world.customer()
    bob = await bot_world.customer(2, BOBS_KEY)
    page = await open_page(ann)
    (token,) = [button.data for button in page.buttons if button.text.startswith("Buy at")]
    assert token is not None
    await set_alert(bot_world, ann)
    toast = await bob.press("wb:1")
    assert toast is not None
    assert "alert is over" in toast.text
    await bob.press("wd:1:1")
    toast = await bob.press(f"w:{token.removeprefix('b:')}:any")
    assert toast is not None
    assert "out of date" in toast.text
    bot_world.provider.set_stock("tg", 5)
    await check_alerts(bot_world)
    await ann.sees(NUMBERS_AVAILABLE)
    assert await delivered_notices(bot_world, bob) == []


async def test_a_stopped_alert_does_not_notify(bot_world: World) -> None:
    """An alert that is stopped during its check causes no notice."""
    ann = await bot_world.customer()
    await set_alert(bot_world, ann)
    app = bot_world.app
    assert app is not None
    (running,) = await app.alerts.running()
    await app.alerts.stop(1, running.id)
    await app.alerts.notify(running, 5, Offer("10", "tg", None, 5))
    assert await delivered_notices(bot_world, ann) == []


def an_alert(**changes: Any) -> Alert:
    """Return an alert."""
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
        "provider": "own",
    }
    return Alert(**(values | changes))


PRICES = st.decimals("0.0001", "9999", places=4)


@given(count=st.integers(-5, 10**6), price=PRICES | st.none(), limit=PRICES | st.none())
def test_when_an_alert_notifies(count: int, price: Decimal | None, limit: Decimal | None) -> None:
    """With numbers, and within the limit if there is one; an unknown price is not within a limit."""
    inside = limit is None or (price is not None and price <= limit)
    assert should_notify(an_alert(price_limit=limit), count, price, 10) == (count > 0 and inside)


@given(after=st.integers(0, 2000))
def test_the_quiet_period(after: int) -> None:
    """The next notice is possible ten minutes after the last one."""
    assert should_notify(an_alert(notified_at=1000), 1, None, 1000 + after) == (after >= QUIET_PERIOD)


@given(shown=PRICES, max_price=st.sampled_from(MaxPrice))
def test_price_limits(shown: Decimal, max_price: MaxPrice) -> None:
    """No limit, the shown price, a tenth more, or half more; without a shown price no limit."""
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
def test_a_match_can_be_read_from_its_details(notice: AlertMatch) -> None:
    """A match is the same after it was stored as the details of a notice."""
    assert AlertMatch.read(notice.details()) == notice
