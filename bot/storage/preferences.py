"""Tables of user preferences, and of the limits in money, which are for one provider each."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from bot.domain import UserPreferences
from bot.storage import columns


def get(connection: sqlite3.Connection, user_id: int) -> UserPreferences:
    """Return the preferences of a user, with the limits for their provider; defaults if none are stored."""
    row = connection.execute(
        """SELECT p.*, l.* FROM (SELECT ? AS id) u LEFT JOIN preferences p ON p.user_id = u.id
           LEFT JOIN money_limits l ON l.user_id = u.id
               AND l.provider = (SELECT provider FROM users WHERE id = u.id)""",
        (user_id,),
    ).fetchone()
    return UserPreferences(
        day_limit=columns.amount_from_text(row["day_limit"]),
        price_limit=columns.amount_from_text(row["price_limit"]),
        max_active=row["max_active"],
        prefixes=tuple(row["prefixes"].split(",")) if row["prefixes"] else (),
        complete_after_code=bool(row["complete_after_code"]),
        low_balance=columns.amount_from_text(row["low_balance"]),
        low_balance_notified=bool(row["low_balance_notified"]),
        delete_codes_after=row["delete_codes_after"],
    )


def update(
    connection: sqlite3.Connection, user_id: int, change: Callable[[UserPreferences], UserPreferences]
) -> UserPreferences:
    """Apply a function to the preferences of a user, store the result and return it.

    The limits in money are stored for the user's provider.
    """
    chosen = change(get(connection, user_id))
    connection.execute(
        """INSERT OR REPLACE INTO preferences
           (user_id, max_active, prefixes, complete_after_code, delete_codes_after)
           VALUES (?, ?, ?, ?, ?)""",
        (
            user_id,
            chosen.max_active,
            ",".join(chosen.prefixes) or None,
            chosen.complete_after_code,
            chosen.delete_codes_after,
        ),
    )
    connection.execute(
        """INSERT OR REPLACE INTO money_limits
           (user_id, provider, day_limit, price_limit, low_balance, low_balance_notified)
           SELECT id, provider, ?, ?, ?, ? FROM users WHERE id = ?""",
        (
            columns.amount_to_text(chosen.day_limit),
            columns.amount_to_text(chosen.price_limit),
            columns.amount_to_text(chosen.low_balance),
            chosen.low_balance_notified,
            user_id,
        ),
    )
    return chosen


def update_low_balance(connection: sqlite3.Connection, user_id: int, balance: Decimal) -> Decimal | None:
    """Store whether the user was notified of a low balance.

    Returns:
        The threshold if the user must be notified now: the balance fell below it since it was last above.
    """
    chosen = get(connection, user_id)
    low = is_low(chosen, balance)
    if low is chosen.low_balance_notified:
        return None
    update(connection, user_id, lambda before: replace(before, low_balance_notified=low))
    return chosen.low_balance if low else None


def is_low(chosen: UserPreferences, balance: Decimal) -> bool:
    """Return whether a balance is below the user's threshold; False without a threshold."""
    return chosen.low_balance is not None and balance < chosen.low_balance
