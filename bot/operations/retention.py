"""Retention: a daily job that deletes old data, and a job that empties the write-ahead log after it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection
from typing import Final

from bot import errors
from bot.domain import DAY
from bot.storage import retention
from bot.storage.database import Database

BATCH: Final = 200
"""Rows or activations that one transaction changes, so that no other write waits long."""
RETRY_PAUSE: Final = 600.0
"""Seconds to wait after an error."""
WAL_PAUSES: Final = (1.0, 5.0, 30.0)
"""Seconds between attempts to empty the write-ahead log; the last one repeats."""

log = logging.getLogger(__name__)

_Rule = Callable[[Connection], int]
"""Deletes some data in one transaction; returns how much, at most BATCH."""


@dataclass(eq=False, slots=True, kw_only=True)
class Retention:
    """Deletes data that nobody needs any more.

    Attributes:
        days: the age in days from which the details of an ended activation are deleted; 0 keeps them.
    """

    db: Database
    now: Callable[[], float]
    days: int

    async def run(self) -> None:
        """Do both jobs until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._delete_daily())
            group.create_task(self._empty_wal())

    async def delete_old(self) -> int:
        """Delete everything that is too old; return how many rows or activations were changed.

        Raises:
            StorageError: the rest is deleted by the next call.
        """
        total = 0
        for rule in self._rules():
            while True:
                changed = await self.db.write(rule)
                total += changed
                if changed < BATCH:
                    break
                await asyncio.sleep(0)
        if total:
            log.info("old data deleted: %d rows", total)
            await self.db.truncate_wal()
        return total

    def _rules(self) -> list[_Rule]:
        now = int(self.now())
        rules: list[_Rule] = [
            partial(retention.delete_all_hidden_texts, now=now, limit=BATCH),
            partial(retention.delete_old_notices, now=now, limit=BATCH),
            partial(retention.delete_old_quotes, now=now, limit=BATCH),
        ]
        if self.days:
            before = now - self.days * DAY
            rules += [
                partial(retention.delete_details, ended_before=before, now=now, limit=BATCH),
                partial(retention.delete_notices, created_before=before, limit=BATCH),
            ]
        return rules

    async def _delete_daily(self) -> None:
        while True:
            try:
                await self.delete_old()
                pause: float = DAY
            except errors.StorageError as error:
                log.warning("old data cannot be deleted now: %s", error)
                pause = RETRY_PAUSE
            except Exception:
                log.exception("old data could not be deleted")
                pause = RETRY_PAUSE
            await asyncio.sleep(pause)

    async def _empty_wal(self) -> None:
        """Empty the write-ahead log, at the start too, as soon as no other program reads it."""
        attempts = 0
        self.db.wal_is_left.set()  # the last process may have been killed between a deletion and this
        while True:
            await self.db.wal_is_left.wait()
            await asyncio.sleep(WAL_PAUSES[min(attempts, len(WAL_PAUSES) - 1)])
            attempts = 0 if await self.db.truncate_wal(wait=0.0) else attempts + 1
