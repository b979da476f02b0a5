"""Keyboards of availability alerts."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardMarkup

from bot.alerts.alerts import UpTo
from bot.domain import Page
from bot.storage.alerts import Watch
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, markup
from bot.telegram.keyboards.favourites import Say
from bot.telegram.translator import Translator


def tell_me(t: Translator, data: callbacks.Watch | callbacks.WatchService) -> Row:
    """Return the row with the button that sets an alert."""
    return [button(texts.alerts.tell_me(t), data)]


def ask_limit(t: Translator, page: Page) -> InlineKeyboardMarkup:
    """Return the price limits to choose from; only “any price” if the price is not known."""
    choices = [
        button(
            texts.alerts.limit_label(t, up_to, up_to.limit(page.price)),
            callbacks.Watch(token=page.token, up_to=up_to),
        )
        for up_to in UpTo
        if page.price is not None or up_to is UpTo.ANY
    ]
    back = button(t.plain("Back"), callbacks.Operators(country=page.country, service=page.service))
    return markup([*([choice] for choice in choices), [back, home_button(t)]])


def added(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard under the confirmation of a new alert."""
    watches = button(t.plain("Alerts"), callbacks.Go(screen=Screen.WATCHES))
    return markup([[watches, home_button(t)]])


def rang(t: Translator, watch_id: int) -> InlineKeyboardMarkup:
    """Return the keyboard under the message of an alert."""
    return markup(
        [
            [
                button(t.plain("Show offer"), callbacks.WatchOffer(id=watch_id), "primary"),
                button(t.plain("Stop alert"), callbacks.StopWatching(id=watch_id)),
            ]
        ]
    )


def stopped(t: Translator, watch_id: int) -> InlineKeyboardMarkup:
    """Return the keyboard under the message of an alert that was stopped."""
    return markup(
        [[button(t.plain("Show offer"), callbacks.WatchOffer(id=watch_id), "primary"), home_button(t)]]
    )


def screen(t: Translator, running: Sequence[Watch], say: Say) -> InlineKeyboardMarkup:
    """Return a button to stop each active alert."""
    rows = [
        [
            button(
                texts.favourites.label(
                    t, t.plain("Stop:"), one.service_name, one.operators, say(one.country)
                ),
                callbacks.StopWatching(id=one.id, listed=True),
            )
        ]
        for one in running
    ]
    favourites = button(t.plain("Favourites"), callbacks.Go(screen=Screen.FAVOURITES))
    return markup([*rows, [favourites, home_button(t)]])
