"""Reconciliation: finds out whether an unclear purchase bought a number; it never buys."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.domain import Activation, Ending, ListedActivation, NoticeKind, State, User
from bot.provider.client import ProviderClient, PurchasedNumber
from bot.storage import activations, transitions
from bot.storage.database import Database

SETTLED_AFTER: Final = 45
"""Seconds after which the provider can no longer process a purchase that got no answer."""
CONCLUSIVE_UNTIL: Final = 300
"""Seconds until which a missing row or an unchanged balance shows that nothing was bought; after that, a
number may already have ended with a refund."""
REASON_CHARGED: Final = "Charged"
"""Stored reason of an unclear purchase after which the balance was lower."""
REASON_SEVERAL: Final = "Several"
"""Stored reason of an unclear purchase that may have bought any of several listed numbers."""
_MASK: Final = "*"
"""Replaces digits of a phone number in the lists of some providers."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class Reconciliation:
    """Reconciles unclear purchases by the provider's list of numbers; by the balance if it has no list."""

    db: Database
    accounts: Accounts
    provider: ProviderClient
    status_checks: StatusChecks
    now: Callable[[], float]
    lifetime: int
    cancel_after: int

    async def record_number(
        self,
        activation: Activation,
        purchase: PurchasedNumber,
        at: int,
        write: Callable[..., Activation] = transitions.bought,
    ) -> Activation:
        """Record the number of a purchase, bought at a time (UTC seconds), with a transition."""
        return await self.record(
            write,
            activation.id,
            purchase.id,
            purchase.phone,
            bought_at=at,
            ends_at=at + self.lifetime,
            cancel_from=at + self.cancel_after,
        )

    async def reconcile(self, id_: int, user_id: int | None = None, *, notify: bool = False) -> Activation:
        """Reconcile an unclear purchase; return the activation after that.

        Args:
            id_: the bot's id.
            user_id: the user it must belong to; None for any.
            notify: send a notice if the result is clear.

        Raises:
            ActivationGone: there is no such activation, or it belongs to another user.
        """
        async with self.status_checks.lock(id_):
            activation = await self.db.read(activations.get, id_, user_id)
            if activation.state is State.ORDERING:
                activation = await self.record(transitions.outcome_unknown, id_, "Interrupted")
            if activation.state is not State.UNKNOWN:
                self.status_checks.poll_schedule.add(activation)  # somebody else may have recorded its number
                return activation
            activation = await self.reconcile_locked(activation)
            notice = {State.WAITING: NoticeKind.FOUND, State.REFUSED: NoticeKind.NOT_BOUGHT}.get(
                activation.state
            )
            if notify and notice:
                await self.status_checks.add_notice(activation, notice)
            return activation

    async def give_up(self, id_: int) -> Activation:
        """End a purchase that has been unclear for the whole lifetime of an activation."""
        async with self.status_checks.lock(id_):
            activation = await self.db.read(activations.get, id_)
            if activation.state is not State.UNKNOWN:
                return activation
            return await self.status_checks.end(activation, State.EXPIRED, Ending.UNCLEAR)

    async def reconcile_locked(self, activation: Activation) -> Activation:
        """Do what `reconcile` does for an unknown purchase whose lock the caller holds."""
        key = await self.accounts.key(activation.key_id)
        try:
            rows = await self.provider.active(key)
        except errors.UnsupportedAction:
            return await self._reconcile_by_balance(activation)
        except errors.ProviderError:
            return activation
        new = await self._new_rows(activation, rows)
        other_order = await self.db.read(activations.has_parallel_order, activation)
        if new and other_order:
            return activation  # the number may belong to the other order, which has no answer yet
        if len(new) == 1:
            try:
                return await self._adopt(activation, new[0])
            except errors.InvalidState:
                return activation  # another unclear purchase has adopted the number meanwhile
        if new:
            reason = f"{REASON_SEVERAL}:{len(new)}"
            if activation.refusal == reason:
                return activation
            return await self.record(transitions.set_unknown_reason, activation.id, reason)
        return await self._conclude_nothing_bought(activation)

    async def candidates(self, user: User, id_: int) -> list[ListedActivation]:
        """Return the listed numbers that an unclear purchase may have bought; empty if it is clear.

        Raises:
            ActivationGone: the user has no such activation.
            ProviderError: the list cannot be had now.
        """
        activation = await self.db.read(activations.get, id_, user.id)
        if activation.state is not State.UNKNOWN:
            return []
        rows = await self.provider.active(await self.accounts.key(activation.key_id))
        return await self._new_rows(activation, rows)

    async def adopt(self, user: User, id_: int, provider_id: str) -> Activation:
        """Record the candidate that the user chose as the number of an unclear purchase.

        Raises:
            ActivationGone: the user has no such activation.
            InvalidState: the purchase is clear by now, or the number is not a candidate.
            ProviderError: the list cannot be had now.
        """
        async with self.status_checks.lock(id_):
            candidates = {row.id: row for row in await self.candidates(user, id_)}
            if provider_id not in candidates:
                raise errors.InvalidState
            activation = await self.db.read(activations.get, id_, user.id)
            return await self._adopt(activation, candidates[provider_id])

    async def _adopt(self, activation: Activation, row: ListedActivation) -> Activation:
        hidden = row.phone is None or _MASK in row.phone
        purchase = PurchasedNumber(row.id, None if hidden else _digits(row.phone or ""))
        return await self.record_number(activation, purchase, activation.ordered_at, transitions.adopt)

    async def _new_rows(self, activation: Activation, rows: list[ListedActivation]) -> list[ListedActivation]:
        """Return the rows that this purchase may have added to the list."""
        known = await self.db.read(activations.known_ids, [row.id for row in rows])
        return [
            row
            for row in {row.id: row for row in rows}.values()
            if row.id not in known
            and row.id not in (activation.listed_before or ())
            and row.service in (None, activation.service)
            and row.country in (None, activation.country)
            and (activation.listed_before is not None or not row.older_than(activation.ordered_at))
        ]

    async def _reconcile_by_balance(self, activation: Activation) -> Activation:
        before = activation.balance_before
        if before is None or (activation.refusal or "").startswith(REASON_CHARGED):
            return activation
        since = activation.ordered_at
        if await self.db.read(activations.has_other_order_since, activation.key_id, since, activation.id):
            return activation
        try:
            after = await self.accounts.balance_of_key(activation.user_id, activation.key_id)
        except errors.ProviderError:
            return activation
        if after < before:
            return await self.record(
                transitions.set_unknown_reason, activation.id, f"{REASON_CHARGED}:{before - after}"
            )
        return await self._conclude_nothing_bought(activation)

    async def _conclude_nothing_bought(self, activation: Activation) -> Activation:
        """Record that nothing was bought, if the missing evidence of a purchase is conclusive now."""
        now = self.now()
        unanswered = activation.refusal in ("NoAnswer", "Interrupted")
        if (SETTLED_AFTER if unanswered else 0) <= now - activation.ordered_at < CONCLUSIVE_UNTIL:
            return await self.record(transitions.refused, activation.id, "NothingBought", int(now))
        return activation

    async def record(self, write: Callable[..., Activation], *args: object, **kwargs: object) -> Activation:
        """Write the result of a purchase; retry with back-off while the database is busy."""
        pause = 0.5
        while True:
            try:
                activation = await self.db.write(write, *args, **kwargs)
            except errors.StorageBusy as error:
                log.error("a purchase cannot be recorded, trying again in %g s: %s", pause, error)  # noqa: TRY400
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)
            else:
                return self.status_checks.notify_change(activation)


def several(activation: Activation) -> bool:
    """Return whether an unclear purchase waits for the user to choose one of several numbers."""
    return activation.state is State.UNKNOWN and (activation.refusal or "").startswith(REASON_SEVERAL)


def _digits(phone: str) -> str | None:
    """Return the digits of a phone number, or None if there are none."""
    return "".join(c for c in phone if c.isascii() and c.isdigit()) or None
