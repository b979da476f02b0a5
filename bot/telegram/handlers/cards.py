"""The buttons of a number's card. The outbox draws the card after each change."""

from dataclasses import dataclass

from aiogram import Router

from bot import errors
from bot.activations.reconciliation import Reconciliation, several
from bot.activations.steps import ActivationSteps
from bot.domain import Activation, Ending, Step
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.context import Context
from bot.telegram.handlers.shop import ShopScreens
from bot.telegram.routing import handler
from bot.telegram.translator import escaped


@dataclass(eq=False, slots=True)
class CardButtons:
    """The buttons of cards."""

    steps: ActivationSteps
    reconciliation: Reconciliation
    shop: ShopScreens

    def router(self) -> Router:
        """Return the routes of these buttons."""
        router = Router(name="cards")
        router.callback_query.register(handler(self.take_step), callbacks.TakeStep.filter())
        router.callback_query.register(
            handler(self.cancel_for_another), callbacks.CancelAndChooseOperator.filter()
        )
        router.callback_query.register(handler(self.schedule_cancel), callbacks.ScheduleCancel.filter())
        router.callback_query.register(handler(self.check_purchase), callbacks.CheckPurchase.filter())
        router.callback_query.register(handler(self.adopt), callbacks.AdoptNumber.filter())
        router.callback_query.register(handler(self.show_card), callbacks.ShowCard.filter())
        return router

    async def take_step(self, context: Context, callback_data: callbacks.TakeStep) -> None:
        """Take a step with a number and say the result."""
        await self._take(context, callback_data.step, callback_data.id)

    async def _take(self, context: Context, step: Step, id_: int) -> Activation | None:
        """Take a step and say the result; return the activation after it, or None if it was refused."""
        t, user = context.t, context.user
        if await context.reply.is_too_old():
            await context.reply.send(texts.problems.too_old(t))
            return None
        before = await self.steps.get(user.id, id_)
        try:
            after = await self.steps.take(user.id, id_, step)
        except errors.CancelTooEarly as error:
            await context.reply.send(
                texts.steps.cancel_too_early(t, error.allowed_at),
                keyboards.card.too_early(t, id_, error.allowed_at),
            )
        except errors.InvalidState:
            await context.reply.say(texts.steps.impossible(t, step, await self.steps.get(user.id, id_)))
        except errors.ProviderError as error:
            await context.reply.say(texts.steps.refused(t, step, error))
        else:
            await context.reply.toast(texts.steps.done(t, step, before, after))
            return after
        return None

    async def cancel_for_another(
        self, context: Context, callback_data: callbacks.CancelAndChooseOperator
    ) -> None:
        """Cancel a number; if that worked, show the operators of its service."""
        after = await self._take(context, Step.CANCEL, callback_data.id)
        if after is not None and after.ending is Ending.USER:
            operators = callbacks.ShowOperators(country=after.country, service=after.service)
            await self.shop.show_operators(context, operators)

    async def schedule_cancel(self, context: Context, callback_data: callbacks.ScheduleCancel) -> None:
        """Schedule a cancel for the first moment that allows it, or remove the schedule."""
        t, reply = context.t, context.reply
        activation = await self.steps.cancel_when_allowed(
            context.user.id, callback_data.id, wanted=callback_data.scheduled
        )
        words = texts.steps.will_cancel(t) if callback_data.scheduled else texts.steps.will_keep(t)
        if reply.message and reply.message.message_id != activation.card_message_id:
            # The buttons of the question are gone after the answer.
            await reply.show(escaped(words), keyboards.buttons.only_home(t))
        else:
            await reply.toast(words)

    async def check_purchase(self, context: Context, callback_data: callbacks.CheckPurchase) -> None:
        """Check an unclear purchase; if several numbers may belong to it, ask the user which one."""
        t, user = context.t, context.user
        activation = await self.reconciliation.reconcile(callback_data.id, user.id)
        candidates = await self.reconciliation.candidates(user, activation.id) if several(activation) else []
        if candidates:
            await context.reply.send(
                texts.steps.choose_candidate(t), keyboards.card.candidates(activation.id, candidates)
            )
        else:
            await context.reply.toast(texts.steps.checked(t, activation))

    async def adopt(self, context: Context, callback_data: callbacks.AdoptNumber) -> None:
        """Record the number that the user chose as the one that an unclear purchase bought."""
        activation = await self.reconciliation.adopt(
            context.user, callback_data.id, callback_data.provider_id
        )
        await context.reply.toast(texts.steps.checked(context.t, activation))

    async def show_card(self, context: Context, callback_data: callbacks.ShowCard) -> None:
        """Draw a card in a new message and delete its old one."""
        before = await self.steps.show_card(context.user.id, callback_data.id)
        if before.card_message_id is not None:
            await context.reply.chat.delete_or_replace(before.card_message_id, texts.card.moved(context.t))
