"""The rate limits of Telegram: the bot keeps them as a whole, and codes go before the screens of handlers."""

import asyncio
from collections import deque
from collections.abc import Callable

import pytest
from typing_extensions import override

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


class _Taken(deque[float]):
    """The times of the latest turns, which remembers all of them."""

    def __init__(self, maxlen: int) -> None:
        super().__init__(maxlen=maxlen)
        self.all: list[float] = []

    @override
    def append(self, moment: float, /) -> None:
        self.all.append(moment)
        super().append(moment)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # the limiter sets no event
            await asyncio.sleep(0.005)


async def test_all_screens_and_deliveries_share_one_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many people write at once, a period has at most thirty messages.

    The times are compared with that of the first request for updates, so a slow machine changes nothing.
    """
    monkeypatch.setattr(rate_limits, "WINDOW", 0.2)
    people = [world.telegram.person(number) for number in range(1, 41)]
    for person in people:
        await person.send("/start")
        await person.send("/help")
    await world.start()
    for person in people:
        await person.sees("API key")
        await person.sees("How it works")
    times = sorted(call.time for call in messages(world.telegram))
    began = world.telegram.called("getUpdates")[0].time
    assert len(times) == 80
    assert times[30] - began > 0.2 - 0.005
    assert times[60] - began > 0.4 - 0.005


async def test_a_code_goes_before_the_screens(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that comes while many screens wait is the next message that is sent."""
    await world.start()
    ann = await world.customer()
    number = await world.buy(ann)
    assert world.app is not None
    limiter = world.app.outbox.limits._bot  # noqa: SLF001  # nothing else says who waits
    monkeypatch.setattr(rate_limits, "WINDOW", 3600.0)
    others = [world.telegram.person(number) for number in range(2, 102)]
    for person in others:
        await person.send("/help")
    await until(lambda: len(limiter._waiting) > 60)  # noqa: SLF001  # as above
    sent = len(messages(world.telegram))
    world.provider.deliver(number.id, "314159")
    await until(lambda: not limiter._waiting[0][0])  # noqa: SLF001  # the first one that waits is urgent
    monkeypatch.setattr(rate_limits, "WINDOW", 0.2)
    limiter._give()  # noqa: SLF001  # its timer has the time of the long period
    await ann.sees("· Telegram", "314159")
    texts = [call.params.get("text", "") for call in messages(world.telegram)]
    # Thirty messages may be on their way when it gets its turn, and those of its period can overtake it.
    assert next(place for place, text in enumerate(texts) if "314159" in text) - sent <= 60
    for person in others:
        await person.sees("How it works")


async def test_a_full_limit_holds_up_neither_the_answer_to_a_tap_nor_the_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While no message may be sent, a tap is answered at once, and the bot stops."""
    await world.start()
    ann = await world.customer()
    await world.stop()
    monkeypatch.setattr(rate_limits, "WINDOW", 3600.0)
    monkeypatch.setattr(rate_limits, "ALL_RATE", 1)
    monkeypatch.setattr(runtime, "JOBS_TIMEOUT", 0.1)
    world.patience = 0.1
    sent = len(messages(world.telegram))
    await world.start()
    await ann.send("/help")
    await ann.sees("How it works")
    await ann.click("Settings")  # returns with the answer to the tap
    await world.stop()
    assert len(messages(world.telegram)) == sent + 1


async def test_no_period_has_more_turns_than_telegram_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any turns one after the other, the first and the thirty-first are a whole period apart."""
    monkeypatch.setattr(rate_limits, "WINDOW", 0.1)
    limits, taken = SendLimits(), _Taken(maxlen=rate_limits.ALL_RATE)
    monkeypatch.setattr(limits._bot, "_taken", taken)  # noqa: SLF001  # a task resumes some time after its turn

    async def take(chat_id: int) -> None:
        await asyncio.sleep(chat_id % 7 / 100)
        await limits.turn(chat_id)

    await asyncio.gather(*(take(number) for number in range(100)))
    times = taken.all
    assert len(times) == 100
    assert all(last - first >= 0.1 - 1e-6 for first, last in zip(times, times[30:], strict=False))


async def test_the_limit_of_a_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chat gets its burst at once and then waits; other chats do not wait for it."""
    monkeypatch.setattr(rate_limits, "CHAT_BURST", 3)
    monkeypatch.setattr(rate_limits, "CHAT_RATE", 0.001)
    limits = SendLimits()
    turns = [asyncio.create_task(limits.turn(1)) for _ in range(4)]
    other = asyncio.create_task(limits.turn(2))
    await asyncio.sleep(0)
    assert [turn.done() for turn in turns] == [True, True, True, False]
    assert other.done()
    turns[-1].cancel()


async def test_the_rate_of_a_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its burst a chat gets turns at a steady rate."""
    monkeypatch.setattr(rate_limits, "CHAT_BURST", 3)
    monkeypatch.setattr(rate_limits, "CHAT_RATE", 20)
    limits, loop = SendLimits(), asyncio.get_running_loop()
    began = loop.time()
    for _ in range(6):
        await limits.turn(1)
    assert loop.time() - began > 3 / 20 - 0.001


async def test_a_waiting_turn_that_is_cancelled_is_given_to_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Urgent turns come first, the others in their order; a cancelled one takes no place."""
    monkeypatch.setattr(rate_limits, "ALL_RATE", 1)
    monkeypatch.setattr(rate_limits, "WINDOW", 3600.0)
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
        monkeypatch.setattr(rate_limits, "WINDOW", 0.001)
        limits._bot._give()  # noqa: SLF001  # its timer has the time of the long period
    assert order == ["first", "code", "card", "screen"]
