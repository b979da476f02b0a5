"""Table of taps whose handling has begun, so that a tap that Telegram sends again does nothing."""

import sqlite3
from typing import Final

KEEP_SECONDS: Final = 2 * 24 * 3600
"""Seconds until a row is deleted; Telegram keeps an update for one day."""


def add(connection: sqlite3.Connection, query_id: str, user_id: int, now: int) -> bool:
    """Store a tap and delete old ones; return False if it was stored before."""
    connection.execute("DELETE FROM handled_taps WHERE handled_at < ?", (now - KEEP_SECONDS,))
    inserted = connection.execute(
        "INSERT INTO handled_taps (query_id, user_id, handled_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (query_id, user_id, now),
    )
    return inserted.rowcount > 0
