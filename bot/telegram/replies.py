"""Answers one update: shows a screen in place of the tapped one, sends a message, or a toast."""

import asyncio
import html
import logging
import time
from contextlib import suppress
from functools import partial
from typing import Final

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import BufferedInputFile, CallbackQuery, ForceReply, InlineKeyboardMarkup, Message

from bot.telegram.screens import ProgressiveScreen, ScreenContent, ScreenUpdates, stopped
from bot.telegram.translator import Html, clipped, escaped, shown_length

PATIENCE: Final = 0.27
"""Seconds after which a tap is acknowledged, and its screen shown, even if not everything is there yet."""
A_MOMENT: Final = 0.05
"""Seconds that a screen may always take: what is known already is not there at once either."""
MAX_TOAST: Final = 200
MAX_CAPTION: Final = 1024
UPLOAD_TIMEOUT: Final = 120
"""Seconds a file may take on its way to Telegram."""
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
        self,
        bot: Bot,
        chat_id: int,
        screen_updates: ScreenUpdates,
        *,
        message: Message | None = None,
        callback: CallbackQuery | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._screen_updates = screen_updates
        self._until = time.monotonic() + patience
        self._callback = callback
        self._answered = callback is None
        self.message = message
        self.on_card = False

    @property
    def time_left(self) -> float:
        """Seconds for which the person has not begun to wonder; 0 if they have."""
        return max(0.0, self._until - time.monotonic())

    async def show(self, text: Html, markup: InlineKeyboardMarkup | None = None) -> int:
        """Put a screen in place of the tapped one; after a message or a card, or if that fails, send it.

        Returns:
            The id of the message that shows it.
        """
        if self._callback is None or self.message is None or self.on_card:
            return (await self.send(text, markup)).message_id
        await self._screen_updates.stop((self._chat_id, self.message.message_id))
        try:
            await self.message.edit_text(text, reply_markup=markup)
        except TelegramBadRequest as error:
            if NOT_MODIFIED not in error.message:
                return (await self.send(text, markup)).message_id
        return self.message.message_id

    async def show_in_time(self, draft: ProgressiveScreen, *, anew: bool = False) -> None:
        """Show a screen at once if everything on it is soon known, else what is known, and the rest later.

        Args:
            draft: the screen.
            anew: in a new message in any case.

        Raises:
            BotError: what went wrong while the person was not yet shown anything.
        """
        learning = asyncio.create_task(_load(draft))
        try:
            await asyncio.wait({learning}, timeout=max(self.time_left, A_MOMENT))
            if learning.done():
                learning.result()
            loading = not learning.done()
            shown = draft.draw(loading)
            message_id = (await self.send(*shown)).message_id if anew else await self.show(*shown)
        except BaseException:
            await stopped(learning)
            raise
        if loading:
            self._screen_updates.begin(
                (self._chat_id, message_id), draft, learning, shown, partial(self._fill_in, message_id)
            )

    async def _fill_in(self, message_id: int, screen: ScreenContent) -> None:
        text, markup = screen
        await self._bot.edit_message_text(
            text, chat_id=self._chat_id, message_id=message_id, reply_markup=markup
        )

    @property
    def filling(self) -> bool:
        """Whether the tapped screen is about to be filled in."""
        return self.message is not None and self._screen_updates.pending(
            (self._chat_id, self.message.message_id)
        )

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

    async def document(self, name: str, content: bytes, text: Html, markup: Markup | None = None) -> None:
        """Send a file with a text under it."""
        await self._bot.send_document(
            self._chat_id,
            BufferedInputFile(content, name),
            caption=text,
            reply_markup=markup,
            request_timeout=UPLOAD_TIMEOUT,
        )

    async def photo(self, name: str, content: bytes, text: Html, markup: Markup | None = None) -> None:
        """Send a picture with a text under it; a longer text follows in a message of its own."""
        fits = shown_length(text) <= MAX_CAPTION
        await self._bot.send_photo(
            self._chat_id,
            BufferedInputFile(content, name),
            caption=text if fits else None,
            reply_markup=markup if fits else None,
            request_timeout=UPLOAD_TIMEOUT,
        )
        if not fits:
            await self.send(text, markup)

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

    async def retire(self, message_id: int, words: Html) -> None:
        """Delete one of the bot's messages; one that is too old for that keeps only these words."""
        with suppress(TelegramAPIError):
            try:
                await self._bot.delete_message(self._chat_id, message_id)
            except TelegramBadRequest:
                await self._bot.edit_message_text(words, chat_id=self._chat_id, message_id=message_id)

    async def typing(self) -> None:
        """Show that an answer is on its way."""
        with suppress(TelegramAPIError):
            await self._bot.send_chat_action(self._chat_id, "typing")

    async def settle(self) -> None:
        """Acknowledge the tap if nothing has answered it."""
        await self._answer()

    async def settle_in_time(self) -> None:
        """Acknowledge the tap before the person wonders, however long the work takes."""
        await asyncio.sleep(self.time_left)
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


async def _load(draft: ProgressiveScreen) -> None:
    await draft.load()
