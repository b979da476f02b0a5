"""Table of messages with API keys that are to be deleted, and what all tables of such messages share."""

import sqlite3
from dataclasses import dataclass
from typing import Final, Generic, TypeVar


@dataclass(frozen=True, slots=True)
class MessageToDelete:
    """A message in a private chat that is to be deleted. Times are UTC seconds.

    Attributes:
        due_at: when it should be deleted; for a message with an API key, when the bot got it.
        delete_at: time of the next attempt.
        tries: number of failed attempts.
    """

    user_id: int
    message_id: int
    due_at: int
    delete_at: int
    tries: int = 0


M = TypeVar("M", bound=MessageToDelete)


@dataclass(frozen=True, slots=True)
class DeletionTable(Generic[M]):
    """A table of messages that are to be deleted.

    Attributes:
        name: the table's name.
        row: the class of its rows.
    """

    name: str
    row: type[M]

    def next_due(self, connection: sqlite3.Connection) -> M | None:
        """Return the message with the earliest ``delete_at``, or None."""
        row = connection.execute(f"SELECT * FROM {self.name} ORDER BY delete_at LIMIT 1").fetchone()  # noqa: S608  # the name is a constant
        return None if row is None else self.row(**dict(row))

    def postpone(self, connection: sqlite3.Connection, message: M, delete_at: int) -> None:
        """Count a failed attempt and schedule the next one (UTC seconds)."""
        connection.execute(
            f"UPDATE {self.name} SET delete_at = ?, tries = tries + 1 WHERE user_id = ? AND message_id = ?",  # noqa: S608  # the name is a constant
            (delete_at, message.user_id, message.message_id),
        )

    def remove(self, connection: sqlite3.Connection, message: M) -> bool:
        """Remove the row of a message; return whether it was there."""
        cursor = connection.execute(
            f"DELETE FROM {self.name} WHERE user_id = ? AND message_id = ?",  # noqa: S608  # the name is a constant
            (message.user_id, message.message_id),
        )
        return cursor.rowcount > 0


KEY_MESSAGES: Final = DeletionTable("message_deletions", MessageToDelete)


def add(connection: sqlite3.Connection, message: MessageToDelete) -> None:
    """Add a message with an API key; an earlier row of the same message is kept."""
    connection.execute(
        """INSERT INTO message_deletions (user_id, message_id, due_at, delete_at, tries)
           VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        (message.user_id, message.message_id, message.due_at, message.delete_at, message.tries),
    )
