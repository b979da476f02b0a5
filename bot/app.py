"""Composition root: builds the parts, runs them in one task group, and stops them in order."""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from aiogram import Bot, Dispatcher
from aiogram.exceptions import AiogramError, TelegramUnauthorizedError

from bot.accounts.accounts import Accounts
from bot.accounts.preferences import Preferences
from bot.accounts.vault import Vault
from bot.activations.active_list import ActiveList
from bot.activations.follow_ups import FollowUps
from bot.activations.poller import Poller
from bot.activations.purchases import Purchases
from bot.activations.reconciliation import Reconciliation
from bot.activations.schedule import Schedule
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.alerts.checker import AlertChecker
from bot.catalog.catalog import Catalog
from bot.catalog.search import ServiceSearch
from bot.concurrency import BackgroundJobs, steady_time
from bot.delivery.code_cleanup import CodeCleanup
from bot.delivery.outbox import Outbox, PendingUsers
from bot.errors import SettingsError
from bot.favourites import Favourites
from bot.history.charts import Charts
from bot.history.history import History
from bot.provider.budget import Budget
from bot.provider.client import ProviderClient
from bot.settings import Settings
from bot.storage.database import Database
from bot.telegram import bot_profile
from bot.telegram.dispatcher import UPDATES, Features, build_bot, build_dispatcher
from bot.telegram.messenger import ChatMessenger
from bot.telegram.replies import ACKNOWLEDGE_AFTER
from bot.telegram.screens import ScreenUpdates
from bot.telegram.translations import Translations

