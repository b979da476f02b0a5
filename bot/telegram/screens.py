"""Screens that are shown before everything on them is known, and then filled in, once and in place."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import InlineKeyboardMarkup

from bot import errors
from bot.telegram import texts
from bot.telegram.callbacks import Data
from bot.telegram.keyboards import buttons
from bot.telegram.translator import Html, Translator

LONGEST: Final = 30.0
"""Seconds after which a screen is filled in with what is known by then."""

TRIES: Final = 4
FIRST_PAUSE: Final = 1.0
"""How often, and after how many seconds that double, a screen is tried to be filled in."""

log = logging.getLogger(__name__)

ScreenContent = tuple[Html, InlineKeyboardMarkup | None]
Place = tuple[int, int]
"""A message, by its chat and its id there."""


@dataclass(frozen=True, slots=True)
class ProgressiveScreen:
    """A screen in the making.

    Attributes:
        t: the reader's language.
        learn: asks for what the screen shows, and keeps it where `draw` finds it.
        draw: draws what is known; it is told whether more is to come. It raises what cannot do without.
        again: what the button carries that tries once more; None if the screen has no such button.
        refresh: looks up once more what a tap may have changed before the rest is in the chat.
    """

    t: Translator
    load: Callable[[], Awaitable[None]]
    draw: Callable[[bool], ScreenContent]
    again: Data | None = None
    refresh: Callable[[], Awaitable[None]] | None = None

    async def final(self, learning: "asyncio.Task[None]") -> ScreenContent:
        """Return the screen when nothing more is to come; what went wrong is a sentence on it."""
        try:
            if not learning.cancelled():
                learning.result()
            if self.refresh is not None:
                await self.refresh()
            return self.draw(False)
        except errors.BotError as error:
            sentence = texts.problems.problem(self.t, error)
        except Exception:
            log.exception("a screen could not be filled in")
            sentence = texts.problems.unexpected(self.t)
        return sentence, buttons.try_again(self.t, self.again)


def placeholder_or_raise(loading: bool, text: Html, markup: InlineKeyboardMarkup | None) -> ScreenContent:
    """Return the screen of a draft that does not know what it is about yet.

    Args:
        loading: more is to come.
        text: says what is waited for.
        markup: the buttons meanwhile.

    Raises:
        NoAnswer: nothing more is to come.
    """
    if not loading:
        raise errors.NoAnswer
    return text, markup


@dataclass(slots=True, eq=False)
class _Fill:
    """A screen that waits for the rest.

    Attributes:
        editing: the rest is on its way to Telegram, and can only be waited for.
        stopped: nothing more is to be put into the message.
    """

    draft: ProgressiveScreen
    learning: "asyncio.Task[None]"
    shown: ScreenContent
    edit: Callable[[ScreenContent], Awaitable[object]]
    editing: bool = False
    stopped: bool = False
    task: "asyncio.Task[None] | None" = None


class ScreenUpdates:
    """The screens that wait for the rest, at most one for each message.

    Whoever shows anything else in a message stops its fill first: after that nothing can come over it.
    """

    def __init__(self) -> None:
        self._waiting: dict[Place, _Fill] = {}

    def begin(
        self,
        place: Place,
        draft: ProgressiveScreen,
        learning: "asyncio.Task[None]",
        shown: ScreenContent,
        edit: Callable[[ScreenContent], Awaitable[object]],
    ) -> None:
        """Fill a message in, with one edit, as soon as everything is learnt; returns at once.

        Args:
            place: the message.
            draft: what is shown in it.
            learning: asks for the rest.
            shown: how it looks now.
            edit: puts a screen into it.
        """
        fill = self._waiting[place] = _Fill(draft, learning, shown, edit)
        fill.task = asyncio.create_task(_fill(fill))
        fill.task.add_done_callback(lambda _: self._ended(place, fill))

    async def stop(self, place: Place) -> None:
        """Return when no fill can touch a message any more."""
        fill = self._waiting.get(place)
        if fill is None or fill.task is None:
            return
        fill.stopped = True
        if not fill.editing:
            fill.task.cancel()
        await asyncio.wait({fill.task})
        await stopped(fill.learning)

    def pending(self, place: Place) -> bool:
        """Return whether a message still waits for the rest."""
        return place in self._waiting

    async def finish(self, seconds: float) -> None:
        """Fill in every screen now, with what is known; it may take so many seconds."""
        for fill in self._waiting.values():
            fill.learning.cancel()
        if tasks := self._tasks():
            await asyncio.wait(tasks, timeout=seconds)

    async def close(self) -> None:
        """Leave every screen as it is."""
        screen_updates = list(self._waiting.values())
        for task in self._tasks():
            task.cancel()
        await asyncio.gather(*self._tasks(), return_exceptions=True)
        for fill in screen_updates:
            await stopped(fill.learning)

    def _tasks(self) -> list["asyncio.Task[None]"]:
        return [fill.task for fill in self._waiting.values() if fill.task is not None]

    def _ended(self, place: Place, fill: _Fill) -> None:
        if self._waiting.get(place) is fill:
            del self._waiting[place]


async def _fill(fill: _Fill) -> None:
    try:
        await asyncio.wait({fill.learning}, timeout=LONGEST)
    finally:
        await stopped(fill.learning)
    failures = 0
    while (screen := await fill.draft.final(fill.learning)) != fill.shown:
        pause = await _edit(fill, screen, FIRST_PAUSE * 2**failures)
        if fill.stopped or (pause is None and fill.draft.refresh is None):
            return
        if pause is None:
            fill.shown = screen  # a tap may have changed it on the way, so it is looked at once more
            continue
        failures += 1
        if failures == TRIES:
            log.warning("a screen could not be filled in")
            return
        await asyncio.sleep(pause)


async def _edit(fill: _Fill, screen: ScreenContent, pause: float) -> float | None:
    """Put the rest into the message; return the seconds to wait before another try, or None for no other."""
    fill.editing = True
    try:
        await fill.edit(screen)
    except TelegramRetryAfter as error:
        return float(error.retry_after)
    except (TelegramNetworkError, TelegramServerError, ClientDecodeError):
        return pause
    except TelegramAPIError as error:
        log.info("a screen is not filled in: %s", type(error).__name__)
    finally:
        fill.editing = False
    return None


async def stopped(learning: "asyncio.Task[None]") -> None:
    """Cancel a task and return when it has ended; what it ended with is left in it."""
    learning.cancel()
    await asyncio.wait({learning})
    if not learning.cancelled():
        learning.exception()  # looked at, so that nobody warns of it
