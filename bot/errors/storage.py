"""The database cannot be used."""

from bot.errors.root import BotError


class StorageError(BotError):
    """The database cannot be used."""


class MigrationError(StorageError):
    """The database and the migration files do not fit together."""


class StorageBusy(StorageError):
    """The write did not happen, but the same write may succeed later."""
