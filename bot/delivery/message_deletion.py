"""Deletes users' messages that hold an API key; a user is told of a message that stays."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import ClassVar, Final

from typing_extensions import override

from bot.delivery.deletion_loop import DeletionLoop
from bot.domain import DeletionState, NoticeKind
from bot.errors import StorageError
from bot.storage import message_deletions, outbox, users
from bot.storage.message_deletions import KEY_MESSAGES, DeletionTable, MessageToDelete

ANSWER_TIMEOUT: Final = 2.0
"""Seconds that an answer to the user waits for the first attempt to delete their message."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FirstAttempt:
    """The first attempt to delete a message, which an answer to the user can report."""

    _result: asyncio.Future[DeletionState]

    async def state(self) -> DeletionState:
        """Wait for the attempt and return its result; it counts as pending if it takes too long."""
        await asyncio.wait({self._result}, timeout=ANSWER_TIMEOUT)
        return self._result.result() if self._result.done() else DeletionState.PENDING


@dataclass(eq=False)
class MessageDeletion(DeletionLoop[MessageToDelete]):
    """The loop over the messages with API keys. Telegram lets a bot delete a message for two days."""

    table: DeletionTable[MessageToDelete] = field(default=KEY_MESSAGES, init=False)
    _attempts: dict[tuple[int, int], asyncio.Future[DeletionState]] = field(default_factory=dict, init=False)
    _unstored: list[MessageToDelete] = field(default_factory=list, init=False)
    retry_pauses: ClassVar[Sequence[int]] = (1, 3, 10, 30, 60, 5 * 60, 30 * 60)
    give_up_after: ClassVar[int] = 48 * 3600

    async def add(self, user_id: int, language: str | None, message_id: int) -> FirstAttempt:
        """Store that a message must be deleted, and start to delete it.

        The user is created if missing, so that the bot can tell them if the message stays. If the database
        cannot be used, the message is kept in memory until it is deleted or stored.
        """
        now = int(self.now())
        message = MessageToDelete(user_id, message_id, due_at=now, delete_at=now)
        attempt = asyncio.get_running_loop().create_future()
        result = self._attempts.setdefault((user_id, message_id), attempt)
        try:
            await self.db.write(_add, message, language, now)
        except StorageError as error:
            log.warning("chat %d: the deletion of a message cannot be stored: %s", user_id, error)
            self._unstored.append(message)
        self.changed.set()
        return FirstAttempt(result)

    @override
    async def _delete_due(self) -> float | None:
        for message in self._unstored.copy():
            state, _ = await self._attempt(message)
            if state is not DeletionState.DELETED:
                await self.db.write(message_deletions.add, message)
            self._unstored.remove(message)
        return await super()._delete_due()

    @override
    async def _attempt(self, message: MessageToDelete) -> tuple[DeletionState, float]:
        state, retry_after = await super()._attempt(message)
        result = self._attempts.pop((message.user_id, message.message_id), None)
        if result is not None:
            result.set_result(state)
        return state, retry_after

    @override
    async def _finish(self, message: MessageToDelete, state: DeletionState) -> None:
        if state is DeletionState.DELETED:
            await self.db.write(KEY_MESSAGES.remove, message)
        elif await self.db.write(_give_up, message, int(self.now())):
            self.delivery_queue.notify(message.user_id)


def _add(connection: Connection, message: MessageToDelete, language: str | None, now: int) -> None:
    users.get_or_create(connection, message.user_id, language, now)
    message_deletions.add(connection, message)


def _give_up(connection: Connection, message: MessageToDelete, now: int) -> bool:
    """Remove the row of a message that stays, and add a notice for its user; return whether it was there."""
    if not KEY_MESSAGES.remove(connection, message):
        return False  # the user has deleted all their data meanwhile
    outbox.add_notice(connection, message.user_id, None, NoticeKind.KEY_MESSAGE_STAYS, now)
    return True
