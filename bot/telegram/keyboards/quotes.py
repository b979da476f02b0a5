"""Keyboards of confirmation pages, and of the alternatives to a sold-out offer."""

from typing import Final

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot import errors
from bot.accounts.preferences import Preference
from bot.catalog.availability import Alternatives
from bot.domain import Activation, Quote
from bot.telegram import callbacks, operator_bitmask, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.alerts import tell_me
from bot.telegram.keyboards.buttons import Row, button, home_button, in_pairs, markup
from bot.telegram.keyboards.favourites import star
from bot.telegram.keyboards.offer_labels import country_label, fitted
from bot.telegram.translator import Translator

MAX_ALTERNATIVES: Final = 4
"""How many operators, and how many countries, are offered as alternatives."""


def confirm(
    t: Translator,
    quote: Quote,
    *,
    kept: bool,
    count: int | None,
    others: Alternatives | None = None,
    objection: errors.RuleError | None = None,
    is_short: bool = False,
    site: str | None = None,
) -> InlineKeyboardMarkup:
    """Return the keyboard of a confirmation page; if it is sold out, with alternatives instead of Buy.

    It has no Buy if the balance is too low or a limit of the user refuses the purchase.

    Args:
        t: the reader's language.
        quote: what a tap on Buy would buy.
        kept: whether it is a favourite.
        count: how many numbers are available; None if that is not known.
        others: the alternatives; None if they are not known.
        objection: the limit of the user that refuses the purchase, or None.
        is_short: the balance is below the price.
        site: the address of the provider's site, for a top-up; None if it is not known.
    """
    buy = button(texts.prices.buy_label(t, quote), callbacks.BuyQuote(token=quote.token), "success")
    if objection is not None:
        forward = [button(t.plain("Change limit"), _limit_screen(objection))]
    else:
        forward = [] if is_short or count == 0 else [buy]
    return markup(
        [
            *(alternatives(t, quote.country, quote.service, others) if others else []),
            tell_me(t, callbacks.CreateAlert(token=quote.token)) if count == 0 else [],
            _top_up(t, quote, site) if is_short else [],
            [star(t, callbacks.StarQuote(token=quote.token, starred=not kept)), home_button(t)],
            # The last button of the screens before this one is Home, so that a second tap on a button that
            # leads here does not buy.
            [_back_to(t, quote), *forward],
        ]
    )


def _top_up(t: Translator, quote: Quote, site: str | None) -> Row:
    """Return the buttons for a balance that is too low."""
    again = button(t.plain("Check again"), callbacks.RefreshQuote(token=quote.token))
    return [again, InlineKeyboardButton(text=t.plain("Top up ↗"), url=site)] if site else [again]


def _limit_screen(objection: errors.RuleError) -> callbacks.ButtonData:
    """Return the screen of the limit that refuses a purchase; of all settings if it may be either limit."""
    match objection:
        case errors.OverPriceLimit():
            return callbacks.ShowSetting(preference=Preference.PRICE_LIMIT)
        case errors.OverDayLimit():
            return callbacks.ShowSetting(preference=Preference.DAY_LIMIT)
        case _:
            return callbacks.OpenScreen(screen=Screen.SETTINGS)


def alternatives(t: Translator, country: str, service: str, others: Alternatives) -> list[Row]:
    """Return the alternatives to a sold-out offer; each opens a confirmation page."""
    listed = list(others.listed)[: operator_bitmask.MOST]
    list_checksum = operator_bitmask.checksum(listed)
    buttons = [
        button(
            fitted(operator.name, t.compact(count)),
            callbacks.ShowQuote(
                country=country,
                service=service,
                chosen=operator_bitmask.pack(listed, {operator.code}),
                checksum=list_checksum,
            ),
        )
        for operator, count in others.operators
        if operator in listed
    ][:MAX_ALTERNATIVES]
    buttons += [
        button(
            country_label(t, place, offer),
            callbacks.ShowQuote(country=place.id, service=service, chosen="0", checksum="0"),
        )
        for place, offer in others.countries
        if callbacks.fits(place.id, service)
    ][:MAX_ALTERNATIVES]
    return in_pairs(buttons)


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


def on_its_way(t: Translator, back: callbacks.ButtonData) -> InlineKeyboardMarkup:
    """Return the keyboard of a screen that is loading: back and home."""
    return markup([[button(t.plain("Back"), back), home_button(t)]])


def _back_to(t: Translator, thing: Quote | Activation) -> InlineKeyboardButton:
    return button(t.plain("Back"), callbacks.ShowOperators(country=thing.country, service=thing.service))
