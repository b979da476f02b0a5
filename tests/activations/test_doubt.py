"""Doubtful answers of the provider: they slow the checks down, and no code is lost by them."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial

import pytest

from bot.sandbox.provider import HEROSMS, SMS_ACTIVATE, FaultKind, Number, NumberState, ProviderFault
from bot.sandbox.telegram import Person
from tests.conftest import World

LIFETIME = 1200
LISTING = replace(SMS_ACTIVATE, lists_all_codes=True)
NO_CODE = "No code arrived in time."
CHECKING = "Time is up, but I’m still checking for a code."
NO_ANSWER = "Time is up, and the provider gives no answer."


async def checks(world: World, count: int = 2) -> None:
    """Wait for some more status checks."""
    asked = len(world.asked("getStatus"))
    await world.provider.wait_for(lambda _: len(world.asked("getStatus")) >= asked + count)


async def used_up(world: World, fault: ProviderFault) -> None:
    """Wait until a fault has hit as often as it may."""
    await world.provider.wait_for(lambda _: fault.times == 0)


async def passes(world: World, condition: Callable[[], bool], step: float = 30) -> None:
    """Let time pass in steps until a condition is true; each has its effect before the next."""
    for _ in range(100):
        world.pass_time(step)
        await settled(world)
        if condition():
            return
    raise AssertionError("it did not happen")


async def settled(world: World) -> None:
    """Wait until no check or follow-up is due or in progress, and no message is on its way to a chat."""
    app = world.app
    assert app is not None
    schedule, follow_ups, outbox = app.schedule, app.follow_ups, app.outbox
    next_follow_up = "SELECT min(check_again_at) FROM activations"
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        while (  # noqa: ASYNC110  # no event says that the loops have nothing to do
            schedule.changed.is_set()
            or follow_ups.status_checks.ended.is_set()
            or any(entry.busy for entry in schedule._entries.values())  # noqa: SLF001  # as above
            or _is_due(schedule.next_at(), schedule.steady())
            or _is_due(connection.execute(next_follow_up).fetchone()[0], schedule.utc_now())
            or outbox._chats  # noqa: SLF001  # as above
        ):
            await asyncio.sleep(0.002)


def _is_due(at: float | None, now: float) -> bool:
    return at is not None and at <= now


def _more_checks(world: World, before: int) -> bool:
    return len(world.asked("getStatus")) > before


def _more_hits(fault: ProviderFault, before: int) -> bool:
    return fault.hits > before


async def pass_checks(world: World, seconds: float, times: int = 1) -> None:
    """Let time pass, several times, with a status check after each."""
    for _ in range(times):
        asked = len(world.asked("getStatus"))
        world.pass_time(seconds)
        await passes(world, partial(_more_checks, world, asked), step=10)


async def sees_in_time(world: World, person: Person, *fragments: str, step: float = 30) -> None:
    """Let time pass in steps until a message shows some texts."""
    for _ in range(40):
        world.pass_time(step)
        await settled(world)
        with suppress(AssertionError):
            await person.sees(*fragments, timeout=0.01)
            return
    await person.sees(*fragments)


def state(world: World) -> str:
    """Return the stored state of the only number."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        return str(connection.execute("SELECT state FROM activations").fetchone()[0])


async def waiting(world: World, **settings: object) -> tuple[Person, Number]:
    """Return a person and their number, which waits for a code; the provider keeps it for long."""
    world.provider.lifetime = 100_000
    await world.start(**settings)
    ann = await world.customer()
    return ann, await world.buy(ann)


DOUBTS = {
    "an unknown id": {"kind": FaultKind.BODY, "body": "NO_ACTIVATION"},
    "an unknown id in JSON": {"kind": FaultKind.BODY, "body": '{"title":"NOT_FOUND"}', "status": 404},
    "a refused key": {"kind": FaultKind.BODY, "body": "BAD_KEY"},
    "a missing page": {"kind": FaultKind.HTML, "status": 404},
    "a missing action": {"kind": FaultKind.BODY, "body": "BAD_ACTION"},
    "a block page": {"kind": FaultKind.HTML, "status": 403, "retry_after": 3600},
    "throttling": {"kind": FaultKind.THROTTLE, "retry_after": 3600},
    "a blocked account": {"kind": FaultKind.BODY, "body": "BANNED:'2030-01-01'"},
    "no body": {"kind": FaultKind.EMPTY},
    "an unknown word": {"kind": FaultKind.BODY, "body": "WHAT_IS_THIS"},
}


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)
@pytest.mark.parametrize("times", [1, 5])
async def test_doubt_ends_nothing(world: World, doubt: dict[str, object], times: int) -> None:
    """No doubtful answer ends a number before its time, however often it comes; the code is delivered."""
    ann, number = await waiting(world)
    fault = world.provider.fail(action="getStatus", times=times, **doubt)  # type: ignore[arg-type]
    await passes(world, lambda: not fault.times)
    assert state(world) == "waiting"
    world.provider.deliver(number.id, "8080")
    await sees_in_time(world, ann, "· Telegram", "8080")
    assert state(world) == "received"
    ann.sees_no(NO_CODE)
    ann.sees_no("late code")


