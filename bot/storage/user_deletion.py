"""Deletion of all data of a user."""

import sqlite3
from typing import Final

from bot.domain import StoredData
from bot.errors import CodesOnTheWay, NumbersOpen
from bot.storage import activations

_STATEMENTS: Final = (
    "DELETE FROM codes WHERE activation_id IN (SELECT id FROM activations WHERE user_id = ?)",
    "DELETE FROM notices WHERE user_id = ?",
    "DELETE FROM code_messages WHERE user_id = ?",
    "DELETE FROM message_deletions WHERE user_id = ?",
    "DELETE FROM quotes WHERE user_id = ?",
    "DELETE FROM handled_taps WHERE user_id = ?",
    "DELETE FROM favourites WHERE user_id = ?",
    "DELETE FROM alerts WHERE user_id = ?",
    "DELETE FROM preferences WHERE user_id = ?",
    "DELETE FROM money_limits WHERE user_id = ?",
    "DELETE FROM activations WHERE user_id = ?",
    "DELETE FROM users WHERE id = ?",
    "DELETE FROM api_keys WHERE user_id = ?",
)


def stored_data(connection: sqlite3.Connection, user_id: int) -> StoredData:
    """Return how much data of a user is stored."""

    def count(statement: str) -> int:
        (number,) = connection.execute(f"SELECT count(*) FROM {statement}", (user_id,)).fetchone()  # noqa: S608
        return int(number)

    return StoredData(
        key=count("api_keys WHERE user_id = ?") > 0,
        activations=count("activations WHERE user_id = ?"),
        favourites=count("favourites WHERE user_id = ?"),
        alerts=count("alerts WHERE user_id = ?"),
    )


def count_undelivered_codes(connection: sqlite3.Connection, user_id: int, since: int = 0) -> int:
    """Return the number of a user's codes that came since a time (UTC seconds) and are not delivered yet."""
    (number,) = connection.execute(
        """SELECT count(*) FROM codes c JOIN activations a ON a.id = c.activation_id
           WHERE a.user_id = ? AND c.delivered_at IS NULL AND c.received_at >= ?""",
        (user_id, since),
    ).fetchone()
    return int(number)


def delete_user(connection: sqlite3.Connection, user_id: int, codes_since: int = 0) -> list[int]:
    """Delete all data of a user and return the ids of the deleted API keys.

    Args:
        connection: inside a transaction.
        user_id: the user.
        codes_since: codes that came before this time (UTC seconds) need not be delivered first.

    Raises:
        NumbersOpen: the user has open activations.
        CodesOnTheWay: a code is not delivered yet.
    """
    if open_count := activations.count_open(connection, user_id):
        raise NumbersOpen(open_count)
    if undelivered := count_undelivered_codes(connection, user_id, codes_since):
        raise CodesOnTheWay(undelivered)
    keys = connection.execute("SELECT id FROM api_keys WHERE user_id = ?", (user_id,)).fetchall()
    for statement in _STATEMENTS:
        connection.execute(statement, (user_id,))
    return [row["id"] for row in keys]
