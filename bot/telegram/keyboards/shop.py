"""Keyboards of countries, services and search results."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.domain import Choice, Country, Offer, Service
from bot.telegram import callbacks, texts
from bot.telegram.country_names import with_flag
from bot.telegram.keyboards.buttons import Row, button, home_button, markup, paged
from bot.telegram.keyboards.offer_labels import OPEN, country_label, fitted, with_offer
from bot.telegram.translator import Translator


def countries(
    t: Translator, listed: Sequence[Country], page: int, *, shortcuts: Sequence[Row] = ()
) -> InlineKeyboardMarkup:
    """Return a page of the countries, two in a row, below the shortcuts."""
    by_service = button(t.plain("By service"), callbacks.ShowAllServices(page=0))
    rows, turn = paged(
        [country for country in listed if callbacks.fits(country.id, "")],
        page,
        lambda country: button(
            fitted(with_flag(t, country), ""), callbacks.ShowServices(country=country.id, page=0)
        ),
        lambda number: callbacks.ShowCountries(page=number),
    )
    return markup([*shortcuts, *rows, turn, [by_service, home_button(t)]])


def all_services(
    t: Translator, listed: Sequence[Service], page: int, *, shortcuts: Sequence[Row] = ()
) -> InlineKeyboardMarkup:
    """Return a page of the services of all countries, two in a row, below the shortcuts."""
    by_country = button(t.plain("By country"), callbacks.ShowCountries(page=0))
    rows, turn = paged(
        [service for service in listed if callbacks.fits("", service.code)],
        page,
        lambda service: button(
            fitted(texts.shop.short_name(texts.shop.service_name(t, service.name)), ""),
            callbacks.ShowServiceCountries(service=service.code),
        ),
        lambda number: callbacks.ShowAllServices(page=number),
    )
    return markup([*shortcuts, *rows, turn, [by_country, home_button(t)]])


def services(
    t: Translator,
    country: str,
    choices: Sequence[Choice],
    page: int,
    *,
    several_countries: bool,
    loading: bool = False,
    shortcuts: Sequence[Row] = (),
) -> InlineKeyboardMarkup:
    """Return a page of a country's services, two in a row, below the shortcuts.

    While prices and counts load, they are placeholders.
    """
    rows, turn = paged(
        [choice for choice in choices if callbacks.fits(choice.offer.country, choice.service.code)],
        page,
        lambda choice: service_button(t, choice, loading=loading),
        lambda number: callbacks.ShowServices(country=country, page=number),
    )
    back = [button(t.plain("Back"), callbacks.ShowCountries(page=0))] if several_countries else []
    return markup([*shortcuts, *rows, turn, [*back, home_button(t)]])


def where(
    t: Translator, service: str, offers: Sequence[tuple[Country, Offer]], page: int
) -> InlineKeyboardMarkup:
    """Return a page of the countries that list a service, two in a row; without facts if all are sold out."""
    sold_out = all(offer.count == 0 for _, offer in offers)
    rows, turn = paged(
        [(country, offer) for country, offer in offers if callbacks.fits(country.id, service)],
        page,
        lambda pair: button(
            fitted(with_flag(t, pair[0]), "") if sold_out else country_label(t, *pair),
            callbacks.ShowOperators(country=pair[0].id, service=service),
        ),
        lambda number: callbacks.ShowServiceCountries(service=service, page=number),
    )
    back = button(t.plain("Back"), callbacks.OpenScreen(screen=callbacks.Screen.BUY))
    return markup([*rows, turn, [back, home_button(t)]])


def service_button(t: Translator, choice: Choice, *, loading: bool = False) -> InlineKeyboardButton:
    """Return the button of a service; while its price and count load, they are a placeholder."""
    return button(
        _service_label(t, choice, loading=loading),
        callbacks.ShowOperators(country=choice.offer.country, service=choice.service.code),
    )


def _service_label(t: Translator, choice: Choice, *, loading: bool) -> str:
    name = texts.shop.short_name(texts.shop.service_name(t, choice.service.name))
    return fitted(name, OPEN) if loading else with_offer(t, name, choice.offer)
