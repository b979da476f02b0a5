"""Random phone numbers that match a country and an operator."""

import random
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_OPERATOR_PREFIXES = {
    ("10", "viettel"): ("32", "33", "34", "35", "36", "37", "38", "39", "86", "96", "97", "98"),
    ("10", "vinaphone"): ("81", "82", "83", "84", "85", "88", "91", "94"),
    ("10", "mobifone"): ("70", "76", "77", "78", "79", "89", "90", "93"),
    ("10", "vietnamobile"): ("52", "56", "58", "92"),
}
_TRIES = 200


class NumberingPlan(NamedTuple):
    """The mobile numbers of a country: calling code, first digits, and number of digits after the code."""

    calling_code: str
    prefixes: tuple[str, ...]
    length: int


# For a country without a numbering plan: no country has the calling code 999.
_UNKNOWN_COUNTRY = NumberingPlan("999", ("1",), 9)


@cache
def _plans() -> dict[str, NumberingPlan]:
    text = files(__package__).joinpath("numbering_plans.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {
        country: NumberingPlan(code, tuple(first.split(",")), int(length))
        for country, code, first, length in rows
    }


@cache
def _excluded_shape() -> re.Pattern[str]:
    codes = {plan.calling_code for plan in _plans().values()}
    return re.compile(f"(?:{'|'.join(sorted(codes))})[0-9]{{3,6}}")


def is_exception(prefix: str) -> bool:
    """Return whether ``prefix`` is a calling code followed by three to six digits."""
    return _excluded_shape().fullmatch(prefix) is not None


def draw_phone(rng: random.Random, country: str, operator: str, *, avoid: Sequence[str] = ()) -> str | None:
    """Return a random phone number of an operator.

    Args:
        rng: The source of the digits.
        country: The provider's country id; an unknown country gets the calling code 999.
        operator: The operator's code, which sets the first digits if they are known.
        avoid: Prefixes, with the calling code, that the number must not have.

    Returns:
        Digits with the calling code, or None if no number without these prefixes was found.
    """
    plan = _plans().get(country, _UNKNOWN_COUNTRY)
    prefixes = _OPERATOR_PREFIXES.get((country, operator), plan.prefixes)
    for _ in range(_TRIES):
        first = rng.choice(prefixes)
        rest = plan.length - len(first)
        phone = f"{plan.calling_code}{first}{rng.randrange(10**rest):0{rest}}"
        if not phone.startswith(tuple(avoid)):
            return phone
    return None
