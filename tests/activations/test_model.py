"""Stateful test of an activation: taps, answers, SMS, restarts and clock steps in any order."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.sandbox.provider import SMS3T, SMS_ACTIVATE, Dialect, FaultKind, Number, NumberState
from bot.sandbox.telegram import Message, Person
from bot.telegram.texts.card import phone_pretty
from tests.conftest import World

MIRROR = {
    "waiting": {
        NumberState.WAITING,
        NumberState.WAITING_AGAIN,
        NumberState.RECEIVED,
        NumberState.EXPIRED,
        NumberState.FINISHED,
    },
    "received": {NumberState.RECEIVED, NumberState.FINISHED},
    "completed": {NumberState.FINISHED, NumberState.EXPIRED, NumberState.RECEIVED, NumberState.WAITING_AGAIN},
    "cancelled": {NumberState.CANCELLED, NumberState.EXPIRED, NumberState.FINISHED},
    "expired": {NumberState.EXPIRED, NumberState.CANCELLED},
}
"""State in the activations table → possible states at the provider; a waiting number is never cancelled."""

PICK = st.integers(0, 5039)
"""Index into what exists at that moment, so that the drawn values do not depend on timing."""

FAULTS = st.sampled_from(
    [
        None,
        None,
        (FaultKind.BODY, "NO_NUMBERS"),
        (FaultKind.BODY, "ERROR_SQL"),
        (FaultKind.COMMIT_THEN_BODY, "<html>"),
        (FaultKind.COMMIT_THEN_CUT, None),
        (FaultKind.CUT, None),
        (FaultKind.HALF_BODY, None),
    ]
)


class Life(RuleBasedStateMachine):
    """One user, one bot, one provider."""

    dialect: ClassVar[Dialect] = SMS_ACTIVATE

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(prefix="bot-model-")
        self.taps = 0
        self.sent: list[tuple[Number, str]] = []

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end."""
        return self.loop.run_until_complete(asyncio.wait_for(step, 30))

    @initialize()
    def begin(self) -> None:
        """Start both servers and the bot, and bind the key."""

        async def start() -> None:
            self.world = await World(Path(self.folder.name)).__aenter__()
            self.world.provider.dialect = self.dialect
            self.world.provider.accounts["a1b2c3d4e5f60718293a4b5c6d7e8f90"].balance *= 100
            await self.world.start(max_active=50)
            self.ann: Person = await self.world.customer()

        self.run(start())

    def rows(self) -> list[sqlite3.Row]:
        """Return the rows of the activations table on the disk."""
        connection = sqlite3.connect(self.world.values["database_path"])
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute("SELECT * FROM activations ORDER BY id").fetchall()
        finally:
            connection.close()

    @rule(fault=FAULTS, twice=st.booleans())
    def buy(self, fault: tuple[FaultKind, str | None] | None, *, twice: bool) -> None:
        """Tap Buy on a new quote, once or twice, while the provider may have a fault."""

        async def tap() -> None:
            page = await self.world.open_page(self.ann)
            data = next(button.data for button in page.buttons if button.text.startswith("Buy at"))
            assert data is not None
            if fault is not None:
                self.world.provider.fail(fault[0], action="getNumber", body=fault[1])
            queries = [self.ann.tap(page, data) for _ in range(2 if twice else 1)]
            await self.ann.until(lambda _: all(query.answered for query in queries))
            await self.ann.until(
                lambda _: "Buying the number" not in page.text and "Buy this" not in page.text
            )
            self.world.provider.heal()

        self.taps += 1
        self.run(tap())

    def open_numbers(self) -> list[Number]:
        """Return the numbers that the bot knows and that are open at the provider."""
        known = {row["provider_id"] for row in self.rows() if row["state"] in ("waiting", "received")}
        return [
            number
            for number in self.world.provider.numbers.values()
            if number.id in known and number.state.is_open
        ]

    @rule(pick=PICK, text=st.sampled_from(["0000", "12:34", "same", "same", "<b>&"]))
    def sms(self, pick: int, text: str) -> None:
        """Deliver an SMS to a waiting number and wait for its message in the chat."""
        waiting = [number for number in self.open_numbers() if number.state is not NumberState.RECEIVED]
        if not waiting:
            return
        number = waiting[pick % len(waiting)]
        unique = f"{text} {len(self.sent)}" if text != "same" else text
        before = self.arrived(number, unique)
        self.world.provider.deliver(number.id, unique)
        self.sent.append((number, unique))
        self.run(self.ann.until(lambda _: self.arrived(number, unique) > before))

    def arrived(self, number: Number, text: str) -> int:
        """Return how many messages delivered a code of a number."""
        return sum(
            "📩" in message.text and text in message.text and phone_pretty(number.phone) in message.text
            for message in self.ann.messages
        )

    @rule(pick=PICK, other_pick=PICK)
    def step(self, pick: int, other_pick: int) -> None:
        """Tap any button of any card."""
        cards = self.cards()
        if not cards:
            return
        card = cards[pick % len(cards)]
        data = [button.data for button in card.buttons if button.data and button.text != "Home"]
        self.run(self.ann.press(data[other_pick % len(data)], message=card))

    def cards(self) -> list[Message]:
        """Return the cards of open numbers in the chat."""
        wanted = ("I’ve requested the code", "Get another code", "Complete", "Check again", "Don’t cancel")
        return [
            message
            for message in self.ann.messages
            if message.from_bot and any(label in wanted for label in message.labels)
        ]

    @rule(seconds=st.sampled_from([1, 30, 121, 600, 1201]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.world.pass_time(seconds)

    @rule(crash=st.booleans())
    def restart(self, *, crash: bool) -> None:
        """Stop the bot, orderly or by a crash, and start it again."""
        self.run(self.world.kill() if crash else self.world.stop())
        self.run(self.world.start())

    @invariant()
    def no_purchase_without_a_tap(self) -> None:
        """There are at most as many purchases, and purchase requests, as tapped quotes."""
        if hasattr(self, "world"):
            assert len(self.world.provider.ledger) <= self.taps
            assert len(self.world.asked("getNumber")) <= self.taps

    def teardown(self) -> None:
        """Check that every number is known or unclear, and that each code arrived once or twice."""
        try:
            if hasattr(self, "world"):
                self.run(self.settle())
                self.check()
        finally:
            if hasattr(self, "world"):
                self.run(self.world.__aexit__(None, None, None))
            self.loop.close()
            self.folder.cleanup()

    async def settle(self) -> None:
        """Wait until all numbers have been checked once more."""
        waiting = len(self.open_numbers())
        asked = len(self.world.asked("getStatus"))
        self.world.pass_time(31)  # now a check of a number with a code is due too
        await self.world.provider.wait_for(lambda _: len(self.world.asked("getStatus")) >= asked + waiting)

    def check(self) -> None:
        """Compare the activations table with the provider's records and the chat."""
        rows = self.rows()
        by_id = {row["provider_id"]: row for row in rows if row["provider_id"]}
        unknown = sum(row["state"] == "unknown" or row["ending"] == "unclear" for row in rows)
        strangers = [number for number in self.world.provider.numbers.values() if number.id not in by_id]
        assert len(strangers) <= unknown, self.ann.transcript()
        for number in self.world.provider.numbers.values():
            if row := by_id.get(number.id):
                assert number.state in MIRROR[row["state"]], (dict(row), number, self.ann.transcript())
        for number, text in self.sent:
            times = sum(1 for other, words in self.sent if other is number and words == text)
            assert times <= self.arrived(number, text) <= 2 * times, (text, self.ann.transcript())


class LifeWithoutList(Life):
    """The same test with a provider that cannot list active numbers."""

    dialect = SMS3T


SETTINGS = settings(
    max_examples=settings().max_examples // 10,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # shrinking takes minutes, and the transcript is enough
    suppress_health_check=list(HealthCheck),
)
Life.TestCase.settings = SETTINGS
LifeWithoutList.TestCase.settings = SETTINGS
TestLife = pytest.mark.timeout(240)(Life.TestCase)
TestLifeWithoutList = pytest.mark.timeout(240)(LifeWithoutList.TestCase)
