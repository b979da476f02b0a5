"""Texts of the favourites, and the label of a button about an offer."""

from collections.abc import Sequence

from bot.catalog.catalog import operator_name
from bot.domain import Offer
from bot.telegram.texts import prices
from bot.telegram.texts.shop import service_name, short_name
from bot.telegram.translator import Html, Translator, joined


def star(t: Translator, *, kept: bool) -> str:
    """Return the label of the button that adds or removes a favourite."""
    return t.plain("★ Favourite") if kept else t.plain("☆ Favourite")


def starred(t: Translator, *, kept: bool) -> str:
    """Return the toast after a favourite is added or removed."""
    return t.plain("Added to favourites.") if kept else t.plain("Removed from favourites.")


def none(t: Translator) -> Html:
    """Return the list of favourites when it is empty."""
    return t("No favourites yet. To add one, tap <b>☆ Favourite</b> before you buy or under a number.")


def screen(t: Translator) -> Html:
    """Return the heading of the list of favourites."""
    return joined(t("<b>Favourites</b>"), t("Tap one to see its price."))


def removing(t: Translator) -> Html:
    """Return the heading of the list to remove favourites from."""
    return t("Tap one to remove it.")


def price(t: Translator, offer: Offer | None, *, loading: bool) -> str:
    """Return the price of a shortcut; a placeholder while it is loading, else empty if it is not known."""
    if offer is not None:
        return prices.short_price(t, offer)
    return "…" if loading else ""


def label(t: Translator, sign: str, service: str, operators: Sequence[str], country: str | None) -> str:
    """Return the label of a button about a service in a country at some operators.

    Args:
        t: the reader's language.
        sign: the first character.
        service: the service's name.
        operators: the codes of the operators; empty means any.
        country: the country's name; None to leave it out.
    """
    more = f" +{len(operators) - 1}" if len(operators) > 1 else ""
    operator = f"{operator_name(operators[0])}{more}" if operators else None
    name = short_name(service_name(t, service))
    return f"{sign} " + " · ".join(part for part in (name, country, operator) if part)
