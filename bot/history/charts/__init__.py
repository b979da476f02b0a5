"""Draws statistics as a picture, in a process of its own: the bot's memory and its loop are left alone."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

NO_LIBRARY: Final = 3
"""How the process ends where matplotlib is not installed."""
PATIENCE: Final = 20.0
"""Seconds a picture may take; the first one on a machine looks for its fonts."""
PNG: Final = b"\x89PNG\r\n\x1a\n"
_PASSED_ON: Final = ("PATH", "HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "TMPDIR", "SYSTEMROOT")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart.

    Attributes:
        name: what it is about.
        share: how much of the bar is filled, from 0 to 1.
        percent: the same in words.
        details: the figures under it.
    """

    name: str
    share: float
    percent: str
    details: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a picture shows; every word of it is the caller's.

    Attributes:
        headline: the one figure that matters most, shown large, and what it is.
        summary: what else is true of all bars together.
    """

    title: str
    headline: tuple[str, str]
    summary: str
    bars: Sequence[Bar]
    footer: str


class Charts:
    """Draws one picture at a time.

    Args:
        patience: seconds a picture may take.
        command: what draws: it gets a chart as JSON, and gives a PNG.
    """

    def __init__(
        self,
        patience: float = PATIENCE,
        command: Sequence[str] = (sys.executable, "-P", "-m", "bot.history.charts"),
    ) -> None:
        self._patience = patience
        self.command = command
        self._turn = asyncio.Semaphore(1)

    async def draw(self, chart: Chart) -> bytes | None:
        """Return the picture as PNG, or None where none can be drawn."""
        async with self._turn:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
            )
            try:
                async with asyncio.timeout(self._patience):
                    picture, _ = await process.communicate(json.dumps(asdict(chart)).encode())
            except TimeoutError:
                log.warning("a picture took too long")
                return None
            finally:
                await _end(process)
        if process.returncode == 0 and picture.startswith(PNG):
            return picture
        if process.returncode != NO_LIBRARY:
            log.warning("a picture could not be drawn: exit code %s", process.returncode)
        return None


def _environment() -> dict[str, str]:
    """Return what the process needs of the environment, this package's place included, but no secret."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return passed_on | {"PYTHONPATH": str(Path(__file__).resolve().parents[3]), "MPLBACKEND": "agg"}


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process that has not ended by itself."""
    if process.returncode is None:
        process.kill()
        await process.communicate()
