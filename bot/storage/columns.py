"""How columns hold what SQLite has no type for: amounts as text, words as a JSON list."""

import json
from collections.abc import Sequence
from decimal import Decimal


def amount_to_text(amount: Decimal | None) -> str | None:
    """Return what a column holds for an amount; NULL for none."""
    return None if amount is None else str(amount)


def amount_of(text: str | None) -> Decimal | None:
    """Return the amount in a column; None for NULL."""
    return None if text is None else Decimal(text)


def words_to_text(words: Sequence[str]) -> str:
    """Return what a column holds for operators or ids, in their order."""
    return json.dumps(words)


def words_of(text: str) -> tuple[str, ...]:
    """Return the operators or ids in a column."""
    return tuple(json.loads(text))
