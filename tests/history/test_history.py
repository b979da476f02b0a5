"""The history: pages, filters, cards and spending."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from sqlite3 import Connection

import pytest

from bot.domain import Ending, HistoryEntry, HistoryPage, PriceSum, Result, Spending, State, time_zone
from bot.sandbox.telegram import Message, Person
from bot.storage import history, transitions
from bot.telegram import callbacks, texts
from bot.telegram.translations import Translations
from tests import factories
from tests.conftest import World

ANN, BOB = 1, 2
NOW = int(time.time())
T = Translations("USD").all()[0]


def numbers_on(screen: Message) -> list[str]:
    """Return the last digits of the codes or the numbers that have a button."""
    return [row.split(" · ")[1][-4:] for row in rows_of(screen)]


def rows_of(screen: Message) -> list[str]:
    """Return the labels of the numbers on a page, without the days above them."""
    return [label for label in screen.labels if " · " in label]


async def store_purchases(world: World, user_id: int, count: int) -> None:
    """Store ended numbers, the last of which is the newest; every third has no code."""

    def write(connection: Connection) -> None:
        for number in range(count):
            codes = () if number % 3 == 2 else (f"code{number:04}",)
            factories.add_ended(
                connection, user_id, *codes, at=NOW - 10_000 + number, phone=f"8491234{number:04}"
            )

    async with factories.open_database(world) as db:
        await db.write(write)


async def test_an_empty_history_has_a_button_to_buy(bot_world: World) -> None:
    """Without purchases there is an explanation and a button to buy."""
    ann = await bot_world.customer()
    await ann.click("Home", message=await _home(ann))
    await ann.click("History")
    screen = await ann.sees("Your numbers and codes will appear here")
    assert screen.labels == ["Buy a number", "Home"]
    await ann.click("Buy a number")
    await ann.sees("Choose a service")


async def _home(person: Person) -> Message:
    await person.send("/help")
    return await person.sees("How it works")


async def test_the_history_comes_in_pages_newest_first(bot_world: World) -> None:
    """Twenty numbers are three pages of one message, with the newest number first."""
    ann = await bot_world.customer()
    await store_purchases(bot_world, ANN, 20)
    await ann.send("/history")
    screen = await ann.sees("20 numbers, newest first", "1 / 3")
    assert numbers_on(screen) == [f"{number:04}" for number in range(19, 11, -1)]
    await ann.click("›", message=screen)
    assert numbers_on(await ann.sees("2 / 3")) == [f"{number:04}" for number in range(11, 3, -1)]
    await ann.click("›", message=screen)
    last = await ann.sees("3 / 3")
    assert numbers_on(last) == ["0003", "0002", "0001", "0000"]
    assert last.message_id == screen.message_id


async def test_a_row_opens_the_card_with_all_codes(bot_world: World) -> None:
    """A tap on a number sends its card with every code as a new message; the list stays."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "0011", "2233", "4455", at=NOW - 5000)
    await ann.send("/history")
    screen = await ann.sees("1 number. Tap it")
    await ann.click("Telegram", message=screen)
    card = await ann.sees("Completed", "Code 1: 0011", "Code 2: 2233", "Code 3: 4455", "Buy again")
    assert card.message_id > screen.message_id
    assert screen.shows("1 number. Tap it")


