"""Answers one update: shows a screen in place of the tapped one, sends a message, or shows a toast."""

import asyncio
import html
import logging
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from aiogram.exceptions import AiogramError
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    Message,
)
from typing_extensions import override

from bot.telegram import callbacks, deep_links, telegram_errors, texts
from bot.telegram.callbacks import ButtonData
from bot.telegram.chats import Markup, PrivateChat
from bot.telegram.screens import ProgressiveScreen, ScreenUpdates, cancelled
from bot.telegram.translator import Html, Translator, clipped, escaped

ACKNOWLEDGE_AFTER: Final = 0.27
"""Seconds after which a tap is acknowledged and its screen is shown, even if the screen is incomplete."""
MIN_WAIT: Final = 0.05
"""Seconds that every screen may take, because an answer from the cache is not immediate either."""
INLINE_TIMEOUT: Final = 8.0
"""Seconds after which an inline query is answered without results."""
MAX_TOAST: Final = 200
"""Characters of a toast, after Telegram's limit."""

log = logging.getLogger(__name__)


class Reply:
    """The answer to one update.

    Attributes:
        chat: the chat of the update.
        t: the language; Telegram's until the user is loaded.
        message: the user's message, or the message with the tapped button; None if Telegram did not send it.
        on_card: the tapped button belongs to a number's card, which no other screen may replace.
        unshown: the last text that Telegram has not taken, or None.
        button: the data of the tapped button; empty if the update was no tap.
        acts: the tapped button acts, so a text that Telegram does not take is sent later.
        progress: says what is being done, if the tap must be acknowledged before it is done.
        arrived_at: when the update arrived at the earliest (steady clock), before it waited in any queue.
    """

    def __init__(
        self,
        chat: PrivateChat,
        screen_updates: ScreenUpdates,
        t: Translator,
        *,
        message: Message | None = None,
        callback: CallbackQuery | None = None,
        acknowledge_after: float = ACKNOWLEDGE_AFTER,
        may_be_old: bool = False,
    ) -> None:
        self.chat = chat
        self.chat.on_wait = self._announce_delay
        self.t = t
        self._screen_updates = screen_updates
        self._acknowledge_at = time.monotonic() + acknowledge_after
        self._callback = callback
        self._answering = asyncio.Lock()
        self._answered = callback is None
        self._may_be_old = may_be_old
        self._too_old = False
        self.message = message
        self.on_card = False
        self.unshown: Html | None = None
        self.button: Final = (callback.data or "") if callback is not None else ""
        self.acts: Final = callbacks.acts(self.button)
        self.progress: str | None = None
        self._worded = False
        self._shows = False  # a screen or a message is on its way
        self.arrived_at = 0.0

    @property
    def time_left(self) -> float:
        """Seconds until the tap must be acknowledged; 0 if that time has passed."""
        return max(0.0, self._acknowledge_at - time.monotonic())

    @property
    def is_incomplete(self) -> bool:
        """Whether the tapped screen still waits for its data."""
        return self.message is not None and self._screen_updates.is_pending(
            (self.chat.id, self.message.message_id)
        )

    def keyboard_with(self, data: ButtonData) -> InlineKeyboardMarkup | None:
        """Return the keyboard of the tapped message if it has a button with this data, else None."""
        markup = self.message.reply_markup if self.message is not None else None
        rows = markup.inline_keyboard if markup is not None else []
        return markup if any(button.callback_data == data.pack() for row in rows for button in row) else None

    async def show(self, text: Html, markup: InlineKeyboardMarkup | None = None) -> int:
        """Replace the tapped screen; send a new message if the update was no tap, or the edit is refused.

        Returns:
            The id of the message that shows the screen.
        """
        self._shows = True
        if self._callback is None or self.message is None or self.on_card:
            return (await self.send(text, markup)).message_id
        self.unshown = text
        await self._screen_updates.stop((self.chat.id, self.message.message_id))
        try:
            await self.chat.edit(self.message.message_id, (text, markup))
        except AiogramError as error:
            if telegram_errors.is_temporary(error):
                raise
            if not telegram_errors.is_not_modified(error):
                return (await self.send(text, markup)).message_id
        self.unshown = None
        return self.message.message_id

    async def show_progressive(self, screen: ProgressiveScreen, *, in_new_message: bool = False) -> None:
        """Show a complete screen if its data arrives in time, else a placeholder that is completed later.

        Raises:
            BotError: loading failed before anything was shown.
        """
        self._shows = True
        loading = asyncio.create_task(screen.run_load())
        try:
            await asyncio.wait({loading}, timeout=max(self.time_left, MIN_WAIT))
            if loading.done():
                loading.result()
            incomplete = not loading.done()
            content = screen.draw(incomplete)
            message_id = (
                (await self.send(*content)).message_id if in_new_message else await self.show(*content)
            )
        except BaseException:
            await cancelled(loading)
            raise
        if incomplete:
            edit = partial(self.chat.edit_once, message_id)
            self._screen_updates.add(
                (self.chat.id, message_id), screen, loading, content, edit, self.chat.turn
            )

    async def replace_buttons(self, markup: InlineKeyboardMarkup) -> None:
        """Replace the buttons of the tapped screen; the outbox alone draws a card."""
        if self.message is not None and not self.on_card:
            await self.chat.edit_buttons(self.message.message_id, markup)

    async def send(self, text: Html, markup: Markup | None = None) -> Message:
        """Send a new message and return it."""
        self.unshown = text
        message = await self.chat.send(text, markup)
        self.unshown = None
        return message

    async def toast(
        self, text: str, *, alert: bool = False, markup: InlineKeyboardMarkup | None = None
    ) -> None:
        """Answer the tap with a toast; if the tap was answered before, send the text as a message.

        A failure is only logged: the words are no part of what the handler does.

        Args:
            text: the words.
            alert: show them until the user closes them.
            markup: the buttons of the message.
        """
        if await self._answer(text, alert=alert):
            return
        try:
            await self.send(escaped(text), markup)
        except AiogramError as error:
            log.warning("a toast could not be sent: %s", telegram_errors.describe(error))

    async def result(self, text: str, *, on_card: bool = True) -> None:
        """Answer the tap with the result of a step. If that is not possible, a message is sent where needed.

        Args:
            text: the result.
            on_card: the card shows the result too.
        """
        if not (await self._answer(text) or self._worded or (on_card and self.on_card)):
            await self.toast(text)

    async def hint(self, text: str, *, alert: bool = True) -> bool:
        """Answer the tap with words; return False if that is not possible. No message is sent then."""
        return await self._answer(text, alert=alert)

    async def is_too_old(self) -> bool:
        """Return whether Telegram calls the tap too old, so that nobody waits for its effect any more.

        A tap that may be old is acknowledged first. If Telegram does not answer then, it counts as too old.
        """
        if self._may_be_old:
            await self.acknowledge()
        async with self._answering:  # the answer may be on its way
            return self._too_old

    async def say(self, text: Html | str, markup: InlineKeyboardMarkup | None = None) -> None:
        """Show a sentence as an alert after a tap, else as a message with these buttons."""
        if self._callback is None or "<" in text:
            await self.send(escaped(text), markup)
        else:
            plain = html.unescape(text) if isinstance(text, Html) else text
            await self.toast(plain, alert=True, markup=markup)

    async def acknowledge(self) -> None:
        """Answer the tap, unless it was answered."""
        await self._answer(self.progress)

    async def acknowledge_in_time(self) -> None:
        """Wait until the tap must be acknowledged, then say what is being done, unless a screen shows it."""
        await asyncio.sleep(self.time_left)
        await self._answer(self.progress or (None if self._shows else texts.steps.one_moment(self.t)))

    async def _answer(self, text: str | None = None, *, alert: bool = False) -> bool:
        """Answer the tap; return False if the words did not reach the user this way."""
        if self._callback is None:
            return False
        async with self._answering:
            if self._answered:
                return False
            self._answered = True
            try:
                await self._callback.answer(clipped(text, MAX_TOAST) if text else None, show_alert=alert)
            except asyncio.CancelledError:
                self._answered = False  # it is not known whether Telegram has got the answer
                raise
            except AiogramError as error:
                temporary = telegram_errors.is_temporary(error)
                self._too_old = telegram_errors.is_too_old(error) or (temporary and self._may_be_old)
                if temporary:
                    log.warning("a tap could not be answered: %s", telegram_errors.describe(error))
                return not text  # the words are sent as a message
            self._worded = bool(text)
        return True

    async def _announce_delay(self) -> None:
        """Say in the answer to the tap that Telegram delays the screen."""
        await self._answer(texts.problems.telegram_slow(self.t))


