"""The queues of updates: what waits, what is dropped and said, and what is never dropped."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from aiogram.types import Update, User

from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import TelegramFault
from bot.telegram import update_queues
from bot.telegram.update_queues import MAX_QUEUED, HandlerPlaces, PerUserQueue
from tests.conftest import World


async def test_taps_on_top_of_taps_are_answered(bot_world: World) -> None:
    """Of forty taps at once a few wait for each other; the others are told to take their time."""
    ann = await bot_world.customer()
    message = ann.messages[-1]
    asked = len(bot_world.asked("getBalance"))
    bot_world.provider.fail(FaultKind.DELAY, action="getBalance", seconds=10)
    queries = [ann.tap(message, "g:home") for _ in range(40)]
    await ann.until(lambda _: sum(query.answered for query in queries) >= 40 - MAX_QUEUED)
    bot_world.provider.heal()
    await ann.until(lambda _: all(query.answered for query in queries))
    told = [
        query for query in queries if query.toast and query.toast.text == "Too fast. Please wait a second."
    ]
    handled = len(queries) - len(told)
    assert handled in {MAX_QUEUED - 1, MAX_QUEUED}  # the message with the key may still be in the queue
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getBalance")) == asked + handled)


async def test_messages_on_top_of_messages_are_told_once(bot_world: World) -> None:
    """Messages that find the queue full are skipped, and the user is told with one sentence."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.HANG, action="getBalance", times=None)
    for _ in range(MAX_QUEUED + 5):
        await ann.send("/balance")
    await ann.sees("I skipped some")
    asked = await ann.send("/balance")
    query = ann.tap(ann.newest, "g:help")
    await ann.until(lambda _: query.answered)
    assert query.toast is not None
    assert query.toast.text == "Too fast. Please wait a second."
    assert not [m for m in ann.messages if m.message_id > asked.message_id]
    assert sum("I skipped some" in message.text for message in ann.messages) == 1
    await bot_world.kill()  # an orderly stop would wait for the hanging requests


def _unreachable(world: World) -> bool:
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        ((mark,),) = connection.execute("SELECT unreachable FROM users WHERE id = 1").fetchall()
    return bool(mark)


async def _until(world: World, unreachable: bool) -> None:
    async with asyncio.timeout(10):
        while _unreachable(world) is not unreachable:  # noqa: ASYNC110  # the database signals nothing
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("back_by", ["unblocking", "a message"])
async def test_a_full_queue_does_not_hide_that_a_user_is_back(bot_world: World, back_by: str) -> None:
    """A user with a full queue is reachable again as soon as Telegram says so, and gets the code."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.fail(FaultKind.HANG, action="getBalance", times=None)
    for _ in range(MAX_QUEUED + 1):
        await ann.send("/balance")
    await ann.sees("I skipped some")
    bot_world.telegram.fail(TelegramFault.FORBIDDEN, method="sendMessage", chat_id=1)
    bot_world.provider.deliver(number.id, "4711")
    await _until(bot_world, unreachable=True)
    if back_by == "unblocking":
        ann.block()
        ann.unblock()
    else:
        await ann.send("/help")
    await _until(bot_world, unreachable=False)
    await ann.sees("· Telegram", "4711")
    await bot_world.kill()  # an orderly stop would wait for the hanging requests


def _update(update_id: int, user_id: int = 1) -> tuple[Update, dict[str, Any]]:
    person = User(id=user_id, is_bot=False, first_name="Ann")
    return Update(update_id=update_id), {"event_from_user": person}


async def test_marked_updates_are_never_dropped() -> None:
    """Updates that must not be dropped wait in a full queue, in their order."""
    queue = PerUserQueue(lambda _: asyncio.sleep(0))
    begun, gate = [], asyncio.Event()

    async def handle(event: Any, _: dict[str, Any]) -> None:
        begun.append(event.update_id)
        await gate.wait()

    tasks = []
    for number in range(3 * MAX_QUEUED):
        event, data = _update(number)
        tasks.append(asyncio.create_task(queue(handle, event, data | {"must_not_drop": True})))
    await asyncio.sleep(0)
    assert begun == [0]
    gate.set()
    await asyncio.gather(*tasks)
    assert begun == list(range(3 * MAX_QUEUED))


async def test_a_slow_handler_gives_its_place_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers that wait for another server keep nobody else from beginning, and places are kept count of."""
    monkeypatch.setattr(update_queues, "MAX_CONCURRENT_HANDLERS", 2)
    monkeypatch.setattr(update_queues, "PLACE_SECONDS", 0.02)
    places, gate, begun = HandlerPlaces(), asyncio.Event(), asyncio.Semaphore(0)

    async def handle(_event: Any, _data: dict[str, Any]) -> None:
        begun.release()
        await gate.wait()

    tasks = [asyncio.create_task(places(handle, *_update(number))) for number in range(10)]
    async with asyncio.timeout(5):
        for _ in range(10):
            await begun.acquire()
    gate.set()
    await asyncio.gather(*tasks)
    assert places._places._value == 2  # noqa: SLF001  # nothing else tells the free places


async def test_waiting_in_a_queue_takes_no_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One user's queue and slow handler leave the second place to everybody else."""
    monkeypatch.setattr(update_queues, "MAX_CONCURRENT_HANDLERS", 2)
    monkeypatch.setattr(update_queues, "PLACE_SECONDS", 3600.0)
    await world.start()
    ann = await world.customer()
    bob = world.telegram.person(2)
    world.provider.fail(FaultKind.HANG, action="getBalance", times=None)
    for _ in range(MAX_QUEUED):
        await ann.send("/balance")
    await bob.send("/help")
    await bob.sees("How it works", timeout=5)
    await world.kill()  # an orderly stop would wait for the hanging requests
