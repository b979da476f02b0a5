"""The running bot: its parts run in one TaskGroup, and stop in order."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiogram import Bot, Dispatcher
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError

from bot.accounts.accounts import Accounts
from bot.activations.follow_ups import FollowUps
from bot.activations.poller import Poller
from bot.activations.schedule import Schedule
from bot.alerts.alerts import Alerts
from bot.alerts.checker import AlertChecker
from bot.concurrency import BackgroundJobs, cancel
from bot.delivery.code_cleanup import CodeCleanup
from bot.delivery.message_deletion import MessageDeletion
from bot.delivery.outbox import Outbox
from bot.errors import SettingsError
from bot.operations.retention import Retention
from bot.telegram import bot_profile
from bot.telegram.dispatcher import Features
from bot.telegram.screens import ScreenUpdates
from bot.telegram.telegram_errors import describe
from bot.telegram.translations import Translations
from bot.telegram.update_source import UpdateSource

JOBS_TIMEOUT: Final = 40.0
"""Seconds that an orderly stop waits for purchases and updates in progress."""
SENDS_TIMEOUT: Final = 5.0
"""Seconds that an orderly stop waits for screens, and then for deliveries in progress."""
RECONNECT_PAUSE: Final = 5.0
DATE_TIMEOUT: Final = 5.0
"""Seconds that the start waits for the first answer of Telegram, whose date corrects a wrong clock."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class App:
    """The parts of the running bot."""

    bot: Bot
    dispatcher: Dispatcher
    update_source: UpdateSource
    features: Features
    accounts: Accounts
    outbox: Outbox
    code_cleanup: CodeCleanup
    message_deletion: MessageDeletion
    retention: Retention
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
            SettingsError: Telegram does not accept the bot token; the stop is orderly then too.
        """
        refusals: list[SettingsError] = []
        answered = asyncio.Event()

        async def listen() -> None:
            try:
                await self._listen(answered)
            except SettingsError as refusal:
                refusals.append(refusal)
                stop.set()
            finally:
                answered.set()

        await self.outbox.load()
        async with asyncio.TaskGroup() as group:
            listener = group.create_task(listen())
            with suppress(TimeoutError):
                async with asyncio.timeout(DATE_TIMEOUT):
                    await answered.wait()
            await self.poller.load()
            loops = (
                self.code_cleanup,
                self.message_deletion,
                self.poller,
                self.follow_ups,
                self.alert_checker,
                self.retention,
            )
            background = [group.create_task(part.run()) for part in (self.outbox, *loops)]
            await stop.wait()
            await cancel(listener)
            await self.update_source.confirm()
            await self.jobs.finish(JOBS_TIMEOUT)
            await self.screen_updates.finish(SENDS_TIMEOUT)
            with suppress(TimeoutError):
                async with asyncio.timeout(SENDS_TIMEOUT):
                    await self.outbox.stop()
            for task in background:
                await cancel(task)
        if refusals:
            raise refusals[0]

    async def _listen(self, answered: asyncio.Event) -> None:
        """Receive updates; while Telegram is unreachable, retry without stopping the other parts.

        Args:
            answered: set after the first call, whether Telegram has answered or not.
        """
        while True:
            try:
                await self.bot.me()
                break
            except TelegramUnauthorizedError:
                raise SettingsError(["BOT_TOKEN is not known to Telegram."]) from None
            except TelegramNotFound:
                raise SettingsError(["BOT_TOKEN has a form that Telegram does not know."]) from None
            except AiogramError as error:
                log.warning("Telegram is out of reach: %s", describe(error))
                answered.set()
                await asyncio.sleep(RECONNECT_PAUSE)
        answered.set()
        with suppress(AiogramError):
            await self.bot.delete_webhook()  # with a webhook set, Telegram refuses getUpdates
        await bot_profile.publish(self.bot, self.translations)
        log.info("listening")
        await self.update_source.run()
