"""Builds the bot and the dispatcher: the middlewares and the routes, in their order."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aiogram import Bot, Dispatcher, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import LinkPreviewOptions

from bot.accounts.accounts import Accounts
from bot.accounts.preferences import Preferences
from bot.activations.elsewhere import NumbersElsewhere
from bot.activations.notes import Notes
from bot.activations.purchases import Purchases
from bot.activations.reconciliation import Reconciliation
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.catalog.catalogs import Catalogs
from bot.delivery.message_deletion import MessageDeletion
from bot.delivery.rate_limits import SendLimits
from bot.favourites import Favourites
from bot.history.charts import Charts
from bot.history.history import History
from bot.settings import Settings
from bot.telegram.arrival import ArrivalMiddleware
from bot.telegram.dashboard import Dashboard
from bot.telegram.handled_taps import HandledTaps
from bot.telegram.handlers.active import ActiveScreen
from bot.telegram.handlers.alerts import AlertScreens
from bot.telegram.handlers.api_key import ApiKeyScreens
from bot.telegram.handlers.cards import CardButtons
from bot.telegram.handlers.deep_links import DeepLinkScreens
from bot.telegram.handlers.fallbacks import Fallbacks
from bot.telegram.handlers.favourites import FavouriteScreens
from bot.telegram.handlers.history import HistoryScreens
from bot.telegram.handlers.home import HomeScreens
from bot.telegram.handlers.inline import InlineMode
from bot.telegram.handlers.notes import NoteScreens
from bot.telegram.handlers.preferences import PreferenceScreens
from bot.telegram.handlers.search import SearchScreens
from bot.telegram.handlers.shop import ShopScreens
from bot.telegram.key_guard import KeyGuard, KeyMessages
from bot.telegram.middlewares import (
    AccessMiddleware,
    DeliveryResumer,
    ErrorMiddleware,
    Reachability,
    ReplyMiddleware,
    UserMiddleware,
)
from bot.telegram.prompts import OpenQuestions
from bot.telegram.quote_screen import QuoteScreens
from bot.telegram.reading_time import ButtonAppearances, ReadingTime, ReadingTimeMiddleware
from bot.telegram.screens import ScreenUpdates
from bot.telegram.session import BotSession
from bot.telegram.translations import Translations
from bot.telegram.update_queues import HandlerPlaces, LatestInlineQuery, PerUserQueue
from bot.telegram.welcome import Welcome

UPDATES: Final = ["message", "edited_message", "callback_query", "inline_query", "my_chat_member"]
"""The kinds of updates that the bot asks Telegram for."""
REQUEST_TIMEOUT: Final = 20.0
"""Seconds for a call of the Bot API."""


@dataclass(frozen=True, kw_only=True)
class Features:
    """The parts of the product that the screens use."""

    accounts: Accounts
    alerts: Alerts
    catalogs: Catalogs
    charts: Charts
    elsewhere: NumbersElsewhere
    favourites: Favourites
    history: History
    notes: Notes
    preferences: Preferences
    purchases: Purchases
    reconciliation: Reconciliation
    status_checks: StatusChecks
    steps: ActivationSteps


def build_bot(
    settings: Settings, reading_time: ReadingTime, note_date: Callable[[float, float], None]
) -> Bot:
    """Return the bot. Its messages are HTML and show no link previews.

    Args:
        settings: the settings.
        reading_time: knows when buttons have appeared.
        note_date: called with the date of each answer of Telegram, and the time of its request.
    """
    api = TelegramAPIServer.from_base(settings.telegram_api_url)
    session = BotSession(reading_time.now, note_date, api=api, timeout=REQUEST_TIMEOUT)
    session.middleware(ButtonAppearances(reading_time))
    return Bot(
        settings.bot_token.get_secret_value(),
        session=session,
        default=DefaultBotProperties(parse_mode="HTML", link_preview=LinkPreviewOptions(is_disabled=True)),
    )


def build_dispatcher(
    features: Features,
    settings: Settings,
    translations: Translations,
    *,
    outbox: DeliveryResumer,
    message_deletion: MessageDeletion,
    screen_updates: ScreenUpdates,
    reading_time: ReadingTime,
    limits: SendLimits,
    handled_taps: HandledTaps,
    track_task: Callable[[asyncio.Task[Any]], None],
    acknowledge_after: float,
) -> Dispatcher:
    """Return the dispatcher with its middlewares and routes.

    Args:
        features: the parts that the screens use.
        settings: the settings.
        translations: the translators.
        outbox: resumes deliveries to a user who was unreachable.
        message_deletion: deletes the messages with API keys.
        screen_updates: the screens that are to be completed.
        reading_time: knows when buttons have appeared.
        limits: the rate limits, which the outbox has too.
        handled_taps: drops taps that come again.
        track_task: called with each task that the program must wait for at its end.
        acknowledge_after: seconds after which a tap is acknowledged, finished or not.
    """
    dispatcher = Dispatcher(disable_fsm=True)
    for middleware in (
        ReplyMiddleware(translations, screen_updates, limits, acknowledge_after),
        ArrivalMiddleware(reading_time.now),
        AccessMiddleware(settings.allowed_users, features.accounts, time.monotonic),
        KeyGuard(features.accounts, message_deletion, translations, track_task),
        PerUserQueue(Reachability(features.accounts, outbox).note),
        KeyMessages(),
        LatestInlineQuery(),
        HandlerPlaces(),
        UserMiddleware(features.accounts, features.steps, outbox, translations, features.catalogs),
        ReadingTimeMiddleware(reading_time),
        handled_taps,
    ):
        dispatcher.update.outer_middleware(middleware)
    for update in UPDATES:
        dispatcher.observers[update].middleware(ErrorMiddleware(settings.key_page))
    dispatcher.include_routers(*build_routers(features, settings, translations))
    return dispatcher


def build_routers(features: Features, settings: Settings, translations: Translations) -> list[Router]:
    """Return the routers of all screens, in the order in which they are asked."""
    accounts, steps = features.accounts, features.steps
    quote_screens = QuoteScreens(
        accounts,
        features.purchases,
        features.favourites,
        steps,
    )
    welcome = Welcome(accounts)
    dashboard = Dashboard(
        accounts, steps, features.status_checks, features.favourites, features.purchases.now
    )
    home = HomeScreens(accounts, steps, features.status_checks, welcome, dashboard)
    shop = ShopScreens(
        accounts=accounts,
        favourites=features.favourites,
        steps=steps,
        purchases=features.purchases,
        quote_screens=quote_screens,
    )
    deep_links = DeepLinkScreens(
        accounts=accounts,
        welcome=welcome,
        quote_screens=quote_screens,
        home=home,
        shop=shop,
    )
    api_keys = ApiKeyScreens(
        accounts=accounts,
        status_checks=features.status_checks,
        steps=steps,
        alerts=features.alerts,
        settings=settings,
        translations=translations,
        welcome=welcome,
        open_link=deep_links.open,
    )
    return [
        InlineMode(accounts, steps).router(),
        api_keys.key_message_router(),
        deep_links.router(),
        home.router(),
        ActiveScreen(steps, features.history, features.elsewhere).router(),
        HistoryScreens(features.history, features.charts, steps).router(),
        PreferenceScreens(
            features.preferences, translations, OpenQuestions(features.preferences.now)
        ).router(),
        NoteScreens(features.notes, steps, translations).router(),
        api_keys.router(),
        FavouriteScreens(accounts, features.favourites, features.alerts, steps, quote_screens).router(),
        AlertScreens(features.alerts, accounts, features.purchases, quote_screens).router(),
        shop.router(),
        SearchScreens(
            accounts=accounts,
            steps=steps,
            history=features.history,
            shop=shop,
            quote_screens=quote_screens,
        ).router(),
        CardButtons(steps, features.reconciliation, shop, quote_screens).router(),
        Fallbacks(accounts).router(),
    ]
