"""The database: transactions, snapshots of readers, and locked, full and corrupt files."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import InvalidState, StorageBusy, StorageError
from bot.storage import users
from bot.storage.database import Database

ANN, BEN = 1, 2
NOW = 1_700_000_000


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated database with two users, each with an API key."""
    async with await Database.open(tmp_path / "bot.db", busy_timeout=0.01) as db:
        for user_id in (ANN, BEN):
            await db.write(_add_user_with_key, user_id)
        yield db


def _add_user_with_key(connection: sqlite3.Connection, user_id: int) -> None:
    users.get_or_create(connection, user_id, "en", NOW)
    users.bind(connection, user_id, f"sealed{user_id}", NOW, provider="own", address="own.example/api")


def _add_user(connection: sqlite3.Connection, user_id: int) -> None:
    connection.execute("INSERT INTO users (id, created_at) VALUES (?, ?)", (user_id, NOW))


def _count_users(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("SELECT count(*) FROM users").fetchone()[0]
    return number


async def test_a_write_is_one_locked_transaction(db: Database, tmp_path: Path) -> None:
    """During a write no other connection can write, and others see all of it or nothing."""
    path = tmp_path / "bot.db"

    def interfere() -> int:
        with closing(sqlite3.connect(path, timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                _add_user(other, 11)
            return _count_users(other)

    def write(connection: sqlite3.Connection) -> list[int]:
        seen = [interfere()]
        for user_id in (10, 12):
            _add_user(connection, user_id)
            seen.append(interfere())
        return seen

    assert await db.write(write) == [2, 2, 2]
    assert await db.read(_count_users) == 4


async def test_an_exception_rolls_back_and_is_raised_again(db: Database) -> None:
    """A failing write is rolled back, its error is raised, and the next write works."""

    def write(connection: sqlite3.Connection) -> None:
        _add_user(connection, 10)
        raise InvalidState

    with pytest.raises(InvalidState):
        await db.write(write)
    assert await db.read(_count_users) == 2
    await db.write(_add_user, 10)
    assert await db.read(_count_users) == 3


async def test_an_invalid_statement_is_not_storage_busy(db: Database) -> None:
    """Only temporary errors become StorageBusy; an error in a statement is raised unchanged."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await db.write(lambda connection: connection.execute("DELETE FROM nowhere"))
    with pytest.raises(sqlite3.IntegrityError):
        await db.write(_add_user, ANN)


async def test_a_reader_sees_what_is_committed(db: Database) -> None:
    """A read during a write returns the old data at once; a read after it returns the new data."""
    begun, finish = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def write(connection: sqlite3.Connection) -> None:
        _add_user(connection, 10)
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(finish.wait(), loop).result()

    writing = asyncio.create_task(db.write(write))
    await begun.wait()
    assert await db.read(_count_users) == 2
    assert not writing.done()
    finish.set()
    await writing
    assert await db.read(_count_users) == 3


async def test_a_read_is_one_snapshot(db: Database, tmp_path: Path) -> None:
    """A running read does not see later changes."""

    def read(connection: sqlite3.Connection) -> tuple[int, int]:
        before = _count_users(connection)
        with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
            _add_user(other, 10)
        return before, _count_users(connection)

    assert await db.read(read) == (2, 2)
    assert await db.read(_count_users) == 3


async def test_a_read_cannot_write(db: Database) -> None:
    """A read that tries to write is refused."""
    with pytest.raises(StorageError):
        await db.read(_add_user, 10)
    assert await db.read(_count_users) == 2


async def test_writes_at_the_same_time_do_not_mix(db: Database) -> None:
    """Concurrent writes are atomic, also when others fail."""

    def write(connection: sqlite3.Connection, number: int) -> None:
        _add_user(connection, 1000 + number)
        if number % 3 == 0:
            raise InvalidState
        _add_user(connection, 2000 + number)

    outcomes = await asyncio.gather(
        *(db.write(write, number) for number in range(60)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [
        InvalidState if number % 3 == 0 else type(None) for number in range(60)
    ]
    rows = await db.read(
        lambda connection: connection.execute("SELECT id FROM users WHERE id > 10").fetchall()
    )
    good = [number for number in range(60) if number % 3]
    assert sorted(row["id"] for row in rows) == [1000 + n for n in good] + [2000 + n for n in good]


async def test_a_cancelled_caller_breaks_no_write(db: Database) -> None:
    """A write with a cancelled caller is still complete, and the next one works."""
    begun, finish = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def write(connection: sqlite3.Connection) -> None:
        _add_user(connection, 10)
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(finish.wait(), loop).result()
        _add_user(connection, 11)

    writing = asyncio.create_task(db.write(write))
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    finish.set()
    await db.write(_add_user, 12)
    assert await db.read(_count_users) == 5


async def test_a_locked_file_is_busy_and_works_later(db: Database, tmp_path: Path) -> None:
    """A write to a locked file is StorageBusy; the same write works after the lock is released."""
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusy):
            await db.write(_add_user, 10)
        assert await db.read(_count_users) == 2
        other.execute("ROLLBACK")
    await db.write(_add_user, 10)
    assert await db.read(_count_users) == 3


async def test_a_full_disk_is_busy_and_works_later(db: Database) -> None:
    """A write to a full disk is rolled back as StorageBusy; with free space it works."""

    def limit(connection: sqlite3.Connection, pages_on_top: int) -> None:
        (used,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {used + pages_on_top}")

    def write(connection: sqlite3.Connection) -> None:
        _add_user(connection, 10)
        users.bind(connection, 10, "x" * 100_000, NOW, provider="own", address="own.example/api")

    await db.write(limit, 0)
    with pytest.raises(StorageBusy, match="full"):
        await db.write(write)
    assert await db.read(_count_users) == 2
    await db.write(limit, 1000)
    await db.write(write)
    assert await db.read(_count_users) == 3


async def test_the_files_are_for_the_owner_only(db: Database, tmp_path: Path) -> None:
    """The database and the files of SQLite beside it are readable only for the owner."""
    await db.write(_add_user, 10)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["bot.db", "bot.db-shm", "bot.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_older_files_are_restricted_to_the_owner(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Files of a database that others may read are restricted, with a warning each."""
    path = tmp_path / "new" / "deep" / "bot.db"
    async with await Database.open(path) as db:
        await db.write(_add_user, 10)
        files = [path, *(path.with_name(f"bot.db{suffix}") for suffix in ("-wal", "-shm"))]
        for file in files:
            file.chmod(0o644)
        async with await Database.open(path):
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert [record.message.split(" could")[0] for record in caplog.records] == [str(file) for file in files]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in path.parents[:2]} == {0o700}


async def test_the_folder_is_created_and_the_data_persists(tmp_path: Path) -> None:
    """The first start creates the folder; the second one reads the data of the first."""
    path = tmp_path / "new" / "folder" / "bot.db"
    async with await Database.open(path) as db:
        await db.write(_add_user, 10)
    async with await Database.open(path) as db:
        assert await db.read(_count_users) == 1


async def test_pragmas(db: Database) -> None:
    """Commits are synchronous, foreign keys are enforced, and deleted data is overwritten."""
    pragmas = [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)]

    def read(connection: sqlite3.Connection) -> list[tuple[str, object]]:
        return [(name, connection.execute(f"PRAGMA {name}").fetchone()[0]) for name, _ in pragmas]

    assert await db.write(read) == pragmas


async def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    """A file that is not a database is refused and left unchanged."""
    path = tmp_path / "bot.db"
    path.write_bytes(b"not a database, but longer than the header of one" * 100)
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"bot\.db: file is not a database"):
        await (await Database.open(path)).close()
    assert path.read_bytes() == before


