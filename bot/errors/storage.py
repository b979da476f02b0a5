"""Errors of the database."""

from bot.errors.root import BotError


class StorageError(BotError):
    """The database cannot be used."""


class MigrationError(StorageError):
    """The migration files are invalid, one failed, or the database is newer than the program."""


class DatabaseInUse(StorageError):
    """Another process uses the database."""


class StorageBusy(StorageError):
    """The file is locked or the disk is full; the same transaction may succeed later."""
