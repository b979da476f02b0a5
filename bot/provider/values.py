"""Parsing of single values in provider answers, which may have any type."""

import re
from decimal import Decimal
from typing import Final

_AMOUNT_LIMIT: Final = Decimal(10) ** 9
"""Amounts are smaller than this."""
_MIN_EXPONENT: Final = -30
"""Decimals with a smaller exponent are rejected: printing one could exhaust the memory."""
_MAX_LENGTH: Final = 40
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_QUOTES: Final = ("'", '"')
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def money(value: object) -> Decimal | None:
    """Return an amount as a finite Decimal below the limits of this module, or None."""
    if isinstance(value, str):
        value = value.strip()
        if len(value) > _MAX_LENGTH or not _NUMBER.fullmatch(value):
            return None
    elif isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    amount = Decimal(value)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < _MIN_EXPONENT:
        return None
    return amount if -_AMOUNT_LIMIT < amount < _AMOUNT_LIMIT else None


def cost(value: object) -> Decimal | None:
    """Return what a number cost, or None; some providers write 0 for a price that they do not tell."""
    amount = money(value)
    return amount if amount is not None and amount > 0 else None


def is_id(value: str) -> bool:
    """Return whether a text can be the provider's id of an activation."""
    return _ID.fullmatch(value) is not None


def text(value: object) -> str:
    """Return a string or number as stripped text; empty for every other type."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return ""
    return str(value).strip()


def unquoted(raw: str) -> str:
    """Return a text without surrounding whitespace and without one pair of quotes around it."""
    raw = raw.strip()
    if len(raw) > 1 and raw[0] in _QUOTES and raw.find(raw[0], 1) == len(raw) - 1:
        return raw[1:-1]
    return raw
