"""Puts the Telegram side together: the bot, the routes and the middlewares, in their order."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import LinkPreviewOptions

from bot.accounts.accounts import Accounts
from bot.accounts.preferences import Preferences
from bot.activations.purchases import Purchases
from bot.activations.reconciliation import Reconciliation
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.catalog.catalog import Catalog
from bot.catalog.search import ServiceSearch
from bot.favourites import Favourites
from bot.history.charts import Charts
from bot.history.history import History
from bot.settings import Settings
from bot.telegram.handlers import (
    alerts as watch_screens,
    api_key,
    cards,
    deep_links,
    fallbacks,
    favourites as favourite_screens,
    history as past,
    home,
    inline,
    preferences as preference_screens,
    search,
    shop,
)
from bot.telegram.middlewares import (
    AccessMiddleware,
    DeliveryResumer,
    ErrorMiddleware,
    PerUserQueue,
    ReplyMiddleware,
    UserMiddleware,
)
from bot.telegram.quote_screen import QuoteScreens
from bot.telegram.screens import ScreenUpdates
from bot.telegram.translations import Translations

UPDATES: Final = ["message", "edited_message", "callback_query", "inline_query", "my_chat_member"]
"""The kinds of updates Telegram is asked for."""
PARTS: Final = (
    inline,
    deep_links,
    home,
    past,
    preference_screens,
    api_key,
    favourite_screens,
    watch_screens,
    shop,
    search,
    cards,
    fallbacks,
)
"""The modules with routes, in the order in which they are asked."""
REQUEST_TIMEOUT: Final = 20.0
"""Seconds for a call of the Bot API."""


def build_bot(settings: Settings) -> Bot:
    """Return the bot, which writes HTML and shows no link previews."""
    return Bot(
        settings.bot_token.get_secret_value(),
        session=AiohttpSession(
            api=TelegramAPIServer.from_base(settings.telegram_api_url), timeout=REQUEST_TIMEOUT
        ),
        default=DefaultBotProperties(parse_mode="HTML", link_preview=LinkPreviewOptions(is_disabled=True)),
    )


def build_dispatcher(
    *,
    settings: Settings,
    translations: Translations,
    accounts: Accounts,
    activations: ActivationSteps,
    purchases: Purchases,
    reconciliation: Reconciliation,
    status_checks: StatusChecks,
    catalog: Catalog,
    service_search: ServiceSearch,
    screen_updates: ScreenUpdates,
    patience: float,
    history: History,
    charts: Charts,
    preferences: Preferences,
    favourites: Favourites,
    alerts: Alerts,
    outbox: DeliveryResumer,
    under_way: Callable[[asyncio.Task[Any]], None],
) -> Dispatcher:
    """Return the dispatcher with every handler's dependencies.

    `under_way` is told of the task of each update that is being handled; `patience` is how many seconds a
    person waits before they wonder.
    """
    dispatcher = Dispatcher(
        disable_fsm=True,
        settings=settings,
        translations=translations,
        accounts=accounts,
        activations=activations,
        purchases=purchases,
        reconciliation=reconciliation,
        status_checks=status_checks,
        catalog=catalog,
        service_search=service_search,
        history=history,
        charts=charts,
        preferences=preferences,
        favourites=favourites,
        alerts=alerts,
        quote_screens=QuoteScreens(accounts, catalog, purchases, favourites),
    )
    dispatcher.update.outer_middleware(ReplyMiddleware(translations, under_way, screen_updates, patience))
    dispatcher.update.outer_middleware(AccessMiddleware(settings.allowed_users, time.monotonic))
    dispatcher.update.outer_middleware(PerUserQueue())
    dispatcher.update.outer_middleware(inline.LatestInlineQuery())
    dispatcher.update.outer_middleware(UserMiddleware(accounts, activations, outbox, translations))
    problems = ErrorMiddleware()
    for observer in (
        dispatcher.message,
        dispatcher.edited_message,
        dispatcher.callback_query,
        dispatcher.inline_query,
        dispatcher.my_chat_member,
    ):
        observer.middleware(problems)
    for part in PARTS:
        dispatcher.include_router(part.router())
    return dispatcher
