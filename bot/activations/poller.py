"""Poller: runs the due status checks of the poll schedule within the request budget."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

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

MAX_IN_FLIGHT: Final = 100
"""Checks in progress at the same time; the limit matters when the provider hangs."""
FINAL_CHECKS: Final = 2
"""Successful checks after the deadline before an activation ends by time."""
MAX_UNKNOWN_ANSWERS: Final = 3
"""Consecutive answers "unknown activation" after which the activation ends."""
GIVE_UP_AFTER: Final = 24 * 3600
"""Seconds after the deadline after which an activation ends without a successful final check."""
NO_KEY_PAUSE: Final = 5.0
"""Seconds until the next check if the API key cannot be read."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class Poller:
    """One loop over the schedule. A check without news writes nothing and sends nothing."""

    db: Database
    schedule: Schedule
    budget: Budget
    accounts: Accounts
    status_checks: StatusChecks
    activations: ActivationSteps
    reconciliation: Reconciliation
    lifetime: int
    now: Callable[[], float]
    _in_flight: int = field(default=0, init=False)

    async def load(self) -> None:
        """Schedule an immediate check of every open activation, even if its time was over long ago.

        Purchases of which no number could be found are checked for the lifetime of a number.
        """
        found_none = await self.db.read(activations.list_not_found, int(self.now()) - self.lifetime)
        for activation in [*await self.db.read(activations.list_open), *found_none]:
            self.schedule.add(activation, immediately=True)

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self.schedule.changed.clear()
                pause = await self.tick(group)
                try:
                    async with asyncio.timeout(pause):
                        await self.schedule.changed.wait()
                except TimeoutError:
                    continue

    async def tick(self, group: asyncio.TaskGroup) -> float | None:
        """Start every check that is due and within the request budget.

        Returns:
            Seconds until the next tick; None to wait for a change of the schedule.
        """
        while (activation := self.schedule.take_reminder()) is not None:
            group.create_task(self._remind(activation.id))
        while self._in_flight < MAX_IN_FLIGHT and (entry := self.schedule.take_due()):
            if wait := await self._wait_for_budget(entry):
                self.schedule.defer(entry, wait)
                if self.budget.host_wait():
                    break  # the remaining entries need the same provider and are less overdue
                continue
            self._in_flight += 1
            group.create_task(self._run_entry(entry))
        at = self.schedule.next_at()
        if at is None or self._in_flight >= MAX_IN_FLIGHT:
            return None
        return max(at - self.now(), self.budget.host_wait(), 0.001)

    async def _wait_for_budget(self, entry: PollEntry) -> float:
        """Take the request of a check from the budget and return 0, or return the seconds to wait for it."""
        if not entry.activation.held or self._cancel_due(entry) or entry.activation.complete_scheduled:
            return 0.0  # these send several requests, and take each from the budget like a tap
        try:
            return self.budget.try_poll(await self.accounts.key(entry.activation.key_id))
        except (errors.StorageError, errors.KeyMissing) as error:
            log.warning("no key for activation %d: %s", entry.activation.id, type(error).__name__)
            return NO_KEY_PAUSE

    async def _remind(self, id_: int) -> None:
        """Update a card because the last minutes have begun."""
        try:
            await self.status_checks.redraw_card(id_)
        except errors.BotError as error:
            log.warning("the card of activation %d is not drawn: %s", id_, type(error).__name__)

    async def _run_entry(self, entry: PollEntry) -> None:
        pause: float | None = None
        try:
            pause = await self._process(entry)
        except errors.BotError as error:
            log.warning("activation %d: %s", entry.activation.id, type(error).__name__)
            entry.failures += 1
        except Exception:
            log.exception("activation %d", entry.activation.id)
            entry.failures += 1
        finally:
            self._in_flight -= 1
            self.schedule.reschedule(entry, pause)

    async def _process(self, entry: PollEntry) -> float | None:
        """Do what is due; return the seconds to the next check, or None for the rules of the schedule."""
        if not entry.activation.held:
            await self._reconcile(entry)
            return None
        if self._cancel_due(entry):
            with suppress(errors.ProviderError, errors.RuleError):  # a notice tells the user
                await self.activations.run_scheduled_cancel(entry.activation.id)
            return None
        if entry.activation.complete_scheduled:
            with suppress(errors.ProviderError, errors.RuleError):  # the card still has its buttons
                await self.activations.run_scheduled_completion(entry.activation.id)
            return None
        return await self._check(entry)

    async def _reconcile(self, entry: PollEntry) -> None:
        activation = entry.activation
        entry.attempts += 1
        try:
            after = await self.reconciliation.reconcile(activation.id, notify=True)
        except errors.ActivationGone:  # the user has deleted all their data
            self.schedule.remove(activation.id)
            return
        if self.now() < activation.ordered_at + self.lifetime:
            return
        if after.state is State.UNKNOWN:
            await self.reconciliation.give_up(activation.id)
        elif after.not_found:
            self.schedule.remove(activation.id)

    async def _check(self, entry: PollEntry) -> float | None:
        id_ = entry.activation.id
        try:
            await self.status_checks.check(id_, budgeted=True)
        except errors.KeyRefused:
            return await self._handle_refused_key(entry)
        except (errors.Throttled, errors.Blocked) as error:
            return error.retry_after
        except errors.UnknownActivation:
            await self._handle_unknown(entry)
            return None
        except (errors.Refused, errors.UnsupportedAction) as error:
            if self.now() < entry.deadline:
                raise
            log.info("activation %d, final check: %s", id_, type(error).__name__)
        except errors.Unavailable as error:
            log.debug("activation %d: %s", id_, type(error).__name__)
            entry.failures += 1
            if self.now() >= entry.deadline + GIVE_UP_AFTER:
                await self.status_checks.end_by_time(id_, Ending.TIME)
            return None
        entry.failures = entry.unknown_answers = 0
        await self._count_final_check(entry, Ending.TIME)
        return None

    async def _count_final_check(self, entry: PollEntry, ending: Ending) -> None:
        if self.now() < entry.deadline:
            return
        entry.final_checks += 1
        if entry.final_checks >= FINAL_CHECKS:
            await self.status_checks.end_by_time(entry.activation.id, ending)
        elif not entry.activation.codes:
            await self.status_checks.redraw_card(entry.activation.id)

    async def _handle_refused_key(self, entry: PollEntry) -> float | None:
        """Pause until the deadline; the final checks are tried with the refused key all the same."""
        now = self.now()
        if now < entry.deadline:
            return entry.deadline - now
        await self._count_final_check(entry, Ending.KEY)
        return None

    async def _handle_unknown(self, entry: PollEntry) -> None:
        entry.unknown_answers += 1
        if self.now() >= entry.deadline:
            await self.status_checks.end_by_time(entry.activation.id, Ending.TIME)
        elif entry.unknown_answers >= MAX_UNKNOWN_ANSWERS:
            await self.status_checks.end_forgotten(entry.activation.id)

    def _cancel_due(self, entry: PollEntry) -> bool:
        activation = entry.activation
        return activation.cancel_scheduled and self.now() >= (activation.cancel_from or 0)
