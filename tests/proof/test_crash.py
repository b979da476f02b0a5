"""A kill at any step causes no unconfirmed purchase, no lost code, no forgotten number, no wrong card."""

from pathlib import Path

import pytest

from tests.program import Program
from tests.proof.crash import crash

ROUNDS = 15


@pytest.mark.timeout(180)
async def test_no_kill_costs_money_or_a_code(program: Program, tmp_path: Path) -> None:
    """After kills at named steps and at random times, the audit finds no violation."""
    totals = await crash(ROUNDS, 1, tmp_path, program, print)
    assert totals.kills == ROUNDS
    assert totals.purchases > 0
    assert totals.shown > 0
    assert totals.losses == 0
