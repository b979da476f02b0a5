"""Progressive screens: shown with a placeholder at first, and completed in place by one edit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiogram.exceptions import AiogramError
from aiogram.types import InlineKeyboardMarkup

from bot import errors
from bot.telegram import telegram_errors, texts
from bot.telegram.callbacks import ButtonData
from bot.telegram.keyboards import ways_on
from bot.telegram.translator import Html, Translator

LOAD_TIMEOUT: Final = 30.0
"""Seconds after which a screen is completed with the data that has arrived."""
MAX_ATTEMPTS: Final = 4
"""How often the completing edit is tried."""
FIRST_PAUSE: Final = 1.0
"""Seconds before the second attempt; the pause doubles from then on."""

log = logging.getLogger(__name__)

ScreenContent = tuple[Html, InlineKeyboardMarkup | None]
"""The text and the buttons of a message."""
MessagePlace = tuple[int, int]
"""A message, by its chat and its id there."""


@dataclass(frozen=True, slots=True)
class ProgressiveScreen:
    """A screen that can be drawn before all of its data is loaded.

    Attributes:
        t: the reader's language.
        load: loads the data, and stores it where `draw` reads it.
        draw: returns the content. Its argument says whether data is still loading; if not, it raises the
            error when the screen cannot be drawn without the missing data.
        retry: the data of the button that tries again; None if the screen has no such button.
        refresh: reads again what a tap may have changed while the data was loading.
    """

    t: Translator
    load: Callable[[], Awaitable[None]]
    draw: Callable[[bool], ScreenContent]
    retry: ButtonData | None = None
    refresh: Callable[[], Awaitable[None]] | None = None

    async def run_load(self) -> None:
        """Load the data, as a coroutine that a task can run."""
        await self.load()

    async def final_content(self, loading: "asyncio.Task[None]") -> ScreenContent:
        """Return the content after the load has ended; an error becomes a sentence on the screen."""
        try:
            if not loading.cancelled():
                loading.result()
            if self.refresh is not None:
                await self.refresh()
            return self.draw(False)
        except errors.BotError as error:
            return texts.problems.problem(self.t, error), self._ways_on(error)
        except Exception as error:
            log.exception("a screen could not be completed", extra={"without_texts": True})
            return texts.problems.unexpected(self.t), self._ways_on(error)

    def _ways_on(self, error: Exception) -> InlineKeyboardMarkup:
        return ways_on.from_problem(self.t, error, self.retry.pack() if self.retry else None)


def placeholder_or_raise(loading: bool, text: Html, markup: InlineKeyboardMarkup | None) -> ScreenContent:
    """Return the placeholder of a screen that cannot be drawn without its data.

    Args:
        loading: the data is still loading.
        text: says what is loading.
        markup: the buttons of the placeholder.

    Raises:
        NoAnswer: nothing is loading any more.
    """
    if not loading:
        raise errors.NoAnswer
    return text, markup


@dataclass(slots=True, eq=False)
class _Update:
    """A screen that is to be completed.

    Attributes:
        shown: the content of the message now.
        editing: the edit is on its way to Telegram, so it can only be awaited.
        stopped: the message must not be edited any more.
    """

    screen: ProgressiveScreen
    loading: "asyncio.Task[None]"
    shown: ScreenContent
    edit: Callable[[ScreenContent], Awaitable[object]]
    turn: Callable[[], Awaitable[object]]
    editing: bool = False
    stopped: bool = False
    task: "asyncio.Task[None] | None" = None


class ScreenUpdates:
    """The screens that are to be completed, at most one for each message.

    Code that shows something else in a message calls `stop` first, so that no late edit replaces it.
    """

    def __init__(self) -> None:
        self._updates: dict[MessagePlace, _Update] = {}

    def add(
        self,
        place: MessagePlace,
        screen: ProgressiveScreen,
        loading: "asyncio.Task[None]",
        shown: ScreenContent,
        edit: Callable[[ScreenContent], Awaitable[object]],
        turn: Callable[[], Awaitable[object]],
    ) -> None:
        """Complete a message with one edit as soon as its data is loaded; returns at once.

        Args:
            place: the message.
            screen: the screen that it shows.
            loading: the task that loads the data.
            shown: the content of the message now.
            edit: replaces the content of the message.
            turn: waits until an edit is allowed; the update can be stopped meanwhile.
        """
        update = self._updates[place] = _Update(screen, loading, shown, edit, turn)
        update.task = asyncio.create_task(_complete(update))
        update.task.add_done_callback(lambda _: self._remove(place, update))

    async def stop(self, place: MessagePlace) -> None:
        """Cancel the update of a message, and return when no edit of it can follow."""
        update = self._updates.get(place)
        if update is None or update.task is None:
            return
        update.stopped = True
        if not update.editing:
            update.task.cancel()
        await asyncio.wait({update.task})
        await cancelled(update.loading)

    def is_pending(self, place: MessagePlace) -> bool:
        """Return whether a message is still to be completed."""
        return place in self._updates

    async def finish(self, seconds: float) -> None:
        """Complete every screen now, with the data that has arrived, within so many seconds."""
        for update in self._updates.values():
            update.loading.cancel()
        if tasks := self._tasks():
            await asyncio.wait(tasks, timeout=seconds)

    async def close(self) -> None:
        """Cancel every update; the screens stay as they are."""
        updates = list(self._updates.values())
        for task in self._tasks():
            task.cancel()
        await asyncio.gather(*self._tasks(), return_exceptions=True)
        for update in updates:
            await cancelled(update.loading)

    def _tasks(self) -> list["asyncio.Task[None]"]:
        return [update.task for update in self._updates.values() if update.task is not None]

    def _remove(self, place: MessagePlace, update: _Update) -> None:
        if self._updates.get(place) is update:
            del self._updates[place]


async def _complete(update: _Update) -> None:
    try:
        await asyncio.wait({update.loading}, timeout=LOAD_TIMEOUT)
    finally:
        await cancelled(update.loading)
    failures = 0
    while (content := await update.screen.final_content(update.loading)) != update.shown:
        pause = await _edit(update, content, FIRST_PAUSE * 2**failures)
        if update.stopped or (pause is None and update.screen.refresh is None):
            return
        if pause is None:
            update.shown = content  # a tap may have changed the data during the edit, so it is read again
            continue
        failures += 1
        if failures == MAX_ATTEMPTS:
            log.warning("a screen could not be completed")
            return
        await asyncio.sleep(pause)


async def _edit(update: _Update, content: ScreenContent, pause: float) -> float | None:
    """Edit the message; return the seconds before the next attempt, or None if there is to be none."""
    await update.turn()
    update.editing = True
    try:
        await update.edit(content)
    except AiogramError as error:
        if telegram_errors.is_temporary(error):
            told = telegram_errors.seconds_to_wait(error)
            return pause if told is None else told
        log.info("a screen is not completed: %s", telegram_errors.describe(error))
    finally:
        update.editing = False
    return None


async def cancelled(task: "asyncio.Task[None]") -> None:
    """Cancel a task and return when it has ended; its result or error stays in it."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # marks the error as retrieved, so that asyncio does not log it
