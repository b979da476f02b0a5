"""A bitmask of chosen operators, so that a button can carry any number of them."""

import zlib
from typing import Final

from bot.domain import Operator

MOST: Final = 64
"""Operators of a country that can be offered; the longest known list has 26."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def checksum(operators: list[Operator]) -> str:
    """Return a short checksum of a list of operators."""
    return _base36(zlib.crc32(",".join(operator.code for operator in operators).encode()) % 36**4)


def pack(operators: list[Operator], chosen: set[str]) -> str:
    """Return the bitmask of the chosen operators in base 36."""
    return _base36(sum(1 << place for place, operator in enumerate(operators) if operator.code in chosen))


def unpack(operators: list[Operator], chosen: str, list_checksum: str) -> tuple[str, ...] | None:
    """Return the codes of the chosen operators, or None if the list of operators has changed."""
    try:
        bits = int(chosen or "0", 36)
    except ValueError:
        return None
    if bits and (list_checksum != checksum(operators) or bits >> len(operators)):
        return None
    return tuple(operator.code for place, operator in enumerate(operators) if bits >> place & 1)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
