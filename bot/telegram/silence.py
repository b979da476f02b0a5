"""Limits the answers to strangers and groups to one in a period."""

from collections.abc import Callable, Hashable
from typing import Final

from bot.lru import LruDict

MAX_ENTRIES: Final = 10_000
"""The most receivers that are remembered; the least recently used one is forgotten first."""


class Silence:
    """Remembers who was answered, and when.

    Args:
        seconds: the length of the silence after an answer.
        clock: monotonic seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._answered = LruDict[Hashable, float](MAX_ENTRIES)

    def __len__(self) -> int:
        return len(self._answered)

    def may_answer(self, receiver: Hashable) -> bool:
        """Return whether to answer now; if so, the silence begins."""
        now = self._clock()
        answered_at = self._answered.get(receiver)
        if answered_at is not None and answered_at > now - self._seconds:
            return False
        self._answered.put(receiver, now)
        return True
