"""Fixtures of the proofs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.provider import SMS_ACTIVATE
from tests.program import Program
from tests.proof.scenario import Scenario


@pytest.fixture
async def scenario(program: Program, tmp_path: Path) -> AsyncIterator[Scenario]:
    """A running program and two people; the first has bound their key. Pages obey a tap at once."""
    async with Scenario(program, tmp_path, "one by one", SMS_ACTIVATE, people=2, reading_time=0) as scenario:
        scenario.customers[0].takes_steps = True
        await scenario.bind_keys()
        await scenario.start_listening()
        yield scenario
