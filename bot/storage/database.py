"""SQLite database with one writer and one reader; a transaction is one function in a connection's thread."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

import aiosqlite

from bot.errors import StorageBusy, StorageError
from bot.storage import migrations
from bot.storage.private_files import create_private_file, restrict

P = ParamSpec("P")
T = TypeVar("T")

Transaction = Callable[Concatenate[sqlite3.Connection, P], T]
"""A function of a table module: its first parameter is the connection."""

_BUSY: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_SCHEMA,
    }
)
_BUGS: Final = frozenset(
    {
        sqlite3.SQLITE_OK,  # an error of the sqlite3 module itself, or no error of SQLite at all
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_TOOBIG,
    }
)
"""Errors in a statement or its values. Every other error is one of the file or the machine, and may pass."""
_DAMAGED_HEADER: Final = "unsupported file format"
"""Message of SQLite about a damaged header; it has the same error code as an invalid statement."""

log = logging.getLogger(__name__)


class _Connection(aiosqlite.Connection):
    """A connection that runs a whole transaction as one function in its thread."""

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        # aiosqlite can run a function in its thread only through private methods. Its public methods need one
        # thread switch per statement, ten times the cost, and other statements could run in between.
        result: T = await self._execute(  # type: ignore[no-untyped-call]  # aiosqlite leaves its queue untyped
            lambda: function(self._conn)
        )
        return result


class Database:
    """An open database. Writes are serialized; reads run in parallel to them.

    Attributes:
        wal_is_left: set while the write-ahead log may hold deleted data, because it could not be emptied.
    """

    def __init__(self, writer: _Connection, reader: _Connection, stack: AsyncExitStack) -> None:
        self._writer = writer
        self._reader = reader
        self._stack = stack
        self.wal_is_left = asyncio.Event()

    @classmethod
    async def open(cls, path: Path, folder: Path | None = None, busy_timeout: float = 5.0) -> Self:
        """Open or create the file and apply pending migrations.

        Args:
            path: the SQLite file; a missing folder is created.
            folder: the migration files; None for those of the package.
            busy_timeout: seconds to wait for a lock of another process.

        Raises:
            StorageError: the file cannot be used, or its schema is newer than this program.
        """
        try:
            os.close(create_private_file(path))
            for suffix in ("-wal", "-shm"):
                restrict(Path(f"{path}{suffix}"))
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from None
        async with AsyncExitStack() as stack:
            try:
                writer = _connection(path, busy_timeout)
                await stack.enter_async_context(writer)
                await writer.call(_configure)
                applied = await writer.call(
                    partial(migrations.migrate, folder=folder or migrations.directory())
                )
                reader = _connection(path, busy_timeout)
                await stack.enter_async_context(reader)
                await reader.call(_configure_reader)
            except sqlite3.Error as error:
                raise StorageError(f"{path}: {error}") from None
            if applied:
                log.info("database migrated to version %d", applied[-1])
            return cls(writer, reader, stack.pop_all())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish queued transactions and close the file."""
        await self._stack.aclose()

    async def write(self, transaction: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in one write transaction and return its result.

        An exception of the function rolls the transaction back and is raised again.

        Raises:
            StorageBusy: the transaction was rolled back and may be retried.
            StorageError: the file is damaged or read-only, for now at least.
        """
        return await self._writer.call(
            lambda connection: _run(
                connection, "BEGIN IMMEDIATE", lambda: transaction(connection, *args, **kwargs)
            )
        )

    async def truncate_wal(self, wait: float = 1.0) -> bool:
        """Move the write-ahead log into the file and empty it, so that it holds no deleted data.

        Args:
            wait: seconds to wait for other programs that read the file; writes wait as long.

        Returns:
            Whether it is empty. If not, `wal_is_left` is set, and the call must be repeated.
        """
        try:
            left = await self._writer.call(partial(_truncate_wal, wait=wait))
        except sqlite3.Error as error:
            log.warning("the write-ahead log cannot be emptied now: %s", error)
            left = True
        if left and not self.wal_is_left.is_set():
            log.warning("the write-ahead log may still hold deleted data; it is emptied as soon as possible")
        if left:
            self.wal_is_left.set()
        else:
            self.wal_is_left.clear()
        return not left

    async def read(self, query: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a read-only function on one snapshot of committed data and return its result.

        Raises:
            StorageBusy: the file cannot be read now.
            StorageError: the file is damaged, for now at least.
        """
        return await self._reader.call(
            lambda connection: _run(connection, "BEGIN", lambda: query(connection, *args, **kwargs))
        )


def _connection(path: Path, busy_timeout: float) -> _Connection:
    return _Connection(
        lambda: sqlite3.connect(path, isolation_level=None, timeout=busy_timeout), iter_chunk_size=64
    )


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a purchase must survive a power failure
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.row_factory = sqlite3.Row


def _truncate_wal(connection: sqlite3.Connection, wait: float) -> bool:
    """Empty the write-ahead log; return whether something is left, because another program reads it."""
    (usual,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
    try:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {usual}")
    return bool(busy)


def _configure_reader(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.row_factory = sqlite3.Row


def _run(connection: sqlite3.Connection, begin: str, function: Callable[[], T]) -> T:
    try:
        connection.execute(begin)
        result = function()
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # SQLite may have rolled it back itself
                connection.rollback()
        if problem := _storage_error(error):
            with suppress(sqlite3.Error):
                # A damaged page stays in the cache, so that the file would not be read again when it is well.
                connection.execute("PRAGMA shrink_memory")
            raise problem from None
        raise
    return result


def _storage_error(error: BaseException) -> StorageError | None:
    """Return the StorageError for an error of SQLite; None for a bug, which is raised unchanged."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if code in _BUSY:
        return StorageBusy(str(error))
    if code in _BUGS and str(error) != _DAMAGED_HEADER:
        return None
    return StorageError(str(error))
