"""The queues of updates: one update of a user at a time, only the latest inline query, limited handlers."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.exceptions import AiogramError
from aiogram.types import TelegramObject, Update, User as TelegramUser

from bot.telegram import keyboards, texts
from bot.telegram.replies import Reply

MAX_QUEUED: Final = 5
"""Updates of one user that may be queued, the running one included; further ones are dropped."""
TELL_INTERVAL: Final = 60.0
"""Seconds after which a user whose messages are dropped is told again."""
MAX_CONCURRENT_HANDLERS: Final = 100
"""Handlers that may begin at the same time."""
PLACE_SECONDS: Final = 1.0
"""Seconds after which a handler gives its place to the next one: it waits for another server by then."""

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class _Queue:
    """The updates of one user.

    Attributes:
        length: the updates that wait or run.
        told_at: when the user was told that messages are dropped; None if that has not happened yet.
        noting: for a dropped update it is being noted that the user can be reached.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0
    told_at: float | None = None
    noting: bool = False


class PerUserQueue(BaseMiddleware):
    """Handles the updates of one user one at a time, in order; inline queries pass, they have their own.

    Membership changes have a queue of their own, so that slow handlers delay none of them. They and updates
    with `must_not_drop` are never dropped.
    """

    def __init__(self, note_reachable: Callable[[TelegramUser], Awaitable[None]]) -> None:
        self._note_reachable = note_reachable
        self._queues: dict[tuple[int, bool], _Queue] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Wait for the earlier updates. If the queue is full, drop this one and say so."""
        if isinstance(event, Update) and event.inline_query is not None:
            return await handler(event, data)
        person: TelegramUser = data["event_from_user"]
        membership = isinstance(event, Update) and event.my_chat_member is not None
        key = (person.id, membership)
        queue = self._queues.setdefault(key, _Queue())
        must_not_drop = membership or data.get("must_not_drop", False)
        if queue.length >= MAX_QUEUED and not must_not_drop:
            await self._drop(queue, event, data)
            return None
        queue.length += 1
        try:
            async with queue.lock:
                return await handler(event, data)
        finally:
            queue.length -= 1
            if not queue.length:
                self._queues.pop(key, None)

    async def _drop(self, queue: _Queue, event: TelegramObject, data: dict[str, Any]) -> None:
        """Say that an update is dropped: after each tap, and after a message once a minute."""
        reply: Reply = data["reply"]
        now = time.monotonic()
        tapped = isinstance(event, Update) and event.callback_query is not None
        if tapped and await reply.hint(texts.problems.too_fast(data["t"]), alert=False):
            pass
        elif queue.told_at is None or now - queue.told_at >= TELL_INTERVAL:
            queue.told_at = now
            with suppress(AiogramError):
                await reply.send(texts.problems.skipped(data["t"]), keyboards.buttons.only_home(data["t"]))
        if not queue.noting:
            queue.noting = True
            try:
                await self._note_reachable(data["event_from_user"])
            finally:
                queue.noting = False


class HandlerPlaces(BaseMiddleware):
    """Limits how many handlers begin at the same time. It comes after the queues, so a wait there is free.

    A handler that takes longer than `PLACE_SECONDS` goes on without its place: it waits for another server.
    """

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MAX_CONCURRENT_HANDLERS)

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Wait for a place, and handle the update."""
        await self._places.acquire()
        holds_place = True

        def release() -> None:
            nonlocal holds_place
            if holds_place:
                holds_place = False
                self._places.release()

        timer = asyncio.get_running_loop().call_later(PLACE_SECONDS, release)
        try:
            return await handler(event, data)
        finally:
            timer.cancel()
            release()


@dataclass(slots=True, eq=False)
class _InlineUser:
    """A user whose inline query is being answered.

    Attributes:
        waiting: the latest query that came meanwhile; its result says whether it is to be answered.
    """

    waiting: asyncio.Future[bool] | None = None


class LatestInlineQuery(BaseMiddleware):
    """Answers one inline query of a user at a time, and drops waiting queries for newer ones.

    Each keystroke is a query. They have a queue of their own, so that typing does not delay taps.
    """

    def __init__(self) -> None:
        self._users: dict[int, _InlineUser] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Pass other updates; let a query wait for its turn, or drop it if a newer one arrives."""
        if not isinstance(event, Update) or event.inline_query is None:
            return await handler(event, data)
        person: TelegramUser = data["event_from_user"]
        user = self._users.get(person.id)
        if user is None:
            user = self._users[person.id] = _InlineUser()
        else:
            _wake(user, answer=False)
            turn = user.waiting = asyncio.get_running_loop().create_future()
            if not await turn:
                return None
        try:
            return await handler(event, data)
        finally:
            if not _wake(user, answer=True):
                del self._users[person.id]


def _wake(user: _InlineUser, *, answer: bool) -> bool:
    """Tell the waiting query whether to answer; return whether there was one."""
    waiting, user.waiting = user.waiting, None
    if waiting is None or waiting.done():
        return False
    waiting.set_result(answer)
    return True
