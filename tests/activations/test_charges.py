"""Charges: what the provider took for a number is found out after the purchase, said and counted."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal

import pytest

from bot.domain import NOTHING_BOUGHT, Activation, Ending, NewCode, Quote, State
from bot.sandbox.provider import SMS_ACTIVATE, FaultKind
from bot.sandbox.telegram import Message, Person
from bot.storage import activations, charges, migrations, transitions, users
from tests import factories
from tests.accounts.test_limits import set_amount
from tests.conftest import World
from tests.history.test_export import export_all

ANN, BEN = 1, 2
NOW = 1_700_000_000
CHEAP = '{"10": {"tg": {"cost": 0.006, "count": 123}, "wa": {"cost": 0.006, "count": 5}}}'
CHARGED = "The provider charged 0.50, not 0.006."


def charge_more(world: World) -> None:
    """Let the provider show a price of 0.006 and charge 0.50."""
    for service in ("tg", "wa"):
        world.provider.set_stock(service, 50, price=Decimal("0.50"))
    world.provider.fail(FaultKind.BODY, action="getPrices", times=None, body=CHEAP)


async def stored(world: World) -> list[Activation]:
    """Return the open activations."""
    async with factories.open_database(world) as db:
        return await db.read(activations.list_open)


def actions(world: World) -> list[str]:
    """Return the purchases and the readings of the balance, oldest first."""
    asked = [request.action for request in world.provider.requests]
    return [each for each in asked if each in ("getBalance", "getNumber")]


async def until_each(person: Person, pages: list[Message], words: str) -> None:
    """Wait until each of several messages has these words."""
    await person.until(lambda _: all(words in page.text for page in pages))


async def history_of(person: Person) -> str:
    """Return the text of the history."""
    asked = await person.send("/history")
    return (await person.sees("Spent today", after=asked)).text


async def test_a_charge_above_the_shown_price_is_said_and_counted(bot_world: World) -> None:
    """The balance is read again after a purchase, in the background; the card and the sums say the charge."""
    charge_more(bot_world)
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    before = len(actions(bot_world))
    await ann.click("Buy")
    card = await ann.sees("Waiting for the code", CHARGED)
    assert "Cancel" in card.labels
    assert actions(bot_world)[before:] == ["getNumber", "getBalance"]
    (number,) = bot_world.provider.numbers.values()
    bot_world.provider.deliver(number.id, "12345")
    await ann.sees("Code received", CHARGED)
    assert "Spent today: 0.50 for 1 number\n" in await history_of(ann)
    (row,), everything = await export_all(ann, bot_world)
    assert (row["price_shown"], row["price_charged"]) == ("0.006", "0.50")
    assert everything["activations"][0]["charged"] == "0.50"
    assert bot_world.app is not None
    bot_world.app.features.charts.command = ("false",)  # the figures as text
    asked = await ann.send("/stats")
    statistics = await ann.sees("Amounts: numbers with a code.", after=asked)
    assert "0.50" in statistics.text
    assert "bout" not in statistics.text


async def test_a_card_without_the_charge_is_followed_by_a_notice(bot_world: World) -> None:
    """If the card was drawn before the charge was known, a notice says it too, once, and offers to cancel."""
    charge_more(bot_world)
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.DELAY, action="getBalance", seconds=0.3, times=None)
    await ann.click("Buy")
    card = await ann.sees("Waiting for the code")
    assert "charged" not in card.text
    notice = await ann.sees(CHARGED, after=card)
    assert notice.labels == ["Home", "Cancel"]
    await ann.until(lambda _: CHARGED in card.text)
    assert sum(CHARGED in message.text for message in ann.messages) == 2


async def test_the_list_says_the_charge_where_there_is_one(bot_world: World) -> None:
    """A row of the provider's list has the price of its own number, whatever else moves in the account."""
    bot_world.provider.dialect = SMS_ACTIVATE
    charge_more(bot_world)
    ann = await bot_world.customer()
    pages = [await bot_world.open_page(ann) for _ in range(2)]
    for page in pages:
        await ann.click("Buy", message=page)
    await until_each(ann, pages, CHARGED)
    assert [each.charged for each in await stored(bot_world)] == [Decimal("0.5")] * 2


async def test_the_answer_to_the_purchase_may_say_the_charge(bot_world: World) -> None:
    """An answer with the price is enough: the first card says it, and nothing more is asked."""
    charge_more(bot_world)
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    body = json.dumps({"activationId": 7, "phoneNumber": "84912345678", "activationCost": "0.50"})
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body=body)
    before = len(actions(bot_world))
    await ann.click("Buy")
    await ann.sees("Waiting for the code", CHARGED)
    assert actions(bot_world)[before:] == ["getNumber"]
    assert sum(CHARGED in message.text for message in ann.messages) == 1


async def test_two_purchases_at_once_leave_the_charges_unknown(bot_world: World) -> None:
    """If something else of the account moved between the readings, the shown price counts, and is "about"."""
    charge_more(bot_world)
    ann = await bot_world.customer()
    pages = [await bot_world.open_page(ann) for _ in range(2)]
    bot_world.provider.fail(FaultKind.DELAY, action="getNumber", seconds=0.1, times=None)
    before = len(bot_world.asked("getBalance"))
    for page in pages:
        await ann.click("Buy", message=page)
    await bot_world.provider.wait_for(lambda provider: len(provider.numbers) == 2)
    for number in bot_world.provider.numbers.values():
        bot_world.provider.deliver(number.id, "12345")
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getBalance")) == before + 3)
    await until_each(ann, pages, "Code received")
    assert [each.charged for each in await stored(bot_world)] == [None, None]
    assert "Spent today: about 0.012 for 2 numbers" in await history_of(ann)


