"""Troubles of a round beside its kill: each begins when the program listens, and is over after the round."""

import asyncio
import random
import resource
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Final

from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import TelegramFault
from bot.sandbox.telegram.errors import RefusedCall
from bot.sandbox.telegram.objects import Json
from tests.proof.fault_injection import LATEST_SALE
from tests.proof.scenario import Scenario

Trouble = Callable[[Scenario, random.Random], Awaitable[object]]
"""Makes trouble until it is cancelled."""

_STRANGER: Final[Json] = {"id": 999, "is_bot": False, "first_name": "Stranger"}
_CHAT: Final[Json] = {"id": 999, "type": "private", "first_name": "Stranger"}
_MESSAGE: Final[Json] = {"message_id": 5, "date": 1700000000, "chat": _CHAT, "from": _STRANGER, "text": "hi"}
POISON: Final[tuple[Json, ...]] = (
    {"message": _MESSAGE | {"forward_origin": {"type": "hidden_user", "date": 1422450181}}},
    {
        "message": _MESSAGE
        | {
            "external_reply": {
                "origin": {"type": "user", "date": 1, "sender_user": _STRANGER},
                "chat": _CHAT,
                "story": {},
            }
        }
    },
    {"telepathy": {"from": _STRANGER}},
)
"""Updates that cannot be decoded: two that Telegram does send, and one of an unknown kind."""
_JUMPS: Final = (-7200.0, -600.0, -90.0, 90.0, 600.0, 7200.0)
"""By how many seconds the wall clock may become wrong while the program runs."""
_WRONG_STARTS: Final = (-30 * 86400.0, -7200.0, -600.0, -90.0, 90.0, 600.0, 7200.0, 20 * 3600.0)
"""By how many seconds it may be wrong at a start; the date of Telegram corrects more than two minutes."""
_HEADER: Final = b"SQLite format 3\0"


async def _late_sales(scenario: Scenario, rng: random.Random) -> None:
    """The provider sells some time after a gateway has answered for it."""
    late = rng.uniform(0.1, LATEST_SALE)
    fault = scenario.provider.fail(FaultKind.COMMIT_LATER, action="getNumber", times=2, seconds=late)
    try:
        await asyncio.Event().wait()
    finally:
        scenario.provider.heal(fault)


async def _lost_answers_of_the_provider(scenario: Scenario, rng: random.Random) -> None:
    action = rng.choice(("getNumber", "setStatus", "getStatus"))
    fault = scenario.provider.fail(FaultKind.COMMIT_THEN_CUT, action=action, times=2)
    try:
        await asyncio.Event().wait()
    finally:
        scenario.provider.heal(fault)


async def _lost_answers_of_telegram(scenario: Scenario, rng: random.Random) -> None:
    for method in ("sendMessage", "editMessageText", "answerCallbackQuery"):
        scenario.telegram.fail(TelegramFault.COMMIT_THEN_CUT, method=method, times=rng.choice((1, 2, 3)))
    try:
        await asyncio.Event().wait()
    finally:
        scenario.telegram.heal()


async def _poison(scenario: Scenario, rng: random.Random) -> None:
    """Between the taps come updates that cannot be decoded, also right before an API key."""
    while True:
        customer = rng.choice(scenario.customers)
        scenario.telegram.updates.put_raw(rng.choice(POISON))
        if rng.random() < 0.3:
            await customer.person.send(f"/key {customer.key}")
        await asyncio.sleep(rng.uniform(0.05, 0.3))


async def _repeats(scenario: Scenario, rng: random.Random) -> None:
    """Telegram sends confirmed taps again, also to the next process."""
    try:
        while True:
            await asyncio.sleep(rng.uniform(0.05, 0.3))
            scenario.telegram.updates.repeat("callback_query")
    except StopIteration:
        return  # there was no tap yet


async def _second_poller(scenario: Scenario, rng: random.Random) -> None:
    """Another program receives updates of the same bot, without confirming them."""
    while True:
        with suppress(RefusedCall):
            await scenario.telegram.updates.take(0, 100, 0.1)
        await asyncio.sleep(rng.uniform(0.3, 0.9))


