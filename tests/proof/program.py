"""The program as a process that can be started, told where to die, killed and stopped."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Self

ROOT: Final = Path(__file__).resolve().parents[2]


class Program:
    """One process of the program at a time, forked from a launcher that has imported everything."""

    def __init__(self) -> None:
        self.steps: set[str] = set()
        self.died_at: str | None = None
        self.status: int | None = None
        self._launcher: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._rest = b""
        self._heard = asyncio.Event()

    def open(self) -> Self:
        """Start the launcher; it takes some seconds until it takes orders."""
        self._launcher = subprocess.Popen(
            [sys.executable, "-m", "tests.proof.launcher"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._launcher.stdout is not None
        os.set_blocking(self._launcher.stdout.fileno(), False)
        return self

    def close(self) -> None:
        """End the launcher, and with it whatever it has started."""
        if self._launcher is not None:
            self._launcher.kill()
            self._launcher.communicate()

    @property
    def running(self) -> bool:
        """Whether a process runs."""
        return self._pid is not None and self.status is None

    @property
    def pid(self) -> int:
        """The number of the process that runs."""
        assert self._pid is not None
        return self._pid

    async def start(self, order: dict[str, Any]) -> None:
        """Start a process as ordered, and return once there is one."""
        assert not self.running
        self._pid = self.status = self.died_at = None
        self._heard = asyncio.Event()
        self._write(json.dumps(order))
        await self._until(lambda: self._pid is not None)

    async def ended(self, seconds: float | None = None) -> bool:
        """Wait for the end of the process, for so many seconds at most; return whether it has ended."""
        try:
            async with asyncio.timeout(seconds):
                await self._until(lambda: self.status is not None)
        except TimeoutError:
            return False
        return True

    def kill(self) -> None:
        """Kill the process on the spot, as a power cut would; nothing happens if it has ended."""
        self._listen()
        if self.running:
            os.kill(self.pid, signal.SIGKILL)

    async def stop(self, signal_: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit status."""
        self._listen()
        if self.running:
            os.kill(self.pid, signal_)
        await self.ended()
        assert self.status is not None
        return self.status

    async def _until(self, condition: Any) -> None:
        assert self._launcher is not None
        assert self._launcher.stdout is not None
        loop, output = asyncio.get_running_loop(), self._launcher.stdout.fileno()
        loop.add_reader(output, self._listen)
        try:
            self._listen()
            while not condition():
                self._heard.clear()
                await self._heard.wait()
        finally:
            loop.remove_reader(output)

    def _listen(self) -> None:
        assert self._launcher is not None
        assert self._launcher.stdout is not None
        try:
            heard = os.read(self._launcher.stdout.fileno(), 65536)
        except BlockingIOError:
            return
        if not heard:
            raise RuntimeError("the launcher has died")
        *lines, self._rest = (self._rest + heard).split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        self._heard.set()

    def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"started": pid}:
                self._pid = pid
            case {"step": step}:
                self.steps.add(step)
            case {"died at": step}:
                self.died_at = step
            case {"ended": status}:
                self.status = status
                self._write("")
            case _:
                pass

    def _write(self, line: str) -> None:
        assert self._launcher is not None
        assert self._launcher.stdin is not None
        self._launcher.stdin.write(line.encode() + b"\n")
        self._launcher.stdin.flush()
