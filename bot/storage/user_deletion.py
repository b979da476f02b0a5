"""Deletes everything that is kept of a user, once nothing of theirs is under way."""

import sqlite3
from typing import Final

from bot.domain import StoredData
from bot.errors import CodesOnTheWay, NumbersOpen
from bot.storage import activations

_STEPS: Final = (
    "DELETE FROM codes WHERE activation_id IN (SELECT id FROM activations WHERE user_id = ?)",
    "DELETE FROM notices WHERE user_id = ?",
    "DELETE FROM code_messages WHERE user_id = ?",
    "DELETE FROM quotes WHERE user_id = ?",
    "DELETE FROM favourites WHERE user_id = ?",
    "DELETE FROM alerts WHERE user_id = ?",
    "DELETE FROM preferences WHERE user_id = ?",
    "DELETE FROM activations WHERE user_id = ?",
    "DELETE FROM users WHERE id = ?",
    "DELETE FROM api_keys WHERE user_id = ?",
)


def kept(connection: sqlite3.Connection, user_id: int) -> StoredData:
    """Return how much is kept of a user."""

    def count(statement: str) -> int:
        (number,) = connection.execute(f"SELECT count(*) FROM {statement}", (user_id,)).fetchone()  # noqa: S608
        return int(number)

    return StoredData(
        key=count("api_keys WHERE user_id = ?") > 0,
        activations=count("activations WHERE user_id = ?"),
        favourites=count("favourites WHERE user_id = ?"),
        alerts=count("alerts WHERE user_id = ?"),
    )


def codes_on_the_way(connection: sqlite3.Connection, user_id: int) -> int:
    """Return how many of a user's codes are not in the chat yet."""
    (number,) = connection.execute(
        """SELECT count(*) FROM codes c JOIN activations a ON a.id = c.activation_id
           WHERE a.user_id = ? AND c.delivered_at IS NULL""",
        (user_id,),
    ).fetchone()
    return int(number)


def forget(connection: sqlite3.Connection, user_id: int) -> list[int]:
    """Delete everything of a user; return the ids of the API keys that were deleted.

    Raises:
        NumbersOpen: an activation has not ended, or its purchase is under way.
        CodesOnTheWay: a code is not in the chat yet.
    """
    if still_open := activations.open_count(connection, user_id):
        raise NumbersOpen(still_open)
    if on_the_way := codes_on_the_way(connection, user_id):
        raise CodesOnTheWay(on_the_way)
    keys = connection.execute("SELECT id FROM api_keys WHERE user_id = ?", (user_id,)).fetchall()
    for step in _STEPS:
        connection.execute(step, (user_id,))
    return [row["id"] for row in keys]
