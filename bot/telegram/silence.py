"""Limits the answers to strangers and groups to one in a period."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

MAX_ENTRIES: Final = 10_000
"""The most receivers that are remembered; the oldest one is forgotten first."""


class Silence:
    """Remembers who was answered, and when.

    Args:
        seconds: the length of the silence after an answer.
        clock: monotonic seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._answered: OrderedDict[Hashable, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answered)

    def may_answer(self, receiver: Hashable) -> bool:
        """Return whether to answer now; if so, the silence begins."""
        now = self._clock()
        answered_at = self._answered.get(receiver)
        if answered_at is not None and answered_at > now - self._seconds:
            return False
        self._answered[receiver] = now
        self._answered.move_to_end(receiver)
        if len(self._answered) > MAX_ENTRIES:
            self._answered.popitem(last=False)
        return True
