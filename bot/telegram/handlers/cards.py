"""The buttons of a number's card. The outbox draws the card after each change."""

import html
from contextlib import suppress
from dataclasses import dataclass

from aiogram import Router

from bot import errors
from bot.activations.card_notes import CancelLater, CardNote, ChooseNumber, StepFailed, StillUnclear
from bot.activations.reconciliation import Reconciliation, several
from bot.activations.steps import ActivationSteps
from bot.domain import Activation, Ending, ListedActivation, State, Step
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.callbacks import Screen
from bot.telegram.context import Context
from bot.telegram.handlers.shop import ShopScreens
from bot.telegram.quote_screen import QuoteScreens, Selection
from bot.telegram.routing import handler
from bot.telegram.translator import Html


@dataclass(eq=False, slots=True)
class CardButtons:
    """The buttons of cards."""

    steps: ActivationSteps
    reconciliation: Reconciliation
    shop: ShopScreens
    quote_screens: QuoteScreens

    def router(self) -> Router:
        """Return the routes of these buttons."""
        router = Router(name="cards")
        router.callback_query.register(handler(self.take_step), callbacks.TakeStep.filter())
        router.callback_query.register(handler(self.another_number), callbacks.AnotherNumber.filter())
        router.callback_query.register(
            handler(self.show_other_operators), callbacks.ShowOtherOperators.filter()
        )
        router.callback_query.register(handler(self.schedule_cancel), callbacks.ScheduleCancel.filter())
        router.callback_query.register(handler(self.check_purchase), callbacks.CheckPurchase.filter())
        router.callback_query.register(handler(self.adopt), callbacks.AdoptNumber.filter())
        router.callback_query.register(handler(self.show_card), callbacks.ShowCard.filter())
        return router

    async def take_step(self, context: Context, callback_data: callbacks.TakeStep) -> None:
        """Take a step with a number and say the result."""
        await self._take(context, callback_data.step, callback_data.id)

    async def _take(
        self, context: Context, step: Step, id_: int, *, later: bool = False
    ) -> Activation | None:
        """Take a step and say the result; return the activation after it, or None if it was refused.

        Args:
            context: the update.
            step: the step.
            id_: the activation.
            later: schedule a cancel that comes too early, instead of asking whether to do that.
        """
        t, user, reply = context.t, context.user, context.reply
        if await reply.is_too_old():
            await reply.send(texts.problems.too_old(t), keyboards.ways_on.to_screen(t, Screen.ACTIVE))
            return None
        reply.progress = texts.steps.doing(t, step)
        before = await self.steps.get(user.id, id_)
        try:
            after = await self.steps.take(user.id, id_, step)
        except errors.CancelTooEarly as error:
            if later:
                return await self._plan_cancel(context, id_)
            await reply.hint(html.unescape(texts.problems.problem(t, error)), alert=False)
            await self._put_note(context, id_, CancelLater(error.allowed_at))
        except errors.InvalidState:
            words = texts.steps.impossible(t, step, await self.steps.get(user.id, id_))
            await self._say_changed(context, id_, words)
        except errors.ProviderError as error:
            words = texts.steps.refused(t, step, error)
            if not await reply.hint(html.unescape(words)):
                await self._put_note(context, id_, StepFailed(step, error))
        else:
            await reply.result(texts.steps.done(t, step, before, after), on_card=step is not Step.SMS_SENT)
            return after
        return None

    async def _say_changed(self, context: Context, id_: int, words: Html) -> None:
        """Say that a number has changed since the tap; its card shows how, if the tap was answered before."""
        if not await context.reply.hint(html.unescape(words)) and not context.reply.on_card:
            await self._move_card(context, id_)

    async def _put_note(self, context: Context, id_: int, note: CardNote) -> None:
        """Ask or say something on a card; if the tap was on another message, the card moves below it."""
        await self.steps.set_note(context.user.id, id_, note)
        if not context.reply.on_card:
            await self._move_card(context, id_)

    async def another_number(self, context: Context, callback_data: callbacks.AnotherNumber) -> None:
        """Cancel a number, now or as soon as that is allowed; then show a confirmation page for another one.

        Nothing is shown if the number stays: a code has come, or the provider has refused the cancel.
        """
        t, reply, id_ = context.t, context.reply, callback_data.id
        if await reply.is_too_old():
            await reply.send(texts.problems.too_old(t), keyboards.ways_on.to_screen(t, Screen.ACTIVE))
            return
        if await self.steps.can_cancel_now(context.user.id, id_):
            left = await self._take(context, Step.CANCEL, id_, later=True)
        else:
            left = await self._plan_cancel(context, id_)
        if left is None or not (left.cancel_scheduled or left.ending is Ending.USER):
            return
        await self.quote_screens.show(
            context,
            Selection(left.country, left.service, ()),
            retry=callbacks.BuyAgain(id=id_),
            in_new_message=True,
            instead_of=left,
        )

    async def _plan_cancel(self, context: Context, id_: int) -> Activation:
        """Schedule the cancel of a number, say so, and return the number."""
        after = await self.steps.cancel_when_allowed(context.user.id, id_)
        await context.reply.result(texts.steps.will_cancel(context.t))
        return after

    async def show_other_operators(
        self, context: Context, callback_data: callbacks.ShowOtherOperators
    ) -> None:
        """Show the operators of an ended number's service; neither its card nor a notice is replaced."""
        before = await self.steps.get(context.user.id, callback_data.id)
        operators = callbacks.ShowOperators(country=before.country, service=before.service)
        await self.shop.show_operators(context, operators, in_new_message=True)

    async def schedule_cancel(self, context: Context, callback_data: callbacks.ScheduleCancel) -> None:
        """Schedule a cancel for the first moment that allows it, or remove the schedule."""
        t, reply, id_ = context.t, context.reply, callback_data.id
        if callback_data.scheduled and await self.steps.can_cancel_now(context.user.id, id_):
            await self._take(context, Step.CANCEL, id_)
            return
        try:
            await self.steps.cancel_when_allowed(context.user.id, id_, wanted=callback_data.scheduled)
        except errors.InvalidState as error:
            await self._say_changed(context, id_, texts.problems.problem(context.t, error))
            return
        await reply.result(
            texts.steps.will_cancel(t) if callback_data.scheduled else texts.steps.will_keep(t)
        )
        if reply.message is not None and not reply.on_card:
            # An earlier version has asked in a message of its own, which would become untrue.
            await reply.chat.delete_or_replace(reply.message.message_id, texts.card.moved(t))
            await self._move_card(context, id_)

    async def check_purchase(self, context: Context, callback_data: callbacks.CheckPurchase) -> None:
        """Check an unclear purchase; if several numbers may belong to it, ask the user which one."""
        t, user, reply = context.t, context.user, context.reply
        reply.progress = texts.steps.checking(t)
        activation = await self.reconciliation.reconcile(callback_data.id, user.id)
        candidates: list[ListedActivation] = []
        if several(activation):
            with suppress(errors.ProviderError):  # then it is still unclear
                candidates = await self.reconciliation.candidates(user, activation.id)
        if candidates:
            await self._put_note(context, activation.id, ChooseNumber(tuple(candidates)))
        elif activation.state is not State.UNKNOWN:
            await reply.result(texts.steps.checked(t, activation))
        elif not await reply.hint(texts.steps.still_unclear(t), alert=False):
            await self._put_note(context, activation.id, StillUnclear())

    async def adopt(self, context: Context, callback_data: callbacks.AdoptNumber) -> None:
        """Record the number that the user chose as the one that an unclear purchase bought."""
        t, reply, id_ = context.t, context.reply, callback_data.id
        reply.progress = texts.steps.checking(t)
        try:
            activation = await self.reconciliation.adopt(context.user, id_, callback_data.mark)
        except errors.InvalidState as error:
            await self._say_changed(context, id_, texts.problems.problem(context.t, error))
        except errors.ProviderError as error:
            if not await reply.hint(html.unescape(texts.problems.problem(t, error))):
                await self._put_note(context, id_, StillUnclear())
        else:
            await reply.result(texts.steps.checked(t, activation))

    async def show_card(self, context: Context, callback_data: callbacks.ShowCard) -> None:
        """Draw a card in a new message and delete its old one."""
        await self._move_card(context, callback_data.id)

    async def _move_card(self, context: Context, id_: int) -> None:
        before = await self.steps.show_card(context.user.id, id_)
        if before.card_message_id is not None:
            await context.reply.chat.delete_or_replace(before.card_message_id, texts.card.moved(context.t))
