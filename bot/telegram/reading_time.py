"""The reading time: a button that acts obeys no tap in the first second after it appeared at its place.

The tap may be meant for the button that was there before. The same holds for a second tap on a
button: it has not seen the answer to the first one.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from aiogram import BaseMiddleware, Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import AiogramError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InlineKeyboardMarkup, Message, TelegramObject
from typing_extensions import override

from bot import errors
from bot.lru import LruDict
from bot.telegram import callbacks, keyboards, telegram_errors, texts
from bot.telegram.context import Context

MIN_READING_TIME: Final = 1.0
"""Seconds for which a button that acts must have been shown before it obeys a tap."""
MAX_DRAWING: Final = 60.0
"""Seconds after which a button counts as shown although Telegram has confirmed no message with it."""
MAX_KEYBOARDS: Final = 5000
"""Keyboards in memory; all buttons of a message that is forgotten count as new when it is edited."""
MAX_CHATS: Final = 5000
"""Chats of which the last tap on a button that acts is in memory."""

Button = tuple[int, str]
"""A button that acts, by its chat and its data."""
Spot = tuple[str, int, int, int, int]
"""The data of a button, its row, the number of rows, its column, and the number of columns."""


@dataclass(slots=True)
class _Appearance:
    """A button that this process draws; `shown_at` is None until Telegram has confirmed it."""

    drawn_at: float
    shown_at: float | None = None


class ReadingTime:
    """Knows when buttons appeared. Times are seconds of the steady clock.

    Attributes:
        now: the steady clock.
        seconds: how long a button must have been shown.
    """

    def __init__(self, now: Callable[[], float], seconds: float = MIN_READING_TIME) -> None:
        self.now = now
        self.seconds = seconds
        self._started_at = now()
        self._buttons: dict[Button, _Appearance] = {}  # by `drawn_at`, because a drawn button is put last
        self._answered = LruDict[int, tuple[str, float]](MAX_CHATS)

    @property
    def unconfirmed(self) -> int:
        """How many buttons are being drawn."""
        return sum(one.shown_at is None for one in self._buttons.values())

    def drawn(self, buttons: Iterable[Button]) -> None:
        """Note that buttons are about to appear; until `shown` they obey no tap."""
        now = self.now()
        while self._buttons and now - next(iter(self._buttons.values())).drawn_at >= MAX_DRAWING:
            del self._buttons[next(iter(self._buttons))]
        for button in buttons:
            self._buttons.pop(button, None)
            self._buttons[button] = _Appearance(now)

    def shown(self, buttons: Iterable[Button]) -> None:
        """Note that Telegram has confirmed the message with the buttons."""
        for button in buttons:
            if (appearance := self._buttons.get(button)) is not None:
                appearance.shown_at = self.now()

    def refused(self, buttons: Iterable[Button]) -> None:
        """Note that Telegram has refused the message with the buttons."""
        for button in buttons:
            self._buttons.pop(button, None)

    def answered(self, button: Button) -> None:
        """Note that a tap on a button was answered: a tap that arrived before has not seen the answer."""
        chat_id, data = button
        self._answered.put(chat_id, (data, self.now()))

    def is_too_soon(self, button: Button, tapped_at: float) -> bool:
        """Return whether a button, or the answer to the tap before, was not shown long enough for a tap."""
        if self.seconds <= 0:
            return False
        chat_id, data = button
        last_data, answered_at = self._answered.get(chat_id) or ("", 0.0)
        if data == last_data and tapped_at - answered_at < self.seconds:
            return True
        appearance = self._buttons.get(button)
        if appearance is None:
            shown_at = self._started_at  # an earlier process has shown it, or it was shown long ago
        elif appearance.shown_at is not None:
            shown_at = appearance.shown_at
        elif self.now() - appearance.drawn_at >= MAX_DRAWING:
            shown_at = appearance.drawn_at
        else:
            return True
        return tapped_at - shown_at < self.seconds


class ButtonAppearances(BaseRequestMiddleware):
    """Notes the buttons of each message that is sent or edited, before and after the call of the Bot API."""

    def __init__(self, reading_time: ReadingTime) -> None:
        self.reading_time: Final = reading_time
        self._keyboards = LruDict[tuple[int, int], frozenset[Spot]](MAX_KEYBOARDS)

    @override
    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the call, and note the buttons that are new at their place."""
        chat_id, message_id = getattr(method, "chat_id", None), getattr(method, "message_id", None)
        markup = getattr(method, "reply_markup", None)
        if not isinstance(chat_id, int) or not (isinstance(markup, InlineKeyboardMarkup) or message_id):
            return await make_request(bot, method)
        spots = _spots(markup if isinstance(markup, InlineKeyboardMarkup) else None)
        before = (message_id and self._keyboards.get((chat_id, message_id))) or frozenset[Spot]()
        new = [(chat_id, spot[0]) for spot in spots - before]
        self.reading_time.drawn(new)
        try:
            response = await make_request(bot, method)
        except AiogramError as error:
            if telegram_errors.is_not_modified(error):
                self.reading_time.shown(new)
            elif isinstance(telegram_errors.delivery_error(error), errors.AnswerLost):
                self._keyboards.discard((chat_id, message_id or 0))  # it may be the old or the new one
            else:
                self.reading_time.refused(new)
            raise
        self.reading_time.shown(new)
        result: object = response  # the session returns the result itself, whatever its type says
        sent = result.message_id if isinstance(result, Message) else message_id
        if sent is not None:
            self._keyboards.put((chat_id, sent), spots)
        return response


def _spots(markup: InlineKeyboardMarkup | None) -> frozenset[Spot]:
    """Return the buttons of a keyboard that act, with their places."""
    rows = markup.inline_keyboard if markup is not None else []
    return frozenset(
        (button.callback_data, number, len(rows), column, len(row))
        for number, row in enumerate(rows)
        for column, button in enumerate(row)
        if button.callback_data and callbacks.acts(button.callback_data)
    )


class ReadingTimeMiddleware(BaseMiddleware):
    """Refuses taps on buttons that act and have just appeared, or whose last tap has just been answered."""

    def __init__(self, reading_time: ReadingTime) -> None:
        self._reading_time = reading_time

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Pass the update, or ask the user to read first."""
        context: Context = data["context"]
        reply = context.reply
        if not reply.acts:
            return await handler(event, data)
        button = reply.chat.id, reply.button
        if self._reading_time.is_too_soon(button, reply.arrived_at):
            home = keyboards.buttons.only_home(context.t)
            await reply.toast(texts.problems.too_soon(context.t), alert=True, markup=home)
            return None
        try:
            return await handler(event, data)
        finally:
            self._reading_time.answered(button)
