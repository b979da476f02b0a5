"""Charges: what the provider took for a number, and whether a change of the balance can show it."""

import sqlite3
from decimal import Decimal
from typing import Final

from bot.domain import NOTHING_BOUGHT, Activation, NoticeKind
from bot.storage import activations, columns, outbox, transitions

REFUND_DELAY: Final = 60
"""Seconds that a refund may take to be seen in the balance."""


def save(connection: sqlite3.Connection, id_: int, charged: Decimal, now: int) -> Activation:
    """Store what was charged for a number, unless it is stored; return the activation.

    If it is more than the shown price, the card says so; if the card was drawn before, a notice does too.
    """
    before = activations.get(connection, id_)
    if before.charged is not None:
        return before
    connection.execute(
        "UPDATE activations SET charged = ? WHERE id = ?", (columns.amount_to_text(charged), id_)
    )
    after = activations.get(connection, id_)
    if not after.overcharged:
        return after
    if outbox.is_card_drawn(connection, id_):
        outbox.add_notice(connection, after.user_id, id_, NoticeKind.CHARGED_MORE, now)
    return transitions.increment_card_version(connection, id_)


def account_moved_since(connection: sqlite3.Connection, activation: Activation, since: int, now: int) -> bool:
    """Return whether another activation may have changed the account's balance since a time (UTC seconds).

    That is: another purchase, its end or its code, a purchase that is unclear, or a number without a code
    whose time is over or nearly so, or not known.
    """
    found = connection.execute(
        f"""SELECT 1 FROM activations a
           WHERE {activations.OTHER_OF_ACCOUNT}
             AND (state != 'refused' OR refusal = :not_found)
             AND (state IN ('ordering', 'unknown')
                  OR (state = 'waiting' AND (ends_at <= :now + :delay OR taken_over))
                  OR (state IN ('cancelled', 'expired') AND ended_at >= :since - :delay)
                  OR max(ordered_at, coalesce(bought_at, 0), coalesce(unclear_at, 0),
                         coalesce(cancel_sent_at, 0), coalesce(ended_at, 0)) >= :since
                  OR EXISTS (SELECT 1 FROM codes c WHERE c.activation_id = a.id AND c.received_at >= :since))
        """,  # noqa: S608  # the condition is a constant
        {
            "not_found": NOTHING_BOUGHT,
            "since": since,
            "now": now,
            "delay": REFUND_DELAY,
            **activations.same_account(activation),
        },
    ).fetchone()
    return found is not None
