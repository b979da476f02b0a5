"""Phone numbers that look like the country and the operator they are said to be from."""

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
    """How a country's mobile numbers are made: calling code, first digits, digits after the code."""

    calling_code: str
    prefixes: tuple[str, ...]
    length: int


# For a country that is on no list: 999 is a calling code nobody has.
_NOWHERE = NumberingPlan("999", ("1",), 9)


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
    """Make up a phone number of this operator.

    Args:
        rng: Where the digits come from.
        country: The provider's country id; an unknown one gets a calling code nobody has.
        operator: The operator's code, which decides the first digits where they are known.
        avoid: Prefixes, calling code included, with which the number must not begin.

    Returns:
        Digits with the country code, or None if nothing is left beside what is to be avoided.
    """
    plan = _plans().get(country, _NOWHERE)
    prefixes = _OPERATOR_PREFIXES.get((country, operator), plan.prefixes)
    for _ in range(_TRIES):
        first = rng.choice(prefixes)
        rest = plan.length - len(first)
        phone = f"{plan.calling_code}{first}{rng.randrange(10**rest):0{rest}}"
        if not phone.startswith(tuple(avoid)):
            return phone
    return None
