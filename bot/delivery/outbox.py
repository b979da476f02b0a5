"""Outbox: sends stored codes, notices and cards, and marks them as delivered."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Final

from aiolimiter import AsyncLimiter

from bot import errors
from bot.delivery.code_cleanup import CodeCleanup
from bot.domain import Activation, Code, User, can_auto_complete
from bot.ports import Messenger, PollSchedule
from bot.storage import activations, code_messages, outbox, preferences, transitions, users
from bot.storage.database import Database
from bot.storage.outbox import Delivery

ALL_RATE: Final = 30
"""Messages per second that Telegram accepts from a bot."""
CHAT_RATE: Final = 1
CHAT_BURST: Final = 10
"""Messages per second that Telegram accepts for one chat, and how many at once after a pause."""
MAX_CONCURRENT_CHATS: Final = 100
"""Chats that are sent to at the same time; a chat that hangs delays no other."""
MIN_BACKOFF: Final = 1.0
MAX_BACKOFF: Final = 60.0
RETRY_FOR: Final = 24 * 3600
"""Seconds for which a delivery is retried; after that the user counts as unreachable."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _ChatState:
    """State of a chat whose deliveries are in progress.

    Attributes:
        requeued: the user was queued again meanwhile.
        failures: consecutive failed attempts.
    """

    requeued: bool = False
    failures: int = 0


class PendingUsers:
    """FIFO of the users with pending deliveries.

    It is separate from the outbox, because the parts that the outbox depends on need it.
    """

    def __init__(self) -> None:
        self._queue: asyncio.Queue[int] = asyncio.Queue()

    def notify(self, user_id: int) -> None:
        """Queue a user; returns at once."""
        self._queue.put_nowait(user_id)

    async def next(self) -> int:
        """Wait for the next user and remove them from the queue."""
        return await self._queue.get()


