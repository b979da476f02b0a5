"""Parsing of single values in provider answers, which may have any type."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Final

_AMOUNT_LIMIT: Final = Decimal(10) ** 9
"""Amounts are smaller than this."""
_MIN_EXPONENT: Final = -30
"""Decimals with a smaller exponent are rejected: printing one could exhaust the memory."""
_MAX_LENGTH: Final = 40
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_QUOTES: Final = ("'", '"')
_CURRENCIES: Final = {"840": "USD", "978": "EUR", "643": "RUB", "156": "CNY"}
"""ISO 4217 number → code, of the currencies that providers use."""
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_YES: Final = frozenset({"1", "true", "yes"})
_NO: Final = frozenset({"0", "false", "no"})
_MIN_SPAN: Final = 60
_MAX_SPAN: Final = 24 * 3600
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


def currency(value: object) -> str | None:
    """Return the ISO 4217 code of a currency that is given by its code or number, or None."""
    raw = text(value).upper()
    return _CURRENCIES.get(raw) or (raw if _CURRENCY.fullmatch(raw) else None)


def flag(value: object) -> bool | None:
    """Return a truth value that is given as a boolean, a number or a word, or None."""
    raw = str(value).lower() if isinstance(value, bool) else text(value).lower()
    return True if raw in _YES else False if raw in _NO else None


def seconds_between(start: object, end: object) -> int | None:
    """Return the seconds between two times of one answer, or None if they are not a minute to a day apart.

    The zone of a time without one is not known, so only differences of such times can be used.
    """
    try:
        span = datetime.fromisoformat(text(end)) - datetime.fromisoformat(text(start))
    except (ValueError, TypeError, OverflowError):  # not a time; one with a zone and one without
        return None
    seconds = int(span.total_seconds())
    return seconds if _MIN_SPAN <= seconds <= _MAX_SPAN else None


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