async def test_filters_stay_active_across_pages(bot_world: World) -> None:
    """Filters by result and by service work alone and together; an empty result can be undone."""
    ann = await bot_world.customer()
    await store_purchases(bot_world, ANN, 30)
    async with factories.open_database(bot_world) as db:
        await db.write(
            factories.add_ended, ANN, "7", at=NOW - 500, service="wa", name="WhatsApp", phone="84777770000"
        )
        await db.write(factories.add_refused, ANN, at=NOW - 400)
        await db.write(factories.add_ordered, ANN, at=NOW - 300)
    await ann.send("/history")
    screen = await ann.sees("33 numbers")
    assert [label.split()[0] for label in rows_of(screen)[:4]] == ["⏳", "🚫", "✅", "✖️"]
    await ann.click("All results ▾", message=screen)
    await ann.click("✖️ No code", message=await ann.sees("Show which numbers"))
    await ann.sees("10 numbers", "✖️ No code ▾", "1 / 2")
    await ann.click("›", message=screen)
    assert all(label.startswith("✖️") for label in rows_of(await ann.sees("2 / 2"))[:2])
    await ann.click("✖️ No code ▾", message=screen)
    await ann.click("🚫 Not bought", message=await ann.sees("Show which numbers"))
    await ann.sees("1 number", "🚫 Not bought ▾")
    await ann.click("All services ▾", message=screen)
    choice = await ann.sees("Show which service", "Telegram · 32", "WhatsApp · 1")
    await ann.click("WhatsApp", message=choice)
    await ann.sees("No numbers match", "🚫 Not bought ▾", "WhatsApp ▾")
    await ann.click("🚫 Not bought ▾", message=screen)
    await ann.click("✅ Got a code", message=await ann.sees("Show which numbers"))
    assert numbers_on(await ann.sees("1 number", "✅ Got a code ▾", "WhatsApp ▾")) == ["0000"]
    await ann.click("WhatsApp ▾", message=screen)
    await ann.click("All services", message=await ann.sees("Show which service"))
    await ann.sees("21 numbers", "✅ Got a code ▾", "All services ▾")


async def test_a_history_is_for_its_owner_only(bot_world: World) -> None:
    """Another user sees nothing of it, whatever their buttons contain, and no page number is too large."""
    await bot_world.customer(ANN)
    await store_purchases(bot_world, ANN, 20)
    bot_world.provider.open_account("b" * 32)
    bob = await bot_world.customer(BOB, key="b" * 32)
    await bob.send("/history")
    empty = await bob.sees("Your numbers and codes will appear here")
    await bob.press(callbacks.ShowHistory(service="tg", result=Result.CODE).pack(), message=empty)
    await bob.sees("No numbers match")
    await bob.press(callbacks.ShowHistory(page=2**63 - 1).pack(), message=empty)
    await bob.sees("Your numbers and codes will appear here")
    toast = await bob.press(callbacks.ShowHistory(page=10**30).pack(), message=empty)
    assert toast is not None
    assert "out of date" in toast.text
    async with factories.open_database(bot_world) as db:
        (entry, *_) = (await db.read(history.list_page, ANN, "", Result.ALL, 0, 8)).entries
        last = await db.read(history.list_page, ANN, "", Result.ALL, 10**30, 8)
    assert (last.page, len(last.entries)) == (2, 4)
    toast = await bob.press(callbacks.ShowCard(id=entry.id).pack(), message=empty)
    assert toast is not None
    assert "can’t find this number" in toast.text


async def test_spending_counts_numbers_with_a_code_by_utc_days(bot_world: World) -> None:
    """Days and months start at midnight UTC; only numbers with a code count; unknown prices are named."""
    midnight = int(datetime(2030, 3, 1, tzinfo=UTC).timestamp())
    bot_world.pass_time(midnight + 3600 - time.time())
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "1", at=midnight - 1, price="100")
        await db.write(factories.add_ended, ANN, "1", at=midnight, price="0.10")
        await db.write(factories.add_ended, ANN, "1", "2", at=midnight + 5, price="0.25")
        await db.write(factories.add_ended, ANN, "1", at=midnight + 6, price=None)
        await db.write(factories.add_ended, ANN, at=midnight + 7, price="7")
        await db.write(factories.add_refused, ANN, at=midnight + 8)
    await ann.send("/history")
    first = "about 0.35 for 2 numbers + 1 number without a price"
    await ann.sees(f"Spent today: {first}", f"Spent this month: {first}")
    bot_world.pass_time(24 * 3600)
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "1", at=midnight + 24 * 3600, price="1")
    await ann.send("/history")
    await ann.sees(
        "Spent today: about 1.00 for 1 number\n", "Spent this month: about 1.35 for 3 numbers + 1 number"
    )
    bot_world.pass_time(24 * 3600)
    await ann.send("/history")
    await ann.sees("Spent today: nothing\n", "Spent this month: about 1.35 for 3 numbers")


