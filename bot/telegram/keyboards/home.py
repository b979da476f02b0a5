"""Keyboards of the home screen and the list of active numbers."""

from collections.abc import Sequence
from typing import Final

from aiogram.types import InlineKeyboardMarkup

from bot.activations.elsewhere import NumberElsewhere
from bot.domain import Activation
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import button, home_button, markup
from bot.telegram.translator import Translator

MAX_ELSEWHERE: Final = 20
"""Buttons for numbers that were bought elsewhere; those behind follow when one was taken over."""


def menu(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the home screen."""
    return markup(
        [
            [button(t.plain("Buy a number"), callbacks.OpenScreen(screen=Screen.BUY), "primary")],
            [
                button(t.plain("Active"), callbacks.OpenScreen(screen=Screen.ACTIVE)),
                button(t.plain("Favourites"), callbacks.OpenScreen(screen=Screen.FAVOURITES)),
            ],
            [
                button(t.plain("History"), callbacks.ShowHistory()),
                button(t.plain("Settings"), callbacks.OpenScreen(screen=Screen.SETTINGS)),
            ],
            [
                button(t.plain("API key"), callbacks.OpenScreen(screen=Screen.KEY)),
                button(t.plain("Help"), callbacks.OpenScreen(screen=Screen.HELP)),
            ],
        ]
    )


def home_and_help(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard under the answer to a message that the bot cannot use."""
    return markup([[home_button(t), button(t.plain("Help"), callbacks.OpenScreen(screen=Screen.HELP))]])


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