MAX_CONCURRENT_UPDATES: Final = 100
LONG_POLL_TIMEOUT: Final = 20
JOBS_TIMEOUT: Final = 40.0
"""Seconds that an orderly stop waits for purchases and updates in progress."""
SENDS_TIMEOUT: Final = 5.0
"""Seconds that an orderly stop waits for screens, and then for deliveries in progress."""
RECONNECT_PAUSE: Final = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class App:
    """The parts of the running bot."""

    bot: Bot
    dispatcher: Dispatcher
    features: Features
    accounts: Accounts
    outbox: Outbox
    code_cleanup: CodeCleanup
    poller: Poller
    follow_ups: FollowUps
    schedule: Schedule
    alerts: Alerts
    alert_checker: AlertChecker
    jobs: BackgroundJobs
    screen_updates: ScreenUpdates
    translations: Translations

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; then wait for purchases and deliveries in progress.

        Raises:
            SettingsError: Telegram does not accept the bot token.
        """
        await self.outbox.load()
        await self.poller.load()
        try:
            async with asyncio.TaskGroup() as group:
                parts = (self.outbox, self.code_cleanup, self.poller, self.follow_ups, self.alert_checker)
                background = [group.create_task(part.run()) for part in parts]
                listener = group.create_task(self._listen())
                await stop.wait()
                await _cancel(listener)
                await self.jobs.finish(JOBS_TIMEOUT)
                await self.screen_updates.finish(SENDS_TIMEOUT)
                with suppress(TimeoutError):
                    async with asyncio.timeout(SENDS_TIMEOUT):
                        await self.outbox.stop()
                for task in background:
                    await _cancel(task)
        except* SettingsError as wrong:
            raise wrong.exceptions[0] from None

    async def _listen(self) -> None:
        """Receive updates; while Telegram is unreachable, retry without stopping the other parts."""
        while True:
            try:
                await self.bot.me()
                break
            except TelegramUnauthorizedError:
                raise SettingsError(["BOT_TOKEN is not known to Telegram."]) from None
            except AiogramError as error:
                log.warning("Telegram is out of reach: %s", type(error).__name__)
                await asyncio.sleep(RECONNECT_PAUSE)
        with suppress(AiogramError):
            await self.bot.delete_webhook()  # with a webhook set, Telegram refuses getUpdates
        await bot_profile.publish(self.bot, self.translations)
        log.info("listening")
        polling = asyncio.create_task(
            self.dispatcher.start_polling(
                self.bot,
                polling_timeout=LONG_POLL_TIMEOUT,
                allowed_updates=UPDATES,
                handle_signals=False,
                close_bot_session=False,
                tasks_concurrency_limit=MAX_CONCURRENT_UPDATES,
            )
        )
        try:
            await asyncio.shield(polling)
        except asyncio.CancelledError:
            await self.dispatcher.stop_polling()  # cancelling alone leaves tasks of aiogram running
            raise


@asynccontextmanager
async def build(
    settings: Settings,
    now: Callable[[], float] = time.time,
    patience: float = ACKNOWLEDGE_AFTER,
    steady: Callable[[], float] = steady_time,
) -> AsyncIterator[App]:
    """Open the database and the connections, yield the app, and close them afterwards.

    Args:
        settings: the settings.
        now: the wall clock in UTC seconds, for what is stored and shown.
        patience: seconds after which a tap is acknowledged and an unfinished screen is shown.
        steady: a clock in seconds that is never corrected, for waits and ages.

    Raises:
        StorageError: the database cannot be used.
        SealError: a stored API key cannot be opened with these sealing keys.
    """
    now = (schedule := Schedule(settings.poll_interval, now, steady)).utc_now
    async with AsyncExitStack() as stack:
        db = await stack.enter_async_context(await Database.open(settings.database_path))
        budget = Budget(settings.key_rate, settings.provider_rate, steady)
        provider = await stack.enter_async_context(
            ProviderClient(
                settings.provider_url,
                budget,
                method=settings.provider_method,
                referral=settings.referral_id,
            )
        )
        jobs = BackgroundJobs()
        catalog = Catalog(provider, settings.countries, steady)
        translations = Translations(settings.currency)
        bot = build_bot(settings)
        stack.push_async_callback(bot.session.close)
        screen_updates = ScreenUpdates()
        stack.push_async_callback(screen_updates.close)
        pending_users = PendingUsers()
        preferences = Preferences(db, pending_users, now, settings.max_active)
        accounts = Accounts(db, Vault(list(settings.sealing_keys)), provider, preferences, now)
        await accounts.load()
        messenger = ChatMessenger(
            bot=bot,
            translations=translations,
            accounts=accounts,
            catalog=catalog,
            screen_updates=screen_updates,
            now=now,
            cancel_after=settings.cancel_after,
        )
        code_cleanup = CodeCleanup(db, messenger, pending_users, now)
        outbox = Outbox(
            db=db,
            messenger=messenger,
            pending_users=pending_users,
            poll_schedule=schedule,
            code_cleanup=code_cleanup,
            now=now,
        )
        status_checks = StatusChecks(
            db=db,
            accounts=accounts,
            provider=provider,
            active_list=ActiveList(db=db, accounts=accounts, provider=provider, now=now, steady=steady),
            poll_schedule=schedule,
            delivery_queue=pending_users,
            now=now,
        )
        activations = ActivationSteps(
            db=db,
            accounts=accounts,
            provider=provider,
            status_checks=status_checks,
            spawn=jobs.spawn,
            now=now,
        )
        reconciliation = Reconciliation(
            db=db,
            accounts=accounts,
            provider=provider,
            status_checks=status_checks,
            now=now,
            lifetime=settings.activation_lifetime,
            cancel_after=settings.cancel_after,
        )
        purchases = Purchases(
            db=db,
            accounts=accounts,
            catalog=catalog,
            provider=provider,
            status_checks=status_checks,
            spawn=jobs.spawn,
            now=now,
            reconciliation=reconciliation,
            preferences=preferences,
            send_max_price=settings.send_max_price,
        )
        poller = Poller(
            db=db,
            schedule=schedule,
            budget=budget,
            accounts=accounts,
            status_checks=status_checks,
            activations=activations,
            reconciliation=reconciliation,
            lifetime=settings.activation_lifetime,
            now=now,
        )
        alerts = Alerts(db, pending_users, now)
        alert_checker = AlertChecker(
            alerts=alerts,
            accounts=accounts,
            catalog=catalog,
            budget=budget,
            next_poll=schedule.next_at,
            delivery_queue=pending_users,
            now=now,
            steady=steady,
        )
        features = Features(
            accounts=accounts,
            alerts=alerts,
            catalog=catalog,
            charts=Charts(),
            favourites=Favourites(db, pending_users, now),
            history=History(db, accounts, now, settings.currency),
            preferences=preferences,
            purchases=purchases,
            reconciliation=reconciliation,
            service_search=ServiceSearch(catalog),
            status_checks=status_checks,
            steps=activations,
        )
        dispatcher = build_dispatcher(
            features,
            settings,
            translations,
            outbox=outbox,
            screen_updates=screen_updates,
            track_task=jobs.add,
            acknowledge_after=patience,
        )
        gc.freeze()  # a full collection over all imported objects would block the loop for 0.1 s
        yield App(
            bot,
            dispatcher,
            features,
            accounts,
            outbox,
            code_cleanup,
            poller,
            FollowUps(db, budget, accounts, status_checks, now),
            schedule,
            alerts,
            alert_checker,
            jobs,
            screen_updates,
            translations,
        )


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
