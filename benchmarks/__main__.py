"""Runs every benchmark and prints for each the rate of the bare operation, the bot's rate, and their ratio.

On a shared machine only the ratio is meaningful; run the benchmarks twice.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import aiohttp
from pydantic import SecretStr
from rapidfuzz import fuzz, process

from bot import app, data
from bot.accounts.vault import Vault
from bot.activations.schedule import Schedule
from bot.catalog.fuzzy import FuzzyIndex, IndexEntry
from bot.concurrency import steady_time
from bot.delivery import rate_limits
from bot.domain import Activation, Quote, State
from bot.provider.budget import Budget
from bot.provider.client import ProviderClient
from bot.provider.profiles import own
from bot.sandbox.provider import FaultKind, ProviderServer, SandboxProvider
from bot.sandbox.telegram import Message, Person, Telegram, TelegramServer
from bot.settings import Settings
from bot.storage import quotes, transitions, users
from bot.storage.database import Database
from bot.telegram.reading_time import MIN_READING_TIME

KEY = SecretStr("a1b2c3d4e5f60718293a4b5c6d7e8f90")
REQUESTS = 2000
COMMITS = 2000
OPEN = 5000
BUYERS = 9
SCREENS = ("g:buy", "o:10:tg:0", "c:10:tg:0:0", "m:10:tg:0:0:0:0", "g:active", "g:home", "o:10:vi:0")
"""Callback data of the tapped buttons: screens with and without requests to the provider."""


async def per_second(count: int, run: Callable[[int], Awaitable[object]]) -> float:
    """Return the rate of an operation that runs `count` times, one after the other."""
    started = time.perf_counter()
    for number in range(count):
        await run(number)
    return count / (time.perf_counter() - started)


def report(name: str, bare: float, ours: float) -> None:
    """Print one line of the result."""
    print(f"{name:<46} bare {bare:>9,.0f}/s   ours {ours:>9,.0f}/s   {ours / bare:>6.1%}")


async def durable_writes(folder: Path) -> None:
    """Measure storing a quote and its order, two durable commits, against bare one-row commits of sqlite3."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)")

    async def one_row(number: int) -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO rows (text) VALUES (?)", (str(number),))
        bare.execute("COMMIT")

    limit = await per_second(COMMITS, one_row)
    bare.close()
    async with await Database.open(folder / "ours.db") as db:
        await db.write(users.get_or_create, 1, "en", 0)
        await db.write(users.bind, 1, "sealed", 0, provider="own", address="")

        async def order(number: int) -> None:
            quote = Quote(str(number), 1, "tg", "Telegram", "10", (), None, 0, "own")
            await db.write(quotes.insert, quote)
            await db.write(transitions.create, quote, 0, COMMITS + 1)

        report("store a quote and its order", limit / 2, await per_second(COMMITS // 2, order))


async def status_checks() -> None:
    """Measure `getStatus` through the client, against a bare POST of aiohttp to the same server."""
    provider = SandboxProvider()
    account = provider.open_account(KEY.get_secret_value())
    number = provider.buy(account, "tg", "10")
    async with ProviderServer(provider) as server, aiohttp.ClientSession() as session:
        fields = {"api_key": KEY.get_secret_value(), "action": "getStatus", "id": number.id}

        async def bare(_: int) -> None:
            async with session.post(server.url, data=fields) as response:
                await response.read()

        async with ProviderClient(own(server.url), Budget(10**6, 10**6)) as client:
            limit = await per_second(REQUESTS, bare)
            ours = await per_second(REQUESTS, lambda _: client.status(KEY, number.id))
        report("a status check", limit, ours)


async def scheduling() -> None:
    """Measure taking the next of many open activations, against a bare linear search."""
    schedule = Schedule(5, time.time, steady_time)
    now = int(time.time())
    for id_ in range(OPEN):
        schedule.add(
            Activation(
                id_,
                str(id_),
                1,
                1,
                "own",
                "tg",
                "Telegram",
                "10",
                (),
                None,
                State.WAITING,
                now,
                ends_at=now + 10**6,
            ),
            immediately=True,
        )

    async def search(_: int) -> None:
        min(range(OPEN))

    async def take_next(_: int) -> None:
        if entry := schedule.take_due():
            schedule.reschedule(entry)

    limit = await per_second(OPEN, search)
    report(f"the next of {OPEN} numbers (bare: a scan)", limit, await per_second(OPEN, take_next))


async def searching() -> None:
    """Measure searches of every kind in all services, against one bare pass of rapidfuzz over the names."""
    names = data.service_names()
    aliases = data.service_aliases()
    index = FuzzyIndex(IndexEntry(code, name, aliases.get(code, ())) for code, name in names.items())
    lower = [name.lower() for name in names.values()]
    queries = ("telegram", "telegarm", "телега", "tele", "x" * 4096, "telegram vietnam", "qqqq zzzz")

    async def bare(number: int) -> None:
        process.extract(queries[number % len(queries)][:64], lower, scorer=fuzz.ratio, limit=8)

    async def search(number: int) -> None:
        index.search(queries[number % len(queries)])

    limit = await per_second(REQUESTS, bare)
    report(f"a search among {len(names)} services (bare: a pass)", limit, await per_second(REQUESTS, search))


Bare = Callable[[int], Awaitable[None]]


@asynccontextmanager
async def running_bot(
    provider: SandboxProvider, telegram: Telegram, database: Path, **values: float
) -> AsyncIterator[Bare]:
    """Run the bot between both servers; yield a bare `getBalance` request to the same provider.

    Args:
        provider: the provider.
        telegram: the Bot API; its limits are lifted.
        database: the path of the bot's database.
        values: settings that are not the default ones.
    """
    telegram.limits.lift()
    async with (
        ProviderServer(provider) as server,
        TelegramServer(telegram) as api,
        aiohttp.ClientSession() as session,
    ):

        async def bare(_: int) -> None:
            fields = {"api_key": KEY.get_secret_value(), "action": "getBalance"}
            async with session.post(server.url, data=fields) as response:
                await response.read()

        settings = Settings.load(
            None,
            bot_token=telegram.token,
            sealing_keys=Vault.new_sealing_key(),
            database_path=database,
            provider_url=server.url,
            telegram_api_url=api.url,
            **values,
        )
        async with app.build(settings) as bot:
            stop = asyncio.Event()
            running = asyncio.create_task(bot.run(stop))
            yield bare
            stop.set()
            await running


async def bound(telegram: Telegram, user_id: int, key: str) -> tuple[Person, Message]:
    """Return a person who has added an API key, and the message with the menu."""
    person = telegram.person(user_id)
    await person.send("/start")
    await person.sees("API key")
    await person.send(key)
    return person, await person.sees("Buy a number")


def has_purchases(count: int, provider: SandboxProvider) -> bool:
    """Return whether the provider has received so many purchase requests."""
    return sum(request.action == "getNumber" for request in provider.requests) == count


async def taps(folder: Path) -> None:
    """Measure taps while the provider takes 100 ms, against one bare request to that provider."""
    provider, telegram = SandboxProvider(), Telegram()
    provider.open_account(KEY.get_secret_value())
    async with running_bot(
        provider, telegram, folder / "taps.db", key_rate=1000.0, provider_rate=1000.0
    ) as bare:
        ann, message = await bound(telegram, 1, KEY.get_secret_value())
        provider.fail(FaultKind.DELAY, seconds=0.1, times=None)

        async def tap(number: int) -> None:
            await ann.press(SCREENS[number % len(SCREENS)], message=message)

        first_taps = []
        for number in range(len(SCREENS)):
            started = time.perf_counter()
            await tap(number)
            first_taps.append(time.perf_counter() - started)
        report(
            "a tap, with a provider that takes 100 ms",
            await per_second(20, bare),
            await per_second(40, tap),
        )
        print(f"{'the slowest first tap of a screen':<46} {max(first_taps) * 1000:.0f} ms")


async def purchases(folder: Path) -> None:
    """Measure the time from a tap on Buy to the purchase request, with a provider that takes 200 ms.

    The rates are those of the default settings; each of the people taps through without a pause, apart from
    the second for which a page must be shown. The bare request is one `getBalance`.
    """
    provider, telegram = SandboxProvider(), Telegram()
    keys = [KEY.get_secret_value(), *(f"{number:032x}" for number in range(1, BUYERS))]
    for key in keys:
        provider.open_account(key)
    provider.fail(FaultKind.DELAY, seconds=0.2, times=None)
    async with running_bot(provider, telegram, folder / "purchases.db") as bare:
        one_request = 1 / await per_second(10, bare)
        waits = []
        for number, key in enumerate(keys, 1):
            person, _ = await bound(telegram, number, key)
            await person.send("/buy")
            await person.sees("Choose a service")
            await person.click("Telegram")
            await person.sees("Choose an operator")
            await person.click("Any operator")
            page = await person.sees("Buy this number?")
            await asyncio.sleep(MIN_READING_TIME + 0.1)
            started = time.perf_counter()
            person.tap(page, next(each.data for each in page.buttons if each.text.startswith("Buy")) or "")
            await provider.wait_for(partial(has_purchases, number))
            waits.append(time.perf_counter() - started)
        median = statistics.median(waits)
        print(
            f"{'from the tap on Buy to the purchase request':<46} bare {one_request * 1000:>8,.0f} ms  "
            f"ours {median * 1000:>8,.0f} ms  {median / one_request:>6.1%}"
        )


async def main() -> None:
    """Run all benchmarks."""
    with tempfile.TemporaryDirectory(prefix="bot-bench-") as folder:
        await durable_writes(Path(folder))
        # As the limits of this Telegram are.
        with patch.multiple(rate_limits, ALL_RATE=10**6, CHAT_BURST=10**6):
            await taps(Path(folder))
            await purchases(Path(folder))
    await status_checks()
    await scheduling()
    await searching()


if __name__ == "__main__":
    asyncio.run(main())
