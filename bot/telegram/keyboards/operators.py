"""Keyboards of choosing one operator or several."""

from collections.abc import Mapping, Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.catalog.availability import Alternatives
from bot.domain import Operator
from bot.telegram import callbacks, operator_bitmask
from bot.telegram.keyboards.alerts import tell_me
from bot.telegram.keyboards.buttons import button, home_button, markup, paged
from bot.telegram.keyboards.offer_labels import count_label, fitted
from bot.telegram.keyboards.quotes import alternatives
from bot.telegram.translator import Translator


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
    others: Alternatives | None = None,
) -> InlineKeyboardMarkup:
    """Return the operators of a service with their counts; counts that are still loading are placeholders.

    Of a service without numbers it returns other countries, and the operators without counts.
    """
    sold_out = total == 0
    elsewhere = alternatives(t, country, service, others) if others else []
    shown = list(listed)[: operator_bitmask.MOST]
    list_checksum = operator_bitmask.checksum(shown)

    def confirm(chosen: set[str]) -> callbacks.ShowQuote:
        packed = operator_bitmask.pack(shown, chosen)
        return callbacks.ShowQuote(country=country, service=service, chosen=packed, checksum=list_checksum)

    def operator_button(operator: Operator) -> InlineKeyboardButton:
        count = "" if sold_out else count_label(t, counts.get(operator.code), loading=loading)
        return button(fitted(operator.name, count), confirm({operator.code}))

    rows, turn = paged(
        shown,
        page,
        operator_button,
        lambda number: callbacks.ShowOperators(country=country, service=service, page=number),
    )
    several = callbacks.ChooseOperators(country=country, service=service, chosen="0", checksum=list_checksum)
    count = "" if sold_out else count_label(t, total, loading=loading)
    anything = " · ".join(part for part in (t.plain("Any operator"), count) if part)
    return markup(
        [
            *elsewhere,
            [button(anything, confirm(set()), None if sold_out else "primary")],
            *rows,
            turn,
            [button(t.plain("Several…"), several)] if len(shown) > 1 else [],
            tell_me(t, callbacks.CreateServiceAlert(country=country, service=service)) if sold_out else [],
            [button(t.plain("Back"), callbacks.ShowServices(country=country, page=0)), home_button(t)],
        ]
    )


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

    def operator_button(operator: Operator) -> InlineKeyboardButton:
        is_chosen = operator.code in chosen
        label = fitted(f"✓ {operator.name}" if is_chosen else operator.name, "")
        return button(label, toggled(operator.code), "primary" if is_chosen else None)

    packed = operator_bitmask.pack(shown, chosen)
    rows, turn = paged(
        shown,
        page,
        operator_button,
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
