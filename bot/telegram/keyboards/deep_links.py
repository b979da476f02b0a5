"""Keyboards of deep links."""

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram import callbacks, texts
from bot.telegram.callbacks import Screen
from bot.telegram.keyboards.buttons import button, home_button, markup
from bot.telegram.translator import Translator


def open_offer(t: Translator, url: str) -> InlineKeyboardMarkup:
    """Return the keyboard of a message sent by inline mode: a link to its offer."""
    return markup([[InlineKeyboardButton(text=texts.deep_links.open_offer(t), url=url)]])


def open_chat(t: Translator, username: str) -> InlineKeyboardMarkup:
    """Return the keyboard of the answer in a group: a link to the private chat."""
    return markup([[InlineKeyboardButton(text=texts.inline.open_chat(t), url=f"https://t.me/{username}")]])


def way_on(t: Translator) -> InlineKeyboardMarkup:
    """Return the keyboard under a link that does not work: the services, and home."""
    return markup(
        [[button(t.plain("All services"), callbacks.OpenScreen(screen=Screen.BUY)), home_button(t)]]
    )