class InlineReply(Reply):
    """The answer to an inline query: a list of results, and no message in the private chat."""

    def __init__(
        self, chat: PrivateChat, screen_updates: ScreenUpdates, query: InlineQuery, t: Translator
    ) -> None:
        super().__init__(chat, screen_updates, t)
        self.query = query
        self._shown = False

    async def offer(
        self,
        results: Sequence[InlineQueryResultArticle],
        *,
        cache_time: int = 0,
        button: tuple[str, str] | None = None,
    ) -> None:
        """Answer the query, unless it was answered; a query that is too old for Telegram is no error.

        Args:
            results: at most 50.
            cache_time: seconds for which Telegram may show the same results again.
            button: the label of the button above the results, and the payload of its deep link.
        """
        if self._shown:
            return
        self._shown = True
        above = InlineQueryResultsButton(text=button[0], start_parameter=button[1]) if button else None
        try:
            await self.query.answer(list(results), cache_time=cache_time, is_personal=True, button=above)
        except AiogramError as error:
            level = logging.DEBUG if telegram_errors.is_too_old(error) else logging.WARNING
            log.log(level, "an inline query could not be answered: %s", telegram_errors.describe(error))

    @override
    async def say(self, text: Html | str, markup: InlineKeyboardMarkup | None = None) -> None:
        """Show a button that opens the private chat; the bot explains the problem there."""
        await self.offer([], button=(texts.inline.open_chat(self.t), deep_links.HELLO))

    @override
    async def acknowledge(self) -> None:
        """Show no results, unless the query was answered."""
        await self.offer([])

    @override
    async def acknowledge_in_time(self) -> None:
        """Show no results after `INLINE_TIMEOUT`."""
        await asyncio.sleep(INLINE_TIMEOUT)
        await self.acknowledge()
