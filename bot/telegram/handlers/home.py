"""Home, help, and the balance."""

from dataclasses import dataclass

from aiogram import F, Router

from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.telegram import keyboards, texts
from bot.telegram.callbacks import OpenScreen, PageCounter, Screen
from bot.telegram.context import Context
from bot.telegram.dashboard import Dashboard
from bot.telegram.routing import Opens, handler
from bot.telegram.welcome import Welcome


@dataclass(eq=False, slots=True)
class HomeScreens:
    """The screens of home."""

    accounts: Accounts
    steps: ActivationSteps
    status_checks: StatusChecks
    welcome: Welcome
    dashboard: Dashboard

    def router(self) -> Router:
        """Return the routes of these screens."""
        router = Router(name="home")
        router.message.register(handler(self.show_home), Opens("start"))
        router.callback_query.register(handler(self.show_home), OpenScreen.filter(F.screen == Screen.HOME))
        router.callback_query.register(handler(self.say_page), PageCounter.filter())
        router.message.register(handler(self.show_help), Opens("help"))
        router.callback_query.register(handler(self.show_help), OpenScreen.filter(F.screen == Screen.HELP))
        router.message.register(handler(self.show_balance), Opens("balance"))
        return router

    async def show_home(self, context: Context) -> None:
        """Show the dashboard, or the welcome to a user without a key."""
        if context.has_key:
            await self.dashboard.show(context)
        else:
            await context.reply.show(*await self.welcome.draw(context))

    async def say_page(self, context: Context, callback_data: PageCounter) -> None:
        """Say which page is shown, and that a name can be typed."""
        await context.reply.toast(texts.shop.page(context.t, callback_data.page, callback_data.pages))

    async def show_help(self, context: Context) -> None:
        """Show how the bot works."""
        gateways = self.accounts.gateways
        profile = (gateways.find(context.user.provider) or gateways.first).profile
        text = texts.home.help_text(
            context.t,
            lifetime=profile.lifetime,
            cancel_after=profile.cancel_after,
        )
        await context.reply.show(text, keyboards.buttons.only_home(context.t))

    async def show_balance(self, context: Context) -> None:
        """Show the balance."""
        balance = await self.accounts.balance(context.user)
        await self.status_checks.resume_bound_key(context.user)
        await context.reply.show(
            texts.home.balance_line(context.t, balance), keyboards.buttons.only_home(context.t)
        )
