"""The program as a process between the two sandbox servers: killed, started again, and stopped."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.provider import NumberState
from tests.conftest import KEY, World
from tests.program import Program


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The file with everything that the program writes."""
    return tmp_path / "log"


@pytest.fixture
def order(world: World, log: Path) -> dict[str, Any]:
    """The order that starts the program between the servers of the test."""
    values = world.values
    return {
        "environment": {
            "PATH": os.environ["PATH"],
            "BOT_TOKEN": values["bot_token"],
            "TELEGRAM_API_URL": values["telegram_api_url"],
            "PROVIDER_URL": values["provider_url"],
            "SEALING_KEYS": values["sealing_keys"],
            "DATABASE_PATH": str(values["database_path"]),
            "POLL_INTERVAL": "0.1",
            "LOG_LEVEL": "DEBUG",
        },
        "folder": str(log.parent),
        "output": str(log),
        "errors": str(log),
        "constants": {"bot.app.MIN_READING_TIME": 0.0},
    }


async def test_the_whole_journey_with_kills_in_between(
    program: Program, order: dict[str, Any], log: Path, world: World
) -> None:
    """Killed before each step and started again, the bot loses nothing: old buttons work, codes arrive."""
    await program.start(order)
    ann = await world.customer()
    await world.open_page(ann)
    await program.end()
    await program.start(order)
    await ann.click("Buy", timeout=60)
    await ann.sees("Waiting for the code")
    (number,) = world.provider.numbers.values()
    await program.end()
    world.provider.deliver(number.id, "13579")
    await program.start(order)
    await ann.sees("· Telegram", "📩", "13579", timeout=60)
    await ann.sees("Code received")
    await program.end()
    await program.start(order)
    await ann.click("Get another code", timeout=60)
    await ann.sees("Waiting for another code")
    await program.end()
    world.provider.deliver(number.id, "24680")
    await program.start(order)
    await ann.sees("· Telegram · code 2", "24680", timeout=60)
    await ann.click("Complete", timeout=60)
    await ann.sees("✔️ Completed.", "13579", "24680")
    assert number.state is NumberState.FINISHED
    assert len(world.provider.ledger) == 1
    assert await program.stop(signal.SIGTERM) == 0
    text = log.read_text(encoding="utf-8")
    assert "listening" in text
    for unwanted in ("Traceback", world.values["bot_token"], KEY):
        assert unwanted not in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_in_an_orderly_way_on_a_signal(
    program: Program, order: dict[str, Any], log: Path, world: World, number: signal.Signals
) -> None:
    """SIGTERM and SIGINT end the program with status 0 and without a traceback."""
    await program.start(order)
    ann = world.telegram.person(1)
    await ann.send("/help")
    await ann.sees("How it works", timeout=60)
    assert await program.stop(number) == 0
    assert "Traceback" not in log.read_text(encoding="utf-8")


async def test_a_token_unknown_to_telegram_is_reported(
    program: Program, order: dict[str, Any], log: Path
) -> None:
    """A wrong BOT_TOKEN ends the program with status 2 and a message, not a traceback."""
    order["environment"]["BOT_TOKEN"] = "1:wrong"
    await program.start(order)
    assert await program.ended(50)
    assert program.status == 2
    text = log.read_text(encoding="utf-8")
    assert "BOT_TOKEN is not known to Telegram." in text
    assert "Traceback" not in text
