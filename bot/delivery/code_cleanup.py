"""Code cleanup: deletes messages with codes after the delay that their user has set."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot import errors
from bot.ports import DeliveryQueue, Messenger
from bot.storage import code_messages
from bot.storage.code_messages import CodeMessage
from bot.storage.database import Database

RETRY_PAUSES: Final = (60, 5 * 60, 30 * 60)
"""Seconds between attempts to delete a message; the last one repeats."""
GIVE_UP_AFTER: Final = 23 * 3600
"""Seconds after the due time for which the deletion is retried; Telegram allows it for two days."""
ERROR_PAUSE: Final = 30.0
"""Seconds to wait after an error, for example of the database."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class CodeCleanup:
    """One loop over the messages to be deleted, the next due one first.

    Attributes:
        changed: set when a message was added.
    """

    db: Database
    messenger: Messenger
    delivery_queue: DeliveryQueue
    now: Callable[[], float]
    changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self) -> None:
        """Delete due messages until cancelled."""
        while True:
            self.changed.clear()
            try:
                pause = await self._delete_due()
            except errors.StorageError as error:
                log.warning("messages with codes cannot be deleted now: %s", error)
                pause = ERROR_PAUSE
            except Exception:
                log.exception("a message with a code could not be deleted")
                pause = ERROR_PAUSE
            try:
                async with asyncio.timeout(pause):
                    await self.changed.wait()
            except TimeoutError:
                continue

    async def _delete_due(self) -> float | None:
        """Delete due messages; return the seconds until the next one is due, or None if there is none."""
        while (message := await self.db.read(code_messages.next_due)) is not None:
            wait = message.delete_at - self.now()
            if wait > 0:
                return wait
            await self._delete(message)
        return None

    async def _delete(self, message: CodeMessage) -> None:
        try:
            await self.messenger.delete(message.user_id, message.message_id)
        except (errors.ChatGone, errors.TryLater) as error:
            if self.now() < message.due_at + GIVE_UP_AFTER:
                retry_after = error.seconds if isinstance(error, errors.TryLater) else None
                pause = max(retry_after or 0, RETRY_PAUSES[min(message.tries, len(RETRY_PAUSES) - 1)])
                await self.db.write(code_messages.postpone, message, int(self.now() + pause))
                return
            log.info("chat %d: gave up deleting a message with a code", message.user_id)
        except errors.MessageRefused as refusal:
            log.info("chat %d: a message with a code is not deleted: %s", message.user_id, refusal)
        if await self.db.write(code_messages.delete, message, int(self.now())):
            self.delivery_queue.notify(message.user_id)
