"""The queue of updates, which one poller at a time may read."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from itertools import islice

from bot.sandbox.telegram.errors import RefusedCall
from bot.sandbox.telegram.limits import TelegramLimits
from bot.sandbox.telegram.objects import Json

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
KEPT_CONFIRMED = 100
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Updates:
    """The updates that the bot has not confirmed."""

    def __init__(self, clock: Callable[[], float], limits: TelegramLimits) -> None:
        self.allowed: frozenset[str] = frozenset()
        self._clock = clock
        self._limits = limits
        self._queue: deque[tuple[float, Json]] = deque()
        self._confirmed: deque[tuple[float, Json]] = deque(maxlen=KEPT_CONFIRMED)
        self._next_id = 1
        self._poll: asyncio.Future[str | None] | None = None

    def __len__(self) -> int:
        return len(self._queue)

    def allow(self, kinds: Collection[str]) -> None:
        """Set the kinds of update that the bot wants; an empty collection means the default kinds."""
        self.allowed = frozenset(kinds)

    def put(self, kind: str, payload: Json) -> int | None:
        """Add an update and return its id; do nothing if the bot does not want its kind."""
        if kind not in self.allowed if self.allowed else kind in NOT_BY_DEFAULT:
            return None
        return self.put_raw({kind: payload})

    def put_raw(self, update: Json) -> int:
        """Add an update of any kind and form; return the id that it gets."""
        update_id = self._next_id
        self._queue.append((self._clock(), {"update_id": update_id, **update}))
        self._next_id += 1
        self._wake(None)
        return update_id

    def alter(self, kind: str, **fields: object) -> None:
        """Replace fields of the newest waiting update of a kind, for example by invalid ones."""
        next(update for _, update in reversed(self._queue) if kind in update)[kind].update(fields)

    def repeat(self, kind: str) -> None:
        """Deliver the latest confirmed update of a kind again, as after a lost confirmation."""
        again = next(item for item in reversed(self._confirmed) if kind in item[1])
        self._queue.appendleft(again)
        self._wake(None)

    async def take(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Remove the updates before the offset, and return the others; wait if there are no others.

        Raises:
            RefusedCall: Another poll has replaced this one.
        """
        self._wake(OTHER_POLL)
        self._confirm(offset)
        if not self._queue and seconds > 0:
            await self._wait(seconds)
        return [update for _, update in islice(self._queue, limit)]

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        reason = None
        try:
            async with asyncio.timeout(seconds):
                reason = await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None
        if reason:
            raise RefusedCall(409, f"Conflict: {reason}")

    def _wake(self, reason: str | None) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(reason)

    def _confirm(self, offset: int) -> None:
        oldest = self._clock() - self._limits.update_seconds
        if offset < 0:
            while len(self._queue) > -offset:
                self._confirmed.append(self._queue.popleft())
        while self._queue and (self._queue[0][1]["update_id"] < offset or self._queue[0][0] < oldest):
            self._confirmed.append(self._queue.popleft())
