"""The user's steps with a held number: SMS sent, resend, complete, cancel; at once or scheduled."""

from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.card_notes import CardNote, CardNotes
from bot.activations.status import StatusChecks
from bot.domain import (
    Activation,
    CodeShown,
    Ending,
    NoticeKind,
    Outcome,
    State,
    Step,
    User,
    can_auto_complete,
)
from bot.ports import Spawn
from bot.provider.client import StatusChange
from bot.storage import activations, outbox, statistics, transitions
from bot.storage.database import Database

CANCEL_RETRY: Final = 60
"""Seconds until a cancel is allowed, if the provider refuses it as too early without a time."""

MAX_RECENT: Final = 20
"""Recent purchases whose services and countries come first in lists."""


@dataclass(eq=False, slots=True, kw_only=True)
class ActivationSteps:
    """Carries out steps; each results in a state that the provider confirmed, or in an error."""

    db: Database
    accounts: Accounts
    status_checks: StatusChecks
    spawn: Spawn
    now: Callable[[], float]
    notes: CardNotes

    async def get(self, user_id: int, id_: int) -> Activation:
        """Return the user's activation.

        Raises:
            ActivationGone: the user has no such activation.
        """
        return await self.db.read(activations.get, id_, user_id)

    async def open_of(self, user_id: int) -> list[Activation]:
        """Return the user's open activations, oldest first."""
        return await self.db.read(activations.list_open_for_user, user_id)

    async def recent(self, user: User) -> list[Activation]:
        """Return the newest purchase per service, country and operators at the user's provider."""
        return await self.db.read(activations.last_purchases, user.id, user.provider, MAX_RECENT)

    async def outcomes(self, user: User, service: str, country: str) -> list[Outcome]:
        """Return the success figures of a service by operators at the user's provider, most bought first."""
        return await self.db.read(statistics.outcomes, user.id, user.provider, service, country)

    async def is_card(self, user_id: int, message_id: int) -> bool:
        """Return whether a message in the user's chat is the card of an activation."""
        return await self.db.read(outbox.is_card, user_id, message_id)

    async def show_card(self, user_id: int, id_: int) -> Activation:
        """Queue the card to be sent as a new message; return the activation with the old message's id.

        Raises:
            ActivationGone: the user has no such activation.
        """
        before, after = await self.db.write(_detach_card, id_, user_id)
        self.status_checks.notify_change(after)
        return before

    async def set_note(self, user_id: int, id_: int, note: CardNote) -> None:
        """Let the card ask or say something until the next tap on it or the next change of the number.

        Raises:
            ActivationGone: the user has no such activation.
        """
        self.notes.put(await self.get(user_id, id_), note)
        await self.status_checks.redraw_card(id_)

    async def take(self, user_id: int, id_: int, step: Step) -> Activation:
        """Carry out a step; return the activation after it.

        Raises:
            ActivationGone: the user has no such activation.
            InvalidState: the state of the activation does not allow the step.
            CancelTooEarly: the activation cannot be cancelled yet.
            ProviderError: the provider refused, or gave no clear answer.
        """
        async with self.status_checks.lock(id_):
            activation = await self.get(user_id, id_)
            if not activation.held:
                raise errors.InvalidState
            self.notes.drop(id_)
            match step:
                case Step.SMS_SENT:
                    return await self._sms_sent(activation)
                case Step.RESEND:
                    return await self._resend(activation)
                case Step.COMPLETE:
                    return await self._complete(activation)
                case Step.CANCEL:
                    activation = await self._cancel(activation)
                    if activation.state is State.CANCELLED and activation.ending is Ending.USER:
                        self.spawn(self.status_checks.store_end_balance(activation))
                    return activation

    async def can_cancel_now(self, user_id: int, id_: int) -> bool:
        """Return whether the user's activation can be cancelled, as far as the bot knows.

        Raises:
            ActivationGone: the user has no such activation.
        """
        activation = await self.get(user_id, id_)
        return activation.cancellable and self.now() >= (activation.cancel_from or 0)

    async def cancel_when_allowed(self, user_id: int, id_: int, *, wanted: bool = True) -> Activation:
        """Schedule a cancel for the time when it is allowed, or drop it; return the activation.

        Raises:
            ActivationGone: the user has no such activation.
            InvalidState: the activation can no longer be cancelled.
        """
        async with self.status_checks.lock(id_):
            activation = await self.get(user_id, id_)
            if not activation.cancellable:
                raise errors.InvalidState
            self.notes.drop(id_)
            return self.status_checks.notify_change(
                await self.db.write(transitions.schedule_cancel, id_, wanted=wanted)
            )

    async def run_scheduled_cancel(self, id_: int) -> Activation:
        """Carry out a scheduled cancel with one attempt; a notice tells the user the result.

        Raises:
            CancelTooEarly: the provider requires more time; the cancel stays scheduled.
            ProviderError: the provider refused, or gave no clear answer; the cancel is no longer scheduled.
        """
        # The schedule is cleared in the transaction that records the result, so a crash repeats the attempt.
        async with self.status_checks.lock(id_):
            activation = await self.db.read(activations.get, id_)
            if not activation.cancellable:
                return self.status_checks.notify_change(
                    await self.db.write(transitions.schedule_cancel, id_, wanted=False)
                )
            try:
                return await self._cancel(activation)
            except errors.ProviderError:
                now = int(self.now())
                self.status_checks.notify_change(await self.db.write(_record_refused_cancel, id_, now))
                raise

    async def run_scheduled_completion(self, id_: int) -> Activation:
        """Carry out a scheduled completion with one attempt and without a notice.

        Raises:
            ProviderError: the provider refused, or gave no clear answer; the number stays active.
        """
        async with self.status_checks.lock(id_):
            activation = await self.db.read(activations.get, id_)
            wanted = activation.complete_scheduled and can_auto_complete(activation)
            if activation.complete_scheduled:
                activation = await self.db.write(transitions.schedule_completion, id_, wanted=False)
            self.status_checks.notify_change(activation)
            return await self._complete(activation) if wanted else activation

    async def _sms_sent(self, activation: Activation) -> Activation:
        if not activation.cancellable:
            raise errors.InvalidState
        now = int(self.now())
        activation = self.status_checks.notify_change(
            await self.db.write(transitions.sms_sent, activation.id, now)
        )
        await self._set_status(activation, StatusChange.SMS_SENT)
        return activation

    async def _resend(self, activation: Activation) -> Activation:
        if activation.state is not State.RECEIVED:
            raise errors.InvalidState
        codes_before = len(activation.codes)
        if activation.complete_scheduled:
            activation = self.status_checks.notify_change(
                await self.db.write(transitions.schedule_completion, activation.id, wanted=False)
            )
        activation = await self.status_checks.check_locked(activation)
        if activation.state is not State.RECEIVED or len(activation.codes) > codes_before:
            return activation
        try:
            await self._set_status(activation, StatusChange.RESEND)
        except errors.NotSent:
            raise
        except errors.Unavailable:
            # Not retried, because some providers charge for each resend. A status check shows if it arrived.
            after = await self.status_checks.check_locked(activation)
            if after.state is State.RECEIVED and len(after.codes) == codes_before:
                raise
            return after
        return self.status_checks.notify_change(
            await self.db.write(transitions.await_next_code, activation.id, seen=False)
        )

    async def _complete(self, activation: Activation) -> Activation:
        if not activation.codes:
            raise errors.InvalidState
        activation = await self.status_checks.check_locked(activation)
        if not activation.held:
            return activation
        try:
            await self._set_status_with_retry(activation, StatusChange.COMPLETE)
        except errors.UnknownActivation:
            return await self.status_checks.end(activation, State.COMPLETED, Ending.FORGOTTEN)
        except (errors.StepRefused, errors.Unavailable) as refusal:
            after = await self.status_checks.check_locked(activation, by_user=True)
            if after.held:
                raise refusal from None
            return after
        return await self.status_checks.end(activation, State.COMPLETED, Ending.USER)

    async def _cancel(self, activation: Activation) -> Activation:
        if not activation.cancellable:
            raise errors.InvalidState
        now = int(self.now())
        if activation.cancel_from is not None and now < activation.cancel_from:
            raise errors.CancelTooEarly(activation.cancel_from)
        activation = await self.status_checks.check_locked(activation)
        if not activation.cancellable:
            return activation
        sent_before = activation.cancel_sent_at
        activation = await self.db.write(transitions.cancel_sent, activation.id, now)
        try:
            await self._set_status_with_retry(activation, StatusChange.CANCEL)
        except errors.ProviderError as refusal:
            if isinstance(refusal, (errors.Refused, errors.NotSent)):
                activation = await self.db.write(transitions.cancel_sent, activation.id, sent_before)
            return await self._cancel_refused(activation, refusal)
        return await self.status_checks.end(activation, State.CANCELLED, Ending.USER)

    async def _cancel_refused(self, activation: Activation, refusal: errors.ProviderError) -> Activation:
        """Check an activation whose cancel was not acknowledged; raise the refusal if nothing has changed."""
        if isinstance(refusal, errors.CodeCameFirst) and refusal.text is not None:
            return await self.status_checks.record_status(activation.id, CodeShown(refusal.text))
        after = await self.status_checks.check_locked(activation)
        if not after.cancellable:
            return after
        if not isinstance(refusal, errors.TooEarly):
            raise refusal
        now = int(self.now())
        allowed_at = (activation.bought_at or now) + int(refusal.minimum or 0)
        if allowed_at <= now:
            allowed_at = now + CANCEL_RETRY
        self.status_checks.notify_change(
            await self.db.write(transitions.set_cancel_from, activation.id, allowed_at)
        )
        raise errors.CancelTooEarly(allowed_at)

    async def _set_status_with_retry(self, activation: Activation, status: StatusChange) -> None:
        """Set a status that is safe to send twice; retry once after an unclear answer."""
        try:
            await self._set_status(activation, status)
        except errors.NotSent:
            raise
        except errors.Unavailable:
            after = await self.status_checks.check_locked(activation, by_user=True)
            if after.state is not activation.state or len(after.codes) != len(activation.codes):
                raise
            await self._set_status(activation, status)

    async def _set_status(self, activation: Activation, status: StatusChange) -> None:
        key = await self.accounts.key(activation.key_id)
        try:
            await key.gateway.client.set_status(key.secret, activation.provider_id or "", status)
        except errors.KeyRefused:
            await self.status_checks.record_refused_key(activation)
            raise


def _detach_card(connection: Connection, id_: int, user_id: int) -> tuple[Activation, Activation]:
    """Let the next card be a new message; return the activation before and after that.

    Both are read in this transaction: a card that is being sent meanwhile must not be lost from sight.
    """
    before = activations.get(connection, id_, user_id)
    outbox.move_card(connection, id_, None)
    return before, activations.get(connection, id_)


def _record_refused_cancel(connection: Connection, id_: int, now: int) -> Activation:
    """Clear the scheduled cancel and store a notice that the provider refused it."""
    activation = transitions.schedule_cancel(connection, id_, wanted=False)
    outbox.add_notice(connection, activation.user_id, id_, NoticeKind.CANCEL_REFUSED, now)
    return activation
