"""Keyboards of the home screen and the list of active numbers."""

from collections.abc import Sequence
from typing import Final

from aiogram.types import InlineKeyboardMarkup

from bot.activations.elsewhere import NumberElsewhere
from bot.domain import Activation
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import Row, button, home_button, markup
from bot.telegram.translator import Translator

MAX_ELSEWHERE: Final = 20
"""Buttons for numbers that were bought elsewhere; those behind follow when one was taken over."""
MAX_NUMBERS: Final = 5
"""Active numbers on the home screen."""


def screen(
    t: Translator, activations: Sequence[Activation], now: int, shortcuts: Sequence[Row]
) -> InlineKeyboardMarkup:
    """Return the keyboard of the home screen: the first active numbers, the shortcuts, the menu.

    Args:
        t: the reader's language.
        activations: the active numbers.
        now: UTC seconds.
        shortcuts: the rows with favourites and recent purchases.
    """
    numbers = [
        [button(texts.home.number_label(t, activation, now), callbacks.ShowCard(id=activation.id))]
        for activation in activations[:MAX_NUMBERS]
    ]
    if len(activations) > MAX_NUMBERS:
        label = texts.home.all_active(t, len(activations))
        numbers.append([button(label, callbacks.OpenScreen(screen=Screen.ACTIVE))])
    return markup([*numbers, *shortcuts, *menu(t).inline_keyboard])


def menu(t: Translator) -> InlineKeyboardMarkup:
    """Return the menu."""
    return markup(
        [
            [button(t.plain("Buy a number"), callbacks.OpenScreen(screen=Screen.BUY), "primary")],
            [
                button(t.plain("Active"), callbacks.OpenScreen(screen=Screen.ACTIVE)),
                button(t.plain("Favourites"), callbacks.OpenScreen(screen=Screen.FAVOURITES)),
            ],
            [
                button(t.plain("History"), callbacks.ShowHistory()),
                button(t.plain("Alerts"), callbacks.OpenScreen(screen=Screen.ALERTS)),
            ],
            [
                button(t.plain("Statistics"), callbacks.OpenScreen(screen=Screen.STATISTICS)),
                button(t.plain("Settings"), callbacks.OpenScreen(screen=Screen.SETTINGS)),
            ],
            [
                button(t.plain("API key"), callbacks.OpenScreen(screen=Screen.KEY)),
                button(t.plain("Help"), callbacks.OpenScreen(screen=Screen.HELP)),
            ],
        ]
    )


def active(
    t: Translator, activations: Sequence[Activation], elsewhere: Sequence[NumberElsewhere] = ()
) -> InlineKeyboardMarkup:
    """Return a button for each active number, and for the first numbers that can be taken over."""
    rows = [
        [button(texts.home.active_label(t, activation), callbacks.ShowCard(id=activation.id))]
        for activation in activations
    ]
    buy = button(t.plain("Buy a number"), callbacks.OpenScreen(screen=Screen.BUY), "primary")
    others = [
        [button(texts.elsewhere.label(t, number), callbacks.TakeOver(mark=number.mark))]
        for number in elsewhere[:MAX_ELSEWHERE]
    ]
    return markup([*rows, *others, [buy, home_button(t)]])
