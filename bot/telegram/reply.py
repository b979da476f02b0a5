"""Answers one update: shows a screen in place of the tapped one, sends a message, or a toast."""

import asyncio
import html
import logging
from contextlib import suppress
from typing import Final

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import CallbackQuery, ForceReply, InlineKeyboardMarkup, Message

from bot.telegram.translator import Html, clipped, escaped

PATIENCE: Final = 0.7
"""Seconds after which a tap is acknowledged even if its work is not done: the button stops spinning."""
MAX_TOAST: Final = 200
NOT_MODIFIED: Final = "message is not modified"

log = logging.getLogger(__name__)

Markup = InlineKeyboardMarkup | ForceReply


class Reply:
    """The way back to the person an update came from.

    Attributes:
        message: the person's message, or the one with the tapped button; None if it is out of reach.
        on_card: the tapped button is under a number's card, which no other screen may replace.
    """

    def __init__(
        self, bot: Bot, chat_id: int, *, message: Message | None = None, callback: CallbackQuery | None = None
    ) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._callback = callback
        self._answered = callback is None
        self.message = message
        self.on_card = False

    async def show(self, text: Html, markup: InlineKeyboardMarkup | None = None) -> None:
        """Put a screen in place of the tapped one; after a message or a card, or if that fails, send it."""
        if self._callback is None or self.message is None or self.on_card:
            await self.send(text, markup)
            return
        try:
            await self.message.edit_text(text, reply_markup=markup)
        except TelegramBadRequest as error:
            if NOT_MODIFIED not in error.message:
                await self.send(text, markup)

    async def markup(self, markup: InlineKeyboardMarkup) -> None:
        """Put another keyboard under the tapped screen; a card's is drawn by the courier alone."""
        if self.message is None or self.on_card:
            return
        try:
            await self.message.edit_reply_markup(reply_markup=markup)
        except TelegramBadRequest as error:
            if NOT_MODIFIED not in error.message:
                log.warning("a keyboard could not be changed: %s", error.message)

    async def send(self, text: Html, markup: Markup | None = None) -> Message:
        """Send a new message and return it."""
        return await self._bot.send_message(self._chat_id, text, reply_markup=markup)

    async def toast(self, text: str, *, alert: bool = False) -> None:
        """Answer the tap with a toast; if it was answered already, send the words as a message."""
        if not await self._answer(text, alert=alert):
            await self.send(escaped(text))

    async def say(self, text: Html | str) -> None:
        """Say a sentence where it is noticed: over the screen after a tap, else as a message."""
        if self._callback is None or "<" in text:
            await self.send(escaped(text))
        else:
            await self.toast(html.unescape(text) if isinstance(text, Html) else text, alert=True)

    async def delete(self) -> bool:
        """Delete the person's message; return whether it is gone."""
        if self.message is None:
            return False
        try:
            return await self.message.delete()
        except TelegramAPIError as error:
            log.warning("a message could not be deleted: %s", type(error).__name__)
            return False

    async def typing(self) -> None:
        """Show that an answer is on its way."""
        with suppress(TelegramAPIError):
            await self._bot.send_chat_action(self._chat_id, "typing")

    async def settle(self) -> None:
        """Acknowledge the tap if nothing has answered it."""
        await self._answer()

    async def settle_in_time(self) -> None:
        """Acknowledge the tap before the person wonders, however long the work takes."""
        await asyncio.sleep(PATIENCE)
        await self.settle()

    async def _answer(self, text: str | None = None, *, alert: bool = False) -> bool:
        """Answer the tap; return whether this was the answer."""
        if self._callback is None or self._answered:
            return False
        self._answered = True
        try:
            await self._callback.answer(clipped(text, MAX_TOAST) if text else None, show_alert=alert)
        except TelegramBadRequest:
            return not text  # too late for Telegram; words go another way
        except TelegramAPIError as error:
            log.warning("a tap could not be answered: %s", type(error).__name__)
            return not text
        return True
