"""The wall clock beside a clock that is never corrected."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

TOLERANCE: Final = 2.0
"""Seconds; a smaller change of the difference of the clocks is drift, which is followed at once."""
SETTLE_TIME: Final = 10.0
"""Seconds that a larger difference must last before it counts as a correction of the wall clock."""


@dataclass(slots=True)
class WallClock:
    """Follows the difference between the wall clock and the steady clock.

    Attributes:
        now: the wall clock in UTC seconds, which may be corrected at any time.
        steady: seconds of a clock that is never corrected.
        offset: seconds to add to the steady clock for UTC seconds, without corrections that may not last.
    """

    now: Callable[[], float]
    steady: Callable[[], float]
    offset: float = field(init=False)
    _candidate: float | None = field(default=None, init=False)
    _since: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.offset = self.current_offset()

    def current_offset(self) -> float:
        """Return the difference of the clocks now."""
        return self.now() - self.steady()

    def follow(self) -> bool:
        """Follow the wall clock; return whether a correction of it has lasted long enough to count."""
        offset, now = self.current_offset(), self.steady()
        if abs(offset - self.offset) <= TOLERANCE:
            self.offset, self._candidate = offset, None
        elif self._candidate is None or abs(offset - self._candidate) > TOLERANCE:
            self._candidate, self._since = offset, now
        elif now - self._since >= SETTLE_TIME:
            self.offset, self._candidate = offset, None
            return True
        return False
