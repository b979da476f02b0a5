"""Keyboards of the API key screens."""

from aiogram.types import ForceReply, InlineKeyboardMarkup

from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import button, home_button, markup
from bot.telegram.translator import Translator


def screen(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the key screen."""
    return markup(
        [
            [
                button(t.plain("Replace"), callbacks.ReplaceKey()),
                button(t.plain("Remove"), callbacks.UnbindKey(confirmed=False), "danger"),
            ],
            [home_button(t)],
        ]
    )


def unbind(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard of the question whether to remove the key."""
    return markup(
        [
            [
                button(t.plain("Yes, remove"), callbacks.UnbindKey(confirmed=True), "danger"),
                button(t.plain("Back"), callbacks.OpenScreen(screen=Screen.KEY)),
            ],
        ]
    )


def prompt(t: Translator) -> ForceReply:
    """Return the markup that opens a reply to the prompt."""
    return ForceReply(input_field_placeholder=texts.api_key.placeholder(t))
