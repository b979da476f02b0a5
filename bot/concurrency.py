"""Background jobs, the end of a task, a fail-fast gather, a timeout that returns None, and a steady clock."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from bot import errors

T = TypeVar("T")

_STEADY_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

log = logging.getLogger(__name__)


def steady_time() -> float:
    """Return seconds of a clock that is never corrected and, on Linux, goes on while the machine sleeps."""
    return time.clock_gettime(_STEADY_CLOCK)


class BackgroundJobs:
    """Tasks that an orderly stop waits for: purchases, and updates that are being handled."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, job: Coroutine[Any, Any, object]) -> None:
        """Start a job that is independent of its caller; a failure is logged."""
        task = asyncio.get_running_loop().create_task(job)
        task.add_done_callback(_log_failure)
        self.add(task)

    def add(self, task: asyncio.Task[Any]) -> None:
        """Register a running task."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> None:
        """Wait up to so many seconds for all jobs, including those started meanwhile; cancel the rest."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._tasks and (left := end - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        unfinished = list(self._tasks)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)


async def cancel(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("a job failed", exc_info=error)


async def gather_fail_fast(*awaitables: Awaitable[object]) -> None:
    """Run several awaitables concurrently; the first error cancels the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in awaitables:
                group.create_task(_await(each))
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def or_none_after(seconds: float, awaitable: Awaitable[T]) -> T | None:
    """Return the result, or None if it takes longer or the provider cannot give it."""
    try:
        async with asyncio.timeout(seconds):
            return await awaitable
    except (errors.ProviderError, TimeoutError):
        return None


async def _await(awaitable: Awaitable[object]) -> None:
    await awaitable