def _again_and_again(state: Callable[[Scenario], AbstractAsyncContextManager[None]]) -> Trouble:
    """Return a trouble that enters a state of the database for up to 1.5 seconds, again and again."""

    async def trouble(scenario: Scenario, rng: random.Random) -> None:
        while True:
            await asyncio.sleep(rng.uniform(0.1, 0.5))
            scenario.audit.records.broken_storage.append(scenario.telegram.clock())
            async with state(scenario):
                await asyncio.sleep(rng.uniform(0.2, 1.5))

    return trouble


@asynccontextmanager
async def locked(scenario: Scenario) -> AsyncIterator[None]:
    """Hold the write lock of the database, as another program may do."""
    path = scenario.environment["DATABASE_PATH"]
    other = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        while True:
            with suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
                break
            await asyncio.sleep(0.01)
        yield
    finally:
        other.close()


@asynccontextmanager
async def damaged(scenario: Scenario) -> AsyncIterator[None]:
    """Overwrite the header of the database, and put it back at the end."""
    path = Path(scenario.environment["DATABASE_PATH"])
    with closing(sqlite3.connect(path, timeout=0)) as other:
        # The program reads the header again only after the write-ahead log was begun anew.
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def write(header: bytes) -> None:
        with path.open("r+b", buffering=0) as file:
            file.write(header)

    write(b"x" * len(_HEADER))
    try:
        yield
    finally:
        write(_HEADER)


@asynccontextmanager
async def full_disk(scenario: Scenario) -> AsyncIterator[None]:
    """Let no file of the program grow beyond the write-ahead log of now."""
    pid = scenario.program.pid
    size = Path(scenario.environment["DATABASE_PATH"] + "-wal").stat().st_size
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


_OF_THE_DATABASE: Final = {
    "a locked database": _again_and_again(locked),
    "a damaged database": _again_and_again(damaged),
    "a full disk": _again_and_again(full_disk),
}
"""Only one of these at a time."""
_OTHERS: Final[dict[str, Trouble]] = {
    "late sales": _late_sales,
    "lost answers of the provider": _lost_answers_of_the_provider,
    "lost answers of Telegram": _lost_answers_of_telegram,
    "poison": _poison,
    "repeated updates": _repeats,
    "a second poller": _second_poller,
}
_TROUBLES: Final = _OTHERS | _OF_THE_DATABASE


def choose_troubles(rng: random.Random) -> list[str]:
    """Return the names of up to three troubles of a round."""
    chosen = rng.sample(sorted(_OTHERS), rng.choice((0, 1, 1, 2)))
    return [*chosen, rng.choice(sorted(_OF_THE_DATABASE))] if rng.random() < 0.3 else chosen


def choose_jumps(rng: random.Random) -> list[tuple[float, float]]:
    """Return the jumps of the wall clock in a round: at the start, or later; usually none."""
    if rng.random() < 0.7:
        return []
    at, back = rng.uniform(0.5, 1.5), rng.uniform(0.5, 1.5)
    if rng.random() < 0.5:
        return [(0.0, rng.choice(_WRONG_STARTS)), (back, 0.0)][: rng.choice((1, 2))]
    return [(at, rng.choice(_JUMPS)), (at + back, 0.0)]


@asynccontextmanager
async def troubled(scenario: Scenario, names: list[str], seed: str) -> AsyncIterator[None]:
    """Make the named troubles from the next poll of the program on, until the end of the context."""
    polls = len(scenario.telegram.called("getUpdates"))

    async def begin(name: str) -> None:
        rng = random.Random(f"{seed} {name}")  # noqa: S311  # repeatable, not secret
        await scenario.telegram.until_called("getUpdates", polls + 1, timeout=60)
        await _TROUBLES[name](scenario, rng)

    tasks = [asyncio.create_task(begin(name)) for name in names]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
