"""Whatever the servers, the disk and the clock do, the books agree with the chats in the end."""

import resource
import signal
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.provider import HEROSMS, SMS3T, SMS_ACTIVATE, Dialect, FaultKind, Number, State
from bot.sandbox.telegram import Fault, Person
from tests.conftest import World
from tests.program import Program
from tests.proof.mischief import misbehave
from tests.proof.people import Customer
from tests.proof.season import Season

SECONDS = 4


@pytest.mark.timeout(120)
@pytest.mark.parametrize("dialect", [SMS_ACTIVATE, SMS3T, HEROSMS], ids=lambda dialect: dialect.name)
async def test_no_fault_costs_money_or_a_code(program: Program, tmp_path: Path, dialect: Dialect) -> None:
    """With every fault of both servers mixed at random, nothing is bought unasked, lost or untrue.

    The time of day jumps about meanwhile.
    """
    async with Season(program, tmp_path, f"faults {dialect.name}", dialect, people=6) as season:
        await season.meet()
        await season.start_listening(jumps=True)
        season.live()
        await season.provider.wait_for(lambda provider: len(provider.ledger) > 3, timeout=40)
        await misbehave(season, SECONDS)
        found = await season.settle()
        assert not found.wrong, found.report()
        assert found.sums.purchases > 0


@pytest.fixture
async def season(program: Program, tmp_path: Path) -> AsyncIterator[Season]:
    """Two people who have bound their keys; the program runs."""
    async with Season(program, tmp_path, "one by one", SMS_ACTIVATE, people=2) as season:
        season.customers[0].takes_steps = True
        await season.meet()
        await season.start_listening()
        yield season


def _offers(chat: Person, data: str) -> bool:
    return any(button.data and button.data.startswith(data) for button in chat.newest.buttons)


async def _buy(season: Season, customer: Customer) -> Number:
    person, bought = customer.person, len(season.provider.ledger)
    await person.send("/buy")
    for data in ("o:10:tg:0", "c:10:tg:", "b:"):
        await person.until(partial(_offers, data=data))
        message = person.newest
        customer.tap(message, next(b.data for b in message.buttons if b.data and b.data.startswith(data)))
    await season.provider.wait_for(lambda provider: len(provider.ledger) > bought)
    number = season.provider.numbers[season.provider.ledger[-1].id]
    await season.until(lambda: season.books.card(customer, number), 10)
    return number


