"""Asks the provider about every open activation, on time and inside the request budget."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pydantic import SecretStr

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.reconciliation import Reconciliation
from bot.activations.schedule import PollEntry, Schedule
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.domain import Ending, State
from bot.provider.budget import Budget
from bot.storage import activations
from bot.storage.database import Database

IN_FLIGHT: Final = 100
"""Requests under way at once; a provider that hangs holds no more than these."""
LAST_LOOKS: Final = 2
"""Good answers wanted after the deadline before an activation ends by time."""
UNKNOWN_TRIES: Final = 3
"""How often a provider may not know an activation before that is believed."""
GIVE_UP_AFTER: Final = 24 * 3600
"""Seconds after the deadline in which a last look is still tried."""

log = logging.getLogger(__name__)


class Poller:
    """One loop over the schedule. A poll without news writes nothing and sends nothing."""

    def __init__(
        self,
        *,
        db: Database,
        schedule: Schedule,
        budget: Budget,
        accounts: Accounts,
        status_checks: StatusChecks,
        activations: ActivationSteps,
        reconciliation: Reconciliation,
        lifetime: int,
        now: Callable[[], float],
    ) -> None:
        self._db = db
        self._schedule = schedule
        self._budget = budget
        self._accounts = accounts
        self._status_checks = status_checks
        self._activations = activations
        self._reconciliation = reconciliation
        self._lifetime = lifetime
        self._now = now
        self._keys: dict[int, SecretStr] = {}
        self._in_flight = 0

    async def load(self) -> None:
        """Take up every activation that has not ended; each is looked at once, however old it is."""
        for activation in await self._db.read(activations.list_open):
            self._schedule.add(activation, at_once=True)

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._schedule.changed.clear()
                pause = await self.tick(group)
                try:
                    async with asyncio.timeout(pause):
                        await self._schedule.changed.wait()
                except TimeoutError:
                    continue

    async def tick(self, group: asyncio.TaskGroup) -> float | None:
        """Start every request that is due and within the budget.

        Returns:
            Seconds until the next one is due; None if nothing is.
        """
        while (activation := self._schedule.take_reminder()) is not None:
            group.create_task(self._remind(activation.id))
        while self._in_flight < IN_FLIGHT and (entry := self._schedule.take_due()):
            if wait := await self._wait_for_budget(entry):
                self._schedule.defer(entry, wait)
                if self._budget.host_wait():
                    break  # those behind it have been due for a shorter time
                continue
            self._in_flight += 1
            group.create_task(self._ask(entry))
        at = self._schedule.next_at()
        if at is None or self._in_flight >= IN_FLIGHT:
            return None
        return max(at - self._now(), self._budget.host_wait(), 0.001)

    async def _wait_for_budget(self, entry: PollEntry) -> float:
        """Take a look's request from the budget and return 0, or return the seconds to wait for it."""
        if not entry.activation.held or self._cancel_due(entry) or entry.activation.complete_scheduled:
            return 0.0  # these ask more than once, and take from the budget as taps do
        try:
            return self._budget.try_poll(await self._key(entry.activation.key_id))
        except (errors.StorageError, errors.KeyMissing) as error:
            log.warning("no key for activation %d: %s", entry.activation.id, type(error).__name__)
            return 5.0

    async def _remind(self, id_: int) -> None:
        """Have a card say that little time is left; nobody but the clock is asked."""
        try:
            await self._status_checks.redraw_card(id_)
        except errors.BotError as error:
            log.warning("the card of activation %d is not drawn: %s", id_, type(error).__name__)

    async def _key(self, key_id: int) -> SecretStr:
        if key_id not in self._keys:
            if len(self._keys) > len(self._schedule):
                self._keys.clear()
            self._keys[key_id] = await self._accounts.key(key_id)
        return self._keys[key_id]

    async def _ask(self, entry: PollEntry) -> None:
        pause: float | None = None
        try:
            pause = await self._ask_once(entry)
        except errors.BotError as error:
            log.warning("activation %d: %s", entry.activation.id, type(error).__name__)
            entry.failures += 1
        except Exception:
            log.exception("activation %d", entry.activation.id)
            entry.failures += 1
        finally:
            self._in_flight -= 1
            self._schedule.reschedule(entry, pause)

    async def _ask_once(self, entry: PollEntry) -> float | None:
        """Ask about one activation; return the seconds to the next time where the cadence does not say it."""
        if not entry.activation.held:
            return await self._clear_up(entry)
        if self._cancel_due(entry):
            with suppress(errors.ProviderError, errors.RuleError):  # the user is told by a notice
                await self._activations.run_scheduled_cancel(entry.activation.id)
            return None
        if entry.activation.complete_scheduled:
            with suppress(errors.ProviderError, errors.RuleError):  # the card keeps its buttons
                await self._activations.run_scheduled_completion(entry.activation.id)
            return None
        return await self._check(entry)

    async def _clear_up(self, entry: PollEntry) -> float | None:
        activation = entry.activation
        entry.attempts += 1
        after = await self._reconciliation.reconcile(activation.id, tell=True)
        if after.state is State.UNKNOWN and self._now() >= activation.ordered_at + self._lifetime:
            await self._reconciliation.give_up(activation.id)
        return None

    async def _check(self, entry: PollEntry) -> float | None:
        id_ = entry.activation.id
        try:
            await self._status_checks.check(id_, budgeted=True)
        except errors.KeyRefused:
            return await self._key_refused(entry)
        except (errors.Throttled, errors.Blocked) as error:
            return error.retry_after
        except errors.UnknownActivation:
            return await self._unknown(entry)
        except (errors.Refused, errors.UnsupportedAction) as error:
            if self._now() < entry.over:
                raise
            log.info("activation %d, last look: %s", id_, type(error).__name__)
        except errors.Unavailable as error:
            log.debug("activation %d: %s", id_, type(error).__name__)
            entry.failures += 1
            if self._now() >= entry.over + GIVE_UP_AFTER:
                await self._status_checks.end_by_time(id_, Ending.TIME)
            return None
        entry.failures = entry.unknown = 0
        await self._count_final_check(entry, Ending.TIME)
        return None

    async def _count_final_check(self, entry: PollEntry, ending: Ending) -> None:
        if self._now() < entry.over:
            return
        entry.last_looks += 1
        if entry.last_looks >= LAST_LOOKS:
            await self._status_checks.end_by_time(entry.activation.id, ending)
        elif not entry.activation.codes:
            await self._status_checks.redraw_card(entry.activation.id)

    async def _key_refused(self, entry: PollEntry) -> float | None:
        """Stop asking with this key; the two last looks are tried all the same."""
        now = self._now()
        if now < entry.over:
            return entry.over - now
        await self._count_final_check(entry, Ending.KEY)
        return None

    async def _unknown(self, entry: PollEntry) -> float | None:
        entry.unknown += 1
        if self._now() >= entry.over:
            await self._status_checks.end_by_time(entry.activation.id, Ending.TIME)
        elif entry.unknown >= UNKNOWN_TRIES:
            await self._status_checks.end_forgotten(entry.activation.id)
        return None

    def _cancel_due(self, entry: PollEntry) -> bool:
        activation = entry.activation
        return activation.cancel_scheduled and self._now() >= (activation.cancel_from or 0)
