"""The wall clock is wrong, or is corrected while the bot runs: no outcome and no word changes by that."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

import pytest
from hypothesis import given, strategies as st

from bot import runtime
from bot.activations.wall_clock import DATES_VALID_FOR, MAX_AHEAD, MAX_ERROR, SETTLE_TIME, WallClock
from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import TelegramFault
from bot.telegram.session import date_of
from tests.activations.test_doubt import checks, sees_in_time, settled
from tests.conftest import World


def stored_end(world: World) -> int:
    """Return the stored end of the only number."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        return int(connection.execute("SELECT ends_at FROM activations").fetchone()[0])


@pytest.mark.parametrize("wrong_by", [-7200.0, -86400.0, 7200.0])
async def test_a_clock_that_is_corrected_after_the_purchase(world: World, wrong_by: float) -> None:
    """A number that was bought by a wrong clock ends when it is due, and its card says the right time.

    Telegram sends no dates, so nothing but the correction shows that the clock was wrong.
    """
    world.telegram.date = lambda: ""
    world.correct_clock(wrong_by)
    await world.start()
    ann = await world.customer()
    number = await world.buy(ann)
    world.correct_clock()
    await checks(world, 3)
    world.pass_time(11)
    await ann.until(lambda _: abs(stored_end(world) - number.bought_at - 1200) < 5)
    await checks(world, 3)
    ann.sees_no("Time is up")
    world.pass_time(900)
    await checks(world, 2)
    ann.sees_no("No code arrived in time.")
    await sees_in_time(world, ann, "No code arrived in time.", step=100)


@pytest.mark.parametrize("wrong_by", [-7200.0, 7200.0])
async def test_a_number_of_an_earlier_run(world: World, wrong_by: float) -> None:
    """A start with a wrong clock, which is corrected later, changes no stored time of an older number."""
    await world.start()
    ann = await world.customer()
    number = await world.buy(ann)
    before = stored_end(world)
    await world.stop()
    world.telegram.date = lambda: ""
    world.correct_clock(wrong_by)
    await world.start()
    await checks(world, 1)
    world.correct_clock()
    world.pass_time(11)
    await ann.send("/help")
    await ann.sees("How it works")
    assert stored_end(world) == before
    world.provider.deliver(number.id, "8080")
    await sees_in_time(world, ann, "· Telegram", "8080")


WRONG = (-30 * 86400.0, -7200.0, -600.0, 600.0, 7200.0, 20 * 3600.0)


@pytest.mark.parametrize("wrong_by", WRONG)
async def test_a_wrong_clock_at_the_start_stores_no_wrong_time(world: World, wrong_by: float) -> None:
    """Telegram's first answer corrects the time; a kill before the clock is right costs nothing."""
    world.correct_clock(wrong_by)
    await world.start()
    ann = await world.customer()
    number = await world.buy(ann)
    assert abs(stored_end(world) - number.bought_at - 1200) < 5
    await world.kill()
    world.correct_clock()
    world.pass_time(600)
    await world.start()
    await checks(world, 2)
    ann.sees_no("Time is up")
    world.provider.deliver(number.id, "8080")
    await sees_in_time(world, ann, "· Telegram", "8080")


@pytest.mark.parametrize("wrong_by", WRONG)
async def test_a_wrong_clock_at_the_start_ends_no_older_number(world: World, wrong_by: float) -> None:
    """No number is judged before Telegram's first answer, even if the provider gives no answers."""
    await world.start()
    ann = await world.customer()
    number = await world.buy(ann)
    before = stored_end(world)
    await world.kill()
    silence = world.provider.fail(FaultKind.EMPTY, action="getStatus", times=None)
    world.telegram.fail(TelegramFault.DELAY, method="getMe", seconds=0.2)
    world.correct_clock(wrong_by)
    await world.start()
    await world.provider.wait_for(lambda _: silence.hits > 2)
    assert stored_end(world) == before
    ann.sees_no("Time is up")
    world.provider.heal()
    world.pass_time(1140)
    await settled(world)
    ann.sees_no("Time is up")
    world.provider.deliver(number.id, "8080")
    await sees_in_time(world, ann, "· Telegram", "8080")


@pytest.mark.parametrize("wrong_by", [-7200.0, 7200.0])
async def test_the_correction_of_a_known_error_changes_nothing(world: World, wrong_by: float) -> None:
    """When the computer's clock becomes right, or wrong again, the stored times stay."""
    world.correct_clock(wrong_by)
    await world.start()
    ann = await world.customer()
    number = await world.buy(ann)
    for error in (0.0, wrong_by, 0.0):
        world.correct_clock(error)
        await checks(world, 2)
        world.pass_time(11)
        await settled(world)
        assert abs(stored_end(world) - number.bought_at - 1200) < 5
    ann.sees_no("Time is up")
    world.provider.deliver(number.id, "8080")
    await sees_in_time(world, ann, "· Telegram", "8080")


