"""Home, help, the balance, and the list of active numbers."""

from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command, CommandStart

from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.history.history import History
from bot.settings import Settings
from bot.telegram import keyboards, texts
from bot.telegram.callbacks import OpenScreen, Screen
from bot.telegram.context import Context
from bot.telegram.dashboard import Dashboard
from bot.telegram.routing import handler
from bot.telegram.translator import joined
from bot.telegram.welcome import Welcome


@dataclass(eq=False, slots=True)
class HomeScreens:
    """The screens of home."""

    accounts: Accounts
    steps: ActivationSteps
    status_checks: StatusChecks
    settings: Settings
    history: History
    welcome: Welcome
    dashboard: Dashboard

    def router(self) -> Router:
        """Return the routes of these screens."""
        router = Router(name="home")
        router.message.register(handler(self.show_home), CommandStart())
        router.callback_query.register(handler(self.show_home), OpenScreen.filter(F.screen == Screen.HOME))
        router.message.register(handler(self.show_help), Command("help"))
        router.callback_query.register(handler(self.show_help), OpenScreen.filter(F.screen == Screen.HELP))
        router.message.register(handler(self.show_balance), Command("balance"))
        router.message.register(handler(self.show_active), Command("active"))
        router.callback_query.register(
            handler(self.show_active), OpenScreen.filter(F.screen == Screen.ACTIVE)
        )
        return router

    async def show_home(self, context: Context) -> None:
        """Show the dashboard, or the welcome to a user without a key."""
        if context.has_key:
            await self.dashboard.show(context)
        else:
            await context.reply.show(*await self.welcome.draw(context))

    async def show_help(self, context: Context) -> None:
        """Show how the bot works."""
        text = texts.home.help_text(
            context.t,
            lifetime=self.settings.activation_lifetime,
            cancel_after=self.settings.cancel_after,
        )
        await context.reply.show(text, keyboards.buttons.only_home(context.t))

    async def show_balance(self, context: Context) -> None:
        """Show the balance."""
        balance = await self.accounts.balance(context.user)
        await self.status_checks.resume_bound_key(context.user)
        await context.reply.show(
            texts.home.balance_line(context.t, balance), keyboards.buttons.only_home(context.t)
        )

    async def show_active(self, context: Context) -> None:
        """Show a button for each active number, and how many codes could not be sent."""
        t = context.t
        active = await self.steps.open_of(context.user.id)
        text = texts.home.active_list(t, len(active)) if active else texts.home.no_active(t)
        overdue = texts.messages.undelivered(t, await self.history.overdue_codes(context.user.id))
        await context.reply.show(joined(text, overdue, by="\n\n"), keyboards.home.active(t, active))
