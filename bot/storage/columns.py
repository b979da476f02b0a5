"""Conversion of column values: amounts are stored as text, lists as JSON."""

import json
from collections.abc import Sequence
from decimal import Decimal


def amount_to_text(amount: Decimal | None) -> str | None:
    """Return the column value of an amount; None for NULL."""
    return None if amount is None else str(amount)


def amount_from_text(text: str | None) -> Decimal | None:
    """Return the amount of a column value; None for NULL."""
    return None if text is None else Decimal(text)


def list_to_text(items: Sequence[str]) -> str:
    """Return the column value of operators or ids, in the same order."""
    return json.dumps(items)


def list_from_text(text: str) -> tuple[str, ...]:
    """Return the operators or ids of a column value."""
    return tuple(json.loads(text))
