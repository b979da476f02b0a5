"""A private chat: sends text and files, edits and deletes messages."""

import logging
from contextlib import suppress
from typing import Final

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramAPIError, TelegramBadRequest
from aiogram.types import BufferedInputFile, ForceReply, InlineKeyboardMarkup, Message

from bot.telegram.screens import ScreenContent
from bot.telegram.translator import Html, shown_length

MAX_CAPTION: Final = 1024
"""UTF-16 units of a caption, after Telegram's limit."""
UPLOAD_TIMEOUT: Final = 120
"""Seconds for the upload of a file."""
NOT_MODIFIED: Final = "message is not modified"
"""The part of Telegram's error by which an edit without a change is recognised."""

log = logging.getLogger(__name__)

Markup = InlineKeyboardMarkup | ForceReply


class Chat:
    """One private chat, by the id that its user has too."""

    def __init__(self, bot: Bot, id_: int) -> None:
        self._bot = bot
        self.id = id_

    async def send(self, text: Html, markup: Markup | None = None) -> Message:
        """Send a message and return it."""
        return await self._bot.send_message(self.id, text, reply_markup=markup)

    async def edit(self, message_id: int, content: ScreenContent) -> None:
        """Replace the text and the buttons of a message."""
        text, markup = content
        await self._bot.edit_message_text(text, chat_id=self.id, message_id=message_id, reply_markup=markup)

    async def edit_buttons(self, message_id: int, markup: InlineKeyboardMarkup) -> None:
        """Replace the buttons of a message; a refusal by Telegram is only logged."""
        try:
            await self._bot.edit_message_reply_markup(
                chat_id=self.id, message_id=message_id, reply_markup=markup
            )
        except TelegramBadRequest as error:
            if NOT_MODIFIED not in error.message:
                log.warning("buttons could not be changed: %s", error.message)

    async def send_document(
        self, name: str, content: bytes, caption: Html, markup: Markup | None = None
    ) -> None:
        """Send a file with a caption."""
        await self._bot.send_document(
            self.id,
            BufferedInputFile(content, name),
            caption=caption,
            reply_markup=markup,
            request_timeout=UPLOAD_TIMEOUT,
        )

    async def send_photo(self, name: str, content: bytes, text: Html, markup: Markup | None = None) -> None:
        """Send a picture with a caption; a text that is too long for a caption follows as a message."""
        fits = shown_length(text) <= MAX_CAPTION
        await self._bot.send_photo(
            self.id,
            BufferedInputFile(content, name),
            caption=text if fits else None,
            reply_markup=markup if fits else None,
            request_timeout=UPLOAD_TIMEOUT,
        )
        if not fits:
            await self.send(text, markup)

    async def delete_or_replace(self, message_id: int, text: Html) -> None:
        """Delete one of the bot's messages; if it is too old to delete, replace it by a text."""
        with suppress(TelegramAPIError):
            try:
                await self._bot.delete_message(self.id, message_id)
            except TelegramBadRequest:
                await self._bot.edit_message_text(text, chat_id=self.id, message_id=message_id)

    async def show_typing(self) -> None:
        """Show that an answer is on its way."""
        with suppress(AiogramError):
            await self._bot.send_chat_action(self.id, "typing")
