"""Kills the program hundreds of times, at every step and at random times, and audits the servers.

Run it from the root of the project: `python -m tests.proof.crash --rounds 300 --seed 1`.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from bot.sandbox.provider import HEROSMS, SMS3T, SMS_ACTIVATE, FaultKind
from tests.program import Program
from tests.proof.audit import CODE_MESSAGE, Totals, table
from tests.proof.scenario import Scenario

DIALECTS: Final = (SMS_ACTIVATE, SMS3T, HEROSMS)
ROUNDS_PER_SCENARIO: Final = 25
PEOPLE: Final = 8
PATIENCE: Final = 1.2
"""Seconds for which a round waits for its step; then the program is killed at the step it has reached."""
AT_RANDOM_TIME: Final = "at a random time"
KILLED: Final = 9
_CRITICAL: Final = (
    "after asking getNumber",
    "the provider does getNumber",
    "before the end of writing bought",
    "after sending a code",
    "after writing add_code",
    "after writing place",
)
"""The steps with the highest risk; they are chosen first and waited for longer."""
_LONG_PATIENCE: Final = 4.0
_AT_SERVERS: Final = tuple(
    [f"the provider does {action}" for action in ("getNumber", "getStatus", "setStatus", "getBalance")]
    + ["the provider misses getNumber", "the provider misses setStatus"]
    + [f"Telegram does {method}" for method in ("sendMessage", "editMessageText", "answerCallbackQuery")]
)
_JUST_NOW: Final = 1.0
"""Seconds before a kill within which a sent code may not be marked as delivered."""


@dataclass
class Crashes:
    """Chooses the step of the next kill: each known step in turn, and sometimes a random time.

    Attributes:
        tried: how often each step was chosen.
        hit: how often the program died at it.
    """

    program: Program
    seed: int
    tried: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)

    def choose(self, round_: int) -> tuple[str, int, random.Random]:
        """Return the step of a round, the occurrence at which it kills, and a random generator."""
        rng = random.Random(f"{self.seed} {round_}")  # noqa: S311  # repeatable, not secret
        steps = sorted({*self.program.steps, *_AT_SERVERS, AT_RANDOM_TIME})
        fewest = min(self.tried[step] for step in steps)
        critical = [step for step in _CRITICAL if not self.hit[step]]
        step = rng.choice([step for step in steps if self.tried[step] == fewest])
        if critical and rng.random() < 0.7:
            step = min(critical, key=lambda step: self.tried[step])
        elif rng.random() < 0.1:
            step = AT_RANDOM_TIME
        self.tried[step] += 1
        return step, rng.choice((1, 1, 1, 2)), rng


async def crash_once(scenario: Scenario, crashes: Crashes, round_: int) -> str:
    """Start the program, kill it, and return the step at which it died."""
    step, nth, rng = crashes.choose(round_)
    program = scenario.program
    patience = _LONG_PATIENCE if step in _CRITICAL else PATIENCE
    if step == AT_RANDOM_TIME:
        patience *= rng.random()
    with ExitStack() as stack:
        killed = _kill_from_outside(scenario, step, nth, stack)
        await scenario.start(**{"die at": step, "nth": nth})
        if not await program.ended(patience):
            program.kill()
            await program.ended()
    scenario.deaths.append(scenario.telegram.clock())
    if program.status != KILLED:
        raise AssertionError(
            f"the program ended by itself with {program.status}; see {scenario.order['output']}"
        )
    died_at = program.died_at or (step if killed else AT_RANDOM_TIME)
    crashes.hit[died_at] += 1
    if _was_sending_a_code(scenario):
        # The code is repeated, and repeated again after the next such kill. The audit allows one repetition.
        await scenario.catch_up()
    return died_at


def _was_sending_a_code(scenario: Scenario) -> bool:
    since = scenario.telegram.clock() - _JUST_NOW
    return any(
        CODE_MESSAGE in str(call.params.get("text"))
        for call in islice(reversed(scenario.telegram.calls), 100)
        if call.method == "sendMessage" and call.time > since
    )


def _kill_from_outside(scenario: Scenario, step: str, nth: int, stack: ExitStack) -> list[str]:
    """Kill the program when a server receives the request of the step; the result then has the step."""
    killed: list[str] = []
    words = step.split(" ")
    if words[-2] not in ("does", "misses"):
        return killed
    server = scenario.telegram if step.startswith("Telegram") else scenario.provider
    seen, left = _count(scenario, words[-1]), nth

    def hear() -> None:
        # The listener runs before the request is processed: the program dies, and never reads the answer.
        nonlocal seen, left
        now = _count(scenario, words[-1])
        if now > seen and not killed:
            seen, left = now, left - 1
            if left <= 0:
                killed.append(step)
                scenario.program.kill()

    stack.callback(server.on_change(hear))
    if words[-2] == "misses":
        fault = scenario.provider.fail(FaultKind.CUT, action=words[-1], times=None)
        stack.callback(scenario.provider.heal, fault)
    return killed


def _count(scenario: Scenario, name: str) -> int:
    """Return the number of requests of an action or a method."""
    requests = sum(request.action == name for request in scenario.provider.requests)
    return requests + sum(call.method == name for call in scenario.telegram.calls)


async def crash(rounds: int, seed: int, folder: Path, program: Program, say: Callable[[str], None]) -> Totals:
    """Run the rounds, scenario by scenario; return their totals."""
    crashes = Crashes(program, seed)
    rows: list[tuple[str, Totals]] = []
    for number, start in enumerate(range(0, rounds, ROUNDS_PER_SCENARIO)):
        dialect = DIALECTS[number % len(DIALECTS)]
        of_scenario = folder / f"scenario-{number}"
        of_scenario.mkdir(parents=True)
        async with Scenario(program, of_scenario, f"{seed} {number}", dialect, people=PEOPLE) as scenario:
            await scenario.bind_keys()
            scenario.live()
            last = min(start + ROUNDS_PER_SCENARIO, rounds)
            died_at = ""
            for round_ in range(start, last):
                died_at = await crash_once(scenario, crashes, round_)
                if (found := scenario.check()).wrong:
                    raise AssertionError(f"seed {seed}, round {round_}, {died_at}\n{found.report()}")
            found = await scenario.settle()
            found.totals.rounds = last - start
            rows.append((f"scenario {number}, {dialect.name}", found.totals))
            say(table(rows[-1:]))
            if found.wrong:
                raise AssertionError(f"seed {seed}, scenario {number}, {died_at}\n{found.report()}")
            assert scenario.telegram.notes == []
    total = sum((totals for _, totals in rows), Totals())
    say(table([*rows, ("in all", total)]))
    missed = sorted(step for step in {*program.steps, *_AT_SERVERS} if not crashes.hit[step])
    say(f"{len(crashes.hit)} steps had a kill, {crashes.hit[AT_RANDOM_TIME]} kills were at a random time.")
    say(f"Steps without a kill: {', '.join(missed) or 'none'}.")
    return total


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command line prints


def main() -> int:
    """Run the rounds that the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    program = Program().open()
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    try:
        asyncio.run(crash(chosen.rounds, chosen.seed, folder, program, _say))
    except AssertionError as error:
        _say(f"{error}\nThe database and the log are in {folder}.")
        return 1
    finally:
        program.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
