"""Kills the program at every step it takes and at any time, hundreds of times, and then reads the books.

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
from tests.proof.books import BRINGS_A_CODE, Sums, table
from tests.proof.season import Season

DIALECTS: Final = (SMS_ACTIVATE, SMS3T, HEROSMS)
ROUNDS_A_SEASON: Final = 25
PEOPLE: Final = 8
PATIENCE: Final = 1.2
"""Seconds for which a round waits for its step; after that the program is killed wherever it is."""
AT_ANY_TIME: Final = "at any time"
KILLED: Final = 9
_DEAREST: Final = (
    "after asking getNumber",
    "the provider does getNumber",
    "before the end of writing bought",
    "after bringing a code",
    "after writing add_code",
    "after writing place",
)
"""The steps at which most is at stake; they come first, and are waited for."""
_LONG_PATIENCE: Final = 4.0
_AT_SERVERS: Final = tuple(
    [f"the provider does {action}" for action in ("getNumber", "getStatus", "setStatus", "getBalance")]
    + ["the provider misses getNumber", "the provider misses setStatus"]
    + [f"Telegram does {method}" for method in ("sendMessage", "editMessageText", "answerCallbackQuery")]
)
_JUST_NOW: Final = 1.0
"""Seconds before a death in which a code that was sent may not have been marked."""


@dataclass
class Crashes:
    """Chooses where to kill next: each step it has heard of, in turn, and now and then any moment.

    Attributes:
        tried: how often each step was to be the last one.
        hit: how often it was.
    """

    program: Program
    seed: int
    tried: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)

    def choose(self, round_: int) -> tuple[str, int, random.Random]:
        """Return the step of a round, at which time it kills, and the round's own dice."""
        rng = random.Random(f"{self.seed} {round_}")  # noqa: S311  # repeatable, not secret
        steps = sorted({*self.program.steps, *_AT_SERVERS, AT_ANY_TIME})
        fewest = min(self.tried[step] for step in steps)
        dearest = [step for step in _DEAREST if not self.hit[step]]
        step = rng.choice([step for step in steps if self.tried[step] == fewest])
        if dearest and rng.random() < 0.7:
            step = min(dearest, key=lambda step: self.tried[step])
        elif rng.random() < 0.1:
            step = AT_ANY_TIME
        self.tried[step] += 1
        return step, rng.choice((1, 1, 1, 2)), rng


async def crash_once(season: Season, crashes: Crashes, round_: int) -> str:
    """Start the program, have it die, and return where it did."""
    step, nth, rng = crashes.choose(round_)
    program = season.program
    patience = _LONG_PATIENCE if step in _DEAREST else PATIENCE
    if step == AT_ANY_TIME:
        patience *= rng.random()
    with ExitStack() as stack:
        killed = _kill_from_outside(season, step, nth, stack)
        await season.start(**{"die at": step, "nth": nth})
        if not await program.ended(patience):
            program.kill()
            await program.ended()
    season.deaths.append(season.telegram.clock())
    if program.status != KILLED:
        raise AssertionError(
            f"the program ended by itself with {program.status}; see {season.order['output']}"
        )
    died_at = program.died_at or (step if killed else AT_ANY_TIME)
    crashes.hit[died_at] += 1
    if _was_sending_a_code(season):
        # The code comes again, and once more if the same happens at once again: that is not promised against.
        await season.breathe()
    return died_at


def _was_sending_a_code(season: Season) -> bool:
    since = season.telegram.clock() - _JUST_NOW
    return any(
        BRINGS_A_CODE in str(call.params.get("text"))
        for call in islice(reversed(season.telegram.calls), 100)
        if call.method == "sendMessage" and call.time > since
    )


def _kill_from_outside(season: Season, step: str, nth: int, stack: ExitStack) -> list[str]:
    """See that the program is killed when a server gets what the step names; return where it was."""
    killed: list[str] = []
    words = step.split(" ")
    if words[-2] not in ("does", "misses"):
        return killed
    server = season.telegram if step.startswith("Telegram") else season.provider
    seen, left = _count(season, words[-1]), nth

    def hear() -> None:
        # A request is told of before it is obeyed: first the kill, then the work, and nobody hears of it.
        nonlocal seen, left
        now = _count(season, words[-1])
        if now > seen and not killed:
            seen, left = now, left - 1
            if left <= 0:
                killed.append(step)
                season.program.kill()

    stack.callback(server.on_change(hear))
    if words[-2] == "misses":
        fault = season.provider.fail(FaultKind.CUT, action=words[-1], times=None)
        stack.callback(season.provider.heal, fault)
    return killed


def _count(season: Season, name: str) -> int:
    """Return how often a server was asked for something."""
    requests = sum(request.action == name for request in season.provider.requests)
    return requests + sum(call.method == name for call in season.telegram.calls)


async def crash(rounds: int, seed: int, folder: Path, program: Program, say: Callable[[str], None]) -> Sums:
    """Run so many rounds, season by season; return what they come to."""
    crashes = Crashes(program, seed)
    rows: list[tuple[str, Sums]] = []
    for number, start in enumerate(range(0, rounds, ROUNDS_A_SEASON)):
        dialect = DIALECTS[number % len(DIALECTS)]
        of_season = folder / f"season-{number}"
        of_season.mkdir(parents=True)
        async with Season(program, of_season, f"{seed} {number}", dialect, people=PEOPLE) as season:
            await season.meet()
            season.live()
            last = min(start + ROUNDS_A_SEASON, rounds)
            died_at = ""
            for round_ in range(start, last):
                died_at = await crash_once(season, crashes, round_)
                if (found := season.check()).wrong:
                    raise AssertionError(f"seed {seed}, round {round_}, {died_at}\n{found.report()}")
            found = await season.settle()
            found.sums.rounds = last - start
            rows.append((f"season {number}, {dialect.name}", found.sums))
            say(table(rows[-1:]))
            if found.wrong:
                raise AssertionError(f"seed {seed}, season {number}, {died_at}\n{found.report()}")
            assert season.telegram.notes == []
    total = sum((sums for _, sums in rows), Sums())
    say(table([*rows, ("in all", total)]))
    missed = sorted(step for step in {*program.steps, *_AT_SERVERS} if not crashes.hit[step])
    say(f"{len(crashes.hit)} steps were the last one, {crashes.hit[AT_ANY_TIME]} kills came at any time.")
    say(f"Never the last one: {', '.join(missed) or 'none'}.")
    return total


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command line prints


def main() -> int:
    """Read the command line, crash, and return the exit status."""
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
