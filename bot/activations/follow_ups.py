"""Follow-ups: checks of ended activations, because a code may come after the end."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.domain import (
    DAY,
    DOUBTFUL,
    REOPENS,
    Activation,
    Closed,
    CodeShown,
    Ending,
    NewCode,
    Status,
    Waiting,
)
from bot.storage import activations, follow_ups, transitions
from bot.storage.database import Database

MAX_CONCURRENT: Final = 10
"""Follow-ups in progress at the same time."""
MIN_PAUSE: Final = 60.0
MAX_PAUSE: Final = 900.0
"""Seconds between two follow-ups of one activation; a tenth of the time since its end within these bounds."""
RETRY_FOR: Final = 600
"""Seconds after the end for which a failed follow-up is repeated if the provider has confirmed the end."""
DOUBT_FOR: Final = DAY
"""Seconds after the end for which follow-ups go on if the provider has not confirmed the end."""
REOPEN_FOR: Final = 4 * 3600
"""Seconds after the deadline for which an ended activation is opened again if the provider still waits."""
MAX_SLEEP: Final = 30.0
"""Seconds after which the loop looks at the clock again: it may have been corrected."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class FollowUps:
    """One loop over the ended activations whose follow-up is due; the times survive a restart."""

    db: Database
    accounts: Accounts
    status_checks: StatusChecks
    now: Callable[[], float]
    _reopened: set[int] = field(default_factory=set, init=False)

    async def run(self) -> None:
        """Check until cancelled."""
        ended = self.status_checks.ended
        while True:
            ended.clear()
            try:
                pause = await self.tick()
            except errors.StorageError as error:
                log.warning("the follow-ups cannot be read: %s", error)
                pause = MAX_SLEEP
            try:
                async with asyncio.timeout(pause):
                    await ended.wait()
            except TimeoutError:
                continue

    async def tick(self) -> float:
        """Check what is due; return the seconds until the next turn."""
        due = await self.db.read(follow_ups.list_due, self.now(), MAX_CONCURRENT)
        if due:
            async with asyncio.TaskGroup() as group:
                for id_ in due:
                    group.create_task(self._follow_up(id_))
        at = await self.db.read(follow_ups.next_at)
        return MAX_SLEEP if at is None else min(max(at - self.now(), 0.05), MAX_SLEEP)

    async def _follow_up(self, id_: int) -> None:
        try:
            async with self.status_checks.lock(id_):
                activation = await self.db.read(activations.get, id_)
                pause = None if activation.open else await self._check(activation)
                at = None if pause is None else int(self.now() + pause)
                await self.db.write(follow_ups.schedule, id_, at)
        except errors.ActivationGone:
            pass  # the user has deleted all their data meanwhile
        except errors.BotError as error:
            log.warning("follow-up of activation %d: %s", id_, type(error).__name__)
            await self._postpone(id_)
        except Exception:
            log.exception("follow-up of activation %d", id_)
            await self._postpone(id_)

    async def _postpone(self, id_: int) -> None:
        try:
            await self.db.write(follow_ups.schedule, id_, int(self.now() + MAX_PAUSE))
        except errors.StorageError as error:
            log.warning("follow-up of activation %d is not postponed: %s", id_, error)
            await asyncio.sleep(MIN_PAUSE)

    async def _check(self, activation: Activation) -> float | None:
        """Check an ended activation once; return the seconds to its next follow-up, or None for no other."""
        try:
            key = await self.accounts.key(activation.key_id)
        except errors.KeyMissing:
            return None  # the user has removed the key
        await key.gateway.budget.acquire_poll(key.secret)
        try:
            status = await self.status_checks.request_status(activation, budgeted=True)
        except errors.UnknownActivation:
            await self.status_checks.read_list_locked(activation)
            return self._pause(activation) if activation.ending in DOUBTFUL else None
        except errors.ProviderError:
            return self._pause(activation)
        return await self._record(activation, status)

    async def _record(self, activation: Activation, status: Status) -> float | None:
        """Record what an answer adds to an ended activation; return the seconds to the next follow-up."""
        match status:
            case CodeShown(text):
                await self._add_code(activation, NewCode(text))
            case Waiting(previous=previous):
                if previous:
                    await self._add_code(activation, NewCode(previous, earlier=True))
                elif self._may_reopen(activation):
                    self._reopened.add(activation.id)
                    reopened = await self.db.write(follow_ups.reopen, activation.id, int(self.now()))
                    self.status_checks.notify_change(reopened)
                    return None
                return self._pause(activation) if activation.ending in DOUBTFUL else None
            case Closed():
                activation = await self.status_checks.read_list_locked(activation)
                if activation.ending in DOUBTFUL:
                    self.status_checks.notify_change(await self.db.write(follow_ups.settle, activation.id))
        return None

    async def _add_code(self, activation: Activation, code: NewCode) -> None:
        if any(stored.text == code.text for stored in activation.codes):
            return
        now = int(self.now())
        self.status_checks.notify_change(await self.db.write(transitions.add_code, activation.id, code, now))
        await self.status_checks.read_list_locked(activation)

    def _may_reopen(self, activation: Activation) -> bool:
        """Return whether the provider's answer that it waits opens an ended activation again.

        After an end that the provider has confirmed this happens once: its servers may contradict each other.
        """
        if activation.state not in REOPENS or activation.ending is Ending.USER or activation.codes:
            return False
        if activation.ending not in DOUBTFUL and activation.id in self._reopened:
            return False
        return activation.ends_at is None or self.now() < activation.ends_at + REOPEN_FOR

    def _pause(self, activation: Activation) -> float | None:
        age = max(0.0, self.now() - (activation.ended_at or 0))
        if age >= (DOUBT_FOR if activation.ending in DOUBTFUL else RETRY_FOR):
            return None
        return min(max(age / 10, MIN_PAUSE), MAX_PAUSE)
