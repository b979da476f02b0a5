"""The poller and its schedule: checks on time, within the request budget, and despite errors."""

import asyncio
import random
import time

import pytest

from bot.activations.schedule import Schedule
from bot.app import steady_clock
from bot.domain import Activation, State
from bot.sandbox.provider import FaultKind
from bot.storage import activations
from tests import factories
from tests.conftest import KEY, World


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


def held(id_: int = 1, **changes: object) -> Activation:
    """Return an activation that waits for its code."""
    values: dict[str, object] = {
        "id": id_,
        "token": str(id_),
        "user_id": 1,
        "key_id": 1,
        "service": "tg",
        "service_name": "Telegram",
        "country": "10",
        "operators": (),
        "price": None,
        "state": State.WAITING,
        "ordered_at": 1_000_000,
        "provider_id": "77",
        "bought_at": 1_000_000,
        "ends_at": 1_001_200,
    }
    return Activation(**(values | changes))  # type: ignore[arg-type]  # a test's shorthand


def pauses(schedule: Schedule, time: Time, count: int) -> list[float]:
    """Return the seconds between the next checks of the only activation."""
    found: list[float] = []
    before = time.seconds
    while len(found) < count:
        at = schedule.next_at()
        assert at is not None
        time.seconds = max(time.seconds, at)
        entry = schedule.take_due()
        if entry is None:
            continue
        found.append(time.seconds - before)
        before = time.seconds
        schedule.reschedule(entry)
    return found


def test_checks_become_slower_after_five_minutes() -> None:
    """The first check comes after one interval; after five minutes the pauses double, with jitter."""
    time = Time()
    schedule = Schedule(5, time, random.Random(1))  # noqa: S311  # jitter
    schedule.add(held())
    early = pauses(schedule, time, 50)
    assert all(4 <= pause <= 6 for pause in early)
    assert len({round(pause, 3) for pause in early}) > 10
    time.seconds = 1_000_000 + 400
    late = pauses(schedule, time, 20)[1:]
    assert all(8 <= pause <= 12 for pause in late)


def test_sms_sent_makes_checks_quick_again() -> None:
    """After "SMS sent" the pauses are short again."""
    time = Time()
    schedule = Schedule(5, time)
    schedule.add(held())
    time.seconds += 400
    pauses(schedule, time, 2)
    schedule.add(held(sms_sent_at=int(time.seconds)))
    assert all(pause <= 6 for pause in pauses(schedule, time, 10))


def test_a_check_is_due_at_the_deadline() -> None:
    """A check is due exactly at the deadline, whatever the interval."""
    time = Time()
    schedule = Schedule(500, time)
    schedule.add(held(ends_at=1_000_007))
    pauses(schedule, time, 1)
    assert time.seconds == 1_000_007


def test_failures_back_off_from_one_interval_to_a_minute() -> None:
    """Failures double the pause from one interval to at most a minute; a success resets it."""
    time = Time()
    schedule = Schedule(5, time)
    schedule.add(held())
    found: list[int] = []
    entry = None
    for _ in range(6):
        at = schedule.next_at()
        assert at is not None
        time.seconds = at
        entry = schedule.take_due()
        assert entry is not None
        entry.failures += 1
        schedule.reschedule(entry)
        found.append(round(entry.due - time.seconds))
    assert found == [5, 10, 20, 40, 60, 60]
    assert entry is not None
    entry.failures = 0
    schedule.reschedule(entry)
    assert entry.due - time.seconds <= 6


def test_a_scheduled_cancel_is_due_on_time_and_backs_off() -> None:
    """It is due when it is allowed, whatever the interval; after failures the pauses double."""
    time = Time()
    schedule = Schedule(5, time)
    slow = Schedule(500, time)
    activation = held(cancel_scheduled=True, cancel_from=1_000_120)
    slow.add(activation)
    assert slow.next_at() == 1_000_120
    time.seconds += 200
    schedule.add(activation)
    found: list[int] = []
    for _ in range(5):
        at = schedule.next_at()
        assert at is not None
        time.seconds = max(time.seconds, at)
        entry = schedule.take_due()
        assert entry is not None
        entry.failures += 1
        schedule.reschedule(entry)
        found.append(round(entry.due - time.seconds))
    assert found == [5, 10, 20, 40, 60]


def test_the_most_overdue_comes_first() -> None:
    """If more checks are due than allowed, the most overdue runs first, so none starves."""
    time = Time()
    schedule = Schedule(5, time, random.Random(3))  # noqa: S311  # jitter
    for id_ in range(1, 21):
        schedule.add(held(id_))
    asked: dict[int, int] = {}
    for _ in range(400):
        time.seconds += 1  # one check a second, for twenty activations that need four
        entry = schedule.take_due()
        if entry is not None:
            asked[entry.activation.id] = asked.get(entry.activation.id, 0) + 1
            schedule.reschedule(entry)
    assert len(asked) == 20
    assert max(asked.values()) - min(asked.values()) <= 3


def test_ended_activations_leave_the_schedule() -> None:
    """An ended activation is not checked and takes no memory."""
    time = Time()
    schedule = Schedule(5, time)
    schedule.add(held())
    schedule.add(held(state=State.COMPLETED))
    time.seconds += 100
    assert schedule.take_due() is None
    assert len(schedule) == 0


