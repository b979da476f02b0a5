"""The watches: wishes to be told when there are numbers. The same wish of a user is one row."""

import sqlite3
from decimal import Decimal
from typing import Final

from bot.domain import Page, Watch
from bot.errors import TooManyWatches, WatchGone
from bot.storage import columns

KEPT: Final = 7 * 24 * 3600
"""Seconds after its end for which a watch is kept; until then the buttons of its messages work."""
_ACTIVE: Final = "stopped_at IS NULL AND ends_at > ?"


def add(
    connection: sqlite3.Connection,
    page: Page,
    price_limit: Decimal | None,
    *,
    now: int,
    ends_at: int,
    limit: int,
) -> Watch:
    """Watch what a confirmation page shows, and return the watch; the same again renews the one there is.

    Raises:
        TooManyWatches: the user has as many as allowed.
    """
    connection.execute("DELETE FROM watches WHERE ends_at < ?", (now - KEPT,))
    operators = columns.words_to_text(sorted(page.operators))
    (others,) = connection.execute(
        f"""SELECT count(*) FROM watches WHERE user_id = ? AND {_ACTIVE}
            AND NOT (country = ? AND service = ? AND operators = ?)""",  # noqa: S608
        (page.user_id, now, page.country, page.service, operators),
    ).fetchone()
    if others >= limit:
        raise TooManyWatches(limit)
    (id_,) = connection.execute(
        f"""INSERT INTO watches
               (user_id, service, service_name, country, operators, price_limit, created_at, ends_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, country, service, operators) DO UPDATE SET
               created_at = iif({_ACTIVE}, created_at, excluded.created_at),
               price_limit = excluded.price_limit, ends_at = excluded.ends_at,
               stopped_at = NULL, rang_at = NULL
            RETURNING id""",  # noqa: S608
        (
            page.user_id,
            page.service,
            page.service_name,
            page.country,
            operators,
            columns.amount_to_text(price_limit),
            now,
            ends_at,
            now,
        ),
    ).fetchone()
    return get(connection, page.user_id, id_)


def stop(connection: sqlite3.Connection, user_id: int, id_: int, now: int) -> None:
    """Watch it no longer; one that is over is no error."""
    connection.execute(
        "UPDATE watches SET stopped_at = ? WHERE user_id = ? AND id = ? AND stopped_at IS NULL",
        (now, user_id, id_),
    )


def get(connection: sqlite3.Connection, user_id: int, id_: int) -> Watch:
    """Return one of the user's watches, also one that is over but still kept.

    Raises:
        WatchGone: there is none, or it is somebody else's.
    """
    row = connection.execute(f"{_SELECT} WHERE w.user_id = ? AND w.id = ?", (user_id, id_)).fetchone()
    if row is None:
        raise WatchGone
    return _watch(row)


def of(connection: sqlite3.Connection, user_id: int, since: int) -> list[Watch]:
    """Return a user's watches that nobody stopped and that run, or ended after a moment; newest first."""
    rows = connection.execute(
        f"{_SELECT} WHERE w.user_id = ? AND {_ACTIVE} ORDER BY w.id DESC", (user_id, since)
    )
    return [_watch(row) for row in rows]


def running(connection: sqlite3.Connection, now: int) -> list[Watch]:
    """Return every watch that runs, oldest first."""
    rows = connection.execute(f"{_SELECT} WHERE {_ACTIVE} ORDER BY w.id", (now,))
    return [_watch(row) for row in rows]


def ring(connection: sqlite3.Connection, id_: int, now: int) -> bool:
    """Note that a watch rings, and return True; False if it may not ring now.

    It may not if it is over, or while the notice of the last time is still to be delivered: what could not be
    said in time is not said twice.
    """
    cursor = connection.execute(
        f"""UPDATE watches SET rang_at = ? WHERE id = ? AND {_ACTIVE}
            AND NOT EXISTS (
                SELECT 1 FROM notices n WHERE n.user_id = watches.user_id AND n.delivered_at IS NULL
                AND n.kind = 'watch' AND json_extract(n.details, '$.watch') = CAST(watches.id AS TEXT)
            )""",  # noqa: S608
        (now, id_, now),
    )
    return cursor.rowcount > 0


_SELECT: Final = "SELECT w.*, u.key_id, u.parked FROM watches w JOIN users u ON u.id = w.user_id"


def _watch(row: sqlite3.Row) -> Watch:
    return Watch(
        id=row["id"],
        user_id=row["user_id"],
        service=row["service"],
        service_name=row["service_name"],
        country=row["country"],
        operators=columns.words_of(row["operators"]),
        price_limit=columns.amount_of(row["price_limit"]),
        created_at=row["created_at"],
        ends_at=row["ends_at"],
        rang_at=row["rang_at"],
        key_id=row["key_id"],
        reachable=not row["parked"],
    )
