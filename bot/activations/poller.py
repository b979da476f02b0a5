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
from bot.activations.schedule import Followed, Schedule
from bot.activations.status import Looks
from bot.activations.steps import Activations
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
        looks: Looks,
        activations: Activations,
        reconciliation: Reconciliation,
        lifetime: int,
        now: Callable[[], float],
    ) -> None:
        self._db = db
        self._schedule = schedule
        self._budget = budget
        self._accounts = accounts
        self._looks = looks
        self._activations = activations
        self._reconciliation = reconciliation
        self._lifetime = lifetime
        self._now = now
        self._keys: dict[int, SecretStr] = {}
        self._in_flight = 0

    async def load(self) -> None:
        """Take up every activation that has not ended; each is looked at once, however old it is."""
        for activation in await self._db.read(activations.all_open):
            self._schedule.follow(activation, at_once=True)

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
        while self._in_flight < IN_FLIGHT and (followed := self._schedule.take_due()):
            if wait := await self._wait_for_budget(followed):
                self._schedule.hold(followed, wait)
                if self._budget.host_wait():
                    break  # those behind it have been due for a shorter time
                continue
            self._in_flight += 1
            group.create_task(self._ask(followed))
        at = self._schedule.next_at()
        if at is None or self._in_flight >= IN_FLIGHT:
            return None
        return max(at - self._now(), self._budget.host_wait(), 0.001)

    async def _wait_for_budget(self, followed: Followed) -> float:
        """Take a look's request from the budget and return 0, or return the seconds to wait for it."""
        if not followed.activation.held or self._cancel_due(followed) or followed.activation.complete_wanted:
            return 0.0  # these ask more than once, and take from the budget as taps do
        try:
            return self._budget.poll(await self._key(followed.activation.key_id))
        except (errors.StorageError, errors.KeyMissing) as error:
            log.warning("no key for activation %d: %s", followed.activation.id, type(error).__name__)
            return 5.0

    async def _remind(self, id_: int) -> None:
        """Have a card say that little time is left; nobody but the clock is asked."""
        try:
            await self._looks.redraw(id_)
        except errors.BotError as error:
            log.warning("the card of activation %d is not drawn: %s", id_, type(error).__name__)

    async def _key(self, key_id: int) -> SecretStr:
        if key_id not in self._keys:
            if len(self._keys) > len(self._schedule):
                self._keys.clear()
            self._keys[key_id] = await self._accounts.key(key_id)
        return self._keys[key_id]

    async def _ask(self, followed: Followed) -> None:
        pause: float | None = None
        try:
            pause = await self._ask_once(followed)
        except errors.BotError as error:
            log.warning("activation %d: %s", followed.activation.id, type(error).__name__)
            followed.failures += 1
        except Exception:
            log.exception("activation %d", followed.activation.id)
            followed.failures += 1
        finally:
            self._in_flight -= 1
            self._schedule.put_off(followed, pause)

    async def _ask_once(self, followed: Followed) -> float | None:
        """Ask about one activation; return the seconds to the next time where the cadence does not say it."""
        if not followed.activation.held:
            return await self._clear_up(followed)
        if self._cancel_due(followed):
            with suppress(errors.ProviderError, errors.RuleError):  # the user is told by a notice
                await self._activations.cancel_as_wanted(followed.activation.id)
            return None
        if followed.activation.complete_wanted:
            with suppress(errors.ProviderError, errors.RuleError):  # the card keeps its buttons
                await self._activations.complete_as_wanted(followed.activation.id)
            return None
        return await self._look(followed)

    async def _clear_up(self, followed: Followed) -> float | None:
        activation = followed.activation
        followed.attempts += 1
        after = await self._reconciliation.reconcile(activation.id, tell=True)
        if after.state is State.UNKNOWN and self._now() >= activation.ordered_at + self._lifetime:
            await self._reconciliation.give_up(activation.id)
        return None

    async def _look(self, followed: Followed) -> float | None:
        id_ = followed.activation.id
        try:
            await self._looks.look(id_, paid=True)
        except errors.KeyRefused:
            return await self._key_refused(followed)
        except (errors.Throttled, errors.Blocked) as error:
            return error.retry_after
        except errors.UnknownActivation:
            return await self._unknown(followed)
        except (errors.Refused, errors.UnsupportedAction) as error:
            if self._now() < followed.over:
                raise
            log.info("activation %d, last look: %s", id_, type(error).__name__)
        except errors.Unavailable as error:
            log.debug("activation %d: %s", id_, type(error).__name__)
            followed.failures += 1
            if self._now() >= followed.over + GIVE_UP_AFTER:
                await self._looks.time_over(id_, Ending.TIME)
            return None
        followed.failures = followed.unknown = 0
        await self._count_last_look(followed, Ending.TIME)
        return None

    async def _count_last_look(self, followed: Followed, ending: Ending) -> None:
        if self._now() < followed.over:
            return
        followed.last_looks += 1
        if followed.last_looks >= LAST_LOOKS:
            await self._looks.time_over(followed.activation.id, ending)
        elif not followed.activation.codes:
            await self._looks.redraw(followed.activation.id)

    async def _key_refused(self, followed: Followed) -> float | None:
        """Stop asking with this key; the two last looks are tried all the same."""
        now = self._now()
        if now < followed.over:
            return followed.over - now
        await self._count_last_look(followed, Ending.KEY)
        return None

    async def _unknown(self, followed: Followed) -> float | None:
        followed.unknown += 1
        if self._now() >= followed.over:
            await self._looks.time_over(followed.activation.id, Ending.TIME)
        elif followed.unknown >= UNKNOWN_TRIES:
            await self._looks.forgotten(followed.activation.id)
        return None

    def _cancel_due(self, followed: Followed) -> bool:
        activation = followed.activation
        return activation.cancel_wanted and self._now() >= (activation.cancel_from or 0)
