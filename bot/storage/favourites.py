"""The favourites: what a user keeps to buy again. Operators are kept sorted: their order is no matter."""

import sqlite3
from collections.abc import Sequence

from bot.domain import Favourite
from bot.errors import FavouriteGone, FavouritesFull
from bot.storage import columns


def keep(
    connection: sqlite3.Connection,
    user_id: int,
    *,
    country: str,
    service: str,
    service_name: str,
    operators: Sequence[str],
    now: int,
    limit: int,
) -> None:
    """Keep a favourite; one that is kept already stays as it is.

    Raises:
        FavouritesFull: the user keeps as many as allowed.
    """
    if is_kept(connection, user_id, country=country, service=service, operators=operators):
        return
    (kept,) = connection.execute("SELECT count(*) FROM favourites WHERE user_id = ?", (user_id,)).fetchone()
    if kept >= limit:
        raise FavouritesFull(limit)
    connection.execute(
        """INSERT INTO favourites (user_id, service, service_name, country, operators, kept_at)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (user_id, service, service_name, country, _packed(operators), now),
    )


def drop(
    connection: sqlite3.Connection, user_id: int, *, country: str, service: str, operators: Sequence[str]
) -> None:
    """Keep it no longer; one that is not kept is no error."""
    connection.execute(
        "DELETE FROM favourites WHERE user_id = ? AND country = ? AND service = ? AND operators = ?",
        (user_id, country, service, _packed(operators)),
    )


def drop_by_id(connection: sqlite3.Connection, user_id: int, id_: int) -> None:
    """Keep one of the user's favourites no longer; one that is gone is no error."""
    connection.execute("DELETE FROM favourites WHERE user_id = ? AND id = ?", (user_id, id_))


def is_kept(
    connection: sqlite3.Connection, user_id: int, *, country: str, service: str, operators: Sequence[str]
) -> bool:
    """Return whether the user keeps this."""
    found = connection.execute(
        "SELECT 1 FROM favourites WHERE user_id = ? AND country = ? AND service = ? AND operators = ?",
        (user_id, country, service, _packed(operators)),
    ).fetchone()
    return found is not None


def get(connection: sqlite3.Connection, user_id: int, id_: int) -> Favourite:
    """Return one of the user's favourites.

    Raises:
        FavouriteGone: there is none, or it is somebody else's.
    """
    row = connection.execute(
        "SELECT * FROM favourites WHERE user_id = ? AND id = ?", (user_id, id_)
    ).fetchone()
    if row is None:
        raise FavouriteGone
    return _favourite(row)


def of(connection: sqlite3.Connection, user_id: int) -> list[Favourite]:
    """Return a user's favourites, newest first."""
    rows = connection.execute("SELECT * FROM favourites WHERE user_id = ? ORDER BY id DESC", (user_id,))
    return [_favourite(row) for row in rows]


def _packed(operators: Sequence[str]) -> str:
    return columns.words_to_text(sorted(operators))


def _favourite(row: sqlite3.Row) -> Favourite:
    return Favourite(
        id=row["id"],
        service=row["service"],
        service_name=row["service_name"],
        country=row["country"],
        operators=columns.words_of(row["operators"]),
    )
