"""Status checks: asks the provider how an activation stands, and records codes, waits and ends."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from sqlite3 import Connection
from typing import Final
from weakref import WeakValueDictionary

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.active_list import ActiveList, ListRead
from bot.domain import (
    Activation,
    AwaitsAnotherCode,
    ClosedByProvider,
    Ending,
    NewCode,
    NoticeKind,
    State,
    Status,
    User,
    Waiting,
    read_status,
)
from bot.ports import DeliveryQueue, PollSchedule
from bot.provider.gateway import ApiKey
from bot.storage import activations, follow_ups, outbox, transitions
from bot.storage.database import Database

BALANCE_TIMEOUT: Final = 2.0
"""Seconds to wait for the balance at the end of an activation; the end is recorded without it then."""
FOLLOW_UP_DELAY: Final = 60
"""Seconds between the end of an activation and the check that follows it."""
MAX_LIST_ATTEMPTS: Final = 3
"""Attempts to read the provider's list before a number without a code ends without it."""


@dataclass(eq=False, slots=True, kw_only=True)
class StatusChecks:
    """Checks activations and records what changed. A caller that changes an activation holds its lock.

    Attributes:
        ended: set when an activation has ended, because a check follows its end.
    """

    db: Database
    accounts: Accounts
    active_list: ActiveList
    poll_schedule: PollSchedule
    delivery_queue: DeliveryQueue
    now: Callable[[], float]
    ended: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _list_attempts: dict[int, int] = field(default_factory=dict, init=False)
    _locks: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary, init=False)

    def lock(self, id_: int) -> AbstractAsyncContextManager[None]:
        """Return the lock of an activation, so that at most one request about it is in progress."""
        lock = self._locks.get(id_)
        if lock is None:
            lock = self._locks[id_] = asyncio.Lock()
        return lock

    async def check(self, id_: int, *, budgeted: bool = False) -> tuple[Activation, Status | None]:
        """Check an activation, record what changed, and return it with the provider's answer.

        Args:
            id_: the bot's id.
            budgeted: the request is already taken from the request budget.

        Returns:
            The activation after the check, and the answer; None instead of an answer if it had ended before.

        Raises:
            ProviderError: there is no answer, or the answer is an error; nothing has changed.
        """
        async with self.lock(id_):
            activation = await self.db.read(activations.get, id_)
            if not activation.held:
                self.poll_schedule.add(activation)
                return activation, None
            status = await self.request_status(activation, budgeted=budgeted)
            return await self.record_status(activation.id, status), status

    async def check_locked(self, activation: Activation, *, by_user: bool = False) -> Activation:
        """Check a held activation for a caller that holds the lock; return it after the check.

        Args:
            activation: a held activation.
            by_user: the user has just requested the end, so an end counts as theirs.

        Raises:
            ProviderError: there is no answer, or the answer is an error; nothing has changed.
        """
        return await self.record_status(activation.id, await self.request_status(activation), by_user=by_user)

    async def request_status(self, activation: Activation, *, budgeted: bool = False) -> Status:
        """Return the provider's answer to a status check, and record whether it accepts the key.

        Raises:
            ProviderError: there is no answer, or the answer is an error.
        """
        key = await self.accounts.key(activation.key_id)
        try:
            status = await key.gateway.client.status(
                key.secret, activation.provider_id or "", budgeted=budgeted
            )
        except errors.KeyRefused:
            await self.record_refused_key(activation)
            raise
        if await self.accounts.mark_accepted(activation.key_id):
            self.poll_schedule.add(activation)
            await self.db.write(follow_ups.schedule_for_key, activation.key_id, int(self.now()))
            self.ended.set()
        return status

    async def record_status(self, id_: int, status: Status, *, by_user: bool = False) -> Activation:
        """Record what a status adds to the stored activation; return the activation after that."""
        if isinstance(status, Waiting):
            self.poll_schedule.note_waiting(id_)
        activation = await self.db.read(activations.get, id_)
        match read_status(activation, status):
            case NewCode() as code:
                now = int(self.now())
                return self.notify_change(await self.db.write(transitions.add_code, id_, code, now))
            case AwaitsAnotherCode():
                return self.notify_change(await self.db.write(transitions.await_next_code, id_, seen=True))
            case ClosedByProvider() if activation.held:
                return await self._end_closed(activation, by_user=by_user)
            case _:
                return activation

    async def read_list(self, id_: int, *, fresh: bool = False) -> ListRead:
        """Store what the provider's list knows of an activation, and the bot does not."""
        async with self.lock(id_):
            before = await self.db.read(activations.get, id_)
            _, read = await self._read_list(before, fresh=fresh)
            return read

    async def read_list_locked(self, activation: Activation) -> Activation:
        """Do what `read_list` does, for a caller that holds the lock; return the activation after that."""
        return (await self._read_list(activation))[0]

    async def _read_list(self, before: Activation, *, fresh: bool = False) -> tuple[Activation, ListRead]:
        after, read = await self.active_list.read_for(before, fresh=fresh)
        if after.card_version != before.card_version:
            self.notify_change(after)
        return after, read

    async def end_by_time(self, id_: int, ending: Ending) -> Activation:
        """End an activation after its final check; the provider's list is read first."""
        async with self.lock(id_):
            activation = await self.db.read(activations.get, id_)
            if activation.held and not activation.codes:
                activation, _ = await self._read_list(activation)
            if not activation.held:
                return activation
            state = State.COMPLETED if activation.codes else State.EXPIRED
            return await self.end(activation, state, ending)

    async def end(self, activation: Activation, state: State, ending: Ending) -> Activation:
        """Record the end, with a notice and the balance unless the user has just ended it themselves."""
        notice = None
        if state is not State.COMPLETED and ending is not Ending.USER:
            notice = NoticeKind.ENDED
        elif state is State.CANCELLED and activation.cancel_scheduled:
            notice = NoticeKind.CANCELLED
        balance = await self._balance(activation) if notice else None
        now = int(self.now())
        activation = await self.db.write(_end, activation.id, state, ending, notice, now, balance)
        self.ended.set()
        return self.notify_change(activation)

    async def _end_closed(self, activation: Activation, *, by_user: bool) -> Activation:
        """End an activation that the provider has closed; the provider does not say why.

        The provider's list is read before a number ends without a code. While that fails, the number stays
        open for a few checks more.
        """
        seen = self.poll_schedule.is_watched(activation.id)
        if not activation.codes:
            activation, read = await self._read_list(activation)
            if read is ListRead.FAILED and not by_user:
                self._list_attempts[activation.id] = self._list_attempts.get(activation.id, 0) + 1
                if self._list_attempts[activation.id] < MAX_LIST_ATTEMPTS:
                    return activation
            seen = seen and read is not ListRead.FAILED
        self._list_attempts.pop(activation.id, None)
        in_time = activation.ends_at is None or self.now() < activation.ends_at
        state, ending = (State.CANCELLED, Ending.PROVIDER) if in_time else (State.EXPIRED, Ending.TIME)
        if activation.codes:
            state, ending = State.COMPLETED, Ending.USER if by_user else ending
        elif activation.cancel_sent_at is not None:
            state, ending = State.CANCELLED, Ending.USER
        elif not seen:
            ending = Ending.UNSEEN
        return await self.end(activation, state, ending)

    async def store_end_balance(self, activation: Activation) -> Activation:
        """Store the balance after a cancel, for the card; nothing changes if it cannot be had."""
        if (balance := await self._balance(activation)) is None:
            return activation
        try:
            return self.notify_change(
                await self.db.write(transitions.save_balance_after, activation.id, balance)
            )
        except errors.ActivationGone:  # the user has deleted all their data meanwhile
            return activation

    async def _balance(self, activation: Activation) -> Decimal | None:
        """Return the balance of the activation's API key, or None if it cannot be had in time."""
        try:
            async with asyncio.timeout(BALANCE_TIMEOUT):
                return await self.accounts.balance_of_key(activation.user_id, activation.key_id)
        except (errors.BotError, TimeoutError):
            return None

    async def resume_bound_key(self, user: User) -> None:
        """Resume the status checks of a user whose bound key was refused and is accepted again."""
        if user.key_id is None or not await self.accounts.mark_accepted(user.key_id):
            return
        for activation in await self.db.read(activations.list_open_for_user, user.id):
            self.poll_schedule.add(activation)

    async def move_to_bound_key(self, user_id: int) -> int:
        """Move activations with a refused key to the user's bound key; return how many were moved.

        An activation is moved only within its provider, and only if that answers a check with the bound key.
        """
        user = await self.accounts.get_or_create(user_id, None)
        if user.key_id is None:
            return 0
        key = await self.accounts.key(user.key_id)
        moved = 0
        for activation in await self.db.read(activations.list_open_for_user, user_id):
            is_refused = activation.held and self.accounts.is_refused(activation.key_id)
            if is_refused and activation.provider == key.provider:
                async with self.lock(activation.id):
                    moved += await self._move_to_key(activation, user.key_id, key)
        return moved

    async def _move_to_key(self, activation: Activation, key_id: int, key: ApiKey) -> bool:
        try:
            status = await key.gateway.client.status(key.secret, activation.provider_id or "")
        except errors.ProviderError:
            return False
        self.notify_change(await self.db.write(transitions.change_key, activation.id, key_id))
        await self.record_status(activation.id, status)
        return True

    async def record_refused_key(self, activation: Activation) -> None:
        """Record that the provider refuses the activation's key; the first time the user gets a notice."""
        if await self.accounts.mark_refused(activation.user_id, activation.key_id):
            self.delivery_queue.notify(activation.user_id)

    async def add_notice(self, activation: Activation, kind: NoticeKind) -> None:
        """Store a notice about an activation and queue its delivery."""
        now = int(self.now())
        await self.db.write(outbox.add_notice, activation.user_id, activation.id, kind, now)
        self.delivery_queue.notify(activation.user_id)

    async def set_unanswered(self, id_: int, since: int | None) -> None:
        """Record since when the provider has not answered (UTC seconds), or that it answers again."""
        self.notify_change(await self.db.write(follow_ups.set_unanswered, id_, since))

    async def shift_times(self, id_: int, seconds: int) -> None:
        """Add seconds to the stored times of an open activation."""
        self.notify_change(await self.db.write(follow_ups.shift_times, id_, seconds))

    async def redraw_card(self, id_: int) -> None:
        """Queue an update of the card whose text depends on the time."""
        activation = await self.db.write(transitions.increment_card_version, id_)
        self.delivery_queue.notify(activation.user_id)

    def notify_change(self, activation: Activation) -> Activation:
        """Queue the delivery of a change and reschedule the status checks; return the activation."""
        self.delivery_queue.notify(activation.user_id)
        self.poll_schedule.add(activation)
        return activation


def _end(
    connection: Connection,
    id_: int,
    state: State,
    ending: Ending,
    notice: NoticeKind | None,
    now: int,
    balance: Decimal | None,
) -> Activation:
    activation = transitions.end(connection, id_, state, ending, now, balance)
    if activation.provider_id is not None:
        follow_ups.schedule(connection, id_, now + FOLLOW_UP_DELAY)
    if notice:
        outbox.add_notice(connection, activation.user_id, id_, notice, now)
    return activation
