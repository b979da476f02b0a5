"""The poller and its schedule: checks on time, within the request budget, and despite errors."""

import asyncio
import random
import sqlite3
from contextlib import closing

import pytest

from bot.activations import poller
from bot.activations.schedule import Schedule
from bot.domain import Activation, State
from bot.sandbox.provider import FaultKind
from bot.storage import activations
from tests import factories
from tests.activations.test_doubt import sees_in_time
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
        "provider": "own",
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
    schedule = Schedule(5, time, time, random.Random(1))  # noqa: S311  # jitter
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
    schedule = Schedule(5, time, time)
    schedule.add(held())
    time.seconds += 400
    pauses(schedule, time, 2)
    schedule.add(held(sms_sent_at=int(time.seconds)))
    assert all(pause <= 6 for pause in pauses(schedule, time, 10))


def test_a_check_is_due_at_the_deadline() -> None:
    """A check is due exactly at the deadline, whatever the interval."""
    time = Time()
    schedule = Schedule(500, time, time)
    schedule.add(held(ends_at=1_000_007))
    pauses(schedule, time, 1)
    assert time.seconds == 1_000_007


def test_failures_back_off_from_one_interval_to_a_minute() -> None:
    """Failures double the pause from one interval to at most a minute; a success resets it."""
    time = Time()
    schedule = Schedule(5, time, time)
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
    schedule = Schedule(5, time, time)
    slow = Schedule(500, time, time)
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
    schedule = Schedule(5, time, time, random.Random(3))  # noqa: S311  # jitter
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
    schedule = Schedule(5, time, time)
    schedule.add(held())
    schedule.add(held(state=State.COMPLETED))
    time.seconds += 100
    assert schedule.take_due() is None
    assert len(schedule) == 0


async def test_a_check_without_news_writes_and_sends_nothing(bot_world: World) -> None:
    """Once the purchase has no more news, nothing is sent and nothing is written to the database."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)

    async def changes_within_checks(watcher: sqlite3.Connection) -> int:
        """Return how many writes and messages five checks need at least."""
        before, asked = _changes(bot_world, watcher), len(bot_world.asked("getStatus"))
        await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 5)
        return _changes(bot_world, watcher) - before

    with closing(sqlite3.connect(bot_world.values["database_path"])) as watcher:
        assert 0 in [await changes_within_checks(watcher) for _ in range(4)]


def _changes(world: World, watcher: sqlite3.Connection) -> int:
    """Return a number that grows with each commit of the bot and with each message that it sends or edits."""
    (commits,) = watcher.execute("PRAGMA data_version").fetchone()
    calls = (len(world.telegram.called(method)) for method in ("editMessageText", "sendMessage"))
    return int(commits) + sum(calls)


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
    await ann.sees("· Telegram", "8080")


@pytest.mark.parametrize("body", ["NO_ACTIVATION", "BAD_ACTION", "WHAT_IS_THIS", "ERROR_SQL"])
async def test_one_unexpected_answer_ends_nothing(bot_world: World, body: str) -> None:
    """A single answer "unknown activation", or an unreadable one, does not end the activation."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getStatus", body=body, times=2)
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 2)
    bot_world.provider.deliver(number.id, "7070")
    await ann.sees("· Telegram", "7070")


