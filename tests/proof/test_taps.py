"""A second tap on the same spot, and a tap that Telegram sends again, buy nothing and take no step."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bot.sandbox.provider import SMS_ACTIVATE, Number, NumberState
from bot.sandbox.telegram import TelegramFault
from bot.telegram.texts.phones import pretty
from tests.program import Program
from tests.proof.journeys import assert_delivered, buy, find, open_page
from tests.proof.people import Customer
from tests.proof.scenario import READING_TIME, Scenario


def _steps(scenario: Scenario, customer: Customer) -> Counter[str]:
    """Return how often the bot has set each status with a person's key."""
    return Counter(params["status"] for params in scenario.audit.requests("setStatus", customer.key))


async def _receive(scenario: Scenario, number: Number) -> None:
    """Let an SMS arrive, and wait until the card shows it."""
    scenario.send_code(number)
    await scenario.until(lambda: "Code received" in (scenario.audit.card(number) or ""), 20)
    await assert_delivered(scenario, number)


async def _double_tap(scenario: Scenario, customer: Customer, number: Number, step: str, gap: float) -> None:
    """Tap a step on the card of a number, and the same spot again, and wait until both are handled."""
    card = next(
        message
        for message in reversed(customer.person.messages)
        if message.shows(f"📱 {pretty(number.phone)}")
        and any((b.data or "").startswith(step) for b in message.buttons)
    )
    await asyncio.sleep(READING_TIME * 1.1)  # the button has just appeared
    await customer.double_tap(card, find(card, step), gap)
    await customer.until_handled()
    found = scenario.check()
    assert not found.wrong, found.report()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("gap", [0.1, 0.5, 0.9])
async def test_a_double_tap_is_one_decision(program: Program, tmp_path: Path, gap: float) -> None:
    """A second tap at the usual speed of a double tap neither buys nor takes another step.

    A page obeys no tap in its first second. Each step moves the buttons so that the same spot has no other
    step.
    """
    async with Scenario(program, tmp_path, f"double taps {gap}", SMS_ACTIVATE, people=1) as scenario:
        (ann,) = scenario.customers
        ann.takes_steps = True
        await scenario.bind_keys()
        await scenario.start_listening()
        page, data = await open_page(ann)
        await asyncio.sleep(gap)
        ann.tap(page, data)
        await ann.until_handled()
        found = scenario.check()
        assert not found.wrong, found.report()
        assert found.totals.early == 1
        await asyncio.sleep(READING_TIME)
        await ann.double_tap(page, data, gap)
        await scenario.provider.wait_for(lambda provider: len(provider.ledger) >= 1)
        number = scenario.provider.numbers[scenario.provider.ledger[-1].id]
        await _receive(scenario, number)
        await _double_tap(scenario, ann, number, "t:resend", gap)
        assert _steps(scenario, ann) == {"3": 1}
        assert number.state is NumberState.WAITING_AGAIN
        await _receive(scenario, number)
        await _double_tap(scenario, ann, number, "t:complete", gap)
        assert _steps(scenario, ann) == {"3": 1, "6": 1}
        page, data = await open_page(ann)
        await asyncio.sleep(READING_TIME * 1.1)
        ann.tap(page, data)
        await scenario.provider.wait_for(lambda provider: len(provider.ledger) >= 2)
        other = scenario.provider.numbers[scenario.provider.ledger[-1].id]
        assert await scenario.until(lambda: scenario.audit.card(other), 20)
        await asyncio.sleep(2.1)  # a cancel is allowed after a second, and the bot rounds up
        await _double_tap(scenario, ann, other, "t:cancel", gap)
        assert await scenario.until(lambda: other.state is NumberState.CANCELLED, 20)
        assert _steps(scenario, ann) == {"3": 1, "6": 1, "8": 1}
        assert len(scenario.provider.ledger) == 2


@pytest.mark.timeout(120)
async def test_a_tap_from_before_a_crash(program: Program, tmp_path: Path) -> None:
    """A tap in the first second of a page buys nothing, also if only the next process gets it."""
    async with Scenario(program, tmp_path, "late taps", SMS_ACTIVATE, people=1) as scenario:
        (ann,) = scenario.customers
        await scenario.bind_keys()
        await scenario.start_listening()
        page, data = await open_page(ann)
        program.kill()
        await program.ended()
        scenario.deaths.append(scenario.telegram.clock())
        ann.tap(page, data)
        scenario.telegram.fail(TelegramFault.DELAY, method="getMe", seconds=READING_TIME * 1.5)
        await scenario.start_listening()
        await ann.until_handled()
        found = await scenario.settle()
        assert not found.wrong, found.report()
        assert found.totals.early == 1


async def test_repeated_taps_act_once(scenario: Scenario) -> None:
    """After a kill, Telegram sends the last taps again: they buy nothing and request no code."""
    ann = scenario.customers[0]
    number = await buy(scenario, ann)
    await _restart(scenario)
    assert len(scenario.audit.requests("getNumber", ann.key)) == 1
    await _receive(scenario, number)
    # Telegram itself stops a tap that was answered, so the answer is lost.
    scenario.telegram.fail(TelegramFault.ERROR, method="answerCallbackQuery", times=None)
    card = await ann.person.sees(f"📱 {pretty(number.phone)}")
    ann.tap(card, find(card, "t:resend"))
    await scenario.until(lambda: number.state is NumberState.WAITING_AGAIN, 10)
    await _receive(scenario, number)  # now another request would be possible
    await _restart(scenario)
    assert _steps(scenario, ann) == {"3": 1}


async def _restart(scenario: Scenario) -> None:
    scenario.program.kill()
    await scenario.program.ended()
    scenario.deaths.append(scenario.telegram.clock())
    scenario.telegram.heal()
    scenario.telegram.updates.repeat("callback_query")
    await scenario.start_listening()
    await scenario.customers[0].until_handled()
