"""Keyboard of search results."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot import data
from bot.catalog.search import SearchResult
from bot.domain import Choice, Country, HistoryEntry, Operator, Service
from bot.telegram import callbacks, operator_bitmask, texts
from bot.telegram.country_names import named
from bot.telegram.keyboards.buttons import button, home_button, markup
from bot.telegram.keyboards.shop import service_button
from bot.telegram.translator import Translator


def found(
    t: Translator,
    country: str | None,
    found: SearchResult,
    *,
    several_countries: bool,
    places: Sequence[Country] = (),
    operators: Sequence[Operator] = (),
    mine: Sequence[HistoryEntry] = (),
) -> InlineKeyboardMarkup:
    """Return the search results, one in a row: own numbers, services, countries, services in other countries.

    Args:
        t: the reader's language.
        country: the country that was searched; None if none is chosen.
        found: the results.
        several_countries: whether the bot offers other countries.
        places: the countries among the results.
        operators: all operators of the country of the services, if the query names some of them.
        mine: the user's own numbers among the results.
    """
    numbers = [button(texts.history.found_label(t, entry), callbacks.ShowCard(id=entry.id)) for entry in mine]
    listed = [found.any_other] if found.any_other else found.choices or found.nearest
    services = [
        _at_operators(t, choice, operators, {*found.operators}) if operators else service_button(t, choice)
        for choice in listed
        if callbacks.fits(choice.offer.country, choice.service.code)
    ]
    countries = [
        button(
            texts.shop.all_services_of(t, named(t, place)), callbacks.ShowServices(country=place.id, page=0)
        )
        for place in places
    ]
    elsewhere = [
        button(
            texts.shop.in_countries(t, service.name, others=country is not None),
            callbacks.ShowServiceCountries(service=service.code),
        )
        for service in (_elsewhere(found) if several_countries else [])
        if callbacks.fits("", service.code)
    ]
    if country is None:
        everything = button(t.plain("All countries"), callbacks.ShowCountries(page=0))
    else:
        everything = button(t.plain("All services"), callbacks.ShowServices(country=country, page=0))
    rows = [[one] for one in (*numbers, *services, *countries, *elsewhere)]
    return markup([*rows, [everything, home_button(t)]])


def _elsewhere(found: SearchResult) -> list[Service]:
    """Return the services whose other countries are offered."""
    if found.unlisted:
        return [Service(data.ANY_OTHER, texts.shop.ANY_OTHER)]
    return found.elsewhere or [choice.service for choice in found.choices[:1]]


def _at_operators(
    t: Translator, choice: Choice, listed: Sequence[Operator], chosen: set[str]
) -> InlineKeyboardButton:
    """Return the button that opens the confirmation page of a service at some operators."""
    shown = list(listed)[: operator_bitmask.MOST]
    page = callbacks.ShowQuote(
        country=choice.offer.country,
        service=choice.service.code,
        chosen=operator_bitmask.pack(shown, chosen),
        checksum=operator_bitmask.checksum(shown),
    )
    names = ", ".join(operator.name for operator in shown if operator.code in chosen)
    service = texts.shop.short_name(texts.shop.service_name(t, choice.service.name))
    return button(f"{service} · {names}", page)