@dataclass(eq=False, slots=True, kw_only=True)
class Outbox:
    """Sends the deliveries of each user one after the other: codes, then notices, then cards."""

    db: Database
    messenger: Messenger
    pending_users: PendingUsers
    poll_schedule: PollSchedule
    code_cleanup: CodeCleanup
    now: Callable[[], float]
    _active: dict[int, _ChatState] = field(default_factory=dict, init=False)
    _slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_CHATS), init=False
    )
    _stopping: bool = field(default=False, init=False)
    _bot_limiter: AsyncLimiter = field(default_factory=lambda: AsyncLimiter(ALL_RATE, 1), init=False)
    _chat_limiters: dict[int, AsyncLimiter] = field(default_factory=dict, init=False)

    async def load(self) -> None:
        """Queue all users with pending deliveries."""
        for user_id in await self.db.read(outbox.users_with_deliveries):
            self.pending_users.notify(user_id)

    async def resume(self, user: User) -> None:
        """Mark a user as reachable and queue them."""
        if chat := self._active.get(user.id):
            chat.requeued = True  # a refusal by an attempt in progress is outdated
        await self.db.write(users.set_unreachable, user.id, unreachable=False)
        self.pending_users.notify(user.id)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                user_id = await self.pending_users.next()
                if chat := self._active.get(user_id):
                    chat.requeued = True
                else:
                    self._active[user_id] = _ChatState()
                    group.create_task(self._deliver_with_retries(user_id))

    async def stop(self) -> None:
        """Wait for the deliveries in progress and start no others."""
        self._stopping = True
        for _ in range(MAX_CONCURRENT_CHATS):
            await self._slots.acquire()

    async def _deliver_with_retries(self, user_id: int) -> None:
        chat = self._active[user_id]
        try:
            while True:
                pause = await self._try_deliver(user_id, chat)
                if pause is None and not chat.requeued:
                    return
                chat.requeued = False
                if pause:
                    await asyncio.sleep(pause)
        finally:
            del self._active[user_id]

    async def _try_deliver(self, user_id: int, chat: _ChatState) -> float | None:
        """Send a user's deliveries; return the seconds to wait before a retry, or None if none is needed."""
        try:
            try:
                await self._deliver_all(user_id, chat)
            except errors.ChatGone:
                log.info("chat %d cannot be written to; its deliveries are kept", user_id)
                if not chat.requeued:
                    await self._mark_unreachable(user_id)
            except errors.TryLater as error:
                chat.failures += 1
                if not await self._retried_too_long(user_id):
                    return error.seconds or _backoff(chat.failures)
                await self._mark_unreachable(user_id)
        except errors.ActivationGone:
            return None  # the user has deleted all their data meanwhile
        except errors.StorageError as error:
            log.warning("chat %d: %s", user_id, error)
            chat.failures += 1
            return _backoff(chat.failures)
        except Exception:
            log.exception("chat %d", user_id)
            chat.failures += 1
            return MAX_BACKOFF
        return None

    async def _deliver_all(self, user_id: int, chat: _ChatState) -> None:
        while not self._stopping and (delivery := await self._next(user_id)):
            await self._wait_for_rate_limit(user_id)
            async with self._slots:
                await self._deliver(delivery)
            chat.failures = 0

    async def _next(self, user_id: int) -> Delivery | None:
        user = await self.db.read(users.find, user_id)
        if user is None or user.unreachable:
            return None
        return await self.db.read(outbox.next_delivery, user_id)

    async def _deliver(self, delivery: Delivery) -> None:
        """Send a delivery, then mark it; a crash in between sends it twice, but never loses it."""
        user = await self.db.read(users.find, delivery.user_id)
        if user is None or user.unreachable:
            return
        activation = None
        if delivery.activation_id is not None:
            activation = await self.db.read(activations.get, delivery.activation_id)
        try:
            message_ids = await self._send(user, activation, delivery)
        except errors.MessageRefused:
            log.exception("chat %d: Telegram refuses a message; it is skipped", user.id)
            message_ids = []
        await self._mark(activation, delivery, message_ids)

    async def _send(self, user: User, activation: Activation | None, delivery: Delivery) -> list[int]:
        """Send a delivery; return the message ids of a code or a card, an empty list for a notice."""
        if delivery.notice:
            await self.messenger.notice(user, activation, delivery.notice)
        elif activation and delivery.code:
            return await self.messenger.code(user, activation, delivery.code)
        elif activation:
            return [await self.messenger.card(user, activation)]
        return []

    async def _mark(self, activation: Activation | None, delivery: Delivery, message_ids: list[int]) -> None:
        now = int(self.now())
        if delivery.notice:
            await self.db.write(outbox.notice_delivered, delivery.user_id, delivery.notice.id, now)
        elif activation and delivery.code:
            after = await self.db.write(_mark_code, activation, delivery.code, message_ids, now)
            if after.complete_scheduled:
                self.poll_schedule.add(after)
            self.code_cleanup.changed.set()
        elif activation:
            await self.db.write(
                outbox.card_drawn,
                activation,
                message_ids[0] if message_ids else activation.card_message_id,
            )

    async def _wait_for_rate_limit(self, user_id: int) -> None:
        """Wait until Telegram's rate limits allow a message to this chat."""
        if len(self._chat_limiters) > 10 * MAX_CONCURRENT_CHATS:
            self._chat_limiters = {
                id_: limiter for id_, limiter in self._chat_limiters.items() if id_ in self._active
            }
        if user_id not in self._chat_limiters:
            self._chat_limiters[user_id] = AsyncLimiter(CHAT_BURST, CHAT_BURST / CHAT_RATE)
        await self._chat_limiters[user_id].acquire()
        await self._bot_limiter.acquire()

    async def _retried_too_long(self, user_id: int) -> bool:
        delivery = await self._next(user_id)
        if delivery is None or delivery.since is None:
            return False
        return self.now() - delivery.since > RETRY_FOR

    async def _mark_unreachable(self, user_id: int) -> None:
        await self.db.write(users.set_unreachable, user_id, unreachable=True)


def _backoff(failures: int) -> float:
    seconds: float = min(MIN_BACKOFF * 2 ** min(failures - 1, 10), MAX_BACKOFF)
    return seconds


def _mark_code(
    connection: Connection, activation: Activation, code: Code, message_ids: Sequence[int], now: int
) -> Activation:
    """Mark a code as delivered, and schedule the cleanup and the completion that its user has set.

    Args:
        connection: inside a transaction.
        activation: the activation of the code.
        code: the code.
        message_ids: the messages with the code; empty if Telegram refused them.
        now: UTC seconds.

    Returns:
        The activation after that.
    """
    outbox.code_delivered(connection, activation.id, code.ordinal, now)
    if not message_ids:  # the code stands only on the card, so nothing may hide it
        return activations.get(connection, activation.id)
    chosen = preferences.get(connection, activation.user_id)
    if chosen.delete_codes_after is not None:
        code_messages.add(connection, activation, message_ids, now + chosen.delete_codes_after)
    activation = activations.get(connection, activation.id)
    if chosen.complete_after_code and can_auto_complete(activation):
        return transitions.schedule_completion(connection, activation.id, wanted=True)
    return activation
