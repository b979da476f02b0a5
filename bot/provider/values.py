"""Reads single values out of an answer; nothing in it is trusted to be of the type it should be."""

import re
from decimal import Decimal
from typing import Final

_LIMIT: Final = Decimal(10) ** 9
"""No amount is as large as this."""
_LOWEST_EXPONENT: Final = -30
"""Fractions written with more places are no amounts; printing one could fill the memory."""
_LONGEST: Final = 40
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_QUOTES: Final = ("'", '"')


def money(value: object) -> Decimal | None:
    """Return an amount as a finite Decimal of sane size, or None."""
    if isinstance(value, str):
        value = value.strip()
        if len(value) > _LONGEST or not _NUMBER.fullmatch(value):
            return None
    elif isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    amount = Decimal(value)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < _LOWEST_EXPONENT:
        return None
    return amount if -_LIMIT < amount < _LIMIT else None


def text(value: object) -> str:
    """Return a text or a number as text; empty for everything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return ""
    return str(value).strip()


def unquoted(words: str) -> str:
    """Return a text without the blanks and the pair of quotes that some pages print around it."""
    words = words.strip()
    if len(words) > 1 and words[0] in _QUOTES and words.find(words[0], 1) == len(words) - 1:
        return words[1:-1]
    return words
