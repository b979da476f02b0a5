"""Keyboards of choosing and buying."""

from collections.abc import Mapping, Sequence
from typing import Final

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.catalog.availability import Alternatives
from bot.catalog.search import SearchResult
from bot.domain import Activation, Choice, Country, Offer, Operator, Quote
from bot.telegram import callbacks, operator_bitmask, texts
from bot.telegram.country_names import named
from bot.telegram.keyboards.alerts import tell_me
from bot.telegram.keyboards.buttons import Row, button, home_button, markup, paged
from bot.telegram.keyboards.favourites import star
from bot.telegram.translator import Translator, clipped

MAX_NAME_ON_BUTTON: Final = 14
MOST_ALTERNATIVES: Final = 4
"""How many operators, and how many countries, are offered as alternatives."""
OPEN: Final = "…"
"""Placeholder of a count or price while it loads."""


def countries(
    t: Translator, listed: Sequence[Country], page: int, *, shortcuts: Sequence[Row] = ()
) -> InlineKeyboardMarkup:
    """Return a page of the countries, two in a row, below the shortcuts."""
    buttons = [
        button(named(t, country), callbacks.ShowServices(country=country.id, page=0))
        for country in listed
        if callbacks.fits(country.id, "")
    ]
    rows, turn = paged(buttons, page, lambda number: callbacks.ShowCountries(page=number))
    return markup([*shortcuts, *rows, turn, [home_button(t)]])


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

    While asking, prices and counts are placeholders.
    """
    rows, turn = paged(
        _service_buttons(t, choices, loading=loading),
        page,
        lambda number: callbacks.ShowServices(country=country, page=number),
    )
    back = [button(t.plain("Back"), callbacks.ShowCountries(page=0))] if several_countries else []
    return markup([*shortcuts, *rows, turn, [*back, home_button(t)]])


def found(
    t: Translator,
    country: str | None,
    found: SearchResult,
    places: Sequence[Country],
    *,
    several_countries: bool,
) -> InlineKeyboardMarkup:
    """Return the search results, one in a row: services, countries, services in other countries.

    Args:
        t: the reader's language.
        country: the country that was searched; None if none is chosen.
        found: the results.
        places: the countries among the results.
        several_countries: whether the bot offers other countries.
    """
    services = [[single] for single in _service_buttons(t, found.choices or found.nearest)]
    countries = [
        [
            button(
                texts.shop.all_services_of(t, named(t, place)),
                callbacks.ShowServices(country=place.id, page=0),
            )
        ]
        for place in places
    ]
    other = found.elsewhere or ([found.choices[0].service] if found.choices and several_countries else [])
    elsewhere = [
        [
            button(
                texts.shop.in_countries(t, service.name, others=country is not None),
                callbacks.ShowServiceCountries(service=service.code),
            )
        ]
        for service in other
        if callbacks.fits("", service.code)
    ]
    if country is None:
        everything = button(t.plain("All countries"), callbacks.ShowCountries(page=0))
    else:
        everything = button(t.plain("All services"), callbacks.ShowServices(country=country, page=0))
    return markup([*services, *countries, *elsewhere, [everything, home_button(t)]])


def where(
    t: Translator, service: str, offers: Sequence[tuple[Country, Offer]], page: int
) -> InlineKeyboardMarkup:
    """Return a page of the countries that offer a service, two in a row."""
    buttons = [
        button(
            _country_label(t, country, offer), callbacks.ShowOperators(country=country.id, service=service)
        )
        for country, offer in offers
        if callbacks.fits(country.id, service)
    ]
    rows, turn = paged(
        buttons, page, lambda number: callbacks.ShowServiceCountries(service=service, page=number)
    )
    return markup([*rows, turn, [button(t.plain("Back"), callbacks.ShowCountries(page=0)), home_button(t)]])


def alternatives(t: Translator, country: str, service: str, others: Alternatives) -> list[Row]:
    """Return the alternatives to a sold-out offer; each opens a confirmation page."""
    listed = list(others.listed)[: operator_bitmask.MOST]
    list_checksum = operator_bitmask.checksum(listed)
    buttons = [
        button(
            _with_count(operator.name, t.number(count)),
            callbacks.ShowQuote(
                country=country,
                service=service,
                chosen=operator_bitmask.pack(listed, {operator.code}),
                checksum=list_checksum,
            ),
        )
        for operator, count in others.operators
        if operator in listed
    ][:MOST_ALTERNATIVES]
    buttons += [
        button(
            _country_label(t, place, offer),
            callbacks.ShowQuote(country=place.id, service=service, chosen="0", checksum="0"),
        )
        for place, offer in others.countries
        if callbacks.fits(place.id, service)
    ][:MOST_ALTERNATIVES]
    return paged(buttons, 0, lambda _: callbacks.ShowCountries(page=0))[0]


def _country_label(t: Translator, country: Country, offer: Offer) -> str:
    return _with_offer(t, clipped(named(t, country), MAX_NAME_ON_BUTTON), offer)


def _service_buttons(t: Translator, choices: Sequence[Choice], *, loading: bool = False) -> Row:
    return [
        button(
            _service_label(t, choice, loading=loading),
            callbacks.ShowOperators(country=choice.offer.country, service=choice.service.code),
        )
        for choice in choices
        if callbacks.fits(choice.offer.country, choice.service.code)
    ]


def _service_label(t: Translator, choice: Choice, *, loading: bool) -> str:
    name = clipped(texts.shop.short_name(texts.shop.service_name(t, choice.service.name)), MAX_NAME_ON_BUTTON)
    return _with_count(name, OPEN) if loading else _with_offer(t, name, choice.offer)


def _with_offer(t: Translator, name: str, offer: Offer) -> str:
    price = "" if offer.price is None else t.amount(offer.price)
    count = t.compact(offer.count) if offer.count else count_label(t, offer.count)
    return " · ".join(part for part in (name, price, count) if part)


def count_label(t: Translator, count: int | None, *, loading: bool = False) -> str:
    """Return a count for a button: empty if it is not known, a word if it is zero."""
    if count is None:
        return OPEN if loading else ""
    return t.number(count) if count else t.plain("none")


def choose_operator(
    t: Translator,
    country: str,
    service: str,
    listed: Sequence[Operator],
    counts: Mapping[str, int | None],
    total: int | None,
    page: int,
    *,
    loading: bool = False,
) -> InlineKeyboardMarkup:
    """Return the operators of a service with their counts; while asking, unknown counts are placeholders."""
    shown = list(listed)[: operator_bitmask.MOST]
    list_checksum = operator_bitmask.checksum(shown)

    def confirm(chosen: set[str]) -> callbacks.ShowQuote:
        packed = operator_bitmask.pack(shown, chosen)
        return callbacks.ShowQuote(country=country, service=service, chosen=packed, checksum=list_checksum)

    buttons = [
        button(
            _with_count(operator.name, count_label(t, counts.get(operator.code), loading=loading)),
            confirm({operator.code}),
        )
        for operator in shown
    ]
    rows, turn = paged(
        buttons, page, lambda number: callbacks.ShowOperators(country=country, service=service, page=number)
    )
    several = callbacks.ChooseOperators(country=country, service=service, chosen="0", checksum=list_checksum)
    anything = _with_count(t.plain("Any operator"), count_label(t, total, loading=loading))
    return markup(
        [
            [button(anything, confirm(set()), "primary")],
            *rows,
            turn,
            [button(t.plain("Several…"), several)] if len(shown) > 1 else [],
            tell_me(t, callbacks.CreateServiceAlert(country=country, service=service)) if total == 0 else [],
            [button(t.plain("Back"), callbacks.ShowServices(country=country, page=0)), home_button(t)],
        ]
    )


def _with_count(name: str, count: str) -> str:
    return f"{name} · {count}" if count else name


def several(
    t: Translator, country: str, service: str, listed: Sequence[Operator], chosen: set[str], page: int
) -> InlineKeyboardMarkup:
    """Return the operators with check marks, to choose several."""
    shown = list(listed)[: operator_bitmask.MOST]
    list_checksum = operator_bitmask.checksum(shown)

    def toggled(code: str) -> callbacks.ChooseOperators:
        packed = operator_bitmask.pack(shown, chosen ^ {code})
        return callbacks.ChooseOperators(
            country=country, service=service, chosen=packed, checksum=list_checksum, page=page
        )

    buttons = [
        button(
            f"{'✓ ' if operator.code in chosen else ''}{operator.name}",
            toggled(operator.code),
            "primary" if operator.code in chosen else None,
        )
        for operator in shown
    ]
    packed = operator_bitmask.pack(shown, chosen)
    rows, turn = paged(
        buttons,
        page,
        lambda number: callbacks.ChooseOperators(
            country=country, service=service, chosen=packed, checksum=list_checksum, page=number
        ),
    )
    go_on = callbacks.ShowQuote(country=country, service=service, chosen=packed, checksum=list_checksum)
    choose_first = callbacks.ChooseOperators(
        country=country, service=service, chosen=packed, checksum=list_checksum, page=page, none_chosen=True
    )
    return markup(
        [
            *rows,
            turn,
            [button(t.plain("Continue"), go_on if chosen else choose_first, "success" if chosen else None)],
            [
                button(t.plain("Back"), callbacks.ShowOperators(country=country, service=service)),
                home_button(t),
            ],
        ]
    )


def confirm(
    t: Translator, quote: Quote, *, kept: bool, count: int | None, others: Alternatives | None = None
) -> InlineKeyboardMarkup:
    """Return the keyboard of a confirmation page, with the alternatives if it is sold out.

    Args:
        t: the reader's language.
        quote: what a tap on Buy would buy.
        kept: whether it is a favourite.
        count: how many numbers are available; None if that is not known.
        others: the alternatives; None if they are not known.
    """
    return markup(
        [
            *(alternatives(t, quote.country, quote.service, others) if others else []),
            tell_me(t, callbacks.CreateAlert(token=quote.token)) if count == 0 else [],
            [button(t.plain("Buy"), callbacks.BuyQuote(token=quote.token), "success"), _back_to(t, quote)],
            [star(t, callbacks.StarQuote(token=quote.token, starred=not kept)), home_button(t)],
        ]
    )


def on_its_way(t: Translator, back: callbacks.ButtonData) -> InlineKeyboardMarkup:
    """Return the keyboard of a screen that is loading: back and home."""
    return markup([[button(t.plain("Back"), back), home_button(t)]])


def elsewhere(t: Translator, activation: Activation, others: Alternatives) -> InlineKeyboardMarkup:
    """Return the alternatives after a purchase was refused because it was sold out."""
    again = button(t.plain("Look again"), callbacks.ShowAlternatives(id=activation.id))
    return markup(
        [
            *alternatives(t, activation.country, activation.service, others),
            [again, _back_to(t, activation)],
            [home_button(t)],
        ]
    )


def _back_to(t: Translator, thing: Quote | Activation) -> InlineKeyboardButton:
    return button(t.plain("Back"), callbacks.ShowOperators(country=thing.country, service=thing.service))
