"""Somebody taps and types as fast as they can: nobody else waits, nothing is bought, the memory is flat."""

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.provider import SMS_ACTIVATE
from tests.program import Program
from tests.proof.people import Customer
from tests.proof.season import Season

IN_LINE = 50
"""Updates of the flood that wait to be fetched at any time."""
WARM_UP = 5.0
A_MINUTE = 60.0
"""Seconds of the flood: the first let caches and pools fill, so that the memory can be judged after them."""
MOST_BETWEEN = 10 * IN_LINE
"""Updates of the flood that may be dealt with between somebody else's tap and its answer."""
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
    """Return the bytes of memory that the process has to itself."""
    status = Path(f"/proc/{program.pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024


class Flood:
    """One person's endless taps and texts, as many at a time as the line holds.

    Attributes:
        sent: how many there were so far.
    """

    def __init__(self, season: Season, customer: Customer) -> None:
        self._season = season
        self._person = customer.person
        self.sent = 0

    async def pour(self, seconds: float) -> None:
        """Tap and type for so many seconds."""
        updates = self._season.telegram.updates
        message = self._person.newest
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            while len(updates) < IN_LINE:
                if self.sent % 3:
                    self._person.tap(message, _TAPPED[self.sent % len(_TAPPED)])
                else:
                    await self._person.send(_TYPED[self.sent % len(_TYPED)])
                self.sent += 1
            await self._season.telegram.until_called(
                "getUpdates", len(self._season.telegram.called("getUpdates")) + 1
            )


@pytest.mark.timeout(240)
async def test_a_flood_is_no_trouble_to_anybody(program: Program, tmp_path: Path) -> None:
    """While one person floods the bot, others are answered in their turn; no money and no memory is spent."""
    async with Season(program, tmp_path, "flood", SMS_ACTIVATE, people=3) as season:
        flooder, *others = season.customers
        await season.start_listening()
        for customer in season.customers:
            await customer.bind()
        flood = Flood(season, flooder)
        await flood.pour(WARM_UP)
        before = _memory(program)
        pouring = asyncio.create_task(flood.pour(A_MINUTE))
        waited = []
        while not pouring.done():
            for other in others:
                since = flood.sent
                await other.person.press("g:active", message=other.person.newest, timeout=30)
                waited.append(flood.sent - since)
        await pouring
        await asyncio.gather(*(customer.wait_turn() for customer in others))
        assert waited
        assert max(waited) < MOST_BETWEEN, waited
        assert _memory(program) - before < MOST_GROWTH
        assert not season.provider.ledger
        assert not [request for request in season.provider.requests if request.action == "getNumber"]
        assert await program.stop() == 0
