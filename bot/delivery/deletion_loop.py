"""The loop over stored messages that are to be deleted: the next due one first, with retries."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Generic

from bot import errors
from bot.domain import DeletionState
from bot.ports import DeliveryQueue, Messenger
from bot.storage.database import Database
from bot.storage.message_deletions import DeletionTable, M

ERROR_PAUSE: Final = 30.0
"""Seconds to wait after an error, for example of the database."""

_GONE: Final = "not found"
"""The part of Telegram's refusal that says that the message does not exist."""
_FOR_GOOD: Final = "can't be deleted"
"""The part of Telegram's refusal that says that a bot may not delete the message."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class DeletionLoop(ABC, Generic[M]):
    """One loop over the messages of a table.

    Attributes:
        table: the table.
        changed: set when a message was added.
        retry_pauses: seconds between attempts to delete a message; the last one repeats.
        give_up_after: seconds after the due time for which the deletion is retried.
    """

    db: Database
    messenger: Messenger
    delivery_queue: DeliveryQueue
    now: Callable[[], float]
    table: DeletionTable[M] = field(init=False)
    changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    retry_pauses: ClassVar[Sequence[int]]
    give_up_after: ClassVar[int]

    async def run(self) -> None:
        """Delete due messages until cancelled."""
        while True:
            self.changed.clear()
            try:
                pause = await self._delete_due()
            except errors.StorageError as error:
                log.warning("messages cannot be deleted now: %s", error)
                pause = ERROR_PAUSE
            except Exception:
                log.exception("a message could not be deleted")
                pause = ERROR_PAUSE
            try:
                async with asyncio.timeout(pause):
                    await self.changed.wait()
            except TimeoutError:
                continue

    async def _delete_due(self) -> float | None:
        """Delete due messages; return the seconds until the next one is due, or None if there is none."""
        while (message := await self.db.read(self.table.next_due)) is not None:
            wait = message.delete_at - self.now()
            if wait > 0:
                return wait
            await self._delete(message)
        return None

    async def _delete(self, message: M) -> DeletionState:
        """Delete a message, or store when it is tried again; return what has become of it."""
        state, retry_after = await self._attempt(message)
        if state is DeletionState.PENDING:
            if self.now() < message.due_at + self.give_up_after:
                pause = self.retry_pauses[min(message.tries, len(self.retry_pauses) - 1)]
                delete_at = int(self.now() + max(retry_after, pause))
                await self.db.write(self.table.postpone, message, delete_at)
                return state
            log.info("chat %d: gave up deleting a message", message.user_id)
            state = DeletionState.REFUSED
        await self._finish(message, state)
        return state

    async def _attempt(self, message: M) -> tuple[DeletionState, float]:
        """Try to delete a message; return the result, and the seconds that Telegram asks to wait."""
        try:
            await self.messenger.delete(message.user_id, message.message_id)
        except errors.TryLater as error:
            return DeletionState.PENDING, error.seconds or 0.0
        except errors.ChatGone:
            return DeletionState.PENDING, 0.0
        except errors.MessageRefused as refusal:
            if _GONE in str(refusal):
                return DeletionState.DELETED, 0.0
            log.info("chat %d: a message is not deleted: %s", message.user_id, refusal)
            state = DeletionState.REFUSED if _FOR_GOOD in str(refusal) else DeletionState.PENDING
            return state, 0.0
        return DeletionState.DELETED, 0.0

    @abstractmethod
    async def _finish(self, message: M, state: DeletionState) -> None:
        """Remove the row of a message that is deleted, or that cannot be deleted."""
