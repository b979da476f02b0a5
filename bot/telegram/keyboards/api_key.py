"""The keyboards around the API key."""

from aiogram.types import ForceReply, InlineKeyboardMarkup

from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import button, home_button, markup
from bot.telegram.translator import Translator


def screen(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard under the key screen."""
    return markup(
        [
            [
                button(t.plain("Replace"), callbacks.ReplaceKey()),
                button(t.plain("Unbind"), callbacks.UnbindKey(confirmed=False), "danger"),
            ],
            [home_button(t)],
        ]
    )


def unbind(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the question whether to unbind."""
    return markup(
        [
            [
                button(t.plain("Yes, unbind"), callbacks.UnbindKey(confirmed=True), "danger"),
                button(t.plain("Back"), callbacks.OpenScreen(screen=Screen.KEY)),
            ],
        ]
    )


def prompt(t: Translator) -> ForceReply:
    """Return what makes the input field a reply to the prompt."""
    return ForceReply(input_field_placeholder=texts.api_key.placeholder(t))
