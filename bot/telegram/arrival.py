"""Middleware that notes when an update arrived at the earliest."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from bot.telegram.replies import Reply


class ArrivalMiddleware(BaseMiddleware):
    """Sets `arrived_at` of the reply. It stands before the queue of the user, in which an update may wait."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Note the time, less the seconds for which the update may have waited at Telegram, and pass it."""
        reply: Reply = data["reply"]
        reply.arrived_at = self._now() - data.get("delay", 0.0)
        return await handler(event, data)
