"""Rate limits of the messages that the outbox sends."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from aiolimiter import AsyncLimiter

ALL_RATE: Final = 30
"""Messages per second that Telegram accepts from a bot."""
CHAT_RATE: Final = 1
CHAT_BURST: Final = 10
"""Messages per second that Telegram accepts for one chat, and how many at once after a pause."""
CODES_PER_MINUTE: Final = 20
"""Codes of one activation that are sent in a minute; more of them wait, so that they delay no other chat."""
MINUTE: Final = 60.0
MAX_CHATS: Final = 1000
"""Chats whose limiters are kept in memory."""


@dataclass(eq=False, slots=True)
class SendLimits:
    """The limits of the bot, of each chat, and of the codes of each activation. Times are of the loop."""

    _bot: AsyncLimiter = field(default_factory=lambda: AsyncLimiter(ALL_RATE, 1), init=False)
    _chats: dict[int, AsyncLimiter] = field(default_factory=dict, init=False)
    _codes: dict[int, deque[float]] = field(default_factory=dict, init=False)
    _paused_until: float = field(default=0.0, init=False)

    def pause(self, seconds: float) -> None:
        """Send no new message of the bot for so many seconds, because Telegram has asked for that."""
        self._paused_until = max(self._paused_until, asyncio.get_running_loop().time() + seconds)

    async def wait(self, chat_id: int, *, edit: bool = False) -> None:
        """Wait until a message to a chat is allowed; a pause of new messages does not apply to an edit."""
        loop = asyncio.get_running_loop()
        if len(self._chats) > MAX_CHATS:
            self._chats = {
                id_: limiter for id_, limiter in self._chats.items() if not limiter.has_capacity(CHAT_BURST)
            }
        if chat_id not in self._chats:
            self._chats[chat_id] = AsyncLimiter(CHAT_BURST, CHAT_BURST / CHAT_RATE)
        await self._chats[chat_id].acquire()
        await self._bot.acquire()
        while not edit and (pause := self._paused_until - loop.time()) > 0:
            await asyncio.sleep(pause)
            await self._bot.acquire()  # all chats wake up at the same time

    def count_code(self, activation_id: int) -> None:
        """Count a sent code of an activation."""
        now = asyncio.get_running_loop().time()
        self._codes = {id_: times for id_, times in self._codes.items() if times[-1] > now - MINUTE}
        self._codes.setdefault(activation_id, deque(maxlen=CODES_PER_MINUTE)).append(now)

    def full_activations(self, now: float) -> dict[int, float]:
        """Return the activations whose next code must wait, each with the time until which it waits."""
        return {
            id_: times[0] + MINUTE
            for id_, times in self._codes.items()
            if len(times) == CODES_PER_MINUTE and times[0] + MINUTE > now
        }