async def test_an_unusable_path_is_refused(tmp_path: Path) -> None:
    """A folder, or a file in place of a folder, is refused."""
    with pytest.raises(StorageError, match="Is a directory"):
        await (await Database.open(tmp_path)).close()
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"Not a directory|File exists"):
        await (await Database.open(tmp_path / "file" / "bot.db")).close()


async def test_a_corrupt_file_is_not_storage_busy(db: Database, tmp_path: Path) -> None:
    """A corrupt file is a StorageError that is not StorageBusy."""
    await db.write(
        lambda connection: connection.executemany(
            "INSERT INTO users (id, created_at) VALUES (?, 0)", [(id_,) for id_ in range(100, 5000)]
        )
    )
    await db.close()
    path = tmp_path / "bot.db"
    raw = bytearray(path.read_bytes())
    rows = len(raw) - 8 * 4096  # the schema is in the pages before, and is read when the file is opened
    raw[rows:] = b"\xff" * (len(raw) - rows)
    path.write_bytes(raw)
    async with await Database.open(path) as broken:
        with pytest.raises(StorageError) as caught:
            await broken.read(_count_users)
    assert not isinstance(caught.value, StorageBusy)


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        (sqlite3.SQLITE_BUSY, "injected", StorageBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "injected", StorageBusy),
        (sqlite3.SQLITE_LOCKED, "injected", StorageBusy),
        (sqlite3.SQLITE_FULL, "injected", StorageBusy),
        (sqlite3.SQLITE_IOERR_FSYNC, "injected", StorageBusy),
        (sqlite3.SQLITE_CANTOPEN, "injected", StorageBusy),
        (sqlite3.SQLITE_PROTOCOL, "injected", StorageBusy),
        (sqlite3.SQLITE_INTERRUPT, "injected", StorageBusy),
        (sqlite3.SQLITE_CORRUPT, "injected", StorageError),
        (sqlite3.SQLITE_CORRUPT_INDEX, "injected", StorageError),
        (sqlite3.SQLITE_NOTADB, "injected", StorageError),
        (sqlite3.SQLITE_READONLY, "injected", StorageError),
        (sqlite3.SQLITE_READONLY_DBMOVED, "injected", StorageError),
        (sqlite3.SQLITE_PERM, "injected", StorageError),
        (sqlite3.SQLITE_INTERNAL, "injected", StorageError),
        (sqlite3.SQLITE_ERROR, "unsupported file format", StorageError),  # a damaged header
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, "injected", sqlite3.DatabaseError),
        (sqlite3.SQLITE_MISMATCH, "injected", sqlite3.DatabaseError),
        (sqlite3.SQLITE_ERROR, "injected", sqlite3.DatabaseError),
    ],
)
async def test_every_error_that_can_pass_is_a_storage_error(
    db: Database, code: int, words: str, expected: type[Exception]
) -> None:
    """An error of the file or the machine is a StorageError; a bug is raised unchanged."""

    def write(_: sqlite3.Connection) -> None:
        error = sqlite3.DatabaseError(words)
        error.sqlite_errorcode = code
        raise error

    with pytest.raises(expected) as caught:
        await db.write(write)
    assert type(caught.value) is expected


async def test_a_header_that_was_damaged_for_a_while(db: Database, tmp_path: Path) -> None:
    """The database works again as soon as the header of the file is well, without a new connection."""
    path = tmp_path / "bot.db"
    assert await db.truncate_wal()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE users SET created_at = 0")  # so that the connections forget their pages
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        header = file.read(16)
        for content in (b"x" * 16, header):
            file.seek(0)
            file.write(content)
            file.flush()
            if content != header:
                with pytest.raises(StorageError):
                    await db.write(_add_user, 3)
                with pytest.raises(StorageError):
                    await db.read(_count_users)
    await db.write(_add_user, 3)
    assert await db.read(_count_users) == 3


async def test_a_deleted_key_is_overwritten_in_the_file(db: Database, tmp_path: Path) -> None:
    """The encrypted form of an unbound key is also gone from the file."""
    await db.write(users.bind, ANN, "sealed-and-soon-deleted", NOW, provider="own", address="own.example/api")
    await db.write(users.unbind, ANN)
    await db.close()
    assert b"soon-deleted" not in (tmp_path / "bot.db").read_bytes()
