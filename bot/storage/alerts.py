"""Table of availability alerts, one row per user, provider, country, service and operators."""

import sqlite3
from decimal import Decimal
from typing import Final

from bot.domain import Alert, Quote
from bot.errors import AlertGone, TooManyAlerts
from bot.storage import columns

KEEP_SECONDS: Final = 7 * 24 * 3600
"""Seconds after its end until an alert is deleted; until then the buttons in its messages work."""
_ACTIVE: Final = "stopped_at IS NULL AND ends_at > ?"


def add(
    connection: sqlite3.Connection,
    quote: Quote,
    price_limit: Decimal | None,
    *,
    now: int,
    ends_at: int,
    limit: int,
) -> Alert:
    """Add an alert for a quote, or renew the existing one, and return it.

    Raises:
        TooManyAlerts: the user already has ``limit`` other active alerts for the provider.
    """
    connection.execute("DELETE FROM alerts WHERE ends_at < ?", (now - KEEP_SECONDS,))
    operators = columns.list_to_text(sorted(quote.operators))
    (others,) = connection.execute(
        f"""SELECT count(*) FROM alerts WHERE user_id = ? AND provider = ? AND {_ACTIVE}
            AND NOT (country = ? AND service = ? AND operators = ?)""",  # noqa: S608
        (quote.user_id, quote.provider, now, quote.country, quote.service, operators),
    ).fetchone()
    if others >= limit:
        raise TooManyAlerts(limit)
    (id_,) = connection.execute(
        f"""INSERT INTO alerts
               (user_id, provider, service, service_name, country, operators, price_limit, created_at,
                ends_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, provider, country, service, operators) DO UPDATE SET
               created_at = iif({_ACTIVE}, created_at, excluded.created_at),
               price_limit = excluded.price_limit, ends_at = excluded.ends_at,
               stopped_at = NULL, notified_at = NULL
            RETURNING id""",  # noqa: S608
        (
            quote.user_id,
            quote.provider,
            quote.service,
            quote.service_name,
            quote.country,
            operators,
            columns.amount_to_text(price_limit),
            now,
            ends_at,
            now,
        ),
    ).fetchone()
    return get(connection, quote.user_id, id_)


def stop(connection: sqlite3.Connection, user_id: int, id_: int, now: int) -> None:
    """Stop an alert. An alert that has ended is ignored."""
    connection.execute(
        "UPDATE alerts SET stopped_at = ? WHERE user_id = ? AND id = ? AND stopped_at IS NULL",
        (now, user_id, id_),
    )


def get(connection: sqlite3.Connection, user_id: int, id_: int) -> Alert:
    """Return an alert of a user, active or ended.

    Raises:
        AlertGone: no such alert, or another user's.
    """
    row = connection.execute(f"{_SELECT} WHERE a.user_id = ? AND a.id = ?", (user_id, id_)).fetchone()
    if row is None:
        raise AlertGone
    return _alert(row)


def list_for_user(connection: sqlite3.Connection, user_id: int, since: int) -> list[Alert]:
    """Return a user's alerts that were not stopped and end after ``since`` (UTC seconds), newest first."""
    rows = connection.execute(
        f"{_SELECT} WHERE a.user_id = ? AND {_ACTIVE} ORDER BY a.id DESC", (user_id, since)
    )
    return [_alert(row) for row in rows]


def list_active(connection: sqlite3.Connection, now: int) -> list[Alert]:
    """Return all active alerts, oldest first."""
    rows = connection.execute(f"{_SELECT} WHERE {_ACTIVE} ORDER BY a.id", (now,))
    return [_alert(row) for row in rows]


def mark_notified(connection: sqlite3.Connection, id_: int, now: int) -> bool:
    """Set the time of the last notification, and return whether the user may be notified now.

    An ended alert, or one whose previous notice is not delivered yet, is left unchanged.
    """
    cursor = connection.execute(
        f"""UPDATE alerts SET notified_at = ? WHERE id = ? AND {_ACTIVE}
            AND NOT EXISTS (
                SELECT 1 FROM notices n WHERE n.user_id = alerts.user_id AND n.delivered_at IS NULL
                AND n.kind = 'alert' AND json_extract(n.details, '$.alert_id') = CAST(alerts.id AS TEXT)
            )""",  # noqa: S608
        (now, id_, now),
    )
    return cursor.rowcount > 0


_SELECT: Final = """SELECT a.*, k.id AS key_id, u.unreachable FROM alerts a JOIN users u ON u.id = a.user_id
    LEFT JOIN api_keys k ON k.id = u.key_id AND k.provider = a.provider"""


def _alert(row: sqlite3.Row) -> Alert:
    return Alert(
        id=row["id"],
        user_id=row["user_id"],
        service=row["service"],
        service_name=row["service_name"],
        country=row["country"],
        operators=columns.list_from_text(row["operators"]),
        price_limit=columns.amount_from_text(row["price_limit"]),
        created_at=row["created_at"],
        ends_at=row["ends_at"],
        provider=row["provider"],
        notified_at=row["notified_at"],
        key_id=row["key_id"],
        reachable=not row["unreachable"],
    )