async def test_open_numbers_are_separate_until_they_have_a_code(bot_world: World) -> None:
    """An open number is not in the spending but named beside it; with a code it is spending."""
    bot_world.provider.set_stock("tg", 9, price=Decimal("0.35"))
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.send("/history")
    await ann.sees("Spent today: nothing", "Open, no code yet:", "0.35 for 1 number", "⏳ Telegram")
    bot_world.provider.deliver(number.id, "12345")
    await ann.sees("Code received")
    await ann.send("/history")
    screen = await ann.sees("Spent today:", "0.35 for 1 number", "✅ Telegram")
    assert "Open, no code yet" not in screen.text


async def test_a_service_is_listed_by_its_newest_name(bot_world: World) -> None:
    """A renamed service is listed once, with its newest name; most bought services come first."""
    await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, at=NOW - 3, service="x", name="Twitter")
        await db.write(factories.add_ended, ANN, at=NOW - 2, service="x", name="X")
        await db.write(factories.add_ended, ANN, at=NOW - 1)
        found = await db.read(history.services, ANN)
    assert [(each.service, each.name, each.count) for each in found] == [("x", "X", 2), ("tg", "Telegram", 1)]


@pytest.mark.parametrize(
    ("state", "ending", "with_code", "sign"),
    [
        (State.ORDERING, None, False, "⏳"),
        (State.UNKNOWN, None, False, "❓"),
        (State.WAITING, None, False, "⏳"),
        (State.WAITING, None, True, "✅"),
        (State.RECEIVED, None, True, "✅"),
        (State.COMPLETED, Ending.TIME, True, "✅"),
        (State.CANCELLED, Ending.USER, False, "✖️"),
        (State.CANCELLED, Ending.USER, True, "✅"),
        (State.EXPIRED, Ending.TIME, False, "✖️"),
        (State.EXPIRED, Ending.UNCLEAR, False, "❓"),
        (State.REFUSED, None, False, "🚫"),
    ],
)
def test_the_icon_shows_the_result_of_a_number(
    state: State, ending: Ending | None, with_code: bool, sign: str
) -> None:
    """A code counts whatever happened later; an unclear purchase is not shown as a failure."""
    entry = HistoryEntry(1, "Telegram", "84912340012", state, ending, 1_800_000_000, with_code)
    assert texts.history.entry_label(T, entry) == f"{sign} Telegram · …0012 · 08:00"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("48213", "48213"),
        ("G-123456", "123456"),
        ("Your Telegram code: 48213", "48213"),
        ("48213 is your code. 48213", "48213"),
        ("Code 48213 or 99999", "…0012"),
        ("Call +84912340012", "…0012"),
        ("hello there, no code", "…0012"),
        (None, "…0012"),
    ],
)
def test_a_row_has_the_code_the_time_and_the_price(text: str | None, shown: str) -> None:
    """A clear code stands in the row, in the reader's time zone and with the sign of the currency."""
    entry = HistoryEntry(
        1, "Telegram", "84912340012", State.COMPLETED, None, 1_800_000_000, True, text, Decimal("0.62")
    )
    t = replace(T, zone=time_zone("Asia/Ho_Chi_Minh"))
    assert texts.history.entry_label(t, entry) == f"✅ Telegram · {shown} · 15:00 · $0.62"
    free = replace(entry, with_code=False, state=State.CANCELLED)
    assert "$" not in texts.history.entry_label(t, free)


