"""Reconciliation: finds out whether an unclear purchase bought a number; it never buys."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.charges import Charges
from bot.activations.status import StatusChecks
from bot.domain import (
    NOTHING_BOUGHT,
    Activation,
    Ending,
    ListedActivation,
    NoticeKind,
    State,
    User,
    may_have_bought,
)
from bot.provider.gateway import Gateways
from bot.provider.purchases import PurchasedNumber
from bot.storage import activations, transitions
from bot.storage.database import Database

SETTLED_AFTER: Final = 60
"""Seconds after the end of a purchase request before which a missing number proves nothing: a gateway may
have given up while the provider still works."""
SECOND_LOOK_AFTER: Final = 15
"""Seconds between the two looks at the list after which a number counts as not bought."""
CONCLUSIVE_UNTIL: Final = 300
"""Seconds after the tap until which a missing number proves something; later, it may already have ended."""
REASON_CHARGED: Final = "Charged"
"""Stored reason of an unclear purchase after which the balance was lower."""
REASON_SEVERAL: Final = "Several"
"""Stored reason of an unclear purchase that may have bought any of several listed numbers."""
REASON_NO_LIST: Final = "NoList"
"""Stored reason of an unclear purchase at a provider that does not list the numbers."""
_NOTICES: Final = {
    State.WAITING: NoticeKind.FOUND,
    State.REFUSED: NoticeKind.NOT_BOUGHT,
    State.UNKNOWN: NoticeKind.CANDIDATE,
}
"""Notices of the state in which a reconciliation has left a purchase."""
_MASK: Final = "*"
"""Replaces digits of a phone number in the lists of some providers."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class Reconciliation:
    """Reconciles unclear purchases by the provider's list of numbers.

    A balance can prove a charge, never that there was none.
    """

    db: Database
    accounts: Accounts
    gateways: Gateways
    status_checks: StatusChecks
    charges: Charges
    now: Callable[[], float]
    _missing_since: dict[int, float] = field(default_factory=dict, init=False)

    async def record_number(
        self,
        activation: Activation,
        purchase: PurchasedNumber,
        at: int,
        write: Callable[..., Activation] = transitions.bought,
    ) -> Activation:
        """Record the number of a purchase, bought at a time (UTC seconds), with a transition."""
        profile = self.gateways.of(activation.provider).profile
        try:
            return await self.record(
                write,
                activation.id,
                purchase.id,
                purchase.phone,
                purchase.charged,
                bought_at=at,
                ends_at=at + (purchase.lifetime or profile.lifetime),
                cancel_from=at + (purchase.cancel_after or profile.cancel_after),
            )
        except errors.BotError:
            raise
        except Exception:
            log.error("purchase %d: the provider's id %s cannot be recorded", activation.id, purchase.id)  # noqa: TRY400  # the caller logs the error
            raise

    async def record_bug(self, activation: Activation) -> None:
        """Record that a purchase has failed by a bug, so that reconciliation goes on with it."""
        with suppress(errors.InvalidState, errors.ActivationGone):
            await self.record(transitions.outcome_unknown, activation.id, "Bug", int(self.now()))

    async def reconcile(self, id_: int, user_id: int | None = None, *, notify: bool = False) -> Activation:
        """Reconcile an unclear purchase, or one whose number could not be found; return it after that.

        Args:
            id_: the bot's id.
            user_id: the user it must belong to; None for any.
            notify: send a notice if the result is clear.

        Raises:
            ActivationGone: there is no such activation, or it belongs to another user.
        """
        async with self.status_checks.lock(id_):
            before = await self.db.read(activations.get, id_, user_id)
            if before.state is State.ORDERING:
                before = await self.record(transitions.outcome_unknown, id_, "Interrupted", int(self.now()))
            if before.state is not State.UNKNOWN and not before.not_found:
                self.status_checks.poll_schedule.add(before)  # somebody else may have recorded its number
                return before
            after = await self.reconcile_locked(before)
            if notify and after.state is not before.state:
                await self.status_checks.add_notice(after, _NOTICES[after.state])
            return after

    async def give_up(self, id_: int) -> Activation:
        """End a purchase that has been unclear for the whole lifetime of an activation."""
        self._missing_since.pop(id_, None)
        async with self.status_checks.lock(id_):
            activation = await self.db.read(activations.get, id_)
            if activation.state is not State.UNKNOWN:
                return activation
            return await self.status_checks.end(activation, State.EXPIRED, Ending.UNCLEAR)

    async def reconcile_locked(self, activation: Activation) -> Activation:
        """Do what `reconcile` does for a purchase whose lock the caller holds."""
        key = await self.accounts.key(activation.key_id)
        try:
            rows = await key.gateway.client.active(key.secret)
        except errors.UnsupportedAction:
            return await self._reconcile_by_balance(activation)
        except errors.ProviderError:
            return activation
        new = await self._new_rows(activation, rows)
        if not new:
            return await self._conclude_nothing_bought(activation)
        self._missing_since.pop(activation.id, None)
        if await self.db.read(activations.has_parallel_order, activation):
            return activation  # the number may belong to the other order, which has no answer yet
        is_certain = len(new) == 1 and activation.listed_before is not None
        if not is_certain or await self.db.read(activations.has_unclear_rival, activation):
            return await self._let_choose(activation, len(new))
        try:
            return await self._adopt(activation, new[0])
        except errors.InvalidState:
            return activation  # another unclear purchase has adopted the number meanwhile

    async def _let_choose(self, activation: Activation, count: int) -> Activation:
        """Record that the user must choose, because it is not certain which number was bought."""
        reason = f"{REASON_SEVERAL}:{count}"
        if activation.not_found:
            return await self.record(
                transitions.outcome_unknown, activation.id, reason, activation.unclear_at or int(self.now())
            )
        if activation.refusal == reason:
            return activation
        return await self.record(transitions.set_unknown_reason, activation.id, reason)

    async def candidates(self, user: User, id_: int) -> list[ListedActivation]:
        """Return the listed numbers that an unclear purchase may have bought; empty if it is clear.

        Raises:
            ActivationGone: the user has no such activation.
            ProviderError: the list cannot be had now.
        """
        activation = await self.db.read(activations.get, id_, user.id)
        if activation.state is not State.UNKNOWN:
            return []
        key = await self.accounts.key(activation.key_id)
        return await self._new_rows(activation, await key.gateway.client.active(key.secret))

    async def adopt(self, user: User, id_: int, mark: str) -> Activation:
        """Record the candidate that the user chose, by its mark, as the number of an unclear purchase.

        Raises:
            ActivationGone: the user has no such activation.
            InvalidState: the purchase is clear by now, or the number is not a candidate.
            ProviderError: the list cannot be had now.
        """
        async with self.status_checks.lock(id_):
            activation = await self.db.read(activations.get, id_, user.id)
            for row in await self.candidates(user, id_):
                if candidate_mark(activation, row.id) == mark:
                    return await self._adopt(activation, row)
            raise errors.InvalidState

    async def _adopt(self, activation: Activation, row: ListedActivation) -> Activation:
        hidden = row.phone is None or _MASK in row.phone
        purchase = PurchasedNumber(row.id, None if hidden else _digits(row.phone or ""), row.charged)
        return await self.record_number(activation, purchase, activation.ordered_at, transitions.adopt)

    async def _new_rows(self, activation: Activation, rows: list[ListedActivation]) -> list[ListedActivation]:
        """Return the rows that this purchase may have added to the list.

        Without the list from before the purchase these are all fitting numbers that the bot does not know.
        """
        ids = [row.id for row in rows]
        known = await self.db.read(activations.known_ids, ids, activation.provider, activation.account)
        return [
            row
            for row in {row.id: row for row in rows}.values()
            if row.id not in known and may_have_bought(activation, row)
        ]

    async def _reconcile_by_balance(self, activation: Activation) -> Activation:
        """Record a charge if the balance shows one. A balance that has not fallen shows nothing."""
        if activation.not_found or (activation.refusal or "").startswith(REASON_CHARGED):
            return activation
        charged = await self._charged(activation)
        reason = REASON_NO_LIST if charged is None else f"{REASON_CHARGED}:{charged}"
        if activation.refusal == reason:
            return activation
        return await self.record(transitions.set_unknown_reason, activation.id, reason)

    async def _charged(self, activation: Activation) -> Decimal | None:
        """Return by how much the balance has fallen since before the purchase, or None if it is not known."""
        if activation.balance_before is None:
            return None
        try:
            return await self.charges.by_balance(activation)
        except errors.ProviderError:
            return None

    async def _conclude_nothing_bought(self, activation: Activation) -> Activation:
        """Record that nothing was bought, if the list was complete twice and has had the time to show it."""
        now = self.now()
        if (
            activation.state is not State.UNKNOWN
            or activation.listed_before is None
            or now - (activation.unclear_at or now) < SETTLED_AFTER
            or now - activation.ordered_at >= CONCLUSIVE_UNTIL
        ):
            return activation
        missing_since = self._missing_since.setdefault(activation.id, now)
        if now - missing_since < SECOND_LOOK_AFTER:
            return activation
        del self._missing_since[activation.id]
        return await self.record(transitions.refused, activation.id, NOTHING_BOUGHT, int(now))

    async def record(self, write: Callable[..., Activation], *args: object, **kwargs: object) -> Activation:
        """Write the result of a purchase; retry with back-off for as long as the database cannot be used.

        Nothing else knows the result, so no failure of the database is final. Any other error is a bug, which
        no retry can pass, and is raised.
        """
        pause = 0.5
        while True:
            try:
                activation = await self.db.write(write, *args, **kwargs)
            except errors.StorageError as error:
                log.error("a purchase cannot be recorded, trying again in %g s: %s", pause, error)  # noqa: TRY400
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)
            else:
                return self.status_checks.notify_change(activation)


def candidate_mark(activation: Activation, provider_id: str) -> str:
    """Return what a button carries for a candidate: a keyed digest, because an id may not fit a button."""
    key = activation.token.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
    return hashlib.blake2b(provider_id.encode(), key=key, digest_size=12).hexdigest()


def several(activation: Activation) -> bool:
    """Return whether an unclear purchase waits for the user to choose one of several numbers."""
    return activation.state is State.UNKNOWN and (activation.refusal or "").startswith(REASON_SEVERAL)


def _digits(phone: str) -> str | None:
    """Return the digits of a phone number, or None if there are none."""
    return "".join(c for c in phone if c.isascii() and c.isdigit()) or None
