"""Keyboards of availability alerts."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardMarkup

from bot.alerts.alerts import MaxPrice
from bot.domain import Alert, Quote
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, markup, with_gone
from bot.telegram.keyboards.favourites import Say
from bot.telegram.translator import Translator


def tell_me(t: Translator, data: callbacks.CreateAlert | callbacks.CreateServiceAlert) -> Row:
    """Return the row with the button that sets an alert."""
    return [button(texts.alerts.tell_me(t), data)]


def ask_limit(t: Translator, quote: Quote) -> InlineKeyboardMarkup:
    """Return the price limits to choose from; only “any price” if the price is not known."""
    choices = [
        button(
            texts.alerts.limit_label(t, max_price, max_price.limit(quote.price)),
            callbacks.CreateAlert(token=quote.token, max_price=max_price),
        )
        for max_price in MaxPrice
        if quote.price is not None or max_price is MaxPrice.ANY
    ]
    back = button(t.plain("Back"), callbacks.ShowOperators(country=quote.country, service=quote.service))
    return markup([*([choice] for choice in choices), [back, home_button(t)]])


def added(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard under the confirmation of a new alert."""
    alerts = button(t.plain("Alerts"), callbacks.OpenScreen(screen=Screen.ALERTS))
    return markup([[alerts, home_button(t)]])


def available(t: Translator, alert_id: int) -> InlineKeyboardMarkup:
    """Return the keyboard under the message of an alert."""
    return markup(
        [
            [
                button(t.plain("Show offer"), callbacks.OpenAlert(id=alert_id), "primary"),
                button(t.plain("Stop alert"), callbacks.StopAlert(id=alert_id)),
            ]
        ]
    )


def stopped(t: Translator, alert_id: int) -> InlineKeyboardMarkup:
    """Return the keyboard under the message of an alert that was stopped."""
    return markup(
        [[button(t.plain("Show offer"), callbacks.OpenAlert(id=alert_id), "primary"), home_button(t)]]
    )


def after_stop(t: Translator, before: InlineKeyboardMarkup, running: Sequence[Alert]) -> InlineKeyboardMarkup:
    """Return the list of alerts after a tap that stopped one."""
    rows = [callbacks.StopAlert(id=one.id, listed=True) for one in running]
    return with_gone(before, rows, callbacks.StopAlert, t.plain("✓ Stopped"))


def screen(t: Translator, running: Sequence[Alert], say: Say) -> InlineKeyboardMarkup:
    """Return a button to stop each active alert."""
    rows = [
        [
            button(
                texts.favourites.label(
                    t, t.plain("Stop:"), one.service_name, one.operators, say(one.country)
                ),
                callbacks.StopAlert(id=one.id, listed=True),
            )
        ]
        for one in running
    ]
    favourites = button(t.plain("Favourites"), callbacks.OpenScreen(screen=Screen.FAVOURITES))
    return markup([*rows, [favourites, home_button(t)]])
