"""Tests of what a start of the bot loads."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
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


def test_a_start_does_not_load_the_sandbox() -> None:
    """The command line and the composition root import no module of the sandbox."""
    assert loaded_sandbox("import bot.__main__, bot.app") == []


def test_the_check_finds_the_sandbox() -> None:
    """The check above reports the sandbox when it is loaded."""
    assert "bot.sandbox.telegram" in loaded_sandbox("import bot.sandbox.telegram")
