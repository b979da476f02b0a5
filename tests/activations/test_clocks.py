"""The wall clock is corrected while the bot runs: no outcome and no word changes by that."""

import sqlite3
from contextlib import closing

import pytest

from tests.activations.test_doubt import checks, sees_in_time
from tests.conftest import World


def stored_end(world: World) -> int:
    """Return the stored end of the only number."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        return int(connection.execute("SELECT ends_at FROM activations").fetchone()[0])


@pytest.mark.parametrize("wrong_by", [-7200.0, -86400.0, 7200.0])
async def test_a_clock_that_is_corrected_after_the_purchase(world: World, wrong_by: float) -> None:
    """A number that was bought by a wrong clock ends when it is due, and its card says the right time."""
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