async def test_checks_do_not_wait_long_for_telegram(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If Telegram does not answer at the start, the status checks begin without its date."""
    monkeypatch.setattr(runtime, "DATE_TIMEOUT", 0.05)
    await world.start()
    await world.buy(await world.customer())
    await world.kill()
    world.telegram.fail(TelegramFault.HANG, method="getMe", times=None)
    await world.start()
    await checks(world, 2)


@dataclass
class Computer:
    """A computer whose wall clock is wrong.

    Attributes:
        steady: its steady clock.
        wrong_by: seconds by which its wall clock is ahead.
        slept: seconds for which its steady clock has stood still.
    """

    steady: float = 5000.0
    wrong_by: float = 0.0
    slept: float = 0.0

    def __post_init__(self) -> None:
        self.clock = WallClock(lambda: self.true + self.wrong_by, lambda: self.steady)

    @property
    def true(self) -> float:
        """The true time in UTC seconds."""
        return 1_790_000_000.0 + self.steady + self.slept

    @property
    def error(self) -> float:
        """The seconds by which the time of the bot is ahead of the true time."""
        return self.steady + self.clock.offset - self.true

    def ask(self, date_wrong_by: float = 0.0, *, took: float = 0.2) -> None:
        """Get an answer of Telegram, whose date is wrong by so many seconds."""
        asked_at = self.steady
        self.steady += took
        self.clock.note_date(float(int(self.true + date_wrong_by)), asked_at)

    def run(self, seconds: float) -> None:
        """Let time pass, without an answer of Telegram."""
        for _ in range(int(seconds)):
            self.steady += 1
            self.clock.follow()


@given(
    st.floats(-1e8, MAX_AHEAD - 5),
    st.lists(st.tuples(st.floats(0, 25), st.floats(0, 25)), min_size=1, max_size=20),
)
def test_the_time_is_right_after_each_date(wrong_by: float, answers: list[tuple[float, float]]) -> None:
    """However wrong the clock is, and however long the answers take, the time is right by some minutes."""
    computer = Computer(wrong_by=wrong_by)
    for pause, took in answers:
        computer.ask(took=took)
        assert abs(computer.error) <= MAX_ERROR + took + 1
        computer.run(pause)
        assert abs(computer.error) <= MAX_ERROR + took + 1


def test_a_clock_that_is_nearly_right_is_left_alone() -> None:
    """The clock is better than the date of an answer, which may have been on its way for long."""
    computer = Computer(wrong_by=MAX_ERROR - 2)
    computer.ask()
    assert computer.error == pytest.approx(MAX_ERROR - 2)
    computer = Computer()
    computer.ask(-500, took=600)
    assert computer.error == pytest.approx(0)


def test_an_old_date_proves_nothing() -> None:
    """A date from more than a day ago is not that of Telegram's clock."""
    computer = Computer()
    computer.ask(-MAX_AHEAD - 10)
    assert computer.error == pytest.approx(0)


def test_dates_that_stand_still_are_ignored() -> None:
    """After some minutes of the same date the time is that of the computer again, and stays so."""
    computer = Computer()
    date = -3600.0
    computer.ask(date)
    assert computer.error == pytest.approx(-3600, abs=2)
    for _ in range(12):
        computer.run(20)
        date -= 20
        computer.ask(date)
    computer.run(SETTLE_TIME + 1)
    assert computer.error == pytest.approx(0)
    computer.ask(date)
    computer.ask(3600)
    computer.run(SETTLE_TIME + 1)
    assert computer.error == pytest.approx(0)


@pytest.mark.parametrize("jump", [-7200.0, 7200.0])
def test_a_jump_waits_for_a_date(jump: float) -> None:
    """While Telegram answers, its date decides about a jump of hours; without answers, the jump must last."""
    computer = Computer()
    computer.ask()
    computer.wrong_by = jump
    computer.run(SETTLE_TIME + 15)
    assert computer.error == pytest.approx(0)
    computer.ask()
    computer.run(SETTLE_TIME + 15)
    assert computer.error == pytest.approx(0, abs=2)
    computer.run(DATES_VALID_FOR)
    assert computer.error == pytest.approx(0, abs=2)
    computer.wrong_by = 0
    computer.run(1)
    computer.wrong_by = jump
    computer.run(SETTLE_TIME + DATES_VALID_FOR)
    assert computer.error == pytest.approx(jump)


def test_a_machine_that_slept_takes_the_next_date() -> None:
    """After a sleep in which both clocks stood still, the date of the next answer is the time."""
    computer = Computer()
    computer.ask()
    computer.slept, computer.wrong_by = 7200, -7200
    assert computer.error == pytest.approx(-7200)
    computer.ask()
    assert computer.error == pytest.approx(0, abs=2)
    computer.wrong_by = 0
    computer.run(SETTLE_TIME + 1)
    assert computer.error == pytest.approx(0)


DATES = {
    "Sat, 28 Nov 2026 04:00:00 GMT": 1795838400.0,
    "": None,
    "yesterday": None,
    "Sat, 28 Nov 20266 04:00:00 GMT": None,
    "Sat, 99 Nov 2026 04:00:00 GMT": None,
}


@pytest.mark.parametrize("date", DATES)
def test_unreadable_dates_are_ignored(date: str) -> None:
    """A date that cannot be read, or that comes from a cache, is as good as none."""
    assert date_of({"Date": date}) == DATES[date]
    assert date_of({"Date": date, "Age": "7200"}) is None
    assert date_of({}) is None
