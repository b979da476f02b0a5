"""Table of chat messages with codes that are to be deleted later."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.domain import Activation
from bot.errors import ActivationGone
from bot.storage import activations, retention, transitions
from bot.storage.message_deletions import DeletionTable, MessageToDelete


@dataclass(frozen=True, slots=True)
class CodeMessage(MessageToDelete):
    """A chat message with a code or a part of a code."""

    activation_id: int = field(kw_only=True)


CODE_MESSAGES: Final = DeletionTable("code_messages", CodeMessage)


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


def delete(connection: sqlite3.Connection, message: CodeMessage, now: int) -> bool:
    """Remove the row of a message at a time (UTC seconds).

    With the last message of an ended activation, the texts of its codes are deleted too.

    Returns:
        Whether it was the last message of an ended activation. Its card is then drawn again without codes.
    """
    CODE_MESSAGES.remove(connection, message)
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