async def test_the_daily_limit_counts_what_was_charged(bot_world: World) -> None:
    """A purchase that was dearer than shown leaves less for the day."""
    charge_more(bot_world)
    ann = await bot_world.customer()
    await set_amount(ann, "Daily limit", "0.50")
    await bot_world.buy(ann)
    await ann.sees(CHARGED)
    await bot_world.open_page(ann, "WhatsApp")
    await ann.sees("With today’s 0.50 that is over your daily limit of 0.50.")
    await ann.send("/settings")
    await ann.click("Daily limit")
    await ann.sees("Today so far: 0.50")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A migrated in-memory database with two users."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        migrations.migrate(connection, migrations.directory())
        for user_id, account in ((ANN, "a"), (BEN, "b")):
            users.get_or_create(connection, user_id, "en", NOW)
            users.bind(
                connection,
                user_id,
                f"sealed{user_id}",
                NOW,
                provider="own",
                address="own.example/api",
                account=account,
            )
        yield connection


def order(
    connection: sqlite3.Connection, at: int, user_id: int = ANN, price: str | None = "0.50"
) -> Activation:
    """Store an order."""
    token = f"{user_id} {at}"
    amount = None if price is None else Decimal(price)
    return transitions.create(
        connection, Quote(token, user_id, "tg", "X", "10", (), amount, at, "own"), at, 50
    )


def bought(connection: sqlite3.Connection, at: int, user_id: int = ANN) -> int:
    """Store a number that was bought at a time."""
    id_ = order(connection, at, user_id).id
    transitions.bought(
        connection, id_, f"p{id_}", "849", bought_at=at, ends_at=at + 1200, cancel_from=at + 120
    )
    return id_


def end(connection: sqlite3.Connection, id_: int, state: State, at: int) -> None:
    """End a number."""
    transitions.end(connection, id_, state, Ending.USER, at)


def code(connection: sqlite3.Connection, id_: int, at: int) -> int:
    """Add a code to a number."""
    transitions.add_code(connection, id_, NewCode("1"), at)
    return id_


MOVES: dict[str, tuple[Callable[[sqlite3.Connection], object], bool]] = {
    "an earlier purchase": (lambda c: bought(c, NOW - 100), False),
    "a purchase then": (lambda c: bought(c, NOW), True),
    "a later purchase": (lambda c: bought(c, NOW + 3), True),
    "another account": (lambda c: bought(c, NOW + 3, BEN), False),
    "an order that may buy at any time": (lambda c: order(c, NOW - 100), True),
    "an unclear purchase": (
        lambda c: transitions.outcome_unknown(c, order(c, NOW - 100).id, "NoAnswer", NOW - 90),
        True,
    ),
    "a refusal": (lambda c: transitions.refused(c, order(c, NOW + 1).id, "NoNumbers", NOW + 1), False),
    "a number that was not found": (
        lambda c: transitions.refused(c, order(c, NOW + 1).id, NOTHING_BOUGHT, NOW + 1),
        True,
    ),
    "an earlier refund": (lambda c: end(c, bought(c, NOW - 500), State.CANCELLED, NOW - 61), False),
    "a refund that may be late": (lambda c: end(c, bought(c, NOW - 500), State.CANCELLED, NOW - 59), True),
    "a refund": (lambda c: end(c, bought(c, NOW - 500), State.CANCELLED, NOW + 2), True),
    "a cancel on its way": (lambda c: transitions.cancel_sent(c, bought(c, NOW - 500), NOW + 2), True),
    "an earlier end with a code": (
        lambda c: end(c, code(c, bought(c, NOW - 500), NOW - 400), State.COMPLETED, NOW - 1),
        False,
    ),
    "an end with a code": (
        lambda c: end(c, code(c, bought(c, NOW - 500), NOW - 400), State.COMPLETED, NOW + 1),
        True,
    ),
    "a code, which some providers charge for": (lambda c: code(c, bought(c, NOW - 500), NOW + 1), True),
    "a number whose time is over": (lambda c: bought(c, NOW - 1210), True),
    "a number with time left": (lambda c: bought(c, NOW - 1000), False),
}


@pytest.mark.parametrize("name", MOVES)
def test_what_else_may_have_moved(connection: sqlite3.Connection, name: str) -> None:
    """A fall of the balance is a charge only if nothing else of the account can have changed it."""
    other, moved = MOVES[name]
    other(connection)
    activation = activations.get(connection, order(connection, NOW + 4).id)
    assert charges.account_moved_since(connection, activation, NOW, NOW + 5) is moved


@pytest.mark.parametrize(
    ("price", "charged", "said"),
    [
        ("0.50", "0.5000", False),
        ("0.50", "0.49", False),
        ("0.50", "0.50004", False),  # looks the same
        ("0.50", "0.5001", True),
        (None, "0.50", False),
    ],
)
def test_only_more_than_was_shown_is_said(
    connection: sqlite3.Connection, price: str | None, charged: str, said: bool
) -> None:
    """A charge changes the card only if it is above the shown price, and is stored once."""
    id_ = order(connection, NOW, price=price).id
    before = activations.get(connection, id_).card_version
    after = charges.save(connection, id_, Decimal(charged), NOW)
    assert (after.charged, after.overcharged) == (Decimal(charged), said)
    assert after.card_version == before + said
    assert charges.save(connection, id_, Decimal(9), NOW).charged == Decimal(charged)
