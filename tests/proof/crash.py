"""Kills the program hundreds of times, at every step and in every trouble, and audits the servers.

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
from pathlib import Path
from typing import Final

from bot.sandbox.provider import HEROSMS, SMS3T, SMS_ACTIVATE, FaultKind
from tests.program import Program
from tests.proof.findings import Totals, table
from tests.proof.scenario import Scenario
from tests.proof.steps import AT_RANDOM_TIME, CRITICAL, STEPS
from tests.proof.trouble import choose_jumps, choose_troubles, troubled

DIALECTS: Final = (SMS_ACTIVATE, SMS3T, HEROSMS)
ROUNDS_PER_SCENARIO: Final = 25
PEOPLE: Final = 8
PATIENCE: Final = 2.5
"""Seconds for which a round waits for its step; then the program is killed at the step it has reached."""
KILLED: Final = 9
_LONG_PATIENCE: Final = 5.0


@dataclass(frozen=True)
class Decision:
    """What happens in a round; it depends on the seed and the round only.

    Attributes:
        step: the step at which the program dies.
        nth: the occurrence of the step.
        patience: seconds to wait for it.
        troubles: the names of the troubles until then.
        jumps: the jumps of the wall clock.
    """

    step: str
    nth: int
    patience: float
    troubles: list[str]
    jumps: list[tuple[float, float]]

    def __str__(self) -> str:
        words = [f"killed {self.step} ({self.nth})", *self.troubles]
        return ", ".join([*words, f"clock {self.jumps}"] if self.jumps else words)


@dataclass
class Crashes:
    """Decides what happens in each round, and counts where the program died."""

    seed: int
    hit: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    _left: list[str] = field(default_factory=list)

    def decide(self, round_: int) -> Decision:
        """Return the decision of a round; the rounds are asked in order. Each step has its turn."""
        rng = random.Random(f"{self.seed} {round_}")  # noqa: S311  # repeatable, not secret
        if not self._left:
            self._left = rng.sample(STEPS, len(STEPS))
        chosen = rng.random()
        step = rng.choice(CRITICAL) if chosen < 0.35 else AT_RANDOM_TIME
        if chosen < 0.85 and chosen >= 0.35:
            step = self._left.pop()
        troubles, jumps = choose_troubles(rng), choose_jumps(rng)
        patience = _LONG_PATIENCE if step in CRITICAL else PATIENCE
        if step == AT_RANDOM_TIME:
            patience *= rng.random()
        self.troubles.update(troubles)
        self.troubles["a wrong clock"] += bool(jumps)
        return Decision(step, rng.choice((1, 1, 1, 2)), patience, troubles, jumps)


async def crash_once(scenario: Scenario, crashes: Crashes, round_: int) -> str:
    """Start the program, kill it, and return what was decided and where it died."""
    decision = crashes.decide(round_)
    program = scenario.program
    order = {"die at": decision.step, "nth": decision.nth, "jumps": decision.jumps}
    with ExitStack() as stack:
        killed = _kill_from_outside(scenario, decision.step, decision.nth, stack)
        async with troubled(scenario, decision.troubles, f"{crashes.seed} {round_}"):
            await scenario.start(**order)
            if not await program.ended(decision.patience):
                program.kill()
                await program.ended()
            scenario.deaths.append(scenario.telegram.clock())
    if program.status != KILLED:
        raise AssertionError(
            f"{decision}: the program ended by itself with {program.status}; see {scenario.order['output']}"
        )
    died_at = program.died_at or (decision.step if killed else AT_RANDOM_TIME)
    crashes.hit[died_at] += 1
    return f"{decision}; died {died_at}"


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
    crashes = Crashes(seed)
    rows: list[tuple[str, Totals]] = []
    for number, start in enumerate(range(0, rounds, ROUNDS_PER_SCENARIO)):
        dialect = DIALECTS[number % len(DIALECTS)]
        of_scenario = folder / f"scenario-{number}"
        of_scenario.mkdir(parents=True)
        async with Scenario(program, of_scenario, f"{seed} {number}", dialect, people=PEOPLE) as scenario:
            await scenario.bind_keys()
            scenario.live()
            last = min(start + ROUNDS_PER_SCENARIO, rounds)
            deaths: list[str] = []
            for round_ in range(start, last):
                deaths.append(f"seed {seed}, round {round_}: {await crash_once(scenario, crashes, round_)}")
                if (found := scenario.check()).wrong:
                    raise AssertionError("\n".join([*deaths, found.report()]))
            found = await scenario.settle()
            found.totals.rounds = last - start
            rows.append((f"scenario {number}, {dialect.name}", found.totals))
            say(table(rows[-1:]))
            if found.wrong:
                raise AssertionError("\n".join([*deaths, "in the end", found.report()]))
            assert scenario.telegram.notes == []
    total = sum((totals for _, totals in rows), Totals())
    say(table([*rows, ("in all", total)]))
    say(f"{len(crashes.hit)} steps had a kill, {crashes.hit[AT_RANDOM_TIME]} kills were at a random time.")
    say(f"Steps without a kill: {', '.join(step for step in STEPS if not crashes.hit[step]) or 'none'}.")
    say(f"Steps that are not in the list: {', '.join(sorted(program.steps - {*STEPS})) or 'none'}.")
    say(f"Troubles: {', '.join(f'{name} {times}' for name, times in sorted(crashes.troubles.items()))}.")
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
