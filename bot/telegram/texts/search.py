"""Texts of search results."""

from collections.abc import Sequence

from bot.catalog.catalog import operator_name
from bot.catalog.search import SearchResult
from bot.domain import HistoryEntry
from bot.history.history import phone_digits
from bot.telegram.texts import api_key, shop
from bot.telegram.translator import MAX_NAME, Html, Translator, clipped, joined


def looking_for(t: Translator, query: str) -> Html:
    """Return the placeholder while a search runs."""
    return t("Searching for “{query}”…", query=clipped(query, MAX_NAME))


def screen(
    t: Translator,
    query: str,
    result: SearchResult,
    mine: Sequence[HistoryEntry],
    country: str | None,
    *,
    maybe_key: bool = False,
) -> Html:
    """Return the text above the results.

    Args:
        t: the reader's language.
        query: what was typed, or a placeholder if it must not be repeated.
        result: the results.
        mine: the user's own numbers among the results.
        country: the country of the services, to be named; None if there is only one.
        maybe_key: what was typed may be an API key, which is said if nothing was found.
    """
    query = clipped(query, MAX_NAME)
    if result.unlisted:
        return _unlisted(t, result.unlisted.name)
    if result.choices or result.countries or result.elsewhere:
        if country is None:
            return t("Results for “{query}”:", query=query)
        return t("Results for “{query}” in {country}:", query=query, country=country)
    if mine:
        return t("Your numbers with “{query}”:", query=query)
    if result.operators:
        names = ", ".join(operator_name(code) for code in result.operators)
        return t("{operators}: which service? Type both, such as “telegram viettel”.", operators=names)
    nothing = t("No service called “{query}”. Did you mean:", query=query)
    if not result.nearest:
        nothing = joined(
            t("None of your numbers contains “{query}”.", query=query) if phone_digits(query) else None,
            t("No service called “{query}”. Try another name or browse the list.", query=query),
        )
    return joined(nothing, api_key.perhaps_a_key(t) if maybe_key else None, by="\n\n")


def _unlisted(t: Translator, service: str) -> Html:
    """Return that a known service is not sold, and what to take instead."""
    return t(
        "<b>{service}</b> is not sold here. <b>{any_other}</b> gives you a number for services that are not "
        "in the list.",
        service=clipped(service, MAX_NAME),
        any_other=shop.service_name(t, shop.ANY_OTHER),
    )
