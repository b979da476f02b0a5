"""The rate limits of Telegram: the bot keeps them as a whole, and codes go before the screens of handlers."""

import asyncio
from itertools import pairwise

import pytest

from bot import runtime
from bot.delivery import rate_limits
from bot.delivery.rate_limits import SendLimits
from bot.sandbox.telegram import Call, Telegram
from tests.conftest import World

MESSAGES = {"sendMessage", "sendDocument", "sendPhoto", "editMessageText", "editMessageReplyMarkup"}


@pytest.fixture(autouse=True)
def _real_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the real limit of a chat, which other tests lift."""
    monkeypatch.setattr(rate_limits, "CHAT_BURST", 20)


def messages(telegram: Telegram) -> list[Call]:
    """Return the calls that send or edit a message."""
    return [call for call in telegram.calls if call.method in MESSAGES]


async def test_all_screens_and_deliveries_share_one_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many people write at once, Telegram refuses no message because there are too many."""
    monkeypatch.setattr(rate_limits, "WINDOW", 0.2)
    limits = world.telegram.limits
    limits.overall_burst, limits.overall_rate = 36, 150  # a call may arrive 0.04 seconds after its turn
    people = [world.telegram.person(number) for number in range(1, 41)]
    for person in people:
        await person.send("/start")
        await person.send("/help")
    await world.start()
    for person in people:
        await person.sees("API key")
        await person.sees("How it works")
    times = sorted(call.time for call in messages(world.telegram))
    assert len(times) == 80  # none was refused and sent again
    assert times[-1] - times[0] > 0.3


async def test_a_code_goes_before_the_screens(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that comes while a hundred screens wait is sent before nearly all of them."""
    await world.start()
    ann = await world.customer()
    number = await world.buy(ann)
    monkeypatch.setattr(rate_limits, "WINDOW", 0.5)
    others = [world.telegram.person(number) for number in range(2, 102)]
    for person in others:
        await person.send("/help")
    await world.telegram.until_called("sendMessage", len(world.telegram.called("sendMessage")) + 10)
    world.provider.deliver(number.id, "314159")
    await ann.sees("· Telegram", "314159")
    assert sum(any("How it works" in each.text for each in person.messages) for person in others) < 80
    for person in others:
        await person.sees("How it works")


async def test_a_full_limit_holds_up_neither_the_answer_to_a_tap_nor_the_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While no message may be sent, a tap is answered at once, and the bot stops."""
    monkeypatch.setattr(rate_limits, "WINDOW", 3600.0)
    monkeypatch.setattr(rate_limits, "ALL_RATE", 2)
    monkeypatch.setattr(runtime, "JOBS_TIMEOUT", 0.1)
    world.patience = 0.1
    await world.start()
    ann = await world.customer()
    await ann.click("Help")  # returns with the answer to the tap
    await world.stop()
    assert len(messages(world.telegram)) == 2


async def test_no_period_has_more_turns_than_telegram_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any turns one after the other, the first and the thirty-first are a whole period apart."""
    monkeypatch.setattr(rate_limits, "WINDOW", 0.1)
    limits, loop, times = SendLimits(), asyncio.get_running_loop(), list[float]()

    async def take(chat_id: int) -> None:
        await asyncio.sleep(chat_id % 7 / 100)
        await limits.turn(chat_id)
        times.append(loop.time())

    await asyncio.gather(*(take(number) for number in range(100)))
    assert min(last - first for first, last in zip(times, times[30:], strict=False)) > 0.1 - 0.005


async def test_the_limit_of_a_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chat gets its burst at once and then a steady rate; other chats do not wait for it."""
    monkeypatch.setattr(rate_limits, "CHAT_BURST", 3)
    monkeypatch.setattr(rate_limits, "CHAT_RATE", 20)
    limits, loop, times = SendLimits(), asyncio.get_running_loop(), list[float]()
    for _ in range(6):
        await limits.turn(1)
        times.append(loop.time())
    await limits.turn(2)
    assert times[2] - times[0] < 0.04
    assert all(later - earlier > 0.04 for earlier, later in pairwise(times[2:]))
    assert loop.time() - times[-1] < 0.04


async def test_a_waiting_turn_that_is_cancelled_is_given_to_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Urgent turns come first, the others in their order; a cancelled one takes no place."""
    monkeypatch.setattr(rate_limits, "ALL_RATE", 1)
    monkeypatch.setattr(rate_limits, "WINDOW", 0.03)
    limits, order = SendLimits(), list[str]()

    async def take(name: str, chat_id: int, *, urgent: bool = False) -> None:
        await limits.turn(chat_id, urgent=urgent)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(take("first", 1))
        await asyncio.sleep(0)
        cancelled = group.create_task(take("cancelled", 2))
        for number, (name, urgent) in enumerate((("screen", False), ("code", True), ("card", True)), 3):
            group.create_task(take(name, number, urgent=urgent))
        await asyncio.sleep(0)
        cancelled.cancel()
    assert order == ["first", "code", "card", "screen"]
