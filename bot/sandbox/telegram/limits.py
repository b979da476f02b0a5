"""The limits of the Bot API, and its rate limit for messages."""

import math
import time
from dataclasses import dataclass, field

UNLIMITED = 10**9


@dataclass
class TelegramLimits:
    """The limits of Telegram; tests may change them."""

    text: int = 4096
    caption: int = 1024
    toast: int = 200
    callback_data: int = 64
    buttons: int = 100
    query_seconds: float = 30
    delete_seconds: float = 48 * 3600
    update_seconds: float = 24 * 3600
    overall_rate: float = 30
    overall_burst: float = 30
    chat_rate: float = 1
    chat_burst: float = 20

    def lift(self) -> None:
        """Remove the rate limits."""
        self.overall_rate = self.overall_burst = self.chat_rate = self.chat_burst = UNLIMITED


@dataclass
class _Bucket:
    level: float = 0.0
    at: float = field(default_factory=time.monotonic)

    def wait(self, rate: float, burst: float, now: float) -> float:
        """Return the seconds until another message is allowed."""
        self.level = max(0.0, self.level - (now - self.at) * rate)
        self.at = now
        return max(0.0, (self.level + 1 - burst) / rate)


class FloodControl:
    """Leaky buckets, one for the bot and one for each chat, on the monotonic clock."""

    def __init__(self, limits: TelegramLimits) -> None:
        self._limits = limits
        self._overall = _Bucket()
        self._chats: dict[int, _Bucket] = {}

    def admit(self, chat_id: int) -> int:
        """Count one message to a chat and return 0, or return the whole seconds until it is allowed."""
        limits, now = self._limits, time.monotonic()
        chat = self._chats.setdefault(chat_id, _Bucket())
        wait = max(
            self._overall.wait(limits.overall_rate, limits.overall_burst, now),
            chat.wait(limits.chat_rate, limits.chat_burst, now),
        )
        if wait > 0:
            return math.ceil(wait)
        self._overall.level += 1
        chat.level += 1
        return 0
