"""Shared fixtures: both sandbox servers, the real app between them, and the people who use it."""

import asyncio
import functools
import gc
import inspect
import sqlite3
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path
from types import CodeType
from typing import Any, Self

import hypothesis
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.dispatcher.event.handler import CallableObject
from aiogram.filters import Filter
from aiogram.methods.base import Response
from aiogram.types import Update
from pydantic import SecretStr

from bot import app, runtime
from bot.accounts.vault import Vault
from bot.concurrency import steady_time
from bot.delivery import attempts, rate_limits
from bot.provider.profiles import OWN, Profile
from bot.sandbox.provider import FaultKind, Number, ProviderServer, SandboxProvider
from bot.sandbox.telegram import Message, Person, Telegram, TelegramServer, server as telegram_server
from bot.settings import Settings
from bot.storage import database, migrations
from bot.telegram import bot_profile, translations
from bot.telegram.bot_profile import publish
from bot.telegram.reading_time import ButtonAppearances
from tests.program import Program

KEY = "a1b2c3d4e5f60718293a4b5c6d7e8f90"


hypothesis.settings.register_profile("quick", max_examples=25, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=200, deadline=None)
hypothesis.settings.load_profile("quick")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the program as a process first, so that one worker starts one fork server."""
    items.sort(key=lambda item: "launcher" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def launcher() -> Iterator[Program]:
    """The fork server, which takes seconds to start."""
    program = Program().open()
    yield program
    program.close()


@pytest.fixture
async def program(launcher: Program) -> AsyncIterator[Program]:
    """The program as a process; a test starts it any number of times."""
    yield launcher
    await launcher.end()


@pytest.fixture(scope="session", autouse=True)
def _cheap_starts() -> Iterator[None]:
    """Do once per process what the app does at each start and stop, and skip waits that only TLS needs."""
    of_response = Response.__class_getitem__.__func__  # type: ignore[attr-defined]  # the plain function
    response_of = functools.cache(functools.partial(of_response, Response))

    async def close(session: AiohttpSession) -> None:
        if (open_session := session._session) is not None:  # noqa: SLF001  # close() adds a pause for TLS
            await open_session.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AiohttpSession, "close", close)
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        # The cache of pydantic is weak: without this each Bot API call may build its response model again.
        patch.setattr(Response, "__class_getitem__", response_of)
        # The cache of aiogram hashes and compares whole updates at each look-up, and keeps them.
        patch.setattr(Update, "event_type", property(vars(Update)["event_type"].fget.__wrapped__))
        patch.setattr(translations, "_catalog", functools.cache(translations._catalog))  # noqa: SLF001
        patch.setattr(bot_profile, "publish", _published_by_nobody)
        patch.setattr(telegram_server, "SHUTDOWN_SECONDS", 0.01)
        patch.setattr(rate_limits, "CHAT_BURST", 10_000)  # Telegram's own limits are lifted too
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)  # about one collection for each start of the bot, not fifteen
        patch.setattr(gc, "freeze", lambda: None)  # frozen at each start, no garbage of a test would be freed
        patch.setattr(CallableObject, "__post_init__", _cached_by_code(CallableObject.__post_init__))
        yield


async def _published_by_nobody(_bot: Bot, _translations: translations.Translations) -> None:
    """Leave out nine requests, which no test needs but those with `published_profile`."""


@pytest.fixture
def published_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bot publish its menu and descriptions at its start, as it always does outside the tests."""
    monkeypatch.setattr(bot_profile, "publish", publish)


def _cached_by_code(read: Callable[[CallableObject], None]) -> Callable[[CallableObject], None]:
    """Return `CallableObject.__post_init__` that reads the signature of each function once per process."""
    known: dict[tuple[CodeType | type, bool], tuple[bool, set[str], bool]] = {}

    def post_init(callable_object: CallableObject) -> None:
        callback = inspect.unwrap(callable_object.callback)
        code = type(callback) if isinstance(callback, Filter) else getattr(callback, "__code__", None)
        if code is None:
            read(callable_object)
            return
        key = code, inspect.ismethod(callback)
        if key not in known:
            read(callable_object)
            known[key] = callable_object.awaitable, callable_object.params, callable_object.varkw
        callable_object.awaitable, callable_object.params, callable_object.varkw = known[key]

    return post_init


@functools.cache
def migrated_database() -> bytes:
    """Return an empty database file with all migrations; to apply them takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bot.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            migrations.migrate(connection, migrations.directory())
        return path.read_bytes()


def _without_fsync(configure: Callable[[sqlite3.Connection], None]) -> Callable[[sqlite3.Connection], None]:
    """Return a configuration of the writer that waits for no disk: no test cuts the power."""

    def configured(connection: sqlite3.Connection) -> None:
        configure(connection)
        connection.execute("PRAGMA synchronous = OFF")

    return configured


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first retries of a delivery come within milliseconds."""
    monkeypatch.setattr(attempts, "MIN_BACKOFF", 0.02)


