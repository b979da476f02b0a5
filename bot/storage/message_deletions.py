"""Table of users' messages with API keys that are to be deleted."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageToDelete:
    """A message in a private chat that is to be deleted. Times are UTC seconds.

    Attributes:
        due_at: when the bot got it.
        delete_at: time of the next attempt.
        tries: number of failed attempts.
    """

    user_id: int
    message_id: int
    due_at: int
    delete_at: int
    tries: int = 0


def add(connection: sqlite3.Connection, message: MessageToDelete) -> None:
    """Add a message; an earlier row of the same message is kept."""
    connection.execute(
        """INSERT INTO message_deletions (user_id, message_id, due_at, delete_at, tries)
           VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        (message.user_id, message.message_id, message.due_at, message.delete_at, message.tries),
    )


def next_due(connection: sqlite3.Connection) -> MessageToDelete | None:
    """Return the message with the earliest ``delete_at``, or None."""
    row = connection.execute("SELECT * FROM message_deletions ORDER BY delete_at LIMIT 1").fetchone()
    return None if row is None else MessageToDelete(**dict(row))


def postpone(connection: sqlite3.Connection, message: MessageToDelete, delete_at: int) -> None:
    """Count a failed attempt and schedule the next one (UTC seconds)."""
    connection.execute(
        "UPDATE message_deletions SET delete_at = ?, tries = tries + 1 WHERE user_id = ? AND message_id = ?",
        (delete_at, message.user_id, message.message_id),
    )


def remove(connection: sqlite3.Connection, message: MessageToDelete) -> bool:
    """Remove the row of a message; return whether it was there."""
    cursor = connection.execute(
        "DELETE FROM message_deletions WHERE user_id = ? AND message_id = ?",
        (message.user_id, message.message_id),
    )
    return cursor.rowcount > 0
