"""Rate limits of the messages that the bot sends: one for all, and one for each chat."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Final

from typing_extensions import override

from bot.lru import LruDict

ALL_RATE: Final = 30
"""Messages that Telegram accepts from a bot in any period of `WINDOW`."""
WINDOW: Final = 1.0
"""Seconds."""
CHAT_RATE: Final = 1
CHAT_BURST: Final = 20
"""Messages per second that Telegram accepts for one chat, and how many at once after a pause."""
CODES_PER_MINUTE: Final = 20
"""Codes of one activation that are sent in a minute; more of them wait, so that they delay no other chat."""
MINUTE: Final = 60.0
MAX_CHATS: Final = 10_000
"""Chats whose limiters are kept in memory."""


class _Limiter(ABC):
    """Gives turns, one for each message; an urgent one goes before the others. Times are of the loop."""

    def __init__(self) -> None:
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._number = count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, *, urgent: bool) -> None:
        """Wait for a turn."""
        turn = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (not urgent, next(self._number), turn))
        self._give()
        await turn

    def _give(self) -> None:
        """Give the turns that are free, and wake up for the next one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            turn = self._waiting[0][2]
            if not turn.done():  # else the waiting task was cancelled
                now, free_at = _time(), self._free_at()
                if free_at > now:
                    self._timer = asyncio.get_running_loop().call_at(free_at, self._give)
                    return
                self._take(now)
                turn.set_result(None)
            heappop(self._waiting)

    @abstractmethod
    def _free_at(self) -> float:
        """Return the time of the next turn; it may be over."""

    @abstractmethod
    def _take(self, now: float) -> None:
        """Count a turn."""


class _AllChats(_Limiter):
    """At most `ALL_RATE` turns in any period of `WINDOW`."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = deque[float](maxlen=ALL_RATE)

    @override
    def _free_at(self) -> float:
        return self._taken[0] + WINDOW if len(self._taken) == ALL_RATE else 0.0

    @override
    def _take(self, now: float) -> None:
        self._taken.append(now)


class _OneChat(_Limiter):
    """`CHAT_RATE` turns a second, and up to `CHAT_BURST` at once after a pause."""

    def __init__(self) -> None:
        super().__init__()
        self._full_until = 0.0

    @override
    def _free_at(self) -> float:
        return self._full_until - (CHAT_BURST - 1) / CHAT_RATE

    @override
    def _take(self, now: float) -> None:
        self._full_until = max(self._full_until, now) + 1 / CHAT_RATE


@dataclass(eq=False, slots=True)
class SendLimits:
    """The limits of the bot, of each chat, and of the codes of each activation. Times are of the loop."""

    _bot: _Limiter = field(default_factory=_AllChats, init=False)
    _chats: LruDict[int, _Limiter] = field(default_factory=lambda: LruDict(MAX_CHATS), init=False)
    _codes: dict[int, deque[float]] = field(default_factory=dict, init=False)
    _paused_until: float = field(default=0.0, init=False)

    def pause(self, seconds: float) -> None:
        """Send no new message of the outbox for so many seconds, because Telegram has asked for that."""
        self._paused_until = max(self._paused_until, _time() + seconds)

    async def turn(self, chat_id: int, *, urgent: bool = False) -> None:
        """Wait until a message to a chat, or an edit, is allowed; an urgent one goes before the others."""
        await (self._chats.get(chat_id) or self._chats.put(chat_id, _OneChat())).turn(urgent=urgent)
        await self._bot.turn(urgent=urgent)

    async def wait(self, chat_id: int, *, urgent: bool, edit: bool = False) -> None:
        """Wait for a turn and for the end of a pause; a pause of new messages does not apply to an edit."""
        await self.turn(chat_id, urgent=urgent)
        while not edit and (pause := self._paused_until - _time()) > 0:
            await asyncio.sleep(pause)
            await self._bot.turn(urgent=urgent)  # all chats wake up at the same time

    def count_code(self, activation_id: int) -> None:
        """Count a sent code of an activation."""
        now = _time()
        self._codes = {id_: times for id_, times in self._codes.items() if times[-1] > now - MINUTE}
        self._codes.setdefault(activation_id, deque(maxlen=CODES_PER_MINUTE)).append(now)

    def full_activations(self, now: float) -> dict[int, float]:
        """Return the activations whose next code must wait, each with the time until which it waits."""
        return {
            id_: times[0] + MINUTE
            for id_, times in self._codes.items()
            if len(times) == CODES_PER_MINUTE and times[0] + MINUTE > now
        }


def _time() -> float:
    return asyncio.get_running_loop().time()
