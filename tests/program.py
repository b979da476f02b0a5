"""The program as a process: started by the fork server, watched, stopped and killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

ROOT: Final = Path(__file__).resolve().parents[1]


class Ended(NamedTuple):
    """The result of a process that has ended."""

    status: int
    output: str
    errors: str


class Program:
    """One process of the program at a time, forked by `tests.launcher`.

    Attributes:
        steps: the names of all steps reported so far.
        died_at: the step at which the last process killed itself.
        status: the exit status of the last process, or the number of the signal that ended it.
    """

    def __init__(self) -> None:
        self.steps: set[str] = set()
        self.died_at: str | None = None
        self.status: int | None = None
        self._launcher: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._rest = b""
        self._heard = asyncio.Event()

    def open(self) -> Self:
        """Start the launcher; importing everything takes it some seconds."""
        self._launcher = subprocess.Popen(
            [sys.executable, "-m", "tests.launcher"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._launcher.stdout is not None
        os.set_blocking(self._launcher.stdout.fileno(), False)
        return self

    def close(self) -> None:
        """Kill the launcher, and with it the process it has started."""
        if self._launcher is not None:
            self._launcher.kill()
            self._launcher.communicate()

    @property
    def running(self) -> bool:
        """Whether a process is running."""
        return self._pid is not None and self.status is None

    @property
    def pid(self) -> int:
        """The id of the process."""
        assert self._pid is not None
        return self._pid

    async def start(self, order: Mapping[str, Any]) -> None:
        """Start a process; return when it is forked.

        Args:
            order: `environment`, `folder`, `output` and `errors` (paths) are required; `arguments` are those
                of the command line, and `script` is Python code to run in its place. The other keys are those
                that `tests.launcher` reads.
        """
        assert not self.running
        self._pid = self.status = self.died_at = None
        self._heard = asyncio.Event()
        self._write(json.dumps(dict(order)))
        await self._until(lambda: self._pid is not None)

    async def ended(self, seconds: float | None = None) -> bool:
        """Wait for the end of the process; return whether it came within the seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._until(lambda: self.status is not None)
        except TimeoutError:
            return False
        return True

    def kill(self) -> None:
        """Kill the process at once, as a power cut would; do nothing if it has ended."""
        self._listen()
        if self.running:
            os.kill(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill the process, if it runs, and wait for its end."""
        self.kill()
        if self.running:
            await self.ended()

    async def stop(self, signal_: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit status."""
        self._listen()
        if self.running:
            os.kill(self.pid, signal_)
        await self.ended()
        assert self.status is not None
        return self.status

    async def run(self, *arguments: str, folder: Path, environment: Mapping[str, str], **order: Any) -> Ended:
        """Run a command, or the Python code in `script`, to its end."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            settings = {"arguments": arguments, "folder": str(folder), "environment": dict(environment)}
            paths = {"output": path_of(output.fileno()), "errors": path_of(errors.fileno())}
            await self.start(settings | paths | order)
            await self.ended()
            assert self.status is not None
            output.seek(0)
            errors.seek(0)
            return Ended(self.status, output.read().decode(), errors.read().decode())

    @asynccontextmanager
    async def demo(
        self, folder: Path, environment: Mapping[str, str], **order: Any
    ) -> AsyncIterator[asyncio.StreamReader]:
        """Run the demo on a free port, yield its output; end it with SIGTERM if it still runs.

        Raises:
            AssertionError: the demo wrote an error, or ended with another status than 0.
        """
        read, write = os.pipe()
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb")
        )
        with tempfile.TemporaryFile() as errors:
            try:
                paths = {"output": path_of(write), "errors": path_of(errors.fileno())}
                where = {"folder": str(folder), "environment": dict(environment)}
                await self.start({"arguments": ["demo", "--port", "0"]} | where | paths | order)
                os.close(write)
                yield reader
            finally:
                await self.stop()
                transport.close()
            errors.seek(0)
            assert errors.read().decode() == ""
        assert self.status == 0

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


def path_of(descriptor: int) -> str:
    """Return a path at which another process can open a file descriptor of this one."""
    return f"/proc/{os.getpid()}/fd/{descriptor}"
