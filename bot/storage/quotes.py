"""The confirmation pages: one row a page, one purchase a row."""

import sqlite3
from typing import Final

from bot.domain import Quote
from bot.errors import QuoteExpired
from bot.storage import columns

KEPT: Final = 7 * 24 * 3600
"""Seconds after which an unused page is deleted and its button is stale."""


def draw(connection: sqlite3.Connection, quote: Quote) -> None:
    """Keep a page that is about to be shown.

    Raises:
        PageGone: its user has had everything deleted in the meantime.
    """
    connection.execute("DELETE FROM quotes WHERE drawn_at < ?", (quote.drawn_at - KEPT,))
    inserted = connection.execute(
        """INSERT INTO quotes SELECT ?, ?, ?, ?, ?, ?, ?, ?
           WHERE EXISTS (SELECT 1 FROM users WHERE id = ?)""",
        (
            quote.token,
            quote.user_id,
            quote.service,
            quote.service_name,
            quote.country,
            columns.words_to_text(quote.operators),
            columns.amount_to_text(quote.price),
            quote.drawn_at,
            quote.user_id,
        ),
    )
    if not inserted.rowcount:
        raise QuoteExpired


def find(connection: sqlite3.Connection, token: str, user_id: int) -> Quote:
    """Return the user's page.

    Raises:
        PageGone: there is none, or it is somebody else's.
    """
    row = connection.execute(
        "SELECT * FROM quotes WHERE token = ? AND user_id = ?", (token, user_id)
    ).fetchone()
    if row is None:
        raise QuoteExpired
    return Quote(
        token=row["token"],
        user_id=row["user_id"],
        service=row["service"],
        service_name=row["service_name"],
        country=row["country"],
        operators=columns.words_of(row["operators"]),
        price=columns.amount_of(row["price"]),
        drawn_at=row["drawn_at"],
    )
