"""Finding out what became of a purchase whose answer was unclear; nothing is ever bought here."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.domain import Activation, Ending, ListedActivation, NoticeKind, State, User
from bot.provider.client import ProviderClient, PurchasedNumber
from bot.storage import activations, transitions
from bot.storage.database import Database

SETTLED_AFTER: Final = 45
"""Seconds after which a purchase that got no answer can no longer come through at the provider."""
TELLING_FOR: Final = 300
"""Seconds in which a missing row or an unchanged balance shows that nothing was bought; later a number may
have ended and been refunded."""
CHARGED: Final = "Charged"
"""How the journal notes an unclear purchase after which the balance was seen to have fallen."""
SEVERAL: Final = "Several"
"""How the journal notes an unclear purchase that several of the provider's numbers may have come from."""
_MASKED: Final = "*"

log = logging.getLogger(__name__)


class Reconciliation:
    """Clears up unclear purchases: by the provider's list where it has one, else by the balance."""

    def __init__(
        self,
        *,
        db: Database,
        accounts: Accounts,
        provider: ProviderClient,
        status_checks: StatusChecks,
        now: Callable[[], float],
        lifetime: int,
        cancel_after: int,
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._provider = provider
        self._status_checks = status_checks
        self._now = now
        self._lifetime = lifetime
        self._cancel_after = cancel_after

    async def bought(self, activation: Activation, purchase: PurchasedNumber, at: int) -> Activation:
        """Record a bought number; `at` is when it was bought, in UTC seconds."""
        return await self._record_number(transitions.bought, activation, purchase, at)

    async def _record_number(
        self, write: Callable[..., Activation], activation: Activation, purchase: PurchasedNumber, at: int
    ) -> Activation:
        return await self.record(
            write,
            activation.id,
            purchase.id,
            purchase.phone,
            bought_at=at,
            ends_at=at + self._lifetime,
            cancel_from=at + self._cancel_after,
        )

    async def reconcile(self, id_: int, user_id: int | None = None, *, tell: bool = False) -> Activation:
        """Find out what became of an unclear purchase; return the activation after it.

        Args:
            id_: our id.
            user_id: whose it must be, if a user asks.
            tell: send the user a message if it became clear.

        Raises:
            ActivationGone: there is no such activation of this user.
        """
        async with self._status_checks.lock(id_):
            activation = await self._db.read(activations.get, id_, user_id)
            if activation.state is State.ORDERING:
                activation = await self.record(transitions.outcome_unknown, id_, "Interrupted")
            if activation.state is not State.UNKNOWN:
                return activation
            activation = await self.clear_up(activation)
            notice = {State.WAITING: NoticeKind.FOUND, State.REFUSED: NoticeKind.NOT_BOUGHT}.get(
                activation.state
            )
            if tell and notice:
                await self._status_checks.add_notice(activation, notice)
            return activation

    async def give_up(self, id_: int) -> Activation:
        """End an unclear purchase that nothing resolved within an activation's lifetime."""
        async with self._status_checks.lock(id_):
            activation = await self._db.read(activations.get, id_)
            if activation.state is not State.UNKNOWN:
                return activation
            return await self._status_checks.end(activation, State.EXPIRED, Ending.UNCLEAR)

    async def clear_up(self, activation: Activation) -> Activation:
        """Do what `reconcile` does, for a caller who holds the lock of an unknown purchase."""
        key = await self._accounts.key(activation.key_id)
        try:
            rows = await self._provider.active(key)
        except errors.UnsupportedAction:
            return await self._reconcile_by_balance(activation)
        except errors.ProviderError:
            return activation
        new = await self._new_rows(activation, rows)
        beside = await self._db.read(activations.has_parallel_order, activation)
        if new and beside:
            return activation  # the number may be that order's, whose answer is still to come
        if len(new) == 1:
            try:
                return await self._adopted(activation, new[0])
            except errors.InvalidState:
                return activation  # another unclear purchase has just taken it
        if new:
            word = f"{SEVERAL}:{len(new)}"
            if activation.refusal == word:
                return activation
            return await self.record(transitions.set_unknown_reason, activation.id, word)
        return await self._nothing_bought(activation) if self._settled(activation) else activation

    async def candidates(self, user: User, id_: int) -> list[ListedActivation]:
        """Return the provider's numbers that an unclear purchase may have made; empty once it is clear.

        Raises:
            ActivationGone: there is no such activation of this user.
            ProviderError: the list is not to be had now.
        """
        activation = await self._db.read(activations.get, id_, user.id)
        if activation.state is not State.UNKNOWN:
            return []
        rows = await self._provider.active(await self._accounts.key(activation.key_id))
        return await self._new_rows(activation, rows)

    async def adopt(self, user: User, id_: int, provider_id: str) -> Activation:
        """Take one of the candidates, chosen by the user, for what an unclear purchase has bought.

        Raises:
            ActivationGone: there is no such activation of this user.
            WrongMoment: it is clear by now, or this number is no candidate.
            ProviderError: the list is not to be had now.
        """
        async with self._status_checks.lock(id_):
            fitting = {row.id: row for row in await self.candidates(user, id_)}
            if provider_id not in fitting:
                raise errors.InvalidState
            activation = await self._db.read(activations.get, id_, user.id)
            return await self._adopted(activation, fitting[provider_id])

    async def _adopted(self, activation: Activation, row: ListedActivation) -> Activation:
        hidden = row.phone is None or _MASKED in row.phone
        purchase = PurchasedNumber(row.id, None if hidden else digits(row.phone or ""))
        return await self._record_number(transitions.adopt, activation, purchase, activation.ordered_at)

    async def _new_rows(self, activation: Activation, rows: list[ListedActivation]) -> list[ListedActivation]:
        """Return the listed rows that this purchase may have made."""
        known = await self._db.read(activations.known_ids, [row.id for row in rows])
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
        if before is None or (activation.refusal or "").startswith(CHARGED):
            return activation
        since = activation.ordered_at
        if await self._db.read(activations.has_other_order_since, activation.key_id, since, activation.id):
            return activation
        try:
            after = await self._accounts.balance_of_key(activation.user_id, activation.key_id)
        except errors.ProviderError:
            return activation
        if after < before:
            return await self.record(
                transitions.set_unknown_reason, activation.id, f"{CHARGED}:{before - after}"
            )
        return await self._nothing_bought(activation) if self._settled(activation) else activation

    def _settled(self, activation: Activation) -> bool:
        """Return whether finding no trace of the purchase means that there was none."""
        age = self._now() - activation.ordered_at
        unanswered = activation.refusal in ("NoAnswer", "Interrupted")
        return (SETTLED_AFTER if unanswered else 0) <= age < TELLING_FOR

    async def _nothing_bought(self, activation: Activation) -> Activation:
        return await self.record(transitions.refused, activation.id, "NothingBought", int(self._now()))

    async def record(self, write: Callable[..., Activation], *args: object, **kwargs: object) -> Activation:
        """Write what became of a purchase, again and again until it is written."""
        pause = 0.5
        while True:
            try:
                return await self._status_checks.publish(await self._db.write(write, *args, **kwargs))
            except errors.StorageBusy as error:
                log.error("the journal cannot be written, trying again in %g s: %s", pause, error)  # noqa: TRY400
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)


def several(activation: Activation) -> bool:
    """Return whether an unclear purchase waits for the user to say which number it has bought."""
    return activation.state is State.UNKNOWN and (activation.refusal or "").startswith(SEVERAL)


def digits(phone: str) -> str | None:
    """Return the digits of a phone number, or None if there are none."""
    return "".join(c for c in phone if c.isascii() and c.isdigit()) or None