async def test_a_number_unknown_to_the_provider_ends_with_its_time(bot_world: World) -> None:
    """A number that the provider does not know stays open, with slower checks, until its time is over."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    unknown = bot_world.provider.fail(FaultKind.BODY, action="getStatus", body="NO_ACTIVATION", times=None)
    await bot_world.provider.wait_for(lambda _: unknown.hits >= 3)
    await ann.send("/active")
    await ann.sees("Waiting for the code")
    bot_world.pass_time(1000)
    await sees_in_time(bot_world, ann, "The provider no longer lists this number")


async def test_a_request_that_ends_wakes_the_loop(bot_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks that wait for a place start when other checks end, also if those have no next check."""
    monkeypatch.setattr(poller, "MAX_IN_FLIGHT", 2)
    app = bot_world.app
    assert app is not None
    checked: set[int] = set()
    released = asyncio.Event()

    async def check(id_: int, *, budgeted: bool = False) -> tuple[Activation, None]:
        checked.add(id_)
        assert budgeted
        await released.wait()
        ended = held(id_, state=State.COMPLETED)
        app.schedule.add(ended)
        return ended, None

    monkeypatch.setattr(
        app.poller.status_checks.__class__, "check", lambda _, *args, **kw: check(*args, **kw)
    )
    await bot_world.customer()
    for id_ in range(101, 106):
        app.schedule.add(held(id_), immediately=True)
    async with asyncio.timeout(10):
        while len(checked) < 2:  # noqa: ASYNC110  # no event says that a check has begun
            await asyncio.sleep(0.01)
        app.schedule.changed.clear()
        released.set()
        while len(checked) < 5:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Machine:
    """A wall clock and a steady clock that are moved apart or together."""

    def __init__(self) -> None:
        self.wall = 1_000_000.0
        self.steady = 5_000.0

    def pass_time(self, seconds: float) -> None:
        """Move both clocks."""
        self.wall += seconds
        self.steady += seconds

    def schedule(self, interval: float = 5) -> Schedule:
        """Return a schedule with the two clocks."""
        return Schedule(interval, lambda: self.wall, lambda: self.steady)


@pytest.mark.parametrize("jump", [7200.0, -7200.0, 86400.0])
def test_a_jump_of_the_wall_clock_moves_no_check(jump: float) -> None:
    """Checks go on at their intervals, and the end comes when it was due, whatever the wall clock does."""
    machine = Machine()
    schedule = machine.schedule()
    schedule.add(held(state=State.ORDERING, bought_at=None, ends_at=None))
    schedule.add(held())
    entry = None
    for second in range(1200):
        machine.pass_time(1)
        if second % 7 == 3:
            machine.wall += jump if second % 2 else -jump
        schedule.follow_clock()
        if entry := schedule.take_due():
            assert schedule.overdue(entry) == pytest.approx(second + 1 - 1200, abs=0.01)
            schedule.reschedule(entry)
    at = schedule.next_at()
    assert at is not None
    assert at - machine.steady <= 12


def test_a_corrected_clock_is_followed_after_a_while() -> None:
    """A correction that lasts shifts the stored times of the numbers of this run, and only theirs."""
    machine = Machine()
    machine.wall -= 7200  # behind at the start
    schedule = machine.schedule(500)
    schedule.add(held(1, ends_at=1_001_200), immediately=True)  # from an earlier run, with the right time
    schedule.add(held(2, state=State.ORDERING, bought_at=None, ends_at=None))
    schedule.add(held(2, ends_at=1_001_200 - 7200))
    machine.wall += 7200
    assert schedule.follow_clock() == {}
    machine.pass_time(11)
    assert schedule.follow_clock() == pytest.approx({2: 7200})
    schedule.add(held(2))
    schedule.times_shifted(2, 7200)
    entries = []
    machine.pass_time(1000)
    while entry := schedule.take_due():
        entries.append(entry)
    assert [schedule.overdue(entry) for entry in entries] == pytest.approx([1011 - 1200] * 2)


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
    words = "The provider ended this number before a code arrived.\nBalance afterwards: 10.00"
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
    await bob.sees("· Telegram", "6060", timeout=3)


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
    await bob.sees("· Telegram", "5050")


async def test_missed_codes_are_shown_as_earlier_codes(bot_world: World) -> None:
    """A code reported only as the previous one is delivered, and marked as an earlier code."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getStatus", body="STATUS_WAIT_RETRY:1111", times=None)
    await ann.sees("earlier code", "1111")
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 2)
    codes = [message for message in ann.messages if "1111" in message.text and "earlier code" in message.text]
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
    await ann.sees("· Telegram", "1111")
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
    await ann.sees("· Telegram · code 2", "1111")
