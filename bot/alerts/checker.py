"""Looks whether there is what the users watch for, out of what taps and polls leave of the request budget."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from bot import errors
from bot.accounts.accounts import Accounts
from bot.alerts.alerts import Alerts, should_notify
from bot.catalog.catalog import Catalog
from bot.domain import Alert
from bot.ports import DeliveryQueue
from bot.provider.budget import Budget

SHORTEST: Final = 30.0
LONGEST: Final = 60.0
"""Seconds between two looks at the same thing, by chance in between, so that looks are spread out."""
LONGEST_BACKOFF: Final = 600.0
LONGEST_LOOK: Final = 600.0
"""Seconds after which a look that the budget has put off begins anew: what it learnt first is no news."""
AT_ONCE: Final = 5
"""Looks under way at the same time."""
SOON: Final = 1.0
"""Seconds to wait at least where the budget has nothing to spare."""
PRICES_TAKE: Final = 2
"""Requests that the prices and counts of a country may take."""

log = logging.getLogger(__name__)

Place = tuple[str, tuple[str, ...]]
"""A country, and the operators there; what the provider says of it is the same for all services and users."""


@dataclass(slots=True)
class _CheckedPlace:
    """A place that is looked at. Times are UTC seconds.

    Attributes:
        failures: looks in a row that brought no answer.
        busy: a look is under way.
        begun: when the look began that the budget makes take several turns; 0 between two looks.
        counts: what it has learnt so far, by operator.
    """

    due: float
    failures: int = 0
    busy: bool = False
    begun: float = 0.0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class AlertChecker:
    """One loop over the places that are watched. It keeps nothing that a restart would lose.

    A watch sleeps while its user has no bound key, a refused one, or has blocked the bot.
    """

    alerts: Alerts
    accounts: Accounts
    catalog: Catalog
    budget: Budget
    next_poll: Callable[[], float | None]
    delivery_queue: DeliveryQueue
    now: Callable[[], float]
    chance: random.Random = field(default_factory=random.Random)
    _places: dict[Place, _CheckedPlace] = field(default_factory=dict)

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self.alerts.changed.clear()
                try:
                    pause = await self.tick(group, self.now())
                except errors.StorageError as error:
                    log.warning("the watches cannot be read: %s", error)
                    pause = SHORTEST
                try:
                    async with asyncio.timeout(pause):
                        await self.alerts.changed.wait()
                except TimeoutError:
                    continue

    async def tick(self, group: asyncio.TaskGroup, now: float) -> float:
        """Start a look at each place that is due; return the seconds until there may be something to do."""
        by_place: dict[Place, list[Alert]] = {}
        for alert in await self.alerts.running():
            if self._awake(alert):
                by_place.setdefault((alert.country, alert.operators), []).append(alert)
        self._places = {
            place: self._places.get(place) or _CheckedPlace(now + self._pause(0)) for place in by_place
        }
        waiting = sorted(((alerts.due, place) for place, alerts in self._places.items() if not alerts.busy))
        free = AT_ONCE - (len(self._places) - len(waiting))
        due = [place for at, place in waiting if at <= now][: max(free, 0)]
        for place in due:
            self._places[place].busy = True
            group.create_task(self._check(place, self._places[place], by_place[place]))
        later = [at - now for at, place in waiting if place not in due]
        return min([LONGEST, *(max(seconds, SOON) for seconds in later)])

    def _awake(self, alert: Alert) -> bool:
        return alert.reachable and alert.key_id is not None and not self.accounts.is_refused(alert.key_id)

    def _pause(self, failures: int) -> float:
        pause = self.chance.uniform(SHORTEST, LONGEST)
        return min(pause * 2.0 ** min(failures, 10), LONGEST_BACKOFF)

    async def _check(self, place: Place, alerts: _CheckedPlace, watching: Sequence[Alert]) -> None:
        """Look at a place once, and set when to look again."""
        wait: float | None = None
        if self.now() - alerts.begun > LONGEST_LOOK:
            alerts.begun, alerts.counts = self.now(), {}
        try:
            wait = await self._check_once(place, alerts.counts, watching)
        except (errors.Throttled, errors.Blocked) as error:
            wait = error.retry_after + self._pause(0)
        except errors.BotError as error:
            alerts.failures += 1
            log.debug("a watch got no answer: %s", type(error).__name__)
        except Exception:
            alerts.failures += 1
            log.exception("a watch failed")
        else:
            alerts.failures = 0 if wait is None else alerts.failures
        finally:
            alerts.busy = False
            if wait is None:
                alerts.begun = 0.0
            alerts.due = self.now() + (self._pause(alerts.failures) if wait is None else wait)
            self.alerts.changed.set()

    async def _check_once(
        self, place: Place, counts: dict[str, dict[str, int]], watching: Sequence[Alert]
    ) -> float | None:
        """Ask what is not known yet of a place, and ring where there is something.

        Returns:
            Seconds after which the budget may have something to spare; None if everything was asked.
        """
        country, operators = place
        key_owner = self.chance.choice(watching)
        assert key_owner.key_id is not None  # noqa: S101  # those without a key sleep
        try:
            key = await self.accounts.key(key_owner.key_id)
            if not self.catalog.seen_lately(country) and (wait := self._spare(key, PRICES_TAKE)):
                return wait
            offers = await self.catalog.offers(key, country, budgeted=True)
            for operator in operators:
                if operator in counts:
                    continue
                if not self.catalog.seen_lately(country, operator) and (wait := self._spare(key, 1)):
                    return wait
                counts[operator] = await self.catalog.counts(key, country, operator, budgeted=True)
        except errors.KeyRefused:
            if await self.accounts.mark_refused(key_owner.user_id, key_owner.key_id):
                self.delivery_queue.notify(key_owner.user_id)
            return SOON  # that one sleeps from now on; another's key may do
        for alert in watching:
            offer = offers.get(alert.service)
            if offer is None:
                continue
            count = sum(at.get(alert.service, 0) for at in counts.values()) if operators else offer.count
            if count and should_notify(alert, count, offer.price, int(self.now())):
                await self.alerts.notify(alert, count, offer.price)
        return None

    def _spare(self, key: SecretStr, requests: int) -> float:
        """Take requests and return 0, or return the seconds to wait: polls that are due go first too."""
        at = self.next_poll()
        if at is not None and at <= self.now():
            return SOON
        wait = self.budget.try_background(key, requests)
        return max(wait, SOON) if wait else 0.0
