"""A private chat of a handler: sends text and files, edits and deletes messages."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BufferedInputFile, ForceReply, InlineKeyboardMarkup, Message

from bot.delivery.rate_limits import SendLimits
from bot.telegram import telegram_errors
from bot.telegram.retries import with_retries
from bot.telegram.screens import ScreenContent
from bot.telegram.translator import Html

UPLOAD_TIMEOUT: Final = 120
"""Seconds for the upload of a file."""
DELETE_PATIENCE: Final = 10.0
"""Seconds for which a deletion is tried again."""
TYPING_TIMEOUT: Final = 2.0
"""Seconds that a handler waits for the display of "typing"."""

log = logging.getLogger(__name__)

Markup = InlineKeyboardMarkup | ForceReply
T = TypeVar("T")


class PrivateChat:
    """One private chat, by the id that its user has too. Calls are repeated after a temporary failure.

    A message and an edit take a turn of the rate limits, in which the deliveries of the outbox go first.

    Attributes:
        on_wait: called before the first pause of a call that is repeated.
    """

    def __init__(self, bot: Bot, limits: SendLimits, id_: int) -> None:
        self._bot = bot
        self._limits = limits
        self.id = id_
        self.on_wait: Callable[[], Awaitable[object]] | None = None

    async def turn(self) -> None:
        """Wait until the rate limits allow a message or an edit in this chat."""
        await self._limits.turn(self.id)

    async def send(self, text: Html, markup: Markup | None = None) -> Message:
        """Send a message and return it.

        Raises:
            AiogramError: Telegram refuses it, or cannot be reached for some time; so do the other methods.
        """
        return await self._retried(
            lambda: self._bot.send_message(self.id, text, reply_markup=markup), is_new_message=True
        )

    async def edit(self, message_id: int, content: ScreenContent) -> None:
        """Replace the text and the buttons of a message."""
        await self._retried(lambda: self.edit_once(message_id, content))

    async def edit_once(self, message_id: int, content: ScreenContent) -> None:
        """Replace the text and the buttons of a message; a failure and the turn are left to the caller."""
        text, markup = content
        await self._bot.edit_message_text(text, chat_id=self.id, message_id=message_id, reply_markup=markup)

    async def edit_buttons(self, message_id: int, markup: InlineKeyboardMarkup) -> None:
        """Replace the buttons of a message; a refusal by Telegram is only logged."""
        try:
            await self._retried(
                lambda: self._bot.edit_message_reply_markup(
                    chat_id=self.id, message_id=message_id, reply_markup=markup
                )
            )
        except AiogramError as error:
            if telegram_errors.is_temporary(error):
                raise
            if not telegram_errors.is_not_modified(error):
                log.warning("buttons could not be changed: %s", telegram_errors.describe(error))

    async def send_document(
        self, name: str, content: bytes, caption: Html, markup: Markup | None = None
    ) -> None:
        """Send a file with a caption."""
        await self._retried(
            lambda: self._bot.send_document(
                self.id,
                BufferedInputFile(content, name),
                caption=caption,
                reply_markup=markup,
                request_timeout=UPLOAD_TIMEOUT,
            ),
            is_new_message=True,
        )

    async def send_photo(self, name: str, content: bytes, text: Html, markup: Markup | None = None) -> None:
        """Send a picture with a caption."""
        await self._retried(
            lambda: self._bot.send_photo(
                self.id,
                BufferedInputFile(content, name),
                caption=text,
                reply_markup=markup,
                request_timeout=UPLOAD_TIMEOUT,
            ),
            is_new_message=True,
        )

    async def delete(self, message_id: int) -> bool:
        """Delete a message; return whether it is gone."""
        try:
            return await with_retries(
                lambda: self._bot.delete_message(self.id, message_id), patience=DELETE_PATIENCE
            )
        except AiogramError as error:
            log.warning("a message could not be deleted: %s", telegram_errors.describe(error))
            return telegram_errors.is_deleted(error)

    async def delete_or_replace(self, message_id: int, text: Html) -> None:
        """Delete one of the bot's messages; if it cannot be deleted, replace it by a text."""
        if await self.delete(message_id):
            return
        with suppress(AiogramError):
            await self._in_turn(lambda: self.edit_once(message_id, (text, None)))

    async def show_typing(self) -> None:
        """Show that an answer is on its way, if Telegram accepts that soon."""
        with suppress(AiogramError, TimeoutError):
            async with asyncio.timeout(TYPING_TIMEOUT):
                await self._bot.send_chat_action(self.id, "typing")

    async def _retried(self, call: Callable[[], Awaitable[T]], *, is_new_message: bool = False) -> T:
        """Return the result of a call that is repeated after a temporary failure."""
        return await with_retries(
            lambda: self._in_turn(call), is_new_message=is_new_message, on_wait=self.on_wait
        )

    async def _in_turn(self, call: Callable[[], Awaitable[T]]) -> T:
        await self.turn()
        return await call()
