"""The list of active numbers, and the numbers that were bought elsewhere and can be taken over."""

import html
from dataclasses import dataclass

from aiogram import F, Router

from bot import errors
from bot.activations.elsewhere import NumberElsewhere, NumbersElsewhere
from bot.activations.steps import ActivationSteps
from bot.history.history import History
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.callbacks import OpenScreen, Screen
from bot.telegram.context import Context
from bot.telegram.routing import Opens, handler
from bot.telegram.screens import ProgressiveScreen, ScreenContent
from bot.telegram.translator import Html, joined


@dataclass(eq=False, slots=True)
class ActiveScreen:
    """The list of active numbers."""

    steps: ActivationSteps
    history: History
    elsewhere: NumbersElsewhere

    def router(self) -> Router:
        """Return the routes of this screen."""
        router = Router(name="active")
        router.message.register(handler(self.show), Opens("active"))
        router.callback_query.register(handler(self.show), OpenScreen.filter(F.screen == Screen.ACTIVE))
        router.callback_query.register(handler(self.take_over), callbacks.TakeOver.filter())
        return router

    async def show(self, context: Context) -> None:
        """Show a button for each active number, and how many codes could not be sent.

        The numbers that were bought elsewhere follow when the provider's list is there.
        """
        await self._show(context)

    async def _show(self, context: Context, above: Html | None = None) -> None:
        """Show the list, under a text that says why a number was not taken over."""
        t, user = context.t, context.user
        active = await self.steps.open_of(user.id)
        overdue = texts.messages.undelivered(t, await self.history.overdue_codes(user.id))
        offered: list[NumberElsewhere] = []

        async def load() -> None:
            nonlocal active, offered
            offered = await self.elsewhere.offered(user)
            active = await self.steps.open_of(user.id)

        def draw(_loading: bool) -> ScreenContent:
            own = texts.home.active_list(t, len(active)) if active else None
            others = texts.elsewhere.offer(t, len(offered)) if offered else None
            text = joined(own, others, by="\n\n") if own or others else texts.home.no_active(t)
            return joined(above, text, overdue, by="\n\n"), keyboards.home.active(t, active, offered)

        await context.reply.show_progressive(
            ProgressiveScreen(t, load, draw, OpenScreen(screen=Screen.ACTIVE))
        )

    async def take_over(self, context: Context, callback_data: callbacks.TakeOver) -> None:
        """Take a number over; its card comes below the list, which is shown as it is after that."""
        t, reply = context.t, context.reply
        reply.progress = texts.elsewhere.taking(t)
        refusal: Html | None = None
        try:
            await self.elsewhere.take_over(context.user, callback_data.mark)
        except (errors.RuleError, errors.ProviderError) as error:
            sentence = texts.problems.problem(t, error)
            if not await reply.hint(html.unescape(sentence)):
                refusal = sentence
        else:
            await reply.hint(texts.elsewhere.taken(t), alert=False)
        await self._show(context, refusal)
