"""Keyboards of the home screen and the list of active numbers."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardMarkup

from bot.domain import Activation
from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import button, home_button, markup
from bot.telegram.translator import Translator


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


def active(t: Translator, activations: Sequence[Activation]) -> InlineKeyboardMarkup:
    """Return a button for each active number."""
    rows = [
        [button(texts.home.active_label(t, activation), callbacks.ShowCard(id=activation.id))]
        for activation in activations
    ]
    buy = button(t.plain("Buy a number"), callbacks.OpenScreen(screen=Screen.BUY), "primary")
    return markup([*rows, [buy, home_button(t)]])
