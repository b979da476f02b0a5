"""Runs every benchmark and prints one line each: the bare limit, ours, and the ratio.

A shared machine is noisy, so only the ratio says something; run it twice before believing it.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.domain import Activation, Page, State
from bot.provider.budget import Budget
from bot.provider.client import Provider as Client
from bot.sandbox.provider import Provider, ProviderServer
from bot.schedule import Schedule
from bot.storage import journal, pages, users
from bot.storage.database import Database

KEY = SecretStr("a1b2c3d4e5f60718293a4b5c6d7e8f90")
REQUESTS = 2000
COMMITS = 2000
OPEN = 5000


async def per_second(count: int, run: Callable[[int], Awaitable[object]]) -> float:
    """Return how often a second something can be done, one after the other."""
    started = time.perf_counter()
    for number in range(count):
        await run(number)
    return count / (time.perf_counter() - started)


def report(what: str, bare: float, ours: float) -> None:
    """Print one line."""
    print(f"{what:<46} bare {bare:>9,.0f}/s   ours {ours:>9,.0f}/s   {ours / bare:>6.1%}")


async def journal_rows(folder: Path) -> None:
    """A purchase's row and its page, each durable, against bare one-row commits of sqlite3."""
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
        await db.write(users.meet, 1, "en", 0)
        await db.write(users.bind, 1, "sealed", 0)

        async def order(number: int) -> None:
            page = Page(str(number), 1, "tg", "Telegram", "10", (), None, 0)
            await db.write(pages.draw, page)
            await db.write(journal.place_order, page, 0, COMMITS + 1)

        report("a page and an order, written", limit / 2, await per_second(COMMITS // 2, order))


async def looks() -> None:
    """`getStatus` through the client, against a bare POST of aiohttp to the same server."""
    provider = Provider()
    account = provider.open_account(KEY.get_secret_value())
    number = provider.buy(account, "tg", "10")
    async with ProviderServer(provider) as server, aiohttp.ClientSession() as session:
        fields = {"api_key": KEY.get_secret_value(), "action": "getStatus", "id": number.id}

        async def bare(_: int) -> None:
            async with session.post(server.url, data=fields) as response:
                await response.read()

        async with Client(server.url, Budget(10**6, 10**6)) as client:
            limit = await per_second(REQUESTS, bare)
            ours = await per_second(REQUESTS, lambda _: client.status(KEY, number.id))
        report("a look at a number", limit, ours)


async def scheduling() -> None:
    """Choosing the next of many open numbers, against a bare walk over as many."""
    schedule = Schedule(5, time.time)
    now = int(time.time())
    for id_ in range(OPEN):
        schedule.watch(
            Activation(
                id_, str(id_), 1, 1, "tg", "Telegram", "10", (), None, State.WAITING, now, ends_at=now + 10**6
            ),
            at_once=True,
        )

    async def walk(_: int) -> None:
        min(range(OPEN))

    async def turn(_: int) -> None:
        if watched := schedule.take_due():
            schedule.put_off(watched)

    limit = await per_second(OPEN, walk)
    report(f"the next of {OPEN} numbers (bare: a walk)", limit, await per_second(OPEN, turn))


async def main() -> None:
    """Run all of them."""
    with tempfile.TemporaryDirectory(prefix="bot-bench-") as folder:
        await journal_rows(Path(folder))
    await looks()
    await scheduling()


if __name__ == "__main__":
    asyncio.run(main())
