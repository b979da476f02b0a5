"""Table of favourites. Operators are stored sorted, because their order has no meaning."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from bot.domain import Favourite
from bot.errors import FavouriteGone, FavouritesFull
from bot.storage import columns

_SAME: Final = "user_id = ? AND provider = ? AND country = ? AND service = ? AND operators = ?"


def add(
    connection: sqlite3.Connection,
    user_id: int,
    provider: str,
    *,
    country: str,
    service: str,
    service_name: str,
    operators: Sequence[str],
    now: int,
    limit: int,
) -> None:
    """Add a favourite. An existing one is left unchanged.

    Raises:
        FavouritesFull: the user already has ``limit`` favourites at the provider.
    """
    if exists(connection, user_id, provider, country=country, service=service, operators=operators):
        return
    (count,) = connection.execute(
        "SELECT count(*) FROM favourites WHERE user_id = ? AND provider = ?", (user_id, provider)
    ).fetchone()
    if count >= limit:
        raise FavouritesFull(limit)
    connection.execute(
        """INSERT INTO favourites (user_id, provider, service, service_name, country, operators, kept_at)
           VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (user_id, provider, service, service_name, country, _operators_to_text(operators), now),
    )


def remove(
    connection: sqlite3.Connection,
    user_id: int,
    provider: str,
    *,
    country: str,
    service: str,
    operators: Sequence[str],
) -> None:
    """Remove a favourite. A missing one is ignored."""
    connection.execute(
        f"DELETE FROM favourites WHERE {_SAME}",  # noqa: S608  # a constant
        (user_id, provider, country, service, _operators_to_text(operators)),
    )


def remove_by_id(connection: sqlite3.Connection, user_id: int, id_: int) -> None:
    """Remove a favourite of a user by its id. A missing one is ignored."""
    connection.execute("DELETE FROM favourites WHERE user_id = ? AND id = ?", (user_id, id_))


def exists(
    connection: sqlite3.Connection,
    user_id: int,
    provider: str,
    *,
    country: str,
    service: str,
    operators: Sequence[str],
) -> bool:
    """Return whether the user has this favourite."""
    found = connection.execute(
        f"SELECT 1 FROM favourites WHERE {_SAME}",  # noqa: S608  # a constant
        (user_id, provider, country, service, _operators_to_text(operators)),
    ).fetchone()
    return found is not None


def get(connection: sqlite3.Connection, user_id: int, id_: int) -> Favourite:
    """Return a favourite of a user.

    Raises:
        FavouriteGone: no such favourite, or another user's.
    """
    row = connection.execute(
        "SELECT * FROM favourites WHERE user_id = ? AND id = ?", (user_id, id_)
    ).fetchone()
    if row is None:
        raise FavouriteGone
    return _favourite(row)


def list_for_user(connection: sqlite3.Connection, user_id: int) -> list[Favourite]:
    """Return a user's favourites at all providers, newest first."""
    rows = connection.execute("SELECT * FROM favourites WHERE user_id = ? ORDER BY id DESC", (user_id,))
    return [_favourite(row) for row in rows]


def _operators_to_text(operators: Sequence[str]) -> str:
    return columns.list_to_text(sorted(operators))


def _favourite(row: sqlite3.Row) -> Favourite:
    return Favourite(
        id=row["id"],
        service=row["service"],
        service_name=row["service_name"],
        country=row["country"],
        operators=columns.list_from_text(row["operators"]),
        provider=row["provider"],
    )
