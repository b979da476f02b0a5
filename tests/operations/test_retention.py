"""The retention of data: what is old is deleted, sums stay, and the write-ahead log is emptied."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain import DAY, NoticeKind, Result
from bot.operations import retention as job
from bot.operations.retention import Retention
from bot.storage import activations, code_messages, history, outbox, quotes, retention, statistics, users
from bot.storage.database import Database
from tests import factories
from tests.conftest import World

ANN = 1
NOW = int(time.time())
OLD = NOW - 100 * DAY
PHONE, CODE = "84987000321", "code-to-be-deleted"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with a user who has a key."""
    async with await Database.open(tmp_path / "bot.db") as db:
        await db.write(users.get_or_create, ANN, "en", NOW)
        await db.write(users.bind, ANN, "sealed", NOW, provider="own", address="own.example/api")
        yield db


def delete_old(db: Database, days: int = 90) -> "asyncio.Future[int]":
    """Run the daily job once."""
    return asyncio.ensure_future(Retention(db=db, now=lambda: NOW, days=days).delete_old())


def holds(path: Path, *texts: str) -> bool:
    """Return whether a database or its write-ahead log contains one of the texts."""
    files = [path, path.with_name(f"{path.name}-wal")]
    contents = [file.read_bytes() for file in files if file.exists()]
    return any(text.encode() in content for content in contents for text in texts)


async def until_gone(path: Path, *texts: str) -> None:
    """Wait until no file of a database contains one of the texts."""
    async with asyncio.timeout(10):
        while holds(path, *texts):  # noqa: ASYNC110  # a file wakes nobody
            await asyncio.sleep(0.01)


def sums(connection: sqlite3.Connection) -> list[object]:
    """Return everything that is computed from past numbers, without what identifies one of them."""
    page = history.list_page(connection, ANN, "", Result.ALL, 0, 50)
    return [
        statistics.outcomes(connection, ANN, "own"),
        statistics.spent(connection, ANN, "own", 0),
        history.spending(connection, ANN, "own", 0, 0),
        history.services(connection, ANN),
        [(entry.id, entry.state, entry.ending, entry.ordered_at, entry.with_code) for entry in page.entries],
        [
            history.list_page(connection, ANN, "", result, 0, 50).count
            for result in (Result.CODE, Result.NO_CODE, Result.NOT_BOUGHT)
        ],
    ]


async def test_old_details_are_deleted_and_sums_stay(db: Database, tmp_path: Path) -> None:
    """Codes, phone numbers, notices and quotes of old numbers are gone from the files; sums are equal."""
    old = await db.write(factories.add_ended, ANN, CODE, "second", at=OLD, phone=PHONE)
    await db.write(factories.add_ended, ANN, at=OLD + 1, phone=PHONE)
    await db.write(factories.add_refused, ANN, at=OLD + 2)
    recent = await db.write(factories.add_ended, ANN, "1234", at=NOW - 80 * DAY)
    still_open = await db.write(factories.add_bought, ANN, "5678", at=OLD)
    for id_ in (old.id, recent.id):
        await db.write(outbox.add_notice, ANN, id_, NoticeKind.ENDED, NOW)
    await db.write(outbox.add_notice, ANN, None, NoticeKind.KEY_REFUSED, OLD)
    await db.write(code_messages.add, old, [77], NOW)
    before = await db.read(sums)
    assert await delete_old(db) == 4
    assert await db.read(sums) == before
    assert not holds(tmp_path / "bot.db", PHONE, CODE)
    deleted = await db.read(activations.get, old.id)
    assert (deleted.phone, deleted.details_deleted, deleted.hides_codes(NOW)) == (None, True, True)
    assert [(code.text, code.deleted) for code in deleted.codes] == [("", True), ("", True)]
    assert await db.read(activations.get, recent.id) == recent
    assert await db.read(activations.get, still_open.id) == still_open
    notices = await db.read(lambda c: c.execute("SELECT activation_id FROM notices").fetchall())
    assert [row["activation_id"] for row in notices] == [recent.id]
    assert await delete_old(db) == 0


async def test_zero_days_keep_the_details(db: Database) -> None:
    """With RETENTION_DAYS=0 the details of a number are kept."""
    old = await db.write(factories.add_ended, ANN, CODE, at=OLD, phone=PHONE)
    assert await delete_old(db, days=0) == 0
    assert await db.read(activations.get, old.id) == old


