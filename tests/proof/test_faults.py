"""After faults of the servers, the disk and the clock, the chats agree with the records of the servers."""

import resource
import signal
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.provider import HEROSMS, SMS3T, SMS_ACTIVATE, Dialect, FaultKind, Number, NumberState
from bot.sandbox.telegram import Person, TelegramFault
from bot.telegram.texts.card import phone_pretty
from tests.conftest import World
from tests.program import Program
from tests.proof.fault_injection import inject_faults
from tests.proof.people import Customer
from tests.proof.scenario import Scenario

SECONDS = 4


@pytest.mark.timeout(120)
@pytest.mark.parametrize("dialect", [SMS_ACTIVATE, SMS3T, HEROSMS], ids=lambda dialect: dialect.name)
async def test_no_fault_costs_money_or_a_code(program: Program, tmp_path: Path, dialect: Dialect) -> None:
    """With random faults of both servers, no purchase is unconfirmed, no code is lost, no card is wrong.

    The time of day jumps meanwhile.
    """
    async with Scenario(program, tmp_path, f"faults {dialect.name}", dialect, people=6) as scenario:
        await scenario.bind_keys()
        await scenario.start_listening(jumps=True)
        scenario.live()
        await scenario.provider.wait_for(lambda provider: len(provider.ledger) > 3, timeout=40)
        await inject_faults(scenario, SECONDS)
        found = await scenario.settle()
        assert not found.wrong, found.report()
        assert found.totals.purchases > 0


@pytest.fixture
async def scenario(program: Program, tmp_path: Path) -> AsyncIterator[Scenario]:
    """A running program and two people; the first has bound their key."""
    async with Scenario(program, tmp_path, "one by one", SMS_ACTIVATE, people=2) as scenario:
        scenario.customers[0].takes_steps = True
        await scenario.bind_keys()
        await scenario.start_listening()
        yield scenario


def _offers(chat: Person, data: str) -> bool:
    return any(button.data and button.data.startswith(data) for button in chat.newest.buttons)


async def _buy(scenario: Scenario, customer: Customer) -> Number:
    person, bought = customer.person, len(scenario.provider.ledger)
    await person.send("/buy")
    for data in ("o:10:tg:0", "c:10:tg:", "b:"):
        await person.until(partial(_offers, data=data))
        message = person.newest
        customer.tap(message, next(b.data for b in message.buttons if b.data and b.data.startswith(data)))
    await scenario.provider.wait_for(lambda provider: len(provider.ledger) > bought)
    number = scenario.provider.numbers[scenario.provider.ledger[-1].id]
    await scenario.until(lambda: scenario.audit.card(customer, number), 10)
    return number


async def _assert_delivered(scenario: Scenario, number: Number, seconds: float = 20) -> None:
    """Wait until every SMS of a number is in the chat, and audit the rest."""

    def delivered() -> bool:
        return number.shown == len(number.messages) and not scenario.audit.missing_codes()

    assert await scenario.until(delivered, seconds), scenario.customers[0].person.transcript()
    found = scenario.check()
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
    """The card says that a number is cancelled only after the provider has confirmed it."""
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
    assert number.state is NumberState.CANCELLED


