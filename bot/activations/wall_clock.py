"""The wall clock beside a clock that is never corrected, and the dates that a server sends."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

TOLERANCE: Final = 2.0
"""Seconds; a smaller change of the difference of the clocks is drift, which is followed at once."""
SETTLE_TIME: Final = 10.0
"""Seconds that a larger difference must last before it counts as a correction of the wall clock."""
MAX_ERROR: Final = 120.0
"""Seconds by which the wall clock may differ from the server's date before it counts as wrong."""
MAX_AHEAD: Final = 86400.0
"""Seconds by which the wall clock can be ahead of the true time; an older date rather comes from a cache."""
DATES_VALID_FOR: Final = 60.0
"""Seconds after the last date for which only another date can confirm a large correction."""
MAX_DRIFT: Final = 0.001
"""Seconds by which the steady clock can be too fast in a second; a date that loses more time stands still."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class WallClock:
    """Follows the difference between the wall clock and the steady clock.

    Attributes:
        now: the wall clock in UTC seconds, which may be wrong, and corrected at any time.
        steady: seconds of a clock that is never corrected.
        offset: seconds to add to the steady clock for UTC seconds, without corrections that may not last.
    """

    now: Callable[[], float]
    steady: Callable[[], float]
    offset: float = field(init=False)
    _candidate: float | None = field(default=None, init=False)
    _since: float = field(default=0.0, init=False)
    _error: float = field(default=0.0, init=False)
    _corrected: bool = field(default=False, init=False)
    _at_least: float = field(default=-math.inf, init=False)
    _dated_at: float = field(default=-math.inf, init=False)

    def __post_init__(self) -> None:
        self.offset = self.now() - self.steady()

    def note_date(self, date: float, asked_at: float) -> bool:
        """Compare the wall clock with the date of an answer; return whether UTC was corrected by it.

        Args:
            date: the date in UTC seconds, without their fraction.
            asked_at: when the request was sent, by the steady clock.
        """
        now = self.steady()
        wall = self.now() - now
        at_least, at_most = date - now, date + 1 - asked_at
        if wall - at_most > MAX_AHEAD:
            return False
        if at_most < self._at_least - MAX_ERROR:
            if self._at_least < math.inf:
                log.warning("the dates of Telegram contradict each other and are ignored from now on")
            self._at_least, self._dated_at, self._error = math.inf, -math.inf, 0.0
            return False
        self._at_least = max(at_least, self._at_least - MAX_DRIFT * max(0.0, now - self._dated_at))
        self._dated_at = now
        is_right = self._at_least - MAX_ERROR <= wall <= at_most + MAX_ERROR
        self._error = 0.0 if is_right else wall - self._at_least
        offset = wall - self._error
        if abs(offset - self.offset) <= MAX_ERROR:
            return False
        log.warning("the computer's clock is %+.0f s off by the date of Telegram", self._error)
        self.offset, self._candidate, self._corrected = offset, None, True
        return True

    def follow(self) -> bool:
        """Follow the wall clock; return whether a correction has lasted long enough to count."""
        if self._corrected:
            self._corrected = False
            return True
        now = self.steady()
        wall = self.now() - now
        if abs(wall - self.offset) <= MAX_ERROR:
            self._error = 0.0
        offset = wall - self._error
        if (change := abs(offset - self.offset)) <= TOLERANCE:
            self.offset, self._candidate = offset, None
        elif self._candidate is None or abs(offset - self._candidate) > TOLERANCE:
            self._candidate, self._since = offset, now
        elif now - self._since >= SETTLE_TIME and (
            change <= MAX_ERROR or now - self._dated_at > DATES_VALID_FOR
        ):
            self.offset, self._candidate = offset, None
            return True
        return False