async def _assert_brought(season: Season, number: Number, seconds: float = 20) -> None:
    """Wait until every SMS of a number was asked for and is in the chat, and check all else."""

    def brought() -> bool:
        return number.shown == len(number.messages) and not season.books.missing_codes()

    assert await season.until(brought, seconds), season.customers[0].person.transcript()
    found = season.check()
    assert not found.wrong, found.report()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": FaultKind.CUT},
        {"kind": FaultKind.HTML},
        {"kind": FaultKind.STATUS, "status": 502},
        {"kind": FaultKind.BODY, "body": "ACCESS_READY"},
        {"kind": FaultKind.BODY, "body": "BAD_STATUS"},
        {"kind": FaultKind.BODY, "body": "1"},
    ],
    ids=str,
)
async def test_cancelled_means_cancelled(bot_world: World, fault: dict[str, Any]) -> None:
    """While the provider has not said that it cancelled, the card does not say so either."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(**fault, action="setStatus", times=None)
    await ann.click("Cancel")
    ann.sees_no("✖️")
    assert number.state.is_open
    bot_world.provider.heal()
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled")
    assert number.state is State.CANCELLED


async def test_one_number_is_not_adopted_twice(world: World) -> None:
    """Of two purchases that a crash left unclear, only one takes the number that only one of them bought."""
    world.provider.dialect = SMS_ACTIVATE
    await world.start()
    ann = await world.customer()
    for kind, action in (
        (FaultKind.COMMIT_THEN_HANG, "getNumber"),
        (FaultKind.HANG, "getActiveActivations"),  # killed before it even asks
    ):
        await world.open_page(ann)
        world.provider.fail(kind, action=action)
        await ann.click("Buy")
        await world.provider.wait_for(lambda provider: len(provider.ledger) == 1)
    await world.provider.wait_for(lambda provider: provider.requests[-1].action == "getActiveActivations")
    await world.kill()
    world.provider.fail(FaultKind.DELAY, action="getActiveActivations", times=None, seconds=0.3)
    await world.start()
    await ann.sees("Waiting for the code")
    (number,) = world.provider.numbers.values()
    world.provider.deliver(number.id, "24680")
    await ann.sees("The code is here", "24680")
    assert sum("📩" in message.text for message in ann.messages) == 1
    assert sum(f"📱 +{number.phone}" in message.text for message in ann.messages) == 1
    # Ended in this very process, the second may also have seen its client close, and then nothing was sent.
    other = ("It is unknown whether a number was bought", "Nothing was bought.")
    await ann.until(lambda person: any(words in m.text for m in person.messages for words in other))


async def test_a_locked_database(season: Season) -> None:
    """While another program keeps the database locked a code waits at the provider; then it comes."""
    ann = season.customers[0]
    number = await _buy(season, ann)
    with sqlite3.connect(season.environment["DATABASE_PATH"], isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        season.send_code(number)
        await season.until(lambda: number.shown, 10)
        assert number.shown
        assert season.books.missing_codes()
        other.execute("ROLLBACK")
    other.close()
    await _assert_brought(season, number)


async def test_a_full_disk(season: Season) -> None:
    """While nothing can be written, nothing is lost and nothing bought; afterwards all goes on."""
    ann = season.customers[0]
    number = await _buy(season, ann)
    full = Path(season.environment["DATABASE_PATH"] + "-wal").stat().st_size
    resource.prlimit(season.program.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
    season.send_code(number)
    await season.until(lambda: number.shown, 10)
    await ann.person.send("/buy")
    assert season.books.missing_codes()
    resource.prlimit(season.program.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    await _assert_brought(season, number, 30)
    await ann.wait_turn()
    found = await season.settle()
    assert not found.wrong, found.report()


@pytest.mark.parametrize("fault", [Fault.DELAY, Fault.HANG])
async def test_sigterm_in_the_middle_of_a_send(season: Season, fault: Fault) -> None:
    """Told to end while a code is on its way, the program ends in order, and the code comes once or twice."""
    ann = season.customers[0]
    number = await _buy(season, ann)
    sent = len(season.telegram.called("sendMessage"))
    season.telegram.fail(fault, method="sendMessage", seconds=0.5)
    season.send_code(number)
    await season.telegram.until_called("sendMessage", sent + 1)
    season.lost_answers += 1
    assert await season.program.stop(signal.SIGTERM) == 0
    await season.start_listening()
    await _assert_brought(season, number)


async def test_the_clock_jumps_between_two_runs(season: Season) -> None:
    """If the time of day was wrong by an hour either way at a start, an open number is still asked about."""
    ann = season.customers[0]
    number = await _buy(season, ann)
    for ahead in (-3600.0, 600.0):
        await season.program.stop()
        await season.start_listening(ahead=ahead)
        season.send_code(number)
        await _assert_brought(season, number)
        if ahead < 0:
            await ann.person.click("Resend")
            await season.until(lambda: number.state is State.WAITING_AGAIN, 10)


@pytest.mark.timeout(120)
async def test_an_outage_of_an_hour(bot_world: World) -> None:
    """After an hour without Telegram, or without the provider, what came before it is brought."""
    bot_world.provider.lifetime = 3 * 3600
    await bot_world.stop()
    await bot_world.start(activation_lifetime=3 * 3600)
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(Fault.ERROR, method="sendMessage", times=None)
    bot_world.provider.deliver(number.id, "11111")
    tried = len(bot_world.telegram.called("sendMessage"))
    await bot_world.telegram.until_called("sendMessage", tried + 1)
    bot_world.pass_time(3600)
    bot_world.telegram.heal()
    await ann.sees("📩", "11111", timeout=20)
    await ann.click("Resend")
    await ann.sees("Waiting for another code")
    outage = bot_world.provider.fail(FaultKind.STATUS, status=503, times=None)
    bot_world.provider.deliver(number.id, "22222")
    await bot_world.provider.wait_for(lambda _: outage.hits > 1)
    bot_world.pass_time(3600)
    bot_world.provider.heal()
    await ann.sees("📩", "22222", timeout=20)
    assert sum("📩" in message.text for message in ann.messages) == 2


async def test_a_hang_of_the_provider_loses_nothing(season: Season) -> None:
    """While the provider hangs at every question, the person is answered; then the code comes."""
    ann = season.customers[0]
    number = await _buy(season, ann)
    season.provider.fail(FaultKind.HANG, times=None)
    season.send_code(number)
    await ann.wait_turn()
    season.provider.heal()
    await _assert_brought(season, number)
