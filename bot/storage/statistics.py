"""Statistics of a user's purchases by service, country and operators."""

import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from bot.domain import OPEN, Ending, Outcome, PriceSum, State, SuccessFigures
from bot.storage import columns

COUNTS_AS_SPENT: Final = "(a.taken_over = 0 OR a.charged IS NOT NULL)"
"""SQL condition on an activation: the bot bought it, or what it cost elsewhere is known."""


def outcomes(
    connection: sqlite3.Connection,
    user_id: int,
    provider: str,
    service: str | None = None,
    country: str | None = None,
) -> list[Outcome]:
    """Return a user's purchase outcomes at a provider, optionally of one service or country.

    The most frequent ones come first.
    """
    rows = connection.execute(
        """SELECT a.service, a.service_name, a.country, a.operators, a.price, a.charged, a.bought_at,
                  (SELECT min(c.received_at) FROM codes c WHERE c.activation_id = a.id) AS first_code
           FROM activations a
           WHERE a.user_id = ? AND a.provider = ?
             AND (? IS NULL OR a.service = ?) AND (? IS NULL OR a.country = ?)
             AND a.bought_at IS NOT NULL
             AND (a.state NOT IN (?, ?) OR EXISTS (SELECT 1 FROM codes c WHERE c.activation_id = a.id))
           ORDER BY a.id DESC""",
        (user_id, provider, service, service, country, country, State.WAITING, State.RECEIVED),
    ).fetchall()
    groups: dict[tuple[str, str, str], list[sqlite3.Row]] = {}
    for row in rows:
        groups.setdefault((row["service"], row["country"], row["operators"]), []).append(row)
    found = [_outcome(group) for group in groups.values()]
    return sorted(found, key=lambda outcome: -outcome.bought)


def combined(parts: Sequence[SuccessFigures]) -> SuccessFigures:
    """Return the sum of several outcomes."""
    return SuccessFigures(
        bought=sum(part.bought for part in parts),
        with_code=sum(part.with_code for part in parts),
        waits=tuple(wait for part in parts for wait in part.waits),
        spent=sum((part.spent for part in parts), Decimal(0)),
        unpriced=sum(part.unpriced for part in parts),
        estimated=sum(part.estimated for part in parts),
    )


def spent(connection: sqlite3.Connection, user_id: int, provider: str, since: int) -> PriceSum:
    """Return what a user has spent at a provider since a time (UTC seconds).

    Open activations, activations with a code, and purchases with an unknown outcome count. A number that was
    taken over counts if its charge is known.
    """
    marks = ", ".join("?" * len(OPEN))
    rows = connection.execute(
        f"""SELECT a.price, a.charged FROM activations a
            WHERE a.user_id = ? AND a.provider = ? AND a.ordered_at >= ? AND {COUNTS_AS_SPENT}
              AND (a.state IN ({marks}) OR a.ending = ?
                   OR EXISTS (SELECT 1 FROM codes c WHERE c.activation_id = a.id))""",  # noqa: S608
        (user_id, provider, since, *sorted(OPEN), Ending.UNCLEAR),
    )
    return price_sum(rows)


def price_sum(rows: Iterable[sqlite3.Row]) -> PriceSum:
    """Return the sum of what was charged for some numbers, with the shown price where that is not known."""
    amounts = [(row["charged"] or row["price"], row["charged"] is None) for row in rows]
    priced = [(Decimal(amount), is_shown) for amount, is_shown in amounts if amount is not None]
    return PriceSum(
        count=len(amounts),
        amount=sum((amount for amount, _ in priced), Decimal(0)),
        unpriced=len(amounts) - len(priced),
        estimated=sum(is_shown for _, is_shown in priced),
    )


def _outcome(rows: list[sqlite3.Row]) -> Outcome:
    newest = rows[0]
    hits = [row for row in rows if row["first_code"] is not None]
    prices = price_sum(hits)
    return Outcome(
        service=newest["service"],
        service_name=newest["service_name"],
        country=newest["country"],
        operators=columns.list_from_text(newest["operators"]),
        bought=len(rows),
        with_code=len(hits),
        waits=tuple(max(0, row["first_code"] - row["bought_at"]) for row in hits),
        spent=prices.amount,
        unpriced=prices.unpriced,
        estimated=prices.estimated,
    )
