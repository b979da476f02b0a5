"""The start of the program in a new interpreter: what it loads, and what it prints."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from bot import __version__
from tests.conftest import World

ROOT = Path(__file__).parents[2]
LIST_SANDBOX = "import sys; print(*(name for name in sys.modules if name.startswith('bot.sandbox')))"
"""Python code that prints the sandbox modules that are loaded."""


def loaded_sandbox(statement: str) -> list[str]:
    """Run a statement in a new interpreter and return the sandbox modules that it loads."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}; {LIST_SANDBOX}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


async def test_a_running_bot_has_not_loaded_the_sandbox(world: World, tmp_path: Path) -> None:
    """After a start, updates and an orderly stop, no module of the sandbox is loaded."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"from bot.__main__ import main; main([]); {LIST_SANDBOX}; print('ended')",
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        | {name.upper(): str(value) for name, value in world.values.items()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    person = world.telegram.person(1)
    await person.send("/start")
    await person.sees("API key", timeout=40)
    process.send_signal(signal.SIGTERM)
    output, _ = await process.communicate()
    assert output.decode().split() == ["ended"]


def test_the_check_finds_the_sandbox() -> None:
    """The check above reports the sandbox when it is loaded."""
    assert "bot.sandbox.telegram" in loaded_sandbox("import bot.sandbox.telegram")


def test_the_module_prints_the_version(tmp_path: Path) -> None:
    """`python -m bot --version` prints the version and does nothing else."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "--version"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=50
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")
    assert list(tmp_path.iterdir()) == []
