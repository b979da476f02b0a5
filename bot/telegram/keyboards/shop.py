"""The keyboards of choosing and buying."""

from collections.abc import Sequence
from typing import Final

from aiogram.types import InlineKeyboardMarkup

from bot.catalog import Choice
from bot.domain import Country, Operator, Page
from bot.telegram import callbacks, operators, texts
from bot.telegram.keyboards.buttons import Row, button, home_button, markup, paged
from bot.telegram.keyboards.favourites import star
from bot.telegram.keyboards.watches import tell_me
from bot.telegram.translator import Translator, clipped

MAX_NAME_ON_BUTTON: Final = 14


def countries(
    t: Translator, listed: Sequence[Country], page: int, *, shortcuts: Sequence[Row] = ()
) -> InlineKeyboardMarkup:
    """Return a page of the countries, two in a row, with the shortcuts above."""
    buttons = [
        button(country.name, callbacks.Services(country=country.id, page=0))
        for country in listed
        if callbacks.fits(country.id, "")
    ]
    rows, turn = paged(buttons, page, lambda number: callbacks.Countries(page=number))
    return markup([*shortcuts, *rows, turn, [home_button(t)]])


def services(
    t: Translator,
    country: str,
    choices: Sequence[Choice],
    page: int,
    *,
    several_countries: bool,
    shortcuts: Sequence[Row] = (),
) -> InlineKeyboardMarkup:
    """Return a page of a country's services, two in a row, with the shortcuts above."""
    rows, turn = paged(
        _service_buttons(t, country, choices),
        page,
        lambda number: callbacks.Services(country=country, page=number),
    )
    back = [button(t.plain("Back"), callbacks.Countries(page=0))] if several_countries else []
    return markup([*shortcuts, *rows, turn, [*back, home_button(t)]])


def found(t: Translator, country: str, choices: Sequence[Choice]) -> InlineKeyboardMarkup:
    """Return what a search found, one in a row."""
    rows = [[single] for single in _service_buttons(t, country, choices)]
    everything = button(t.plain("All services"), callbacks.Services(country=country, page=0))
    return markup([*rows, [everything, home_button(t)]])


def _service_buttons(t: Translator, country: str, choices: Sequence[Choice]) -> Row:
    return [
        button(_service_label(t, choice), callbacks.Operators(country=country, service=choice.service.code))
        for choice in choices
        if callbacks.fits(country, choice.service.code)
    ]


def _service_label(t: Translator, choice: Choice) -> str:
    parts = [clipped(texts.shop.short_name(choice.service.name), MAX_NAME_ON_BUTTON)]
    if choice.offer.price is not None:
        parts.append(t.amount(choice.offer.price))
    count = choice.offer.count
    parts.append(t.compact(count) if count else count_label(t, count))
    return " · ".join(part for part in parts if part)


def count_label(t: Translator, count: int | None) -> str:
    """Return a count for a button: nothing if it is unknown, a word if there are none."""
    if count is None:
        return ""
    return t.number(count) if count else t.plain("none")


def choose_operator(
    t: Translator,
    country: str,
    service: str,
    listed: Sequence[Operator],
    counts: dict[str, int | None],
    total: int | None,
    page: int,
) -> InlineKeyboardMarkup:
    """Return the operators of a service, each with its own count."""
    shown = list(listed)[: operators.MOST]
    sealed = operators.seal(shown)

    def confirm(chosen: set[str]) -> callbacks.Confirm:
        packed = operators.pack(shown, chosen)
        return callbacks.Confirm(country=country, service=service, chosen=packed, seal=sealed)

    buttons = [
        button(
            _with_count(operator.name, count_label(t, counts.get(operator.code))), confirm({operator.code})
        )
        for operator in shown
    ]
    rows, turn = paged(
        buttons, page, lambda number: callbacks.Operators(country=country, service=service, page=number)
    )
    several = callbacks.Several(country=country, service=service, chosen="0", seal=sealed)
    return markup(
        [
            [button(_with_count(t.plain("Any operator"), count_label(t, total)), confirm(set()), "primary")],
            *rows,
            turn,
            [button(t.plain("Several…"), several)] if len(shown) > 1 else [],
            tell_me(t, callbacks.WatchService(country=country, service=service)) if total == 0 else [],
            [button(t.plain("Back"), callbacks.Services(country=country, page=0)), home_button(t)],
        ]
    )


def _with_count(name: str, count: str) -> str:
    return f"{name} · {count}" if count else name


def several(
    t: Translator, country: str, service: str, listed: Sequence[Operator], chosen: set[str], page: int
) -> InlineKeyboardMarkup:
    """Return the operators with check marks."""
    shown = list(listed)[: operators.MOST]
    sealed = operators.seal(shown)

    def toggled(code: str) -> callbacks.Several:
        packed = operators.pack(shown, chosen ^ {code})
        return callbacks.Several(country=country, service=service, chosen=packed, seal=sealed, page=page)

    buttons = [
        button(
            f"{'✓ ' if operator.code in chosen else ''}{operator.name}",
            toggled(operator.code),
            "primary" if operator.code in chosen else None,
        )
        for operator in shown
    ]
    packed = operators.pack(shown, chosen)
    rows, turn = paged(
        buttons,
        page,
        lambda number: callbacks.Several(
            country=country, service=service, chosen=packed, seal=sealed, page=number
        ),
    )
    go_on = callbacks.Confirm(country=country, service=service, chosen=packed, seal=sealed)
    nag = callbacks.Several(
        country=country, service=service, chosen=packed, seal=sealed, page=page, nagging=True
    )
    return markup(
        [
            *rows,
            turn,
            [button(t.plain("Continue"), go_on if chosen else nag, "success" if chosen else None)],
            [
                button(t.plain("Back"), callbacks.Operators(country=country, service=service)),
                home_button(t),
            ],
        ]
    )


def confirm(t: Translator, page: Page, *, kept: bool, count: int | None) -> InlineKeyboardMarkup:
    """Return the keyboard of a confirmation page; `kept` says whether it shows a favourite."""
    return markup(
        [
            tell_me(t, callbacks.Watch(token=page.token)) if count == 0 else [],
            [
                button(t.plain("Buy"), callbacks.Buy(token=page.token), "success"),
                button(t.plain("Back"), callbacks.Operators(country=page.country, service=page.service)),
            ],
            [star(t, callbacks.StarPage(token=page.token, wanted=not kept)), home_button(t)],
        ]
    )
