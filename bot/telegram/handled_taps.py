"""Taps that act: each one is stored before its handler runs, so that it acts once, and is always answered."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from sqlite3 import Connection
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.exceptions import AiogramError
from aiogram.types import TelegramObject, Update

from bot.domain import NoticeKind
from bot.errors import BotError
from bot.ports import DeliveryQueue, Spawn
from bot.storage import handled_taps, outbox, users
from bot.storage.database import Database
from bot.telegram import keyboards, texts
from bot.telegram.context import Context
from bot.telegram.replies import Reply
from bot.telegram.translator import Html

LATER_PAUSES: Final = (15.0, 60.0, 300.0, 900.0)
"""Seconds before the attempts to send an answer that cannot be stored: the user has deleted their data."""

log = logging.getLogger(__name__)


class HandledTaps(BaseMiddleware):
    """Drops a tap that Telegram sends again, also after a restart, and keeps an answer that is not taken.

    Telegram repeats an update whose confirmation it has not got.
    """

    def __init__(
        self, db: Database, delivery_queue: DeliveryQueue, spawn: Spawn, now: Callable[[], float]
    ) -> None:
        self._db = db
        self._delivery_queue = delivery_queue
        self._spawn = spawn
        self._now = now

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Handle the update if it is no tap that acts, or a new one."""
        context: Context = data["context"]
        callback = event.callback_query if isinstance(event, Update) else None
        if callback is None or not context.reply.acts:
            return await handler(event, data)
        try:
            is_new = await self._db.write(handled_taps.add, callback.id, context.user.id, int(self._now()))
        except BotError as error:
            await context.reply.toast(
                str(texts.problems.problem(context.t, error)),
                alert=True,
                markup=keyboards.ways_on.from_problem(context.t, error),
            )
            return None
        if not is_new:
            log.info("a tap came again and is skipped")
            return None
        result = await handler(event, data)
        if context.reply.unshown is not None:
            await self._answer_later(context, context.reply.unshown)
        return result

    async def _answer_later(self, context: Context, text: Html) -> None:
        """Let the outbox send an answer; for a user whose data was deleted, try it from memory."""
        user_id = context.user.id
        try:
            if await self._db.write(_add_answer, user_id, text, int(self._now())):
                self._delivery_queue.notify(user_id)
                return
        except BotError as error:
            log.warning("the answer to a tap is not stored: %s", type(error).__name__)
        self._spawn(_send_later(context.reply, text))


async def _send_later(reply: Reply, text: Html) -> None:
    for pause in LATER_PAUSES:
        await asyncio.sleep(pause)
        try:
            await reply.send(text)
        except AiogramError:
            continue
        return
    log.warning("the answer to a tap could not be sent")


def _add_answer(connection: Connection, user_id: int, text: str, now: int) -> bool:
    """Add an answer as a notice; return False for a user whose data was deleted."""
    if users.find(connection, user_id) is None:
        return False
    outbox.add_notice(connection, user_id, None, NoticeKind.ANSWER, now, {"text": text})
    return True
