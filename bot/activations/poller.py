"""Poller: runs the due status checks of the poll schedule within the request budget."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from pydantic import SecretStr

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.active_list import ListRead
from bot.activations.poll_entry import PollEntry
from bot.activations.reconciliation import Reconciliation
from bot.activations.schedule import MAX_UNKNOWN_ANSWERS, Schedule
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.domain import Ending, State, Status, Waiting
from bot.provider.gateway import ApiKey, Gateway, Gateways
from bot.provider.pauses import MAX_CHECK_PAUSE
from bot.storage import activations
from bot.storage.database import Database

MAX_IN_FLIGHT: Final = 100
"""Checks in progress at the same time; the limit matters when the provider hangs."""
FINAL_CHECKS: Final = 2
"""Checks after the deadline before an activation ends by time, unless the provider still waits for a code."""
MAX_OVERTIME: Final = 4 * 3600
"""Seconds after the deadline for which a number stays open while the provider waits for a code."""
WAITING_VALID_FOR: Final = 300.0
"""Seconds for which the provider's answer that it waits keeps a number open after the deadline."""
OUTAGE_CHECKS: Final = 3
"""Consecutive failed checks after which the card says that the provider does not answer."""
MAX_LIST_ATTEMPTS: Final = 3
"""Failed attempts to read the provider's list before the checks go on without it."""
MAX_SLEEP: Final = 30.0
"""Seconds after which the loop looks at the clock again: it may have been corrected."""
NO_KEY_PAUSE: Final = 5.0
"""Seconds until the next check if the API key cannot be read."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class Poller:
    """One loop over the schedule. A check without news writes nothing and sends nothing."""

    db: Database
    schedule: Schedule
    gateways: Gateways
    accounts: Accounts
    status_checks: StatusChecks
    activations: ActivationSteps
    reconciliation: Reconciliation
    now: Callable[[], float]
    _in_flight: int = field(default=0, init=False)

    async def load(self) -> None:
        """Schedule an immediate check of every open activation, even if its time was over long ago.

        Purchases of which no number could be found are checked for the lifetime of a number.
        """
        for gateway in self.gateways:
            gateway.client.transport.on_key_accepted = partial(self._retry_refused, gateway)
            since = int(self.now()) - gateway.profile.lifetime
            for found_none in await self.db.read(activations.list_not_found, gateway.id, since):
                self.schedule.add(found_none, immediately=True)
        for activation in await self.db.read(activations.list_open):
            self.schedule.add(activation, immediately=True)

    def _retry_refused(self, gateway: Gateway, secret: SecretStr) -> None:
        self.schedule.retry_refused(ApiKey(gateway, secret))

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self.schedule.changed.clear()
                pause = await self.tick(group)
                try:
                    async with asyncio.timeout(MAX_SLEEP if pause is None else min(pause, MAX_SLEEP)):
                        await self.schedule.changed.wait()
                except TimeoutError:
                    continue

    async def tick(self, group: asyncio.TaskGroup) -> float | None:
        """Start every check that is due and within the request budget.

        Returns:
            Seconds until the next tick; None to wait for a change of the schedule.
        """
        for id_, seconds in self.schedule.follow_clock().items():
            group.create_task(self._shift(id_, seconds))
        while (activation := self.schedule.take_reminder()) is not None:
            group.create_task(self._remind(activation.id))
        while self._in_flight < MAX_IN_FLIGHT and (entry := self.schedule.take_due()):
            if wait := await self._wait_for_budget(entry):
                self.schedule.defer(entry, wait)
                if self._host_wait():
                    break  # no provider takes another check now
                continue
            self._in_flight += 1
            group.create_task(self._run_entry(entry))
        at = self.schedule.next_at()
        if at is None or self._in_flight >= MAX_IN_FLIGHT:
            return None
        return max(at - self.schedule.steady(), self._host_wait(), 0.001)

    def _host_wait(self) -> float:
        """Return the seconds until a provider takes another check."""
        return min(gateway.budget.host_wait() for gateway in self.gateways)

    async def _wait_for_budget(self, entry: PollEntry) -> float:
        """Take the request of a check from the budget and return 0, or return the seconds to wait for it."""
        if not entry.activation.held or self._cancel_due(entry) or entry.activation.complete_scheduled:
            return 0.0  # these send several requests, and take each from the budget like a tap
        try:
            key = await self.accounts.key(entry.activation.key_id)
            return key.gateway.budget.try_poll(key.secret)
        except (errors.StorageError, errors.KeyMissing) as error:
            log.warning("no key for activation %d: %s", entry.activation.id, type(error).__name__)
            return NO_KEY_PAUSE

    async def _shift(self, id_: int, seconds: float) -> None:
        """Correct the stored times of a number that were taken from a wrong clock."""
        try:
            await self.status_checks.shift_times(id_, round(seconds))
            self.schedule.times_shifted(id_, round(seconds))
        except errors.BotError as error:
            log.warning("the times of activation %d are not corrected: %s", id_, type(error).__name__)

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
            self.schedule.changed.set()  # also without a next check: others may wait for a free place

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
        if (
            self.schedule.wall_time(entry)
            < activation.ordered_at + self.gateways.of(activation.provider).profile.lifetime
        ):
            return
        if after.state is State.UNKNOWN:
            await self.reconciliation.give_up(activation.id)
        elif after.not_found:
            self.schedule.remove(activation.id)

    async def _check(self, entry: PollEntry) -> float | None:
        id_ = entry.activation.id
        codes_before = len(entry.activation.codes)
        try:
            activation, status = await self.status_checks.check(id_, budgeted=True)
        except errors.ProviderError as error:
            return await self._handle_failure(entry, error)
        entry.failures = entry.unknown_answers = 0
        entry.refused_key = None
        await self._end_outage(entry)
        if entry.list_due or len(activation.codes) > codes_before:
            await self._read_list(entry)
        if activation.held:
            await self._count_final_check(entry, Ending.TIME, status)
        return None

    async def _handle_failure(self, entry: PollEntry, error: errors.ProviderError) -> float | None:
        """Slow the checks down after an answer that says nothing about the code; only time ends a number.

        Returns:
            Seconds to the next check, or None for the rules of the schedule.
        """
        log.debug("activation %d: %s", entry.activation.id, type(error).__name__)
        pause: float | None = None
        doubt = Ending.NO_ANSWER
        match error:
            case errors.UnknownActivation():
                doubt = Ending.FORGOTTEN
                entry.unknown_answers += 1
                await self._end_outage(entry)
                if entry.unknown_answers == MAX_UNKNOWN_ANSWERS:
                    await self._read_list(entry)
            case errors.KeyRefused():
                doubt = Ending.KEY
                entry.refused_key = await self.accounts.key(entry.activation.key_id)
                await self._end_outage(entry)
            case errors.Throttled():
                pause = min(error.retry_after, MAX_CHECK_PAUSE)
            case errors.Refused() | errors.UnsupportedAction():
                entry.failures += 1
                if entry.failures == 1:
                    log.warning("activation %d: %s", entry.activation.id, type(error).__name__)
            case _:
                entry.failures += 1
                await self._note_outage(entry)
        await self._count_final_check(entry, doubt, None)
        return pause

    async def _read_list(self, entry: PollEntry) -> None:
        """Read the provider's list; if that fails, try again after the next check, a few times."""
        read = await self.status_checks.read_list(entry.activation.id)
        entry.list_attempts = entry.list_attempts + 1 if read is ListRead.FAILED else 0
        entry.list_due = 0 < entry.list_attempts < MAX_LIST_ATTEMPTS

    async def _note_outage(self, entry: PollEntry) -> None:
        """Count a failed check; after some, the card says since when the provider does not answer."""
        if entry.failing_since is None:
            entry.failing_since = self.now()
        if entry.failures >= OUTAGE_CHECKS and entry.activation.unanswered_since is None:
            await self.status_checks.set_unanswered(entry.activation.id, int(entry.failing_since))

    async def _end_outage(self, entry: PollEntry) -> None:
        entry.failing_since = None
        if entry.activation.unanswered_since is not None:
            await self.status_checks.set_unanswered(entry.activation.id, None)

    async def _count_final_check(self, entry: PollEntry, ending: Ending, status: Status | None) -> None:
        """After the deadline, count a check and end the activation, unless the provider still waits."""
        overdue = self.schedule.overdue(entry)
        if overdue < 0:
            entry.final_checks = 0
            return
        entry.final_checks += 1
        if isinstance(status, Waiting):
            entry.waiting_until = self.schedule.steady() + WAITING_VALID_FOR
        if self.schedule.in_overtime(entry) and overdue < MAX_OVERTIME:
            if entry.final_checks <= FINAL_CHECKS:
                await self.status_checks.redraw_card(entry.activation.id)
        elif entry.final_checks >= FINAL_CHECKS:
            await self.status_checks.end_by_time(entry.activation.id, ending)
        elif not entry.activation.codes:
            await self.status_checks.redraw_card(entry.activation.id)

    def _cancel_due(self, entry: PollEntry) -> bool:
        activation = entry.activation
        return activation.cancel_scheduled and self.schedule.wall_time(entry) >= (activation.cancel_from or 0)