@pytest.mark.parametrize("ahead", [7200.0, 20 * 3600.0])
async def test_the_own_clock_does_not_end_a_number(world: World, ahead: float) -> None:
    """While the provider waits for a code, a wrong clock at the start does not end the number."""
    ann, number = await waiting(world)
    await world.stop()
    world.correct_clock(ahead)
    world.telegram.date = lambda: ""
    await world.start()
    await checks(world, 1)
    if ahead < 4 * 3600:
        await pass_checks(world, 61, times=3)
        await ann.sees(CHECKING, "Cancel")
    world.provider.deliver(number.id, "8080")
    await sees_in_time(world, ann, "· Telegram", "8080")
    ann.sees_no(NO_CODE)


async def test_a_number_that_the_provider_keeps_open_can_be_cancelled(world: World) -> None:
    """After a lifetime that is set too short the number is open, and is cancelled as usual."""
    ann, number = await waiting(world, activation_lifetime=300)
    await pass_checks(world, 301)
    await pass_checks(world, 61, times=3)
    await ann.sees(CHECKING, "Cancel")
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled.")
    assert number.state is NumberState.CANCELLED


async def test_a_number_does_not_wait_for_ever(world: World) -> None:
    """Some hours after its time a number ends, even if the provider still says that it waits."""
    ann, _ = await waiting(world)
    await pass_checks(world, LIFETIME + 1)
    await pass_checks(world, 100, times=2)
    world.pass_time(4 * 3600)
    await ann.sees(NO_CODE, "Buy again")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"kind": FaultKind.EMPTY}, NO_ANSWER),
        ({"kind": FaultKind.STATUS, "status": 502}, NO_ANSWER),
        ({"kind": FaultKind.CUT}, NO_ANSWER),
        ({"kind": FaultKind.BODY, "body": "BAD_ACTION"}, NO_ANSWER),
        ({"kind": FaultKind.BODY, "body": "NO_ACTIVATION"}, "The provider no longer lists this number"),
        ({"kind": FaultKind.BODY, "body": "BAD_KEY"}, "The provider refused your API key"),
    ],
)
async def test_after_the_end_doubt_frees_the_place(
    world: World, answer: dict[str, object], words: str
) -> None:
    """Without a clear answer the number ends soon after its time; a late code is still found hours later."""
    ann, number = await waiting(world, max_active=1)
    fault = world.provider.fail(action="getStatus", times=None, **answer)  # type: ignore[arg-type]
    world.pass_time(LIFETIME + 1)
    await sees_in_time(world, ann, words)
    assert state(world) == "expired"
    await world.buy(ann)  # the place is free
    for _ in range(3):
        world.pass_time(3600)
        hits = fault.hits
        await passes(world, partial(_more_hits, fault, hits))
    world.provider.heal()
    world.provider.deliver(number.id, "0042")
    await sees_in_time(world, ann, "late code", "0042", step=300)


async def test_checks_after_the_end_stop_after_a_day(world: World) -> None:
    """A number that ended in doubt is checked for a day, and not longer."""
    ann, _ = await waiting(world)
    world.provider.fail(FaultKind.EMPTY, action="getStatus", times=None)
    world.pass_time(LIFETIME + 1)
    await sees_in_time(world, ann, NO_ANSWER)
    await pass_checks(world, 25 * 3600)
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        while connection.execute("SELECT check_again_at FROM activations").fetchone()[0] is not None:
            world.pass_time(1)
            await world.provider.wait_for(lambda _: True)
            await ann.send("/help")
            await ann.sees("How it works")


