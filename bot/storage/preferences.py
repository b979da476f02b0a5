"""What users have set for themselves."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from bot.domain import UserPreferences
from bot.storage import columns


def find(connection: sqlite3.Connection, user_id: int) -> UserPreferences:
    """Return what a user has chosen."""
    row = connection.execute("SELECT * FROM preferences WHERE user_id = ?", (user_id,)).fetchone()
    if row is None:
        return UserPreferences()
    return UserPreferences(
        day_limit=columns.amount_of(row["day_limit"]),
        price_limit=columns.amount_of(row["price_limit"]),
        max_active=row["max_active"],
        prefixes=tuple(row["prefixes"].split(",")) if row["prefixes"] else (),
        complete_after_code=bool(row["complete_after_code"]),
        low_balance=columns.amount_of(row["low_balance"]),
        low_balance_notified=bool(row["low_balance_notified"]),
        delete_codes_after=row["delete_codes_after"],
    )


def change(
    connection: sqlite3.Connection, user_id: int, changed: Callable[[UserPreferences], UserPreferences]
) -> UserPreferences:
    """Replace what a user has chosen, and return it."""
    chosen = changed(find(connection, user_id))
    connection.execute(
        """INSERT OR REPLACE INTO preferences
           (user_id, day_limit, price_limit, max_active, prefixes, complete_after_code, low_balance,
            low_balance_notified, delete_codes_after)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            user_id,
            columns.amount_to_text(chosen.day_limit),
            columns.amount_to_text(chosen.price_limit),
            chosen.max_active,
            ",".join(chosen.prefixes) or None,
            chosen.complete_after_code,
            columns.amount_to_text(chosen.low_balance),
            chosen.low_balance_notified,
            chosen.delete_codes_after,
        ),
    )
    return chosen


def note_balance(connection: sqlite3.Connection, user_id: int, balance: Decimal) -> Decimal | None:
    """Note on which side of the user's threshold the balance was seen.

    Returns:
        The threshold if the user is to be told that the balance fell under it, which is once.
    """
    chosen = find(connection, user_id)
    low = is_low(chosen, balance)
    if low is chosen.low_balance_notified:
        return None
    change(connection, user_id, lambda before: replace(before, low_balance_notified=low))
    return chosen.low_balance if low else None


def is_low(chosen: UserPreferences, balance: Decimal) -> bool:
    """Return whether a balance lies under the user's threshold, if there is one."""
    return chosen.low_balance is not None and balance < chosen.low_balance
