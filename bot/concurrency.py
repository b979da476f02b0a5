"""Background jobs, a gather that fails fast, and a timeout that gives None."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from bot import errors

T = TypeVar("T")

log = logging.getLogger(__name__)


class BackgroundJobs:
    """The tasks that the program waits for before it ends: purchases, and updates being handled."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, job: Coroutine[Any, Any, object]) -> None:
        """Start a job that outlives the update which began it; its failure is logged."""
        task = asyncio.get_running_loop().create_task(job)
        task.add_done_callback(_log_failure)
        self.add(task)

    def add(self, task: asyncio.Task[Any]) -> None:
        """Have the program wait for a task."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, seconds: float) -> None:
        """Wait for the jobs, and for those they begin meanwhile, and cancel what is not done by then."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._tasks and (left := end - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("a job failed", exc_info=error)


async def gather_fail_fast(*work: Awaitable[object]) -> None:
    """Do several things at a time; the first error ends the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(_await(each))
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def or_none_after(seconds: float, work: Awaitable[T]) -> T | None:
    """Return an answer that is only worth so many seconds; None if it does not come."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except (errors.ProviderError, TimeoutError):
        return None


async def _await(work: Awaitable[object]) -> None:
    await work
