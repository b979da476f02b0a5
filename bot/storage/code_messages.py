"""The messages with codes that are to be deleted after a while."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain import Activation
from bot.errors import ActivationGone
from bot.storage import activations, transitions


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """A message with a code, or with a part of one.

    Attributes:
        due_at: when it was to be deleted, in UTC seconds.
        delete_at: when that is to be tried next.
        tries: how often that has failed.
    """

    user_id: int
    message_id: int
    activation_id: int
    due_at: int
    delete_at: int
    tries: int


def remember(
    connection: sqlite3.Connection, activation: Activation, message_ids: Iterable[int], delete_at: int
) -> None:
    """Have messages deleted at a moment (UTC seconds), and the codes hidden on the card from then on."""
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
    """Return the message that is to be deleted next, or None if there is none."""
    row = connection.execute("SELECT * FROM code_messages ORDER BY delete_at LIMIT 1").fetchone()
    return None if row is None else CodeMessage(**dict(row))


def put_off(connection: sqlite3.Connection, message: CodeMessage, delete_at: int) -> None:
    """Have it tried again later (UTC seconds)."""
    connection.execute(
        "UPDATE code_messages SET delete_at = ?, tries = tries + 1 WHERE user_id = ? AND message_id = ?",
        (delete_at, message.user_id, message.message_id),
    )


def forget(connection: sqlite3.Connection, message: CodeMessage) -> bool:
    """Drop a message that is gone, or that will stay.

    Returns:
        Whether it was the last one of an ended number, whose card is now drawn without the codes.
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
    except ActivationGone:  # its owner has had everything deleted in the meantime
        return False
    if left is not None or not ended:
        return False
    transitions.touch_card(connection, message.activation_id)
    return True
