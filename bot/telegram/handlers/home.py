"""The screens that need no choice: home, help, balance, active numbers."""

import logging
from decimal import Decimal

from aiogram import F, Router
from aiogram.filters import Command, CommandStart
from aiogram.types import TelegramObject

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.domain import User
from bot.settings import Settings
from bot.telegram import keyboards, texts
from bot.telegram.callbacks import Go, Screen
from bot.telegram.replies import Reply
from bot.telegram.screens import ProgressiveScreen, ScreenContent
from bot.telegram.translator import Translator

log = logging.getLogger(__name__)


async def show_home(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    activations: ActivationSteps,
    status_checks: StatusChecks,
    settings: Settings,
) -> None:
    """Show the balance and what can be done, or ask somebody new for their key."""
    if user.key_id is None:
        await reply.show(texts.api_key.welcome(t, settings.provider_name, plain_http=settings.plain_http))
        return
    active = await activations.open_of(user.id)
    balance: Decimal | None = None

    async def load() -> None:
        nonlocal balance
        try:
            balance = await accounts.balance(user)
            await status_checks.resume_bound_key(user)
        except errors.KeyRefused:
            raise
        except errors.ProviderError as error:
            log.debug("no balance: %s", type(error).__name__)

    def draw(loading: bool) -> ScreenContent:
        return texts.home.screen(t, balance, len(active), loading=loading), keyboards.home.menu(t)

    await reply.show_in_time(ProgressiveScreen(t, load, draw, Go(screen=Screen.HOME)))


async def show_help(_: TelegramObject, reply: Reply, t: Translator, settings: Settings) -> None:
    """Explain the bot."""
    text = texts.home.help_text(t, lifetime=settings.activation_lifetime, cancel_after=settings.cancel_after)
    await reply.show(text, keyboards.buttons.only_home(t))


async def show_balance(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    status_checks: StatusChecks,
) -> None:
    """Show the balance."""
    balance = await accounts.balance(user)
    await status_checks.resume_bound_key(user)
    await reply.show(texts.home.balance_line(t, balance), keyboards.buttons.only_home(t))


async def show_active(
    _: TelegramObject, reply: Reply, user: User, t: Translator, activations: ActivationSteps
) -> None:
    """Show a button for each active number."""
    active = await activations.open_of(user.id)
    text = texts.home.active_list(t, len(active)) if active else texts.home.no_active(t)
    await reply.show(text, keyboards.home.active(t, active))


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="home")
    routes.message.register(show_home, CommandStart())
    routes.callback_query.register(show_home, Go.filter(F.screen == Screen.HOME))
    routes.message.register(show_help, Command("help"))
    routes.callback_query.register(show_help, Go.filter(F.screen == Screen.HELP))
    routes.message.register(show_balance, Command("balance"))
    routes.message.register(show_active, Command("active"))
    routes.callback_query.register(show_active, Go.filter(F.screen == Screen.ACTIVE))
    return routes