@pytest.mark.parametrize("restart", [False, True])
async def test_a_late_code_of_an_ended_number(world: World, restart: bool) -> None:
    """An ended number is checked once more a minute later; a code that has come meanwhile is delivered."""
    ann, number = await waiting(world)
    closed = world.provider.fail(FaultKind.BODY, action="getStatus", body="STATUS_CANCEL", times=None)
    await ann.sees("The provider ended this number before a code arrived.")
    if restart:
        await world.kill()
        await world.start()
    world.provider.heal(closed)
    world.provider.deliver(number.id, "0042")
    await pass_checks(world, 61)
    await ann.sees("late code", "0042")
    asked = len(world.asked("getStatus"))
    world.pass_time(3600)
    await ann.send("/help")
    await ann.sees("How it works")
    assert len(world.asked("getStatus")) == asked


async def test_a_wrong_end_is_taken_back(world: World) -> None:
    """If the provider turns out to wait still, the ended number is open again, and can be cancelled."""
    ann, number = await waiting(world)
    world.provider.fail(FaultKind.BODY, action="getStatus", body="STATUS_CANCEL")
    await ann.sees("The provider ended this number before a code arrived.")
    await pass_checks(world, 130)
    await ann.sees("I reopened this number, because the provider was still waiting for a code.")
    await ann.sees("Waiting for the code", "Cancel")
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled.")
    assert number.state is NumberState.CANCELLED
    assert sum("I reopened this number" in message.text for message in ann.messages) == 1


async def test_a_cancelled_number_stays_cancelled(world: World) -> None:
    """What the user has cancelled is not opened again by a strange answer."""
    ann, _ = await waiting(world)
    world.pass_time(130)
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled.")
    world.provider.fail(FaultKind.BODY, action="getStatus", body="STATUS_WAIT_CODE", times=None)
    await pass_checks(world, 61)
    await ann.send("/help")
    await ann.sees("How it works")
    assert state(world) == "cancelled"


async def test_a_refused_key_is_tried_again(world: World) -> None:
    """After one refusal the key is tried again within two minutes."""
    ann, number = await waiting(world)
    fault = world.provider.fail(FaultKind.BODY, action="getStatus", body="BAD_KEY")
    await used_up(world, fault)
    await ann.sees("The provider no longer accepts your API key")
    world.provider.deliver(number.id, "8080")
    world.pass_time(120)
    await ann.sees("· Telegram", "8080")


async def test_a_refused_key_that_works_elsewhere_is_tried_at_once(world: World) -> None:
    """Any other request that works with a refused key makes the status check due."""
    ann, number = await waiting(world)
    fault = world.provider.fail(FaultKind.BODY, action="getStatus", body="BAD_KEY")
    await used_up(world, fault)
    await ann.sees("The provider no longer accepts your API key")
    world.provider.deliver(number.id, "8080")
    await ann.send("/balance")
    await ann.sees("· Telegram", "8080")


CLOSED = {"kind": FaultKind.BODY, "body": "STATUS_CANCEL"}


@pytest.mark.parametrize("dialect", [LISTING, replace(HEROSMS, lists_all_codes=True)])
@pytest.mark.parametrize(
    ("seconds", "answer", "codes"),
    [
        (LIFETIME + 300, "STATUS_CANCEL", ["1111"]),
        (30, "STATUS_CANCEL", ["1111"]),
        (30, "STATUS_CANCEL", ["1111", "2222"]),
        (30, "STATUS_OK:2222", ["1111", "2222"]),
        (30, "STATUS_WAIT_CODE", ["1111"]),
        (30, "NO_ACTIVATION", ["1111"]),
        (LIFETIME + 300, "NO_ACTIVATION", ["1111"]),
    ],
)
async def test_the_list_is_read_for_codes(
    world: World, dialect: object, seconds: int, answer: str, codes: list[str]
) -> None:
    """Every code that the provider's list has is delivered, whatever the status check says after a stop."""
    world.provider.dialect = dialect  # type: ignore[assignment]  # a dialect
    ann, number = await waiting(world)
    await world.stop()
    for code in codes:
        number.messages.append(code)
    number.state = NumberState.RECEIVED
    world.pass_time(seconds)
    world.provider.fail(FaultKind.BODY, action="getStatus", body=answer, times=None)
    await world.start()
    if answer == "NO_ACTIVATION":
        await checks(world, 1)
        world.pass_time(61)
    for code in codes:
        await ann.sees("· Telegram", "📩", code)
    ann.sees_no(NO_CODE)
    sent = [message.text for message in ann.messages if message.from_bot and "📩" in message.text]
    assert len(sent) == len(codes)


