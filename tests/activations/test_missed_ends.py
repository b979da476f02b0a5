"""The time of a number ends while the bot does not run, or gets no answers: what it says then is true."""

from dataclasses import replace

import pytest

from bot.sandbox.provider import SMS_ACTIVATE, FaultKind
from tests.activations.test_doubt import NO_ANSWER, checks, passes, sees_in_time, settled, state, waiting
from tests.conftest import World

UNSEEN = "The provider ended this number while I couldn’t check it, so I don’t know whether a code arrived."
UNLISTED = "The provider no longer lists this number, so I don’t know whether a code arrived."
CLAIMS = ("No code arrived", "before a code arrived")
"""Words that say that there was no code."""

ANSWERS = {
    "a code": "STATUS_OK:8080",
    "an end": "STATUS_CANCEL",
    "an unknown id": "NO_ACTIVATION",
    "nothing": None,
}
WORDS = {"a code": "late code", "an end": UNSEEN, "an unknown id": UNLISTED, "nothing": NO_ANSWER}


def answer(world: World, body: str | None) -> None:
    """Let the provider give one answer to all status checks; None is no answer."""
    kind = FaultKind.EMPTY if body is None else FaultKind.BODY
    world.provider.fail(kind, action="getStatus", body=body, times=None)


@pytest.mark.parametrize("away", [600, 1260, 86_400])
@pytest.mark.parametrize("kind", ANSWERS)
async def test_a_code_that_came_while_no_process_ran(world: World, kind: str, away: int) -> None:
    """After a stop nothing is said about a code but what the provider says."""
    ann, number = await waiting(world)
    await checks(world, 1)
    await world.stop()
    world.provider.deliver(number.id, "8080")
    world.pass_time(away)
    answer(world, ANSWERS[kind])
    await world.start()
    await sees_in_time(world, ann, WORDS[kind] if away > 600 or kind != "a code" else "📩", step=61)
    for claim in CLAIMS:
        ann.sees_no(claim)


@pytest.mark.parametrize("kind", ["an unknown id", "nothing"])
async def test_a_code_that_is_found_after_the_end(world: World, kind: str) -> None:
    """When the code of an ended number is found, no message says any longer that it may not have come."""
    ann, number = await waiting(world)
    await world.stop()
    world.pass_time(1260)
    answer(world, ANSWERS[kind])
    await world.start()
    await sees_in_time(world, ann, WORDS[kind], step=61)
    world.provider.heal()
    world.provider.deliver(number.id, "8080")
    await sees_in_time(world, ann, "late code", "8080", step=300)
    await ann.sees("8080", "This number had ended before I found a code.", "Buy again")
    for claim in CLAIMS:
        ann.sees_no(claim)


@pytest.mark.parametrize("kind", ["an unknown id", "nothing"])
async def test_an_end_that_is_confirmed_late(world: World, kind: str) -> None:
    """If the provider confirms the end only later, the card does not claim that no code came."""
    ann, _ = await waiting(world)
    answer(world, ANSWERS[kind])
    world.pass_time(1260)
    await sees_in_time(world, ann, WORDS[kind], step=61)
    world.provider.heal()
    answer(world, "STATUS_CANCEL")
    await sees_in_time(world, ann, UNSEEN, "Buy again", step=300)
    for claim in CLAIMS:
        ann.sees_no(claim)


async def test_an_end_after_an_outage(world: World) -> None:
    """An end that the provider tells after minutes without an answer may have hidden a code."""
    ann, _ = await waiting(world)
    world.provider.fail(FaultKind.STATUS, action="getStatus", status=502, times=None)
    await ann.sees("The provider has not answered since")
    for _ in range(6):
        world.pass_time(61)
        await settled(world)
    world.provider.heal()
    answer(world, "STATUS_CANCEL")
    await sees_in_time(world, ann, UNSEEN, "Buy again", step=61)
    assert state(world) == "cancelled"


async def test_an_end_without_a_readable_list(world: World) -> None:
    """Where the provider has a list that cannot be read, the end proves nothing about a code."""
    world.provider.dialect = replace(SMS_ACTIVATE, lists_all_codes=True)
    ann, _ = await waiting(world)
    world.provider.fail(FaultKind.STATUS, action="getActiveActivations", status=502, times=None)
    answer(world, "STATUS_CANCEL")
    await sees_in_time(world, ann, UNSEEN, "Buy again", step=5)


async def test_an_end_that_the_bot_has_seen(world: World) -> None:
    """After a restart too, a number that was watched until its end ends with the usual sentence."""
    ann, number = await waiting(world)
    await world.kill()
    await world.start()
    await checks(world, 1)
    await passes(world, lambda: world.clock() > number.bought_at + 1100)
    answer(world, "STATUS_CANCEL")
    await sees_in_time(world, ann, "The provider ended this number before a code arrived.")
