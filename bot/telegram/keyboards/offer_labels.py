"""The labels of buttons for offers: a name with a price and a count."""

from typing import Final

from bot.domain import Country, Offer
from bot.telegram import texts
from bot.telegram.country_names import named
from bot.telegram.translator import Translator, clipped

MAX_NAME_ON_BUTTON: Final = 14
"""UTF-16 units of a name that stands before a price and a count."""
OPEN: Final = "…"
"""Placeholder of a count or price while it loads."""


def country_label(t: Translator, country: Country, offer: Offer) -> str:
    """Return a country's name with the price and the count of an offer."""
    return with_offer(t, clipped(named(t, country), MAX_NAME_ON_BUTTON), offer)


def with_offer(t: Translator, name: str, offer: Offer) -> str:
    """Return a name with the price and the count of an offer, as far as they are known."""
    price = texts.prices.price(t, offer)
    count = t.compact(offer.count) if offer.count else count_label(t, offer.count)
    return " · ".join(part for part in (name, price, count) if part)


def count_label(t: Translator, count: int | None, *, loading: bool = False) -> str:
    """Return a count for a button: empty if it is not known, a word if it is zero."""
    if count is None:
        return OPEN if loading else ""
    return t.number(count) if count else t.plain("none")


def with_count(name: str, count: str) -> str:
    """Return a name with a count; only the name if the count is empty."""
    return f"{name} · {count}" if count else name
