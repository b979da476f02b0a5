"""Taps that act: each one is stored before its handler runs, so that it acts once."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update

from bot.errors import BotError
from bot.storage import handled_taps
from bot.storage.database import Database
from bot.telegram import callbacks, texts
from bot.telegram.context import Context

log = logging.getLogger(__name__)


class HandledTaps(BaseMiddleware):
    """Drops a tap that Telegram sends again, also after a restart.

    Telegram repeats an update whose confirmation it has not got.
    """

    def __init__(self, db: Database, now: Callable[[], float]) -> None:
        self._db = db
        self._now = now

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Handle the update if it is no tap that acts, or a new one."""
        callback = event.callback_query if isinstance(event, Update) else None
        if callback is None or not callbacks.acts(callback.data or ""):
            return await handler(event, data)
        context: Context = data["context"]
        try:
            is_new = await self._db.write(handled_taps.add, callback.id, context.user.id, int(self._now()))
        except BotError as error:
            await context.reply.toast(str(texts.problems.problem(context.t, error)), alert=True)
            return None
        if is_new:
            return await handler(event, data)
        log.info("a tap came again and is skipped")
        return None