class Clock:
    """The time of a test: a wall clock in UTC seconds, and a steady clock.

    Attributes:
        ahead: seconds by which both clocks are moved forward.
        wrong_by: seconds by which the wall clock is ahead of the true time.
    """

    def __init__(self) -> None:
        self.ahead = 0.0
        self.wrong_by = 0.0
        self._stopped_at: float | None = None
        self._steady_at: float | None = None

    def __call__(self) -> float:
        """Return the true time of the test."""
        return (time.time() if self._stopped_at is None else self._stopped_at) + self.ahead

    def stop(self) -> None:
        """Let only the test move the clock from now on."""
        self._stopped_at, self._steady_at = time.time(), steady_time()

    def wall(self) -> float:
        """Return the time of the bot's wall clock, which may be wrong."""
        return self() + self.wrong_by

    def steady(self) -> float:
        """Return the time of the bot's steady clock."""
        return (steady_time() if self._steady_at is None else self._steady_at) + self.ahead


class World:
    """Both servers, and the bot that runs between them until the test ends or restarts it."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.provider = SandboxProvider(clock=self.clock)
        self.provider.open_account(KEY)
        self.telegram = Telegram(clock=self.clock)
        self.telegram.limits.lift()
        self.values: dict[str, Any] = {
            "bot_token": self.telegram.token,
            "sealing_keys": Vault.new_sealing_key(),
            "database_path": folder / "bot.db",
            "poll_interval": 0.05,
            "key_rate": 1e7,
            "provider_rate": 1e7,
        }
        self.patience = 3.0
        """Seconds until an unfinished tap is acknowledged; long, so that a slow machine changes no test."""
        self.reading_time = 0.0
        """Seconds for which a page must have been shown before it obeys a tap; 0 lets tests tap at once."""
        self._stack = AsyncExitStack()
        self._running: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._bots: list[Bot] = []
        self._earlier_polls = 0
        self.more_profiles: list[Profile] = []
        self.app: runtime.App | None = None

    async def __aenter__(self) -> Self:
        patch = self._stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(database, "_configure", _without_fsync(database._configure))  # noqa: SLF001
        provider = await self._stack.enter_async_context(ProviderServer(self.provider))
        telegram = await self._stack.enter_async_context(TelegramServer(self.telegram))
        self.values |= {"provider_url": provider.url, "telegram_api_url": telegram.url}
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        await self._stack.aclose()
        for bot in self._bots:
            await bot.session.close()  # opened again by a task that was left over from a kill
        assert self.telegram.notes == []

    async def add_provider(self, id_: str, currency: str = "") -> SandboxProvider:
        """Start another provider, which the bot offers from its next start on."""
        provider = SandboxProvider(clock=self.clock)
        server = await self._stack.enter_async_context(ProviderServer(provider))
        self.more_profiles.append(
            Profile(
                id=id_,
                name=f"{id_}.example",
                url=server.url,
                currency=currency,
                key_rate=1e7,
                host_rate=1e7,
            )
        )
        return provider

    def drop_provider(self, id_: str) -> Profile:
        """Take a provider off the offer, from the next start on; return its profile."""
        (profile,) = (each for each in self.more_profiles if each.id == id_)
        self.more_profiles.remove(profile)
        return profile

    async def bind(self, user_id: int, key: str, provider: str) -> None:
        """Bind a key of a provider, as the message with the key does."""
        assert self.app is not None
        await self.app.accounts.bind(user_id, SecretStr(key), provider)
        await self.app.features.status_checks.move_to_bound_key(user_id)

    async def start(self, **values: Any) -> None:
        """Start the bot; `values` override the settings."""
        self.values |= values
        path: Path = self.values["database_path"]
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(migrated_database())
        self._stop = asyncio.Event()
        self._earlier_polls = len(self.telegram.called("getUpdates"))
        started = asyncio.Event()

        async def run() -> None:
            settings = Settings.load(None, **self.values)
            # One address in the settings has its profile alone; tests add the others.
            settings.__dict__["profiles"] = (*settings.profiles, *self.more_profiles)
            building = app.build(
                settings, self.clock.wall, self.patience, self.clock.steady, self.reading_time
            )
            stack = AsyncExitStack()
            self.app = await stack.enter_async_context(building)
            async with stack:
                self._bots.append(self.app.bot)
                started.set()
                await self.app.run(self._stop)

        self._running = asyncio.create_task(run())
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait({waiting, self._running}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._running.done():
            running, self._running = self._running, None
            await running

    async def until_listening(self) -> None:
        """Wait until the bot has fetched what came before its start; later taps are surely fresh."""
        await self.telegram.until_called("getUpdates", self._earlier_polls + 2)

    async def until_confirmed(self) -> None:
        """Wait until the bot has Telegram's answers to all messages with buttons that act."""
        assert self.app is not None
        (appearances,) = (
            one for one in self.app.bot.session.middleware if isinstance(one, ButtonAppearances)
        )
        while appearances.reading_time.unconfirmed:  # noqa: ASYNC110  # it sets no event
            await asyncio.sleep(0.01)

    async def until_idle(self) -> None:
        """Wait until no update is handled, no screen is to be completed, and no job runs."""
        assert self.app is not None
        while running := {*self.app.jobs._tasks, *self.app.screen_updates._tasks()}:  # noqa: SLF001  # nothing else says it
            await asyncio.wait(running)

    async def stop(self) -> None:
        """Stop the bot in an orderly way."""
        if self._running is not None:
            self._stop.set()
            running, self._running = self._running, None
            await running

    async def kill(self) -> None:
        """Stop the bot as a crash would: nothing is finished."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None

    def pass_time(self, seconds: float) -> None:
        """Move the clock of the bot and the provider forward."""
        self.clock.ahead += seconds
        self._wake()

    def correct_clock(self, wrong_by: float = 0.0) -> None:
        """Set the bot's wall clock to so many seconds ahead of the true time."""
        self.clock.wrong_by = wrong_by
        self._wake()

    def _wake(self) -> None:
        if self.app is not None:
            self.app.follow_ups.status_checks.ended.set()
            self.app.schedule.changed.set()
            self.app.code_cleanup.changed.set()
            self.app.message_deletion.changed.set()
            self.app.alerts.changed.set()

    @contextmanager
    def full_disk(self, write: str) -> Iterator[None]:
        """Make an SQL event, such as "INSERT ON users", fail as if the disk were full."""
        with closing(sqlite3.connect(self.values["database_path"], isolation_level=None)) as connection:
            connection.execute("CREATE TABLE used_up (id INTEGER PRIMARY KEY AUTOINCREMENT)")
            # There is no row id above the highest one: SQLite then reports a full disk itself.
            connection.execute("INSERT INTO used_up VALUES (?)", (2**63 - 1,))
            connection.execute(
                f"CREATE TRIGGER no_space BEFORE {write} BEGIN INSERT INTO used_up VALUES (NULL); END"  # noqa: S608  # the SQL is a constant of a test
            )
            try:
                yield
            finally:
                connection.execute("DROP TRIGGER no_space")
                connection.execute("DROP TABLE used_up")

    async def customer(self, user_id: int = 1, key: str = KEY) -> Person:
        """Return a person who has bound a key of the first provider."""
        person = self.telegram.person(user_id)
        await person.send("/start")
        welcome = await person.sees("API key", timeout=40)  # a process may still be starting
        if self.more_profiles:
            await person.press(f"pv:{OWN}", message=welcome)
            await person.until(lambda _: "To start, send me" in welcome.text)
        await person.send(key)
        await person.sees("Balance", timeout=20)
        return person

    async def buy(self, person: Person, service: str = "Telegram", operator: str = "Any operator") -> Number:
        """Buy a number in a person's chat; return it as the provider knows it."""
        bought = len(self.provider.ledger)
        page = await self.open_page(person, service, operator)
        await person.click("Buy", message=page)
        await self.provider.wait_for(lambda provider: len(provider.ledger) > bought)
        number = self.provider.numbers[self.provider.ledger[-1].id]
        await person.sees("Waiting for the code", f"+{number.phone}")
        return number

    async def open_page(
        self, person: Person, service: str = "Telegram", operator: str = "Any operator"
    ) -> Message:
        """Type a service and choose an operator in a person's chat; return the confirmation page."""
        sent = await person.send(service)
        screen = await person.sees("Choose an operator", after=sent)
        await person.click(operator, message=screen)
        return await person.sees("Operator: ", after=sent)

    async def buy_unclearly(self, person: Person) -> None:
        """Tap Buy while the provider buys nothing and answers what does not say so."""
        await self.open_page(person)
        self.provider.fail(FaultKind.BODY, action="getNumber", body="ERROR_SQL")
        await person.click("Buy")
        await person.sees("It’s unclear whether a number was bought")

    def asked(self, action: str) -> list[dict[str, str]]:
        """Return the parameters of each request for an action, oldest first."""
        return [dict(request.params) for request in self.provider.requests if request.action == action]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Both servers; the bot is not started yet."""
    async with World(tmp_path) as world:
        yield world


@pytest.fixture
async def bot_world(world: World) -> World:
    """Both servers and the running bot."""
    await world.start()
    return world
