"""Deletion of data that is no longer needed, in transactions of bounded size.

Statistics need no texts: the rows of activations and codes stay, with their prices, states and times.
"""

import sqlite3
from typing import Final

from bot.storage.activations import OPEN_STATES
from bot.storage.quotes import KEEP_SECONDS

_TEXT_OF_DELIVERED: Final = "UPDATE codes SET text = '', text_deleted = 1 WHERE delivered_at IS NOT NULL"
_HIDDEN: Final = f"""
    SELECT a.id FROM activations a
    WHERE a.hide_codes_at <= ? AND a.state NOT IN ({OPEN_STATES})
      AND EXISTS (SELECT 1 FROM codes c
                  WHERE c.activation_id = a.id AND c.text_deleted = 0 AND c.delivered_at IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM code_messages m WHERE m.activation_id = a.id)
"""  # noqa: S608  # the states are constants
"""Ended activations whose card hides its codes, and whose messages with codes are deleted."""


def delete_hidden_texts(connection: sqlite3.Connection, activation_id: int, now: int) -> None:
    """Delete the texts of the delivered codes of an activation, if it has ended and hides its codes."""
    connection.execute(
        f"{_TEXT_OF_DELIVERED} AND activation_id IN ({_HIDDEN} AND a.id = ?)", (now, activation_id)
    )


def delete_all_hidden_texts(connection: sqlite3.Connection, now: int, limit: int) -> int:
    """Do what `delete_hidden_texts` does for many activations; return how many codes lost their text."""
    cursor = connection.execute(
        f"{_TEXT_OF_DELIVERED} AND text_deleted = 0 AND activation_id IN ({_HIDDEN} LIMIT ?)", (now, limit)
    )
    return cursor.rowcount


def delete_details(connection: sqlite3.Connection, ended_before: int, now: int, limit: int) -> int:
    """Delete codes, phone numbers, notes, notices and quotes of activations that ended before a time.

    A code that could not be delivered until then is not sent any more.

    Args:
        connection: inside a transaction.
        ended_before: UTC seconds.
        now: UTC seconds.
        limit: the most activations to change.

    Returns:
        How many activations were changed.
    """
    rows = connection.execute(
        f"""SELECT id, token FROM activations
            WHERE ended_at < ? AND details_deleted_at IS NULL AND state NOT IN ({OPEN_STATES})
            ORDER BY ended_at LIMIT ?""",  # noqa: S608  # the states are constants
        (ended_before, limit),
    ).fetchall()
    for row in rows:
        id_ = (row["id"],)
        connection.execute(
            """UPDATE codes SET text = '', text_deleted = 1, delivered_at = coalesce(delivered_at, ?),
                   message_id = NULL
               WHERE activation_id = ?""",
            (now, row["id"]),
        )
        connection.execute("DELETE FROM notices WHERE activation_id = ?", id_)
        connection.execute("DELETE FROM code_messages WHERE activation_id = ?", id_)
        connection.execute("DELETE FROM quotes WHERE token = ?", (row["token"],))
        # The card in the chat is not drawn again; if it is sent again later, it hides the codes.
        connection.execute(
            """UPDATE activations SET phone = NULL, note = NULL, listed_before = NULL, details_deleted_at = ?,
                   card_drawn = card_version,
                   hide_codes_at = CASE WHEN EXISTS (SELECT 1 FROM codes WHERE activation_id = id)
                                        THEN coalesce(hide_codes_at, ended_at) END
               WHERE id = ?""",
            (now, row["id"]),
        )
    return len(rows)


def delete_old_quotes(connection: sqlite3.Connection, now: int, limit: int) -> int:
    """Delete quotes that have expired; return how many."""
    cursor = connection.execute(
        "DELETE FROM quotes WHERE token IN (SELECT token FROM quotes WHERE drawn_at < ? LIMIT ?)",
        (now - KEEP_SECONDS, limit),
    )
    return cursor.rowcount


def delete_old_notices(connection: sqlite3.Connection, now: int, limit: int) -> int:
    """Delete notices that were delivered as long ago as an expired quote was drawn; return how many."""
    cursor = connection.execute(
        "DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE delivered_at < ? LIMIT ?)",
        (now - KEEP_SECONDS, limit),
    )
    return cursor.rowcount


def delete_notices(connection: sqlite3.Connection, created_before: int, limit: int) -> int:
    """Delete notices that were created before a time (UTC seconds), delivered or not; return how many."""
    cursor = connection.execute(
        "DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE created_at < ? LIMIT ?)",
        (created_before, limit),
    )
    return cursor.rowcount
