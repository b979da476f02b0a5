"""Opens the SQLite file and runs each transaction as one function in the connection's own thread."""

import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

import aiosqlite

from bot.errors import StorageBusy, StorageError
from bot.storage import migrations

P = ParamSpec("P")
T = TypeVar("T")

Transaction = Callable[Concatenate[sqlite3.Connection, P], T]
"""A function of the table modules: the connection first, then what it needs."""

_BUSY: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
    }
)
_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY})

log = logging.getLogger(__name__)


class _Connection(aiosqlite.Connection):
    """A connection whose transactions are single functions.

    One hop into its thread costs a tenth of many awaited statements, and nothing can come in between.
    """

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await self._execute(  # type: ignore[no-untyped-call]  # aiosqlite leaves its queue untyped
            lambda: function(self._conn)
        )
        return result


class Database:
    """The open database: every write is one locked transaction, reads run beside them."""

    def __init__(self, writer: _Connection, reader: _Connection, stack: AsyncExitStack) -> None:
        self._writer = writer
        self._reader = reader
        self._stack = stack

    @classmethod
    async def open(cls, path: Path, folder: Path | None = None, patience: float = 5.0) -> Self:
        """Open or create the file, bring it up to date, and return the database.

        Args:
            path: the SQLite file; its folder is made if it is missing.
            folder: the migration files, if not those that ship with the bot.
            patience: seconds to wait while another program holds the file locked.

        Raises:
            StorageError: the file cannot be used, or does not fit this program.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}") from None
        async with AsyncExitStack() as stack:
            try:
                writer = _connection(path, patience)
                await stack.enter_async_context(writer)
                await writer.call(_configure)
                applied = await writer.call(
                    partial(migrations.migrate, folder=folder or migrations.directory())
                )
                reader = _connection(path, patience)
                await stack.enter_async_context(reader)
                await reader.call(_configure_reader)
            except sqlite3.Error as error:
                raise StorageError(f"{path}: {error}") from None
            if applied:
                log.info("database brought to version %d", applied[-1])
            return cls(writer, reader, stack.pop_all())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        await self._stack.aclose()

    async def write(self, transaction: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in one locked transaction and return its result.

        An exception of the function rolls everything back and is passed on.

        Raises:
            StorageBusy: the write did not happen; it may succeed later.
        """
        return await self._writer.call(
            lambda connection: _run(
                connection, "BEGIN IMMEDIATE", lambda: transaction(connection, *args, **kwargs)
            )
        )

    async def wipe_log(self) -> None:
        """Empty the write-ahead log into the file: until then it still holds what has been deleted.

        Where that cannot be done now, it is left for later.
        """
        try:
            await self._writer.call(
                lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            )
        except sqlite3.Error as error:
            log.warning("the log of the database could not be emptied: %s", error)

    async def read(self, query: Transaction[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that only reads, on one snapshot of committed data, and return its result.

        Raises:
            StorageBusy: the file cannot be read now.
        """
        return await self._reader.call(
            lambda connection: _run(connection, "BEGIN", lambda: query(connection, *args, **kwargs))
        )


def _connection(path: Path, patience: float) -> _Connection:
    return _Connection(
        lambda: sqlite3.connect(path, isolation_level=None, timeout=patience), iter_chunk_size=64
    )


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a power cut must not forget a purchase
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.row_factory = sqlite3.Row


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
            connection.rollback()
        # An error that lies in the statement is a mistake of ours, and stays what it is.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        if code in _BUSY:
            raise StorageBusy(str(error)) from None
        if code in _BROKEN:
            raise StorageError(str(error)) from None
        raise
    return result