async def test_a_list_that_fails_once_is_read_again(world: World) -> None:
    """Before a number ends without a code, a list that could not be read is read again."""
    world.provider.dialect = LISTING
    ann, number = await waiting(world)
    await world.stop()
    number.messages.append("1111")
    world.provider.fail(FaultKind.STATUS, action="getActiveActivations", status=502, times=2)
    world.provider.fail(FaultKind.BODY, action="getStatus", body="STATUS_CANCEL", times=None)
    await world.start()
    await ann.sees("· Telegram", "1111")
    ann.sees_no(NO_CODE)


async def test_the_end_does_not_wait_for_a_list_for_ever(world: World) -> None:
    """If the list cannot be read, the number ends after a few checks."""
    world.provider.dialect = LISTING
    ann, _ = await waiting(world)
    await checks(world, 1)
    fault = world.provider.fail(FaultKind.STATUS, action="getActiveActivations", status=502, times=None)
    world.pass_time(5)  # the list that was read after the purchase is old
    world.provider.fail(FaultKind.BODY, action="getStatus", body="STATUS_CANCEL", times=None)
    await ann.sees("The provider ended this number")
    assert fault.hits >= 3


async def test_a_missing_phone_number_is_taken_from_the_list(world: World) -> None:
    """A phone number that the purchase did not give is read from the provider's list."""
    world.provider.dialect = LISTING
    ann, number = await waiting(world)
    await world.stop()
    with closing(sqlite3.connect(world.values["database_path"], isolation_level=None)) as connection:
        connection.execute("UPDATE activations SET phone = NULL, card_version = card_version + 1")
    await world.start()
    await ann.sees("Waiting for the code", f"+{number.phone}")


async def test_an_outage_stands_on_the_card(world: World) -> None:
    """After three failed checks the card says so in one update, and another one ends it."""
    ann, _ = await waiting(world)
    await checks(world, 2)
    edits = len(world.telegram.called("editMessageText"))
    fault = world.provider.fail(FaultKind.STATUS, action="getStatus", status=502, times=None)
    for _ in range(8):
        hits = fault.hits
        await passes(world, partial(_more_hits, fault, hits))
    await ann.sees("Waiting for the code", "The provider has not answered since", "I keep checking")
    assert len(world.telegram.called("editMessageText")) == edits + 1
    world.provider.heal()
    await pass_checks(world, 60)
    await ann.until(lambda person: not any("has not answered" in m.text for m in person.messages))
    assert len(world.telegram.called("editMessageText")) == edits + 2


async def test_two_failed_checks_are_no_outage(world: World) -> None:
    """Fewer failed checks, and a dropped connection, change nothing on the card."""
    ann, _ = await waiting(world)
    edits = len(world.telegram.called("editMessageText"))
    for kind, times in ((FaultKind.EMPTY, 2), (FaultKind.CUT, 1), (FaultKind.BODY, 1)):
        fault = world.provider.fail(kind, action="getStatus", times=times, body="NO_ACTIVATION")
        await used_up(world, fault)
        await checks(world, 1)
    await ann.send("/help")
    await ann.sees("How it works")
    assert len(world.telegram.called("editMessageText")) == edits


async def test_an_outage_survives_a_restart(world: World) -> None:
    """The line goes when the provider answers, also after a restart in the outage."""
    ann, _ = await waiting(world)
    world.provider.fail(FaultKind.STATUS, action="getStatus", status=502, times=None)
    await ann.sees("The provider has not answered since")
    await world.kill()
    world.provider.heal()
    await world.start()
    await ann.until(lambda person: not any("has not answered" in m.text for m in person.messages))


async def test_a_flood_of_taps_does_not_stop_the_checks(world: World) -> None:
    """A person who asks for the balance all the time still gets the code."""
    ann, number = await waiting(world, key_rate=10.0, provider_rate=20.0)
    world.provider.fail(FaultKind.DELAY, action="getBalance", seconds=0.05, times=None)
    app = world.app
    assert app is not None
    key = await app.accounts.key(1)
    world.provider.deliver(number.id, "8080")
    flood = [asyncio.create_task(key.gateway.client.balance(key.secret)) for _ in range(100)]
    await ann.sees("· Telegram", "8080", timeout=10)
    assert not all(task.done() for task in flood)
    for task in flood:
        task.cancel()