async def test_one_number_is_not_assigned_to_two_purchases(world: World) -> None:
    """After a crash with two unclear purchases and one bought number, only one purchase gets the number."""
    world.provider.dialect = SMS_ACTIVATE
    await world.start()
    ann = await world.customer()
    for kind, action in (
        (FaultKind.COMMIT_THEN_HANG, "getNumber"),
        (FaultKind.HANG, "getActiveActivations"),  # killed before the provider answers
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
    await ann.sees("Code received", "24680")
    assert sum("📩" in message.text for message in ann.messages) == 1
    assert sum(f"📱 {phone_pretty(number.phone)}" in message.text for message in ann.messages) == 1
    # In the same process the second may have failed before sending, because its client was closed.
    # It may also have seen the number before the first one took it.
    other = ("It’s unclear whether a number was bought", "Nothing was bought.", "Tap Check again to choose")
    await ann.until(lambda person: any(words in m.text for m in person.messages for words in other))


async def test_a_locked_database(scenario: Scenario) -> None:
    """While another program locks the database a code is not lost; it is delivered after the lock."""
    ann = scenario.customers[0]
    number = await _buy(scenario, ann)
    with sqlite3.connect(scenario.environment["DATABASE_PATH"], isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        scenario.send_code(number)
        await scenario.until(lambda: number.shown, 10)
        assert number.shown
        assert scenario.audit.missing_codes()
        other.execute("ROLLBACK")
    other.close()
    await _assert_delivered(scenario, number)


async def test_a_full_disk(scenario: Scenario) -> None:
    """While the disk is full nothing is lost or bought; afterwards the bot goes on."""
    ann = scenario.customers[0]
    number = await _buy(scenario, ann)
    full = Path(scenario.environment["DATABASE_PATH"] + "-wal").stat().st_size
    resource.prlimit(scenario.program.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
    scenario.send_code(number)
    await scenario.until(lambda: number.shown, 10)
    await ann.person.send("/buy")
    assert scenario.audit.missing_codes()
    resource.prlimit(scenario.program.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    await _assert_delivered(scenario, number, 30)
    await ann.until_handled()
    found = await scenario.settle()
    assert not found.wrong, found.report()


@pytest.mark.parametrize("fault", [TelegramFault.DELAY, TelegramFault.HANG])
async def test_sigterm_in_the_middle_of_a_send(scenario: Scenario, fault: TelegramFault) -> None:
    """After SIGTERM during a delivery the program ends with status 0; the code is delivered once or twice."""
    ann = scenario.customers[0]
    number = await _buy(scenario, ann)
    sent = len(scenario.telegram.called("sendMessage"))
    scenario.telegram.fail(fault, method="sendMessage", seconds=0.5)
    scenario.send_code(number)
    await scenario.telegram.until_called("sendMessage", sent + 1)
    scenario.lost_answers += 1
    assert await scenario.program.stop(signal.SIGTERM) == 0
    await scenario.start_listening()
    await _assert_delivered(scenario, number)


async def test_the_clock_jumps_between_two_runs(scenario: Scenario) -> None:
    """If the clock is wrong at a start, the status of an open number is still checked."""
    ann = scenario.customers[0]
    number = await _buy(scenario, ann)
    for ahead in (-3600.0, 600.0):
        await scenario.program.stop()
        await scenario.start_listening(ahead=ahead)
        scenario.send_code(number)
        await _assert_delivered(scenario, number)
        if ahead < 0:
            await ann.person.click("Get another code")
            await scenario.until(lambda: number.state is NumberState.WAITING_AGAIN, 10)


@pytest.mark.timeout(120)
async def test_an_outage_of_an_hour(bot_world: World) -> None:
    """After an hour without Telegram, or without the provider, earlier codes are delivered."""
    bot_world.provider.lifetime = 3 * 3600
    await bot_world.stop()
    await bot_world.start(activation_lifetime=3 * 3600)
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.ERROR, method="sendMessage", times=None)
    bot_world.provider.deliver(number.id, "11111")
    tried = len(bot_world.telegram.called("sendMessage"))
    await bot_world.telegram.until_called("sendMessage", tried + 1)
    bot_world.pass_time(3600)
    bot_world.telegram.heal()
    await ann.sees("📩", "11111", timeout=20)
    await ann.click("Get another code")
    await ann.sees("Waiting for another code")
    outage = bot_world.provider.fail(FaultKind.STATUS, status=503, times=None)
    bot_world.provider.deliver(number.id, "22222")
    await bot_world.provider.wait_for(lambda _: outage.hits > 1)
    bot_world.pass_time(3600)
    bot_world.provider.heal()
    await ann.sees("📩", "22222", timeout=20)
    assert sum("📩" in message.text for message in ann.messages) == 2


async def test_a_hang_of_the_provider_loses_nothing(scenario: Scenario) -> None:
    """While every request to the provider hangs, the person is answered; then the code is delivered."""
    ann = scenario.customers[0]
    number = await _buy(scenario, ann)
    scenario.provider.fail(FaultKind.HANG, times=None)
    scenario.send_code(number)
    await ann.until_handled()
    scenario.provider.heal()
    await _assert_delivered(scenario, number)