async def test_a_check_without_news_writes_and_sends_nothing(bot_world: World) -> None:
    """Without news, nothing is sent and the database file does not change."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > 5)
    calls = len(bot_world.telegram.called("editMessageText")) + len(bot_world.telegram.called("sendMessage"))
    size = bot_world.values["database_path"].with_name("bot.db-wal").stat().st_size
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 5)
    assert bot_world.values["database_path"].with_name("bot.db-wal").stat().st_size == size
    after = len(bot_world.telegram.called("editMessageText")) + len(bot_world.telegram.called("sendMessage"))
    assert after == calls


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.HTML,
        FaultKind.EMPTY,
        FaultKind.CUT,
        FaultKind.STATUS,
        FaultKind.CUT_JSON,
        FaultKind.HALF_BODY,
    ],
)
async def test_checks_continue_after_errors(bot_world: World, kind: FaultKind) -> None:
    """Bad answers are retried, and the code is delivered when the provider works again."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.fail(
        kind, action="getStatus", times=3, status=500 if kind is FaultKind.STATUS else None
    )
    bot_world.provider.deliver(number.id, "8080")
    await ann.sees("Code for Telegram", "8080")


@pytest.mark.parametrize("body", ["NO_ACTIVATION", "BAD_ACTION", "WHAT_IS_THIS", "ERROR_SQL"])
async def test_one_unexpected_answer_ends_nothing(bot_world: World, body: str) -> None:
    """A single answer "unknown activation", or an unreadable one, does not end the activation."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getStatus", body=body, times=2)
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 2)
    bot_world.provider.deliver(number.id, "7070")
    await ann.sees("Code for Telegram", "7070")


async def test_a_number_unknown_to_the_provider_ends(bot_world: World) -> None:
    """After three consecutive answers "unknown activation" the number ends, with a notice."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getStatus", body="NO_ACTIVATION", times=None)
    await ann.sees("The provider no longer lists this number")


async def test_an_ended_number_leaves_the_schedule(bot_world: World) -> None:
    """An ended activation that was added again from an outdated row is removed without a request."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("Code received", "1234")
    app = bot_world.app
    assert app is not None
    async with factories.open_database(bot_world) as db:
        stale = await db.read(activations.get, 1)
    await ann.click("Complete")
    await ann.sees("✔️ Completed.", "1234")
    assert stale.open
    assert len(app.schedule) == 0
    asked = len(bot_world.asked("getStatus"))
    app.schedule.add(stale, immediately=True)
    assert len(app.schedule) == 1
    async with asyncio.timeout(20):
        while len(app.schedule):  # noqa: ASYNC110  # no event says that the schedule is empty
            await asyncio.sleep(0.01)
    assert len(bot_world.asked("getStatus")) == asked


async def test_the_notice_of_an_end_says_only_what_is_known(bot_world: World) -> None:
    """A number that the provider ended is not called cancelled by the user, nor refunded."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(130)
    bot_world.provider.cancel(number)
    words = "The provider ended this number. No code arrived in time.\nBalance afterwards: 10.00"
    message = await ann.sees("Buy again", words)
    assert "refund" not in message.text


async def test_a_hanging_request_delays_no_other_number(bot_world: World) -> None:
    """While one request hangs, the code of another number is delivered."""
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    ann = await bot_world.customer(1)
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    await bot_world.buy(ann)
    number = await bot_world.buy(bob)
    bot_world.provider.fail(FaultKind.HANG, action="getStatus", key=KEY, times=None)
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 3)
    bot_world.provider.deliver(number.id, "6060")
    await bob.sees("Code for Telegram", "6060", timeout=3)


async def test_throttling_pauses_one_key_only(bot_world: World) -> None:
    """A 429 with Retry-After pauses one key for that long; the other keys continue."""
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    ann = await bot_world.customer(1)
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    await bot_world.buy(ann)
    number = await bot_world.buy(bob)
    bot_world.provider.fail(FaultKind.THROTTLE, action="getStatus", key=KEY, retry_after=3600)
    fault_hit = bot_world.provider.faults[0]
    await bot_world.provider.wait_for(lambda _: fault_hit.hits == 1)
    mine = [request for request in bot_world.asked("getStatus") if request["api_key"] == KEY]
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 5)
    after = [request for request in bot_world.asked("getStatus") if request["api_key"] == KEY]
    assert len(after) <= len(mine) + 1
    bot_world.provider.deliver(number.id, "5050")
    await bob.sees("Code for Telegram", "5050")


async def test_missed_codes_are_shown_as_earlier_codes(bot_world: World) -> None:
    """A code reported only as the previous one is delivered, and marked as an earlier code."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getStatus", body="STATUS_WAIT_RETRY:1111", times=None)
    await ann.sees("Earlier code for Telegram", "1111")
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 2)
    codes = [message for message in ann.messages if "1111" in message.text and "Earlier code" in message.text]
    assert len(codes) == 1


async def test_the_old_code_after_a_resend_is_not_new(world: World) -> None:
    """After a resend the provider may still report the old code; it is not delivered again."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    number = await world.buy(ann)
    world.provider.deliver(number.id, "1111")
    world.pass_time(3000 - 2900)
    await world.stop()
    await world.start(poll_interval=0.05)
    await ann.sees("Code for Telegram", "1111")
    stale = world.provider.fail(FaultKind.BODY, action="getStatus", body="STATUS_OK:1111", times=None)
    await ann.click("Get another code")
    await ann.sees("Waiting for another code")
    hits = stale.hits
    await world.provider.wait_for(lambda _: stale.hits > hits + 3)
    assert not any("Code 2" in message.text for message in ann.messages)
    world.provider.heal(stale)
    asked = len(world.asked("getStatus"))
    await world.provider.wait_for(lambda _: len(world.asked("getStatus")) > asked + 1)
    world.provider.deliver(number.id, "1111")
    await ann.sees("Code 2 for Telegram", "1111")


def test_the_steady_clock_does_not_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    """The steady clock starts with the wall clock and ignores later changes of it."""
    clock = steady_clock()
    first = clock()
    assert abs(first - time.time()) < 60
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert first <= clock() < first + 60
