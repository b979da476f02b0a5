"""The confirmation pages: one row a page, one purchase a row."""

import sqlite3
from typing import Final

from bot.domain import Page
from bot.errors import PageGone
from bot.storage import columns

KEPT: Final = 7 * 24 * 3600
"""Seconds after which an unused page is deleted and its button is stale."""


def draw(connection: sqlite3.Connection, page: Page) -> None:
    """Keep a page that is about to be shown.

    Raises:
        PageGone: its user has had everything deleted in the meantime.
    """
    connection.execute("DELETE FROM pages WHERE drawn_at < ?", (page.drawn_at - KEPT,))
    inserted = connection.execute(
        """INSERT INTO pages SELECT ?, ?, ?, ?, ?, ?, ?, ?
           WHERE EXISTS (SELECT 1 FROM users WHERE id = ?)""",
        (
            page.token,
            page.user_id,
            page.service,
            page.service_name,
            page.country,
            columns.words_to_text(page.operators),
            columns.amount_to_text(page.price),
            page.drawn_at,
            page.user_id,
        ),
    )
    if not inserted.rowcount:
        raise PageGone


def find(connection: sqlite3.Connection, token: str, user_id: int) -> Page:
    """Return the user's page.

    Raises:
        PageGone: there is none, or it is somebody else's.
    """
    row = connection.execute(
        "SELECT * FROM pages WHERE token = ? AND user_id = ?", (token, user_id)
    ).fetchone()
    if row is None:
        raise PageGone
    return Page(
        token=row["token"],
        user_id=row["user_id"],
        service=row["service"],
        service_name=row["service_name"],
        country=row["country"],
        operators=columns.words_of(row["operators"]),
        price=columns.amount_of(row["price"]),
        drawn_at=row["drawn_at"],
    )
