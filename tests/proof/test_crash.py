"""Killed at any step, the program buys nothing unasked, loses no code, forgets no number and tells no lie."""

from pathlib import Path

import pytest

from tests.program import Program
from tests.proof.crash import crash

ROUNDS = 15


@pytest.mark.timeout(180)
async def test_no_kill_costs_money_or_a_code(program: Program, tmp_path: Path) -> None:
    """A season of kills at named steps and at any time leaves both servers' books and every chat in order."""
    sums = await crash(ROUNDS, 1, tmp_path, program, print)
    assert sums.kills == ROUNDS
    assert sums.purchases > 0
    assert sums.shown > 0
    assert sums.losses == 0
