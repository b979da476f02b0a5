"""Composition root: builds the parts of the bot and closes their resources in order."""

import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from bot.accounts.accounts import Accounts
from bot.accounts.preferences import Preferences
from bot.accounts.vault import Vault
from bot.activations.active_list import ActiveList
from bot.activations.card_notes import CardNotes
from bot.activations.charges import Charges
from bot.activations.elsewhere import NumbersElsewhere
from bot.activations.evidence import EvidenceReader
from bot.activations.follow_ups import FollowUps
from bot.activations.notes import Notes
from bot.activations.poller import Poller
from bot.activations.purchases import Purchases
from bot.activations.reconciliation import Reconciliation
from bot.activations.schedule import Schedule
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.alerts.checker import AlertChecker
from bot.catalog.catalog import Catalog
from bot.catalog.catalogs import Catalogs
from bot.concurrency import BackgroundJobs, steady_time
from bot.delivery.code_cleanup import CodeCleanup
from bot.delivery.marks import DeliveryMarks
from bot.delivery.message_deletion import MessageDeletion
from bot.delivery.outbox import Outbox
from bot.delivery.pending_users import PendingUsers
from bot.delivery.rate_limits import SendLimits
from bot.favourites import Favourites
from bot.history.charts import Charts
from bot.history.history import History
from bot.operations.instance_lock import InstanceLock
from bot.operations.retention import Retention
from bot.provider.gateway import Gateways
from bot.runtime import App
from bot.settings import Settings
from bot.storage.database import Database
from bot.telegram.dispatcher import UPDATES, Features, build_bot, build_dispatcher
from bot.telegram.handled_taps import HandledTaps
from bot.telegram.messenger import ChatMessenger
from bot.telegram.reading_time import MIN_READING_TIME, ReadingTime
from bot.telegram.replies import ACKNOWLEDGE_AFTER
from bot.telegram.screens import ScreenUpdates
from bot.telegram.translations import Translations
from bot.telegram.update_source import UpdateSource


