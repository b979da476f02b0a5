"""Alert checker: checks availability for the active alerts, with requests that taps and polls leave over."""

import asyncio
import logging
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.alerts.alerts import Alerts, should_notify
from bot.catalog.catalogs import Catalogs
from bot.domain import Alert
from bot.ports import DeliveryQueue
from bot.provider.gateway import ApiKey

MIN_INTERVAL: Final = 30.0
MAX_INTERVAL: Final = 60.0
"""Seconds between two checks of a target; random within these bounds, so that checks spread out."""
MAX_BACKOFF: Final = 600.0
MAX_CHECK_DURATION: Final = 600.0
"""Seconds after which an unfinished check starts over, because its first counts are outdated."""
MAX_CONCURRENT: Final = 5
"""Checks in progress at the same time."""
MIN_PAUSE: Final = 1.0
"""Shortest wait in seconds for the request budget and between two turns of the loop."""
OFFERS_REQUESTS: Final = 2
"""Requests that the prices and counts of a country may need."""

log = logging.getLogger(__name__)

Target = tuple[str, str, tuple[str, ...]]
"""A provider, a country, operators in it. One check of a target serves all users' alerts for all services."""


@dataclass(slots=True)
class _TargetState:
    """Progress of the checks of a target. Times are seconds of the steady clock.

    Attributes:
        due: when to check next.
        failures: consecutive checks that failed.
        busy: a check is in progress.
        started_at: start of an unfinished check, which waits for the request budget; -inf between two checks.
        counts: operator code → counts that the unfinished check has loaded.
    """

    due: float
    failures: int = 0
    busy: bool = False
    started_at: float = -math.inf
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class AlertChecker:
    """One loop over the targets of the active alerts; its state need not survive a restart.

    Alerts are skipped while their user has no accepted API key of their provider or is unreachable.

    Attributes:
        next_poll: returns when the next status check is due (steady clock), or None.
        now: the wall clock in UTC seconds.
        steady: a clock that is never corrected, in seconds, for the time between two checks.
    """

    alerts: Alerts
    accounts: Accounts
    catalogs: Catalogs
    next_poll: Callable[[], float | None]
    delivery_queue: DeliveryQueue
    now: Callable[[], float]
    steady: Callable[[], float]
    chance: random.Random = field(default_factory=random.Random)
    _targets: dict[Target, _TargetState] = field(default_factory=dict)

    async def run(self) -> None:
        """Check until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self.alerts.changed.clear()
                try:
                    pause = await self.tick(group, self.steady())
                except errors.StorageError as error:
                    log.warning("the alerts cannot be read: %s", error)
                    pause = MIN_INTERVAL
                try:
                    async with asyncio.timeout(pause):
                        await self.alerts.changed.wait()
                except TimeoutError:
                    continue

    async def tick(self, group: asyncio.TaskGroup, now: float) -> float:
        """Start a check of each target that is due; return the seconds until the next tick."""
        alerts: dict[Target, list[Alert]] = {}
        for alert in await self.alerts.running():
            if self._can_check(alert):
                alerts.setdefault((alert.provider, alert.country, alert.operators), []).append(alert)
        self._targets = {
            target: self._targets.get(target) or _TargetState(now + self._interval(0)) for target in alerts
        }
        idle = sorted((state.due, target) for target, state in self._targets.items() if not state.busy)
        free_slots = MAX_CONCURRENT - (len(self._targets) - len(idle))
        due = [target for at, target in idle if at <= now][: max(free_slots, 0)]
        for target in due:
            self._targets[target].busy = True
            group.create_task(self._check(target, self._targets[target], alerts[target]))
        waits = [at - now for at, target in idle if target not in due]
        return min([MAX_INTERVAL, *(max(seconds, MIN_PAUSE) for seconds in waits)])

    def _can_check(self, alert: Alert) -> bool:
        return alert.reachable and alert.key_id is not None and not self.accounts.is_refused(alert.key_id)

    def _interval(self, failures: int) -> float:
        interval = self.chance.uniform(MIN_INTERVAL, MAX_INTERVAL)
        return min(interval * 2.0 ** min(failures, 10), MAX_BACKOFF)

    async def _check(self, target: Target, state: _TargetState, alerts: Sequence[Alert]) -> None:
        """Check a target once, and set when it is due again."""
        wait: float | None = None
        if self.steady() - state.started_at > MAX_CHECK_DURATION:
            state.started_at, state.counts = self.steady(), {}
        try:
            wait = await self._check_once(target, state.counts, alerts)
        except (errors.Throttled, errors.Blocked) as error:
            wait = error.retry_after + self._interval(0)
        except errors.BotError as error:
            state.failures += 1
            log.debug("an availability check failed: %s", type(error).__name__)
        except Exception:
            state.failures += 1
            log.exception("an availability check failed")
        else:
            state.failures = 0 if wait is None else state.failures
        finally:
            state.busy = False
            if wait is None:
                state.started_at = -math.inf
            state.due = self.steady() + (self._interval(state.failures) if wait is None else wait)
            self.alerts.changed.set()

    async def _check_once(
        self, target: Target, counts: dict[str, dict[str, int]], alerts: Sequence[Alert]
    ) -> float | None:
        """Load what is missing in `counts`, then notify the users of matching alerts.

        Returns:
            Seconds to wait for the request budget; None if the check is finished.
        """
        provider, country, operators = target
        key_owner = self.chance.choice(alerts)
        assert key_owner.key_id is not None  # noqa: S101  # `_can_check` leaves out users without a key
        try:
            key = await self.accounts.key(key_owner.key_id)
            catalog = self.catalogs.of(provider)
            lists = catalog.lists
            if not lists.is_recent(country) and (wait := self._take_spare(key, OFFERS_REQUESTS)):
                return wait
            offers = await catalog.offers(key, country, budgeted=True)
            for operator in operators:
                if operator in counts:
                    continue
                if not lists.is_recent(country, operator) and (wait := self._take_spare(key, 1)):
                    return wait
                counts[operator] = await lists.counts(key, country, operator, budgeted=True)
        except errors.KeyRefused:
            if await self.accounts.mark_refused(key_owner.user_id, key_owner.key_id):
                self.delivery_queue.notify(key_owner.user_id)
            return MIN_PAUSE  # the next turn leaves out the refused key
        for alert in alerts:
            offer = offers.get(alert.service)
            if offer is None:
                continue
            count = sum(at.get(alert.service, 0) for at in counts.values()) if operators else offer.count
            if count and should_notify(alert, count, offer.price, int(self.now())):
                await self.alerts.notify(alert, count, offer)
        return None

    def _take_spare(self, key: ApiKey, requests: int) -> float:
        """Take requests from the budget and return 0, or return the seconds to wait; due polls go first."""
        at = self.next_poll()
        if at is not None and at <= self.steady():
            return MIN_PAUSE
        wait = key.gateway.budget.try_background(key.secret, requests)
        return max(wait, MIN_PAUSE) if wait else 0.0
