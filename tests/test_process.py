"""The program itself, started as a process with its environment alone, and killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.provider import NumberState
from tests.conftest import World

ROOT = Path(__file__).resolve().parent.parent


class Program:
    """`python -m bot` between the two sandbox servers."""

    def __init__(self, world: World) -> None:
        values = world.values
        self._environment = {
            "PATH": os.environ["PATH"],
            "BOT_TOKEN": values["bot_token"],
            "TELEGRAM_API_URL": values["telegram_api_url"],
            "PROVIDER_URL": values["provider_url"],
            "SEALING_KEYS": values["sealing_keys"],
            "DATABASE_PATH": str(values["database_path"]),
            "POLL_INTERVAL": "0.1",
            "LOG_LEVEL": "DEBUG",
        } | {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
        self._process: asyncio.subprocess.Process | None = None
        self.output = b""

    async def start(self) -> None:
        """Start the process."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            cwd=ROOT,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def stop(self, number: signal.Signals) -> int:
        """Send a signal, wait for the end, and return the exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        output, _ = await self._process.communicate()
        self.output += output
        status = self._process.returncode
        self._process = None
        assert status is not None
        return status

    async def kill(self) -> None:
        """Kill the process, as a power cut would."""
        await self.stop(signal.SIGKILL)

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process is not None


@asynccontextmanager
async def program(world: World) -> AsyncIterator[Program]:
    """Start the program and see that it is gone afterwards."""
    started = Program(world)
    await started.start()
    try:
        yield started
    finally:
        if started.running:
            await started.kill()


@pytest.mark.timeout(240)
async def test_the_whole_journey_with_kills_in_between(world: World) -> None:
    """Killed before each step and started again, the bot loses nothing: old buttons work, codes come."""
    async with program(world) as running:
        ann = await world.customer()
        await world.open_page(ann)
        await running.kill()
        await running.start()
        await ann.click("Buy", timeout=60)
        await ann.sees("Waiting for the code")
        (number,) = world.provider.numbers.values()
        await running.kill()
        world.provider.deliver(number.id, "13579")
        await running.start()
        await ann.sees("📩 Code for Telegram", "13579", timeout=60)
        await ann.sees("Code received")
        await running.kill()
        await running.start()
        await ann.click("Get another code", timeout=60)
        await ann.sees("Waiting for another code")
        await running.kill()
        world.provider.deliver(number.id, "24680")
        await running.start()
        await ann.sees("📩 Code 2 for Telegram", "24680", timeout=60)
        await ann.click("Complete", timeout=60)
        await ann.sees("✔️ Completed.", "13579", "24680")
        assert number.state is NumberState.FINISHED
        assert len(world.provider.ledger) == 1
        assert await running.stop(signal.SIGTERM) == 0
        assert b"Traceback" not in running.output
        for secret in (world.values["bot_token"], "a1b2c3d4e5f60718293a4b5c6d7e8f90"):
            assert secret.encode() not in running.output


@pytest.mark.timeout(120)
async def test_it_ends_in_order_on_both_signals(world: World) -> None:
    """SIGTERM and SIGINT end the program with status 0 and without a traceback."""
    async with program(world) as running:
        for number in (signal.SIGTERM, signal.SIGINT):
            if not running.running:
                await running.start()
            ann = world.telegram.person(int(number))
            await ann.send("/help")
            await ann.sees("How it works", timeout=60)
            assert await running.stop(number) == 0
    assert b"Traceback" not in running.output


async def test_a_token_telegram_does_not_know_is_a_sentence(world: World) -> None:
    """A wrong BOT_TOKEN ends the program with a sentence, not a traceback."""
    world.values["bot_token"] = "1:wrong"
    async with program(world) as running:
        process = running._process  # noqa: SLF001  # the end is waited for without a signal
        assert process is not None
        output, _ = await process.communicate()
        running._process = None  # noqa: SLF001
    assert process.returncode == 2
    assert b"BOT_TOKEN is not known to Telegram." in output
    assert b"Traceback" not in output