async def test_one_transaction_changes_a_bounded_number(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many old numbers are changed in several transactions."""
    monkeypatch.setattr(job, "BATCH", 2)
    for number in range(5):
        await db.write(factories.add_ended, ANN, CODE, at=OLD + number)
    assert await db.write(retention.delete_details, NOW - 90 * DAY, NOW, 2) == 2
    assert await delete_old(db) == 3


async def test_delivered_notices_and_expired_quotes_are_deleted(db: Database) -> None:
    """A notice is deleted a week after its delivery, a quote a week after it was drawn."""
    for created_at, delivered_at in (
        (NOW - 9 * DAY, NOW - 8 * DAY),
        (NOW - 9 * DAY, NOW),
        (NOW - 9 * DAY, None),
    ):
        await db.write(
            lambda c, *values: c.execute(
                """INSERT INTO notices (user_id, kind, created_at, delivered_at)
                   VALUES (1, 'key_refused', ?, ?)""",
                values,
            ),
            created_at,
            delivered_at,
        )
    assert quotes.KEEP_SECONDS == 7 * DAY
    assert await delete_old(db, days=0) == 1
    rows = await db.read(lambda c: c.execute("SELECT delivered_at FROM notices ORDER BY id").fetchall())
    assert [row["delivered_at"] for row in rows] == [NOW, None]


async def test_the_running_bot_deletes_old_details(world: World) -> None:
    """At a start old details are deleted; the card of such a number shows neither its number nor a code."""
    await world.start()
    ann = await world.customer()
    await world.stop()
    async with factories.open_database(world) as db:
        await db.write(factories.add_ended, ANN, CODE, at=OLD, phone=PHONE)
    await world.start()
    await until_gone(world.values["database_path"], PHONE, CODE)
    await ann.send("/history")
    listed = await ann.sees("1 number. Tap it")
    await ann.click(listed.labels[1], message=listed)
    card = await ann.sees("Completed", "Codes are hidden", after=listed)
    assert "Local:" not in card.text
    assert "didn’t say which one" not in card.text


@pytest.mark.parametrize("ended_first", [True, False])
async def test_delete_codes_deletes_them_in_the_database_too(bot_world: World, *, ended_first: bool) -> None:
    """When a code is deleted from the chat and its number has ended, its text is gone from the database."""
    ann = await bot_world.customer()
    await ann.send("/settings")
    await ann.click("Delete codes", message=await ann.sees("Settings", "Price limit"))
    await ann.click("after 5 min")
    await ann.sees("✓ after 5 min")
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, CODE)
    await ann.sees("📩", CODE)
    await ann.sees("Code received", CODE)
    if ended_first:
        await ann.click("Complete")
        await ann.sees("✔️ Completed.", CODE)
    bot_world.pass_time(301)
    await ann.until(lambda person: not any("📩" in message.text for message in person.messages))
    if not ended_first:
        await ann.click("Complete")
    await ann.sees("✔️ Completed.", "Codes are hidden")
    async with factories.open_database(bot_world) as db:
        (code,) = (await db.read(activations.get, 1)).codes
        (outcome,) = await db.read(statistics.outcomes, ANN, "own")
    assert (code.text, code.deleted) == ("", True)
    assert outcome.with_code == len(outcome.waits) == 1


async def test_an_undelivered_code_keeps_its_text(db: Database) -> None:
    """The text of a code that is not in the chat yet is not deleted with the others."""
    ended = await db.write(factories.add_ended, ANN, "1111", "2222", at=NOW - 5000)
    await db.write(lambda c: c.execute("UPDATE codes SET delivered_at = NULL WHERE ordinal = 2"))
    await db.write(lambda c: c.execute("UPDATE activations SET hide_codes_at = ?", (NOW,)))
    await delete_old(db, days=0)
    after = await db.read(activations.get, ended.id)
    assert [(code.text, code.deleted) for code in after.codes] == [("", True), ("2222", False)]


async def test_the_write_ahead_log_is_emptied_when_its_reader_ends(
    bot_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If another program reads the database during /forget, the log is emptied as soon as it has ended."""
    monkeypatch.setattr(job, "WAL_PAUSES", (0.05,))
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, CODE, at=NOW - 5000, phone=PHONE)
    path: Path = bot_world.values["database_path"]
    with closing(sqlite3.connect(path, isolation_level=None)) as backup:
        backup.execute("BEGIN")
        backup.execute("SELECT * FROM users").fetchall()
        await ann.send("/forget")
        await ann.click("Yes, delete everything")
        await ann.sees("All your data is deleted")
        assert holds(path, PHONE, CODE)
        backup.execute("COMMIT")
    await until_gone(path, PHONE, CODE)
