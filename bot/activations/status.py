"""What is learnt of an activation by asking the provider how it stands, and what follows from that."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from sqlite3 import Connection
from typing import Final
from weakref import WeakValueDictionary

from pydantic import SecretStr

from bot import errors
from bot.accounts.accounts import Accounts
from bot.domain import (
    Activation,
    Ending,
    NewCode,
    NoticeKind,
    Over,
    State,
    Status,
    User,
    WaitSeen,
    read_status,
)
from bot.ports import DeliveryQueue, PollSchedule
from bot.provider.client import ProviderClient
from bot.storage import activations, outbox, transitions
from bot.storage.database import Database

BALANCE_WITHIN: Final = 2.0
"""Seconds the balance may take after an end; without it the end is told all the same."""


class StatusChecks:
    """Looks at activations and records the news. Whoever changes one holds its lock."""

    def __init__(
        self,
        *,
        db: Database,
        accounts: Accounts,
        provider: ProviderClient,
        poll_schedule: PollSchedule,
        delivery_queue: DeliveryQueue,
        now: Callable[[], float],
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._provider = provider
        self._poll_schedule = poll_schedule
        self._delivery_queue = delivery_queue
        self._now = now
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def lock(self, id_: int) -> AbstractAsyncContextManager[None]:
        """Return the lock of an activation: at most one request about it is under way."""
        lock = self._locks.get(id_)
        if lock is None:
            lock = self._locks[id_] = asyncio.Lock()
        return lock

    async def check(self, id_: int, *, budgeted: bool = False) -> Activation:
        """Ask how an activation stands, record the news, and return it.

        Args:
            id_: our id.
            budgeted: the request was already taken from the budget.

        Raises:
            ProviderError: there is no answer, or the answer is an error; the activation is as it was.
        """
        async with self.lock(id_):
            activation = await self._db.read(activations.get, id_)
            if activation.held:
                return await self.check_locked(activation, budgeted=budgeted)
            self._poll_schedule.add(activation)
            return activation

    async def end_by_time(self, id_: int, ending: Ending) -> Activation:
        """End an activation whose time is over and that has been looked at for the last time."""
        async with self.lock(id_):
            activation = await self._db.read(activations.get, id_)
            if not activation.held:
                return activation
            state = State.COMPLETED if activation.codes else State.EXPIRED
            return await self.end(activation, state, ending)

    async def end_forgotten(self, id_: int) -> Activation:
        """End an activation that the provider no longer knows."""
        async with self.lock(id_):
            activation = await self._db.read(activations.get, id_)
            if not activation.held:
                return activation
            state = State.COMPLETED if activation.codes else State.CANCELLED
            return await self.end(activation, state, Ending.FORGOTTEN)

    async def resume_bound_key(self, user: User) -> None:
        """Go on asking about the user's numbers if their bound key had been refused and now works."""
        if user.key_id is None or not await self._accounts.mark_accepted(user.key_id):
            return
        for activation in await self._db.read(activations.list_open_for_user, user.id):
            self._poll_schedule.add(activation)

    async def redraw_card(self, id_: int) -> None:
        """Have the card drawn again, because of the time that has passed."""
        activation = await self._db.write(transitions.increment_card_version, id_)
        self._delivery_queue.notify(activation.user_id)

    async def move_to_bound_key(self, user_id: int) -> int:
        """Go on with the user's bound key where an older key is refused; return with how many numbers."""
        user = await self._accounts.meet(user_id, None)
        if user.key_id is None:
            return 0
        key = await self._accounts.key(user.key_id)
        taken = 0
        for activation in await self._db.read(activations.list_open_for_user, user_id):
            if activation.held and self._accounts.is_refused(activation.key_id):
                async with self.lock(activation.id):
                    taken += await self._move_to_bound_key(activation, user.key_id, key)
        return taken

    async def _move_to_bound_key(self, activation: Activation, key_id: int, key: SecretStr) -> bool:
        try:
            status = await self._provider.status(key, activation.provider_id or "")
        except errors.ProviderError:
            return False
        activation = await self._db.write(transitions.change_key, activation.id, key_id)
        await self.publish(activation)
        await self.apply(activation.id, status)
        return True

    async def check_locked(
        self, activation: Activation, *, budgeted: bool = False, asked: bool = False
    ) -> Activation:
        """Do what `look` does, for a caller who holds the lock.

        Args:
            activation: one that is held.
            budgeted: the request was already taken from the budget.
            asked: the user has just asked for the end, so an end is their doing.

        Raises:
            ProviderError: there is no answer, or the answer is an error; the activation is as it was.
        """
        key = await self._accounts.key(activation.key_id)
        try:
            status = await self._provider.status(key, activation.provider_id or "", budgeted=budgeted)
        except errors.KeyRefused:
            await self.key_refused(activation)
            raise
        if await self._accounts.mark_accepted(activation.key_id):
            self._poll_schedule.add(activation)
        return await self.apply(activation.id, status, asked=asked)

    async def apply(self, id_: int, status: Status, *, asked: bool = False) -> Activation:
        """Record what a status tells that is not known yet; return the activation after it."""
        activation = await self._db.read(activations.get, id_)
        match read_status(activation, status):
            case NewCode() as news:
                now = int(self._now())
                return await self.publish(await self._db.write(transitions.add_code, id_, news, now))
            case WaitSeen():
                return await self.publish(await self._db.write(transitions.await_next_code, id_, seen=True))
            case Over() if activation.held:
                return await self._over(activation, asked=asked)
            case _:
                return activation

    async def _over(self, activation: Activation, *, asked: bool) -> Activation:
        """End an activation the provider has closed, worded by what we know: it does not say why."""
        in_time = activation.ends_at is None or self._now() < activation.ends_at
        ending = Ending.PROVIDER if in_time else Ending.TIME
        if activation.codes:
            return await self.end(activation, State.COMPLETED, Ending.USER if asked else ending)
        if activation.cancel_sent_at is not None:
            return await self.end(activation, State.CANCELLED, Ending.USER)
        return await self.end(activation, State.CANCELLED if in_time else State.EXPIRED, ending)

    async def end(self, activation: Activation, state: State, ending: Ending) -> Activation:
        """Record the end; of what they have not just done themselves the user hears, and of the balance."""
        notice = None
        if state is not State.COMPLETED and ending is not Ending.USER:
            notice = NoticeKind.ENDED
        elif state is State.CANCELLED and activation.cancel_scheduled:
            notice = NoticeKind.CANCELLED
        balance = await self._balance(activation) if notice else None
        now = int(self._now())
        return await self.publish(
            await self._db.write(_end, activation.id, state, ending, notice, now, balance)
        )

    async def note_balance(self, activation: Activation) -> Activation:
        """Have the card of a number that was cancelled show the balance, if it is to be had."""
        balance = await self._balance(activation)
        if balance is None:
            return activation
        try:
            return await self.publish(
                await self._db.write(transitions.save_balance_after, activation.id, balance)
            )
        except errors.ActivationGone:  # its owner has had everything deleted in the meantime
            return activation

    async def _balance(self, activation: Activation) -> Decimal | None:
        """Return the balance behind the key of a number that ends; of the money nothing else can be said."""
        try:
            async with asyncio.timeout(BALANCE_WITHIN):
                return await self._accounts.balance_of_key(activation.user_id, activation.key_id)
        except (errors.BotError, TimeoutError):
            return None

    async def key_refused(self, activation: Activation) -> None:
        """Note that the provider refuses the activation's key; the user hears it once."""
        if await self._accounts.mark_refused(activation.user_id, activation.key_id):
            self._delivery_queue.notify(activation.user_id)

    async def add_notice(self, activation: Activation, kind: NoticeKind) -> None:
        """Have the user told something about an activation."""
        now = int(self._now())
        await self._db.write(outbox.add_notice, activation.user_id, activation.id, kind, now)
        self._delivery_queue.notify(activation.user_id)

    async def publish(self, activation: Activation) -> Activation:
        """Have the change brought to the chat and looked after; return the activation."""
        self._delivery_queue.notify(activation.user_id)
        self._poll_schedule.add(activation)
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
    if notice:
        outbox.add_notice(connection, activation.user_id, id_, notice, now)
    return activation
