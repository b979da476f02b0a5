"""A flood of updates from one person delays nobody else, buys nothing and does not grow the memory."""

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.provider import SMS_ACTIVATE
from tests.program import Program
from tests.proof.people import Customer
from tests.proof.scenario import Scenario

PENDING = 50
"""Number of pending updates of the flood at any time."""
WARM_UP = 5.0
A_MINUTE = 60.0
"""Seconds of the flood. Caches and pools fill during the warm-up; then the memory is measured."""
MOST_BETWEEN = 20 * PENDING
"""Number of updates of the flood that may be handled between a tap of another person and its answer."""
MOST_GROWTH = 24 * 2**20
_TYPED = (
    "telegram",
    "/start",
    "/buy",
    "/active",
    "/help",
    "x" * 4000,
    "/nothing",
    "<b>&",
    "/balance",
    "facebok",
)
_TAPPED = ("g:home", "g:buy", "g:active", "g:help", "s:10:1", "o:10:tg:0", "b:nothing", "t:cancel:1", "?")


def _memory(program: Program) -> int:
    """Return the anonymous memory of the process in bytes."""
    status = Path(f"/proc/{program.pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024


class Flood:
    """Taps and texts of one person, always `PENDING` of them pending.

    Attributes:
        sent: the number of updates so far.
    """

    def __init__(self, scenario: Scenario, customer: Customer) -> None:
        self._season = scenario
        self._person = customer.person
        self.sent = 0

    async def send(self, seconds: float) -> None:
        """Tap and type for some seconds."""
        updates = self._season.telegram.updates
        message = self._person.newest
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            while len(updates) < PENDING:
                if self.sent % 3:
                    self._person.tap(message, _TAPPED[self.sent % len(_TAPPED)])
                else:
                    await self._person.send(_TYPED[self.sent % len(_TYPED)])
                self.sent += 1
            await self._season.telegram.until_called(
                "getUpdates", len(self._season.telegram.called("getUpdates")) + 1
            )


@pytest.mark.timeout(240)
async def test_a_flood_delays_nobody_else(program: Program, tmp_path: Path) -> None:
    """While one person floods the bot, others are answered, nothing is bought, and the memory stays flat."""
    async with Scenario(program, tmp_path, "flood", SMS_ACTIVATE, people=3) as scenario:
        flooder, *others = scenario.customers
        await scenario.start_listening()
        for customer in scenario.customers:
            await customer.bind()
        flood = Flood(scenario, flooder)
        await flood.send(WARM_UP)
        before = _memory(program)
        sending = asyncio.create_task(flood.send(A_MINUTE))
        waited = []
        while not sending.done():
            for other in others:
                since = flood.sent
                await other.person.press("g:active", message=other.person.newest, timeout=30)
                waited.append(flood.sent - since)
        await sending
        await asyncio.gather(*(customer.until_handled() for customer in others))
        assert waited
        # One answer in ten may be later, because a stalled machine counts against the bot here.
        assert sorted(waited)[len(waited) * 9 // 10] < MOST_BETWEEN, waited
        assert _memory(program) - before < MOST_GROWTH
        assert not scenario.provider.ledger
        assert not [request for request in scenario.provider.requests if request.action == "getNumber"]
        assert await program.stop() == 0
