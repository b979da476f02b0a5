"""Table of chat messages with codes that are to be deleted later."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain import Activation
from bot.errors import ActivationGone
from bot.storage import activations, retention, transitions


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """A chat message with a code or a part of a code. Times are UTC seconds.

    Attributes:
        due_at: when it should be deleted.
        delete_at: time of the next attempt.
        tries: number of failed attempts.
    """

    user_id: int
    message_id: int
    activation_id: int
    due_at: int
    delete_at: int
    tries: int


def add(
    connection: sqlite3.Connection, activation: Activation, message_ids: Iterable[int], delete_at: int
) -> None:
    """Schedule the deletion of messages and hide the codes on the card from ``delete_at`` (UTC seconds)."""
    connection.executemany(
        """INSERT OR REPLACE INTO code_messages (user_id, message_id, activation_id, due_at, delete_at)
           VALUES (?, ?, ?, ?, ?)""",
        [(activation.user_id, message_id, activation.id, delete_at, delete_at) for message_id in message_ids],
    )
    connection.execute(
        "UPDATE activations SET hide_codes_at = max(coalesce(hide_codes_at, 0), ?) WHERE id = ?",
        (delete_at, activation.id),
    )


def next_due(connection: sqlite3.Connection) -> CodeMessage | None:
    """Return the message with the earliest ``delete_at``, or None."""
    row = connection.execute("SELECT * FROM code_messages ORDER BY delete_at LIMIT 1").fetchone()
    return None if row is None else CodeMessage(**dict(row))


def postpone(connection: sqlite3.Connection, message: CodeMessage, delete_at: int) -> None:
    """Count a failed attempt and schedule the next one (UTC seconds)."""
    connection.execute(
        "UPDATE code_messages SET delete_at = ?, tries = tries + 1 WHERE user_id = ? AND message_id = ?",
        (delete_at, message.user_id, message.message_id),
    )


def delete(connection: sqlite3.Connection, message: CodeMessage, now: int) -> bool:
    """Remove the row of a message at a time (UTC seconds).

    With the last message of an ended activation, the texts of its codes are deleted too.

    Returns:
        Whether it was the last message of an ended activation. Its card is then drawn again without codes.
    """
    connection.execute(
        "DELETE FROM code_messages WHERE user_id = ? AND message_id = ?",
        (message.user_id, message.message_id),
    )
    left = connection.execute(
        "SELECT 1 FROM code_messages WHERE activation_id = ?", (message.activation_id,)
    ).fetchone()
    try:
        ended = not activations.get(connection, message.activation_id).open
    except ActivationGone:  # the user's data was deleted in the meantime
        return False
    if left is not None or not ended:
        return False
    retention.delete_hidden_texts(connection, message.activation_id, now)
    transitions.increment_card_version(connection, message.activation_id)
    return True
