"""Table of quotes; each quote allows one purchase."""

import sqlite3
from typing import Final

from bot.domain import Quote
from bot.errors import QuoteExpired
from bot.storage import columns

KEEP_SECONDS: Final = 7 * 24 * 3600
"""Seconds until a quote is deleted; its button then fails."""


def insert(connection: sqlite3.Connection, quote: Quote) -> None:
    """Store a quote and delete expired ones.

    Raises:
        QuoteExpired: the data of the user was deleted in the meantime.
    """
    connection.execute("DELETE FROM quotes WHERE drawn_at < ?", (quote.drawn_at - KEEP_SECONDS,))
    inserted = connection.execute(
        """INSERT INTO quotes (token, user_id, provider, service, service_name, country, operators, price,
                               drawn_at, several_prices)
           SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
           WHERE EXISTS (SELECT 1 FROM users WHERE id = ?)""",
        (
            quote.token,
            quote.user_id,
            quote.provider,
            quote.service,
            quote.service_name,
            quote.country,
            columns.list_to_text(quote.operators),
            columns.amount_to_text(quote.price),
            quote.drawn_at,
            quote.several_prices,
            quote.user_id,
        ),
    )
    if not inserted.rowcount:
        raise QuoteExpired


def get(connection: sqlite3.Connection, token: str, user_id: int) -> Quote:
    """Return a quote of a user by its token.

    Raises:
        QuoteExpired: no such quote, or another user's.
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
        operators=columns.list_from_text(row["operators"]),
        price=columns.amount_from_text(row["price"]),
        drawn_at=row["drawn_at"],
        provider=row["provider"],
        several_prices=bool(row["several_prices"]),
    )
