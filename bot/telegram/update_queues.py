"""The queues of updates: one update of a user at a time, and only the latest inline query."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update, User as TelegramUser

from bot.telegram import texts
from bot.telegram.replies import Reply

MAX_QUEUED: Final = 5
"""Updates of one user that may be queued, the running one included; further ones are dropped."""

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class _Queue:
    """The updates of one user.

    Attributes:
        length: the updates that wait or run.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0


class PerUserQueue(BaseMiddleware):
    """Handles the updates of one user one at a time, in order; inline queries pass, they have their own."""

    def __init__(self) -> None:
        self._queues: dict[int, _Queue] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Wait for the earlier updates. If the queue is full, drop this one, with a toast after a tap."""
        if isinstance(event, Update) and event.inline_query is not None:
            return await handler(event, data)
        person: TelegramUser = data["event_from_user"]
        queue = self._queues.setdefault(person.id, _Queue())
        if queue.length >= MAX_QUEUED:
            reply: Reply = data["reply"]
            if isinstance(event, Update) and event.callback_query is not None:
                await reply.toast(texts.problems.too_fast(data["t"]))
            return None
        queue.length += 1
        try:
            async with queue.lock:
                return await handler(event, data)
        finally:
            queue.length -= 1
            if not queue.length:
                self._queues.pop(person.id, None)


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
