"""The words of the favourites."""

from collections.abc import Sequence

from bot.catalog.catalog import operator_name
from bot.telegram.texts.shop import short_name
from bot.telegram.translator import Html, Translator, joined


def star(t: Translator, *, kept: bool) -> str:
    """Return the button that keeps a favourite, or keeps it no longer."""
    return t.plain("★ Favourite") if kept else t.plain("☆ Favourite")


def starred(t: Translator, *, kept: bool) -> str:
    """Answer the tap on the star."""
    return t.plain("Kept in your favourites.") if kept else t.plain("No longer in your favourites.")


def none(t: Translator) -> Html:
    """Say that there are no favourites, and how to make one."""
    return t(
        "You have no favourites yet. Tap <b>☆ Favourite</b> before you buy, or under a number, and you find "
        "it here."
    )


def screen(t: Translator) -> Html:
    """Introduce the favourites."""
    return joined(
        t("<b>Your favourites</b>, newest first."),
        t("Tap one to see its price now; nothing is bought by that."),
    )


def removing(t: Translator) -> Html:
    """Ask what to remove."""
    return t("Tap what you no longer want among your favourites.")


def label(sign: str, service_name: str, operators: Sequence[str], country: str | None) -> str:
    """Return what a button about a service in a country at certain operators says.

    Args:
        sign: what it begins with.
        service_name: the service's name.
        operators: the codes of the operators; none means any.
        country: the country's name, where it does not go without saying.
    """
    more = f" +{len(operators) - 1}" if len(operators) > 1 else ""
    operator = f"{operator_name(operators[0])}{more}" if operators else None
    return f"{sign} " + " · ".join(part for part in (short_name(service_name), country, operator) if part)
