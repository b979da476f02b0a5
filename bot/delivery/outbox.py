"""Outbox: sends stored codes, notices, cards and buttons, and marks them as delivered."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Final

from bot import errors
from bot.delivery.attempts import MAX_BACKOFF, Attempt, ChatState, Sent, backoff
from bot.delivery.marks import DeliveryMarks
from bot.delivery.pending_users import PendingUsers
from bot.delivery.rate_limits import SendLimits
from bot.domain import Activation, User
from bot.ports import Messenger
from bot.storage import activations, outbox, users
from bot.storage.database import Database
from bot.storage.outbox import Delivery, DeliveryKey

MAX_CONCURRENT_CHATS: Final = 100
"""Chats that are sent to at the same time; a chat that hangs delays no other."""
RETRY_FOR: Final = 24 * 3600
"""Seconds for which a delivery is retried. After that the user counts as unreachable, and a notice or a card
that Telegram refuses is dropped. A code is never dropped."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """A delivery with what is needed to send it."""

    user: User
    activation: Activation | None
    delivery: Delivery

    @property
    def is_edit(self) -> bool:
        """Whether it edits a message instead of sending one."""
        if self.delivery.is_card and self.activation is not None:
            return self.activation.card_message_id is not None
        return self.delivery.message_id is not None


@dataclass(eq=False, slots=True, kw_only=True)
class Outbox:
    """Sends the deliveries of each user one after the other: codes, notices, cards, buttons under codes.

    A delivery that fails waits for its next attempt, while those behind it are sent.
    """

    db: Database
    messenger: Messenger
    pending_users: PendingUsers
    marks: DeliveryMarks
    now: Callable[[], float]
    _chats: dict[int, ChatState] = field(default_factory=dict, init=False)
    _slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_CHATS), init=False
    )
    _stopping: bool = field(default=False, init=False)
    _limits: SendLimits = field(default_factory=SendLimits, init=False)
    _ping_lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _answered_at: float = field(default=0.0, init=False)

    async def load(self) -> None:
        """Queue all users with pending deliveries."""
        for user_id in await self.db.read(outbox.users_with_deliveries):
            self.pending_users.notify(user_id)

    async def resume(self, user: User) -> None:
        """Mark a user as reachable and queue them."""
        if chat := self._chats.get(user.id):
            chat.resumed = True
        await self.db.write(users.set_unreachable, user.id, unreachable=False)
        self.pending_users.notify(user.id)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                user_id = await self.pending_users.next()
                if chat := self._chats.get(user_id):
                    chat.wake.set()
                else:
                    self._chats[user_id] = ChatState()
                    group.create_task(self._serve(user_id))

    async def stop(self) -> None:
        """Wait for the deliveries in progress and start no others."""
        self._stopping = True
        for _ in range(MAX_CONCURRENT_CHATS):
            await self._slots.acquire()

    async def _serve(self, user_id: int) -> None:
        """Send a user's deliveries until none is pending."""
        chat = self._chats[user_id]
        try:
            while not self._stopping:
                chat.wake.clear()
                pause = await self._try_step(user_id, chat)
                if pause is None and not chat.wake.is_set():
                    return
                if pause:
                    await _wait(chat.wake, pause)
        finally:
            del self._chats[user_id]

    async def _try_step(self, user_id: int, chat: ChatState) -> float | None:
        """Do one step; return the seconds to wait, 0 for none, or None if nothing is pending."""
        try:
            pause = await self._step(user_id, chat)
        except errors.ActivationGone:
            return None  # the user has deleted all their data meanwhile
        except errors.StorageError as error:
            log.warning("chat %d: %s", user_id, error)
            chat.failures += 1
            return backoff(chat.failures)
        except Exception:
            log.exception("chat %d", user_id)
            return MAX_BACKOFF
        chat.failures = 0
        return pause

    async def _step(self, user_id: int, chat: ChatState) -> float | None:
        """Mark what was sent, then send the next delivery that need not wait; return as `_try_step` does."""
        now = _time()
        await self.marks.write_due(chat, now)
        if chat.retry_at is not None and chat.retry_at <= now:
            await self.db.write(users.set_unreachable, user_id, unreachable=False)
            chat.retry_at = None
        full = self._limits.full_activations(now)
        skipped = chat.skipped(now)
        job = await self.db.read(_next_job, user_id, skipped, [*full])
        if job is None:
            chat.forget_done(now)
            next_at = min(filter(None, (chat.next_at(), await self._codes_wait(user_id, full))), default=None)
            return None if next_at is None else max(next_at - _time(), 0.01)
        await self._limits.wait(user_id, edit=job.is_edit)
        async with self._slots:
            # Read again after the wait: the card may have changed, and the user may be unreachable.
            now_next = await self.db.read(_next_job, user_id, skipped, [*full])
            if now_next is not None and now_next.is_edit == job.is_edit and not self._stopping:
                await self._deliver(chat, now_next)
        return 0.0

    async def _codes_wait(self, user_id: int, full: dict[int, float]) -> float | None:
        """Return when the next code may be sent that waits only because of its activation's limit."""
        if not full:
            return None
        job = await self.db.read(_next_job, user_id, (), ())
        return None if job is None else min(full.values())

    async def _deliver(self, chat: ChatState, job: _Job) -> None:
        """Send a delivery, then mark it; a crash in between sends it twice, but never loses it."""
        delivery, user_id = job.delivery, job.user.id
        attempt = chat.attempts.setdefault(delivery.key, Attempt())
        chat.resumed = False
        try:
            if attempt.losses and not await self._answers_since(attempt.lost_at):
                attempt.wait(_time())
                return
            await self._send(chat, job, attempt)
        except errors.ChatGone as error:
            await self._chat_gone(chat, user_id, temporary=isinstance(error, errors.ChatNotFound))
        except errors.MessageRefused as refusal:
            log.warning("chat %d: Telegram refuses a message; it is tried again later: %s", user_id, refusal)
            self._answered_at = _time()
            attempt.refused(_time(), long=not delivery.is_card)
            if delivery.code is None and _time() - attempt.first_refusal > RETRY_FOR:
                await self._sent(chat, job, [])
        except errors.TryLater as error:
            await self._wait(job, attempt, error)
        except (errors.ActivationGone, errors.StorageError):
            raise
        except Exception:
            log.exception("chat %d: a message cannot be sent; it is tried again later", user_id)
            attempt.refused(_time())
        else:
            await self._sent(chat, job, attempt.sent)

    async def _send(self, chat: ChatState, job: _Job, attempt: Attempt) -> None:
        """Send the messages of a delivery that are not sent yet."""
        activation, delivery = job.activation, job.delivery
        if delivery.notice:
            message_id = await self.messenger.notice(job.user, activation, delivery.notice)
            self._message_sent(chat, attempt, message_id)
        elif activation and delivery.code and delivery.message_id is not None:
            await self.messenger.code_buttons(job.user, activation, delivery.code, delivery.message_id)
            self._answered_at = _time()
        elif activation and delivery.code:
            parts = self.messenger.code_parts(job.user, activation, delivery.code)
            for part in range(len(attempt.sent), parts):
                if part:
                    await self._limits.wait(job.user.id)
                message_id = await self.messenger.code(job.user, activation, delivery.code, part)
                self._message_sent(chat, attempt, message_id)
            self._limits.count_code(activation.id)
        elif activation:
            message_id = await self.messenger.card(job.user, activation)
            edited = message_id == activation.card_message_id
            self._message_sent(chat, attempt, message_id, edited=edited)

    def _message_sent(
        self, chat: ChatState, attempt: Attempt, message_id: int, *, edited: bool = False
    ) -> None:
        attempt.message_sent(message_id)
        self._answered_at = _time()
        if not edited:
            chat.sent_at = self._answered_at

    async def _answers_since(self, moment: float) -> bool:
        """Return whether Telegram has answered a call after a time, if need be a call made now."""
        async with self._ping_lock:
            if self._answered_at <= moment:
                try:
                    await self.messenger.ping()
                except errors.DeliveryError:
                    return False
                self._answered_at = _time()
            return True

    async def _wait(self, job: _Job, attempt: Attempt, error: errors.TryLater) -> None:
        """Let a delivery wait after an error that is no refusal."""
        if isinstance(error, errors.AnswerLost):
            attempt.answer_lost(_time())
        else:
            attempt.wait(_time(), error.seconds)
            if error.seconds and not isinstance(error, errors.EditLater):
                self._limits.pause(error.seconds)
        if job.delivery.since is not None and self.now() - job.delivery.since > RETRY_FOR:
            await self._mark_unreachable(job.user.id)

    async def _chat_gone(self, chat: ChatState, user_id: int, *, temporary: bool) -> None:
        if chat.resumed:
            return  # the user has come back while the message was being refused
        log.info("chat %d cannot be written to; its deliveries are kept", user_id)
        await self._mark_unreachable(user_id)
        if temporary:
            chat.wait_until_found(_time())

    async def _sent(self, chat: ChatState, job: _Job, message_ids: Sequence[int]) -> None:
        """Mark a delivery that was sent; if that fails, only the mark is tried again."""
        chat.attempts.pop(job.delivery.key, None)
        chat.not_found, chat.retry_at = 0, None
        chat.sent[job.delivery.key] = Sent(job.delivery, job.activation, message_ids)
        await self.marks.write_due(chat, _time())

    async def _mark_unreachable(self, user_id: int) -> None:
        await self.db.write(users.set_unreachable, user_id, unreachable=True)


def _time() -> float:
    """Return the time of the event loop, in seconds."""
    return asyncio.get_running_loop().time()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _next_job(
    connection: Connection,
    user_id: int,
    skipped: Collection[DeliveryKey],
    skipped_activations: Collection[int],
) -> _Job | None:
    """Return the next delivery of a reachable user, or None."""
    user = users.find(connection, user_id)
    if user is None or user.unreachable:
        return None
    delivery = outbox.next_delivery(connection, user_id, skipped, skipped_activations)
    if delivery is None:
        return None
    activation = None
    if delivery.activation_id is not None:
        activation = activations.get(connection, delivery.activation_id)
    return _Job(user, activation, delivery)
