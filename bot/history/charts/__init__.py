"""Charts of the statistics, drawn in a subprocess that keeps matplotlib out of the bot's memory and loop."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

NO_MATPLOTLIB: Final = 3
"""Exit code of the subprocess if matplotlib is not installed."""
DRAW_TIMEOUT: Final = 20.0
"""Seconds; for the first chart on a machine, matplotlib builds its list of fonts."""
PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PASSED_VARIABLES: Final = ("PATH", "HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "TMPDIR", "SYSTEMROOT")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart.

    Attributes:
        name: label of the bar.
        share: filled part of the bar, from 0 to 1.
        percent: `share` as text.
        details: text under the bar.
        is_grey: the bar stands for too few numbers to be a rate.
    """

    name: str
    share: float
    percent: str
    details: str
    is_grey: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Content of a chart; the texts are already translated.

    Attributes:
        headline: the most important figure, which is drawn large, and its meaning.
        summary: text about all bars together.
    """

    title: str
    headline: tuple[str, str]
    summary: str
    bars: Sequence[Bar]
    footer: str


class Charts:
    """Draws one chart at a time.

    Args:
        timeout: seconds for a chart.
        command: the subprocess; it reads a chart as JSON and writes a PNG.
    """

    def __init__(
        self,
        timeout: float = DRAW_TIMEOUT,
        command: Sequence[str] = (sys.executable, "-P", "-m", "bot.history.charts"),
    ) -> None:
        self._timeout = timeout
        self.command = command
        self._lock = asyncio.Lock()

    async def draw(self, chart: Chart) -> bytes | None:
        """Return the chart as PNG, or None if it cannot be drawn."""
        async with self._lock:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
            )
            try:
                async with asyncio.timeout(self._timeout):
                    picture, _ = await process.communicate(json.dumps(asdict(chart)).encode())
            except TimeoutError:
                log.warning("a chart took too long")
                return None
            finally:
                await _kill(process)
        if process.returncode == 0 and picture.startswith(PNG_SIGNATURE):
            return picture
        if process.returncode != NO_MATPLOTLIB:
            log.warning("a chart could not be drawn: exit code %s", process.returncode)
        return None


def _environment() -> dict[str, str]:
    """Return the environment variables of the subprocess: the path of this package, and no secrets."""
    passed = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
    return passed | {"PYTHONPATH": str(Path(__file__).resolve().parents[3]), "MPLBACKEND": "agg"}


async def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill a process if it is still running."""
    if process.returncode is None:
        process.kill()
        await process.communicate()
