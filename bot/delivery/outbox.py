"""Brings stored codes, notices and changed cards to the chats, until they are there."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
"""Messages a second Telegram takes from a bot in all."""
CHAT_RATE: Final = 1
CHAT_BURST: Final = 10
"""Messages a second Telegram takes for one chat, and how many at once after a rest."""
AT_ONCE: Final = 100
"""Chats served at the same time; one that hangs holds up only itself."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
YOUNG: Final = 24 * 3600
"""Seconds for which a delivery is tried on; after that it waits for the user's next message."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Round:
    """A chat that is being served.

    Attributes:
        again: something came up while it was served.
        failures: attempts in a row that did not get there.
    """

    again: bool = False
    failures: int = 0


class PendingUsers:
    """The chats that something is to be brought to, in the order of the calls.

    It is apart from the courier because those who call are needed to build what the courier sends.
    """

    def __init__(self) -> None:
        self._wanted: asyncio.Queue[int] = asyncio.Queue()

    def notify(self, user_id: int) -> None:
        """Have this user brought what is waiting for them; returns at once."""
        self._wanted.put_nowait(user_id)

    async def next(self) -> int:
        """Wait for the next call, and return whose chat it is about."""
        return await self._wanted.get()


class Outbox:
    """Serves each chat in its own turn: codes first, then notices, then cards."""

    def __init__(
        self,
        *,
        db: Database,
        messenger: Messenger,
        pending_users: PendingUsers,
        poll_schedule: PollSchedule,
        code_cleanup: CodeCleanup,
        now: Callable[[], float],
    ) -> None:
        self._db = db
        self._pending_users = pending_users
        self._messenger = messenger
        self._poll_schedule = poll_schedule
        self._code_cleanup = code_cleanup
        self._now = now
        self._rounds: dict[int, _Round] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._stopping = False
        self._all = AsyncLimiter(ALL_RATE, 1)
        self._chats: dict[int, AsyncLimiter] = {}

    async def load(self) -> None:
        """Take up everything that was left over."""
        for user_id in await self._db.read(outbox.users_with_deliveries):
            self._pending_users.notify(user_id)

    async def resume(self, user: User) -> None:
        """Bring a user who could not be reached what was kept for them."""
        if round_ := self._rounds.get(user.id):
            round_.again = True  # a refusal of a moment ago is out of date
        await self._db.write(users.set_unreachable, user.id, unreachable=False)
        self._pending_users.notify(user.id)

    async def run(self) -> None:
        """Serve chats until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                user_id = await self._pending_users.next()
                if round_ := self._rounds.get(user_id):
                    round_.again = True
                else:
                    self._rounds[user_id] = _Round()
                    group.create_task(self._serve(user_id))

    async def stop(self) -> None:
        """Let what is being sent arrive and be marked; nothing new is begun."""
        self._stopping = True
        for _ in range(AT_ONCE):
            await self._slots.acquire()

    async def _serve(self, user_id: int) -> None:
        round_ = self._rounds[user_id]
        try:
            while True:
                pause = await self._serve_once(user_id, round_)
                if pause is None and not round_.again:
                    return
                round_.again = False
                if pause:
                    await asyncio.sleep(pause)
        finally:
            del self._rounds[user_id]

    async def _serve_once(self, user_id: int, round_: _Round) -> float | None:
        """Bring everything to one chat; return the seconds to wait before trying again, or None if done."""
        try:
            try:
                await self._deliver_all(user_id, round_)
            except errors.ChatGone:
                log.info("chat %d is gone; its messages are kept", user_id)
                if not round_.again:
                    await self._mark_unreachable(user_id)
            except errors.TryLater as error:
                round_.failures += 1
                if not await self._too_old(user_id):
                    return error.seconds or _pause(round_.failures)
                await self._mark_unreachable(user_id)
        except errors.ActivationGone:
            return None  # the user has just had everything forgotten
        except errors.StorageError as error:
            log.warning("chat %d: %s", user_id, error)
            round_.failures += 1
            return _pause(round_.failures)
        except Exception:
            log.exception("chat %d", user_id)
            round_.failures += 1
            return LONGEST_PAUSE
        return None

    async def _deliver_all(self, user_id: int, round_: _Round) -> None:
        while not self._stopping and (delivery := await self._next(user_id)):
            await self._turn(user_id)
            async with self._slots:
                await self._deliver(delivery)
            round_.failures = 0

    async def _next(self, user_id: int) -> Delivery | None:
        user = await self._db.read(users.find, user_id)
        if user is None or user.unreachable:
            return None
        return await self._db.read(outbox.next_delivery, user_id)

    async def _deliver(self, delivery: Delivery) -> None:
        """Bring one thing, then mark it: a crash in between brings it twice, never not at all."""
        user = await self._db.read(users.find, delivery.user_id)
        if user is None or user.unreachable:
            return
        activation = None
        if delivery.activation_id is not None:
            activation = await self._db.read(activations.get, delivery.activation_id)
        try:
            message_ids = await self._put(user, activation, delivery)
        except errors.MessageRefused:
            log.exception("chat %d does not take a message; it is left out", user.id)
            message_ids = []
        await self._mark(activation, delivery, message_ids)

    async def _put(self, user: User, activation: Activation | None, delivery: Delivery) -> list[int]:
        """Send one thing; return the ids of a code's messages, or of a card's."""
        if delivery.notice:
            await self._messenger.notice(user, activation, delivery.notice)
        elif activation and delivery.code:
            return await self._messenger.code(user, activation, delivery.code)
        elif activation:
            return [await self._messenger.card(user, activation)]
        return []

    async def _mark(self, activation: Activation | None, delivery: Delivery, message_ids: list[int]) -> None:
        now = int(self._now())
        if delivery.notice:
            await self._db.write(outbox.notice_delivered, delivery.user_id, delivery.notice.id, now)
        elif activation and delivery.code:
            after = await self._db.write(code_delivered, activation, delivery.code, message_ids, now)
            if after.complete_scheduled:
                self._poll_schedule.add(after)
            self._code_cleanup.changed.set()
        elif activation:
            await self._db.write(
                outbox.card_drawn,
                activation,
                message_ids[0] if message_ids else activation.card_message_id,
            )

    async def _turn(self, user_id: int) -> None:
        """Wait for this chat's turn under Telegram's limits."""
        if len(self._chats) > 10 * AT_ONCE:
            self._chats = {id_: limiter for id_, limiter in self._chats.items() if id_ in self._rounds}
        if user_id not in self._chats:
            self._chats[user_id] = AsyncLimiter(CHAT_BURST, CHAT_BURST / CHAT_RATE)
        await self._chats[user_id].acquire()
        await self._all.acquire()

    async def _too_old(self, user_id: int) -> bool:
        delivery = await self._next(user_id)
        return delivery is not None and delivery.since is not None and self._now() - delivery.since > YOUNG

    async def _mark_unreachable(self, user_id: int) -> None:
        await self._db.write(users.set_unreachable, user_id, unreachable=True)


def _pause(failures: int) -> float:
    pause: float = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    return pause


def code_delivered(
    connection: Connection, activation: Activation, code: Code, message_ids: Sequence[int], now: int
) -> Activation:
    """Record that a code is in the chat and what its owner wants done after that; return the activation.

    Args:
        connection: inside a transaction.
        activation: the number it came for.
        code: the code.
        message_ids: the messages that brought it.
        now: UTC seconds.
    """
    outbox.code_delivered(connection, activation.id, code.ordinal, now)
    if not message_ids:  # Telegram took none, so the card alone has the code
        return activations.get(connection, activation.id)
    chosen = preferences.get(connection, activation.user_id)
    if chosen.delete_codes_after is not None:
        code_messages.add(connection, activation, message_ids, now + chosen.delete_codes_after)
    activation = activations.get(connection, activation.id)
    if chosen.complete_after_code and can_auto_complete(activation):
        return transitions.schedule_completion(connection, activation.id, wanted=True)
    return activation
