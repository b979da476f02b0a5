"""The labels of buttons for offers, which fit two in a row on a phone."""

from functools import cache
from typing import Final

from bot import data
from bot.domain import Country, Offer
from bot.telegram import country_names, texts
from bot.telegram.keyboards.buttons import MAX_IN_PAIR
from bot.telegram.translator import Translator

FEW: Final = 10
"""Counts below this are shown on a button."""
OPEN: Final = "…"
"""Placeholder of a count or price while it loads."""
_SEPARATORS: Final = (" · ", " ")
_MIN_CUT: Final = 4
"""Characters of the shortest name that is cut between words."""


def country_label(t: Translator, country: Country, offer: Offer) -> str:
    """Return a country's flag and name with the price of an offer, or that there are no numbers."""
    none = t.plain("none") if offer.count == 0 else None
    return fitted(country_names.with_flag(t, country), none or texts.prices.short_price(t, offer))


def with_offer(t: Translator, name: str, offer: Offer) -> str:
    """Return a name with the price of an offer, or with its count if that is low."""
    if offer.count is not None and offer.count < FEW:
        left = t.plain("{count} left", count=t.number(offer.count)) if offer.count else t.plain("none")
        return fitted(name, left)
    return fitted(name, texts.prices.short_price(t, offer))


def count_label(t: Translator, count: int | None, *, loading: bool = False) -> str:
    """Return a count for a button: empty if it is not known, a word if it is zero."""
    if count is None:
        return OPEN if loading else ""
    return t.compact(count) if count else t.plain("none")


def fitted(name: str, fact: str) -> str:
    """Return a name with a fact, in at most `MAX_IN_PAIR` characters; a long name is shortened."""
    if not fact:
        return name if len(name) <= MAX_IN_PAIR else _shortened(name, MAX_IN_PAIR)
    for each in dict.fromkeys((name, _with_short_name(name))):
        for separator in _SEPARATORS:
            if len(label := f"{each}{separator}{fact}") <= MAX_IN_PAIR:
                return label
    return f"{_shortened(name, MAX_IN_PAIR - len(fact) - 1)} {fact}"


def _shortened(name: str, room: int) -> str:
    """Return the short form of a name, or the name cut after a word or a letter."""
    name = _with_short_name(name)
    if len(name) <= room:
        return name
    cut = name[: room - 1]
    words = name[:room].rpartition(" ")[0]
    return f"{(words if len(words) >= max(_MIN_CUT, room // 2) else cut).strip()}…"


def _with_short_name(name: str) -> str:
    """Return a name, perhaps after a flag, in its short form if it has one."""
    flag, space, rest = name.partition(" ")
    if short := _short_names().get(name):
        return short
    return f"{flag}{space}{_short_names().get(rest, rest)}"


@cache
def _short_names() -> dict[str, str]:
    return data.short_names()