@asynccontextmanager
async def build(
    settings: Settings,
    now: Callable[[], float] = time.time,
    patience: float = ACKNOWLEDGE_AFTER,
    steady: Callable[[], float] = steady_time,
    reading_time: float | None = None,
) -> AsyncIterator[App]:
    """Open the database and the connections, yield the app, and close them afterwards.

    Args:
        settings: the settings.
        now: the wall clock in UTC seconds, for what is stored and shown.
        patience: seconds after which a tap is acknowledged and an unfinished screen is shown.
        steady: a clock in seconds that is never corrected, for waits and ages.
        reading_time: seconds before a new button that acts obeys a tap; `MIN_READING_TIME` by default.

    Raises:
        DatabaseInUse: another process uses the database.
        StorageError: the database cannot be used.
        SealError: a stored API key cannot be opened with these sealing keys.
        ProviderChanged: a number is open at a provider that is not in the settings.
    """
    settings = settings.for_provider(settings.profiles[0])
    now = (schedule := Schedule(settings.poll_interval, now, steady)).utc_now
    async with AsyncExitStack() as stack:
        stack.enter_context(InstanceLock(settings.database_path))
        db = await stack.enter_async_context(await Database.open(settings.database_path))
        gateways = await stack.enter_async_context(
            Gateways(settings.profiles, steady, referral=settings.referral_id)
        )
        jobs = BackgroundJobs()
        catalogs = Catalogs(
            {
                gateway.id: Catalog(
                    gateway.profile.countries_of(settings.countries),
                    steady,
                    sells_by_operator=gateway.profile.operators,
                )
                for gateway in gateways
            }
        )
        currencies = {gateway.id: gateway.profile.currency for gateway in gateways}
        translations = Translations(gateways.first.profile.currency, currencies)
        read_for = ReadingTime(steady, MIN_READING_TIME if reading_time is None else reading_time)
        bot = build_bot(settings, read_for, schedule.note_date)
        stack.push_async_callback(bot.session.close)
        screen_updates = ScreenUpdates()
        stack.push_async_callback(screen_updates.close)
        pending_users = PendingUsers()
        preferences = Preferences(db, pending_users, now, settings.max_active)
        accounts = Accounts(db, Vault(list(settings.sealing_keys)), gateways, preferences, now)
        await accounts.load()
        notes = CardNotes()
        messenger = ChatMessenger(
            bot=bot,
            translations=translations,
            accounts=accounts,
            catalogs=catalogs,
            screen_updates=screen_updates,
            notes=notes,
            now=now,
        )
        code_cleanup = CodeCleanup(db, messenger, pending_users, now)
        message_deletion = MessageDeletion(db, messenger, pending_users, now)
        limits = SendLimits()
        outbox = Outbox(
            db=db,
            messenger=messenger,
            pending_users=pending_users,
            marks=DeliveryMarks(db=db, poll_schedule=schedule, code_cleanup=code_cleanup, now=now),
            limits=limits,
            now=now,
        )
        active_list = ActiveList(db=db, accounts=accounts, now=now, steady=steady)
        status_checks = StatusChecks(
            db=db,
            accounts=accounts,
            active_list=active_list,
            poll_schedule=schedule,
            delivery_queue=pending_users,
            now=now,
        )
        activations = ActivationSteps(
            db=db,
            accounts=accounts,
            status_checks=status_checks,
            spawn=jobs.spawn,
            now=now,
            notes=notes,
        )
        charges = Charges(
            db=db, accounts=accounts, preferences=preferences, status_checks=status_checks, now=now
        )
        reconciliation = Reconciliation(
            db=db,
            accounts=accounts,
            gateways=gateways,
            status_checks=status_checks,
            charges=charges,
            now=now,
        )
        purchases = Purchases(
            db=db,
            accounts=accounts,
            catalogs=catalogs,
            status_checks=status_checks,
            spawn=jobs.spawn,
            now=now,
            charges=charges,
            reconciliation=reconciliation,
            preferences=preferences,
            send_max_price=settings.send_max_price,
            evidence=EvidenceReader(accounts=accounts, track_task=jobs.add, steady=steady),
        )
        poller = Poller(
            db=db,
            schedule=schedule,
            gateways=gateways,
            accounts=accounts,
            status_checks=status_checks,
            activations=activations,
            reconciliation=reconciliation,
            now=now,
        )
        alerts = Alerts(db, pending_users, now)
        alert_checker = AlertChecker(
            alerts=alerts,
            accounts=accounts,
            catalogs=catalogs,
            next_poll=schedule.next_at,
            delivery_queue=pending_users,
            now=now,
            steady=steady,
        )
        features = Features(
            accounts=accounts,
            alerts=alerts,
            catalogs=catalogs,
            charts=Charts(),
            elsewhere=NumbersElsewhere(
                db=db,
                accounts=accounts,
                catalogs=catalogs,
                active_list=active_list,
                status_checks=status_checks,
                now=now,
                max_active=settings.max_active,
            ),
            favourites=Favourites(db, pending_users, now),
            history=History(db, accounts, now),
            notes=Notes(db, pending_users),
            preferences=preferences,
            purchases=purchases,
            reconciliation=reconciliation,
            status_checks=status_checks,
            steps=activations,
        )
        dispatcher = build_dispatcher(
            features,
            settings,
            translations,
            outbox=outbox,
            message_deletion=message_deletion,
            screen_updates=screen_updates,
            reading_time=read_for,
            limits=limits,
            handled_taps=HandledTaps(db, pending_users, jobs.spawn, now),
            track_task=jobs.add,
            acknowledge_after=patience,
        )
        gc.freeze()  # a full collection over all imported objects would block the loop for 0.1 s
        yield App(
            bot,
            dispatcher,
            UpdateSource(bot=bot, dispatcher=dispatcher, kinds=UPDATES, track_task=jobs.add),
            features,
            accounts,
            outbox,
            code_cleanup,
            message_deletion,
            Retention(db=db, now=now, days=settings.retention_days),
            poller,
            FollowUps(db, accounts, status_checks, now),
            schedule,
            alerts,
            alert_checker,
            jobs,
            screen_updates,
            translations,
        )