@pytest.mark.parametrize(
    ("language", "this_year", "other_year"),
    [("en", "15 Jan", "15 Jan 2027"), ("vi", "15/01", "15/01/2027"), ("ru", "15 янв.", "15 янв. 2027")],
)
def test_the_year_stands_only_on_days_of_another_year(language: str, this_year: str, other_year: str) -> None:
    """The heading of a day is short in the year of the reader."""
    t, entry = (
        Translations().find(language),
        HistoryEntry(1, "x", None, State.COMPLETED, None, 1_800_000_000, True),
    )
    assert texts.history.day_label(t, entry, 1_800_000_000) == f"— {this_year} —"
    assert texts.history.day_label(t, entry, 1_840_000_000) == f"— {other_year} —"


async def test_rows_stand_under_their_days(bot_world: World) -> None:
    """Each day has one heading; a tap on it changes nothing; the rules are behind the question mark."""
    bot_world.pass_time(utc(2030, 3, 2, 12) - time.time())
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        times = {"1111": utc(2030, 3, 2, 9), "2222": utc(2030, 3, 2, 8), "3333": utc(2029, 12, 31)}
        for code, at in times.items():
            await db.write(factories.add_ended, ANN, code, at=at, price="0.62")
    await ann.send("/history")
    screen = await ann.sees("3 numbers")
    assert screen.labels[:5] == [
        "— 2 Mar —",
        "✅ Telegram · 1111 · 09:00 · 0.62",
        "✅ Telegram · 2222 · 08:00 · 0.62",
        "— 31 Dec 2029 —",
        "✅ Telegram · 3333 · 00:00 · 0.62",
    ]
    await ann.click("— 2 Mar —", message=screen)
    assert screen.shows("3 numbers")
    assert "shown price" not in screen.text
    await ann.click("?", message=screen)
    await ann.sees("How is it counted?", "Only numbers with a code count", "midnight in your time zone (UTC)")
    await ann.click("History", message=screen)
    await ann.sees("3 numbers")


async def test_a_hidden_code_is_not_in_the_list(bot_world: World) -> None:
    """Of a number whose codes the user has deleted, the list shows the last digits."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "48213", at=NOW - 50, phone="84912340012")
        await db.write(_hide_codes)
    await ann.send("/history")
    screen = await ann.sees("1 number.", "…0012")
    assert not screen.shows("48213")


def _hide_codes(connection: Connection) -> None:
    connection.execute("UPDATE activations SET hide_codes_at = ?", (NOW,))


def utc(*date: int) -> int:
    """Return the UTC seconds of a date and time in UTC."""
    return int(datetime(*date, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]  # mypy counts the numbers


def test_a_sum_names_unknown_prices() -> None:
    """Numbers without a known price are named beside the sum, or alone."""
    spending = Spending(PriceSum(2, Decimal(0), 2), PriceSum(3, Decimal("0.5"), 1, 1), PriceSum())
    listing = HistoryPage((), 0, 1, 1, None)
    text = texts.history.screen(T, listing, spending)
    assert "Spent today: 2 numbers without a price\n" in text
    assert "about <b>0.50 USD</b> for 2 numbers + 1 number without a price\n" in text


async def test_every_ended_number_has_exactly_one_result(bot_world: World) -> None:
    """The filters with code, no code and not bought share the ended numbers; open ones are only under all."""
    await bot_world.customer()
    await store_purchases(bot_world, ANN, 9)
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_refused, ANN, at=NOW)
        waiting = await db.write(factories.add_bought, ANN, at=NOW)
        await db.write(
            transitions.outcome_unknown,
            (await db.write(factories.add_ordered, ANN, at=NOW)).id,
            "NoAnswer",
            NOW,
        )
        found = {
            result: {entry.id for entry in (await db.read(history.list_page, ANN, "", result, 0, 99)).entries}
            for result in Result
        }
    parts = [found[result] for result in Result if result is not Result.ALL]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 10
    assert len(found[Result.ALL]) == 12
    assert waiting.id not in set().union(*parts)
