"""Success figures of purchases in the database."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain import Ending, NewCode, Quote, State
from bot.storage import quotes, statistics, transitions, users
from bot.storage.database import Database

ANN, BOB = 1, 2
NOW = 1_800_000_000


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with two users who have a key."""
    async with await Database.open(tmp_path / "bot.db") as db:
        for user_id in (ANN, BOB):
            await db.write(users.get_or_create, user_id, "en", NOW)
            await db.write(users.bind, user_id, "sealed", NOW, provider="own", address="own.example/api")
        yield db


async def buy(db: Database, token: str, wait: int | None, *, user_id: int = ANN, price: str | None) -> int:
    """Store a number at Viettel; its code comes after so many seconds, or it expires without one."""
    page = Quote(
        token, user_id, "tg", "Telegram", "10", ("viettel",), Decimal(price) if price else None, NOW, "own"
    )
    await db.write(quotes.insert, page)
    id_ = (await db.write(transitions.create, page, NOW, 50)).id
    await db.write(transitions.bought, id_, token, "849", bought_at=NOW, ends_at=NOW + 1200, cancel_from=NOW)
    if wait is None:
        await db.write(transitions.end, id_, State.EXPIRED, Ending.TIME, NOW + 1200)
    else:
        await db.write(transitions.add_code, id_, NewCode("1"), NOW + wait)
    return id_


async def test_outcomes_count_codes_waits_and_prices(db: Database) -> None:
    """Two of three settled numbers have a code; their median wait and their prices count."""
    await buy(db, "a", 30, price="0.10")
    await buy(db, "b", 50, price=None)
    await buy(db, "c", None, price="5")
    await buy(db, "d", 1, user_id=BOB, price="9")
    (outcome,) = await db.read(statistics.outcomes, ANN, "own")
    assert (outcome.service, outcome.country, outcome.operators) == ("tg", "10", ("viettel",))
    assert (outcome.bought, outcome.with_code, outcome.usual_wait) == (3, 2, 40)
    assert outcome.spent == Decimal("0.10")


async def test_a_waiting_number_does_not_count(db: Database) -> None:
    """Only settled numbers count, and a filter without matches returns nothing."""
    page = Quote("a", ANN, "tg", "Telegram", "10", (), None, NOW, "own")
    id_ = (await db.write(transitions.create, page, NOW, 50)).id
    await db.write(transitions.bought, id_, "1", "849", bought_at=NOW, ends_at=NOW + 1200, cancel_from=NOW)
    assert await db.read(statistics.outcomes, ANN, "own") == []
    await buy(db, "b", 30, price="1")
    assert len(await db.read(statistics.outcomes, ANN, "own", service="tg", country="10")) == 1
    assert await db.read(statistics.outcomes, ANN, "own", service="wa") == []
