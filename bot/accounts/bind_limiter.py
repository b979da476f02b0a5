"""Limits how many API keys are checked with the provider, so that nobody can guess keys through the bot."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from bot.errors import TooManyBindings

WINDOW: Final = 60
"""Seconds for which the limits hold."""
MAX_OF_USER: Final = 3
"""Keys of one user that are checked in a window."""
MAX_OF_ALL: Final = 20
"""Keys of all users that are checked in a window; a small part of the provider's request budget."""
_KEPT_USERS: Final = 1000


@dataclass(eq=False, slots=True)
class BindLimiter:
    """The times of the latest checks, in UTC seconds: of all users together, and of each one."""

    _of_all: deque[float] = field(default_factory=deque)
    _of_user: dict[int, deque[float]] = field(default_factory=dict)

    def take(self, user_id: int, now: float) -> None:
        """Count a check.

        Raises:
            TooManyBindings: a limit is reached; the check is not counted.
        """
        if len(self._of_user) > _KEPT_USERS:
            self._of_user = {id_: times for id_, times in self._of_user.items() if _recent(times, now)}
        of_user = self._of_user.setdefault(user_id, deque())
        for times, limit in ((of_user, MAX_OF_USER), (self._of_all, MAX_OF_ALL)):
            if _recent(times, now) >= limit:
                raise TooManyBindings(math.ceil(times[0] + WINDOW))
        of_user.append(now)
        self._of_all.append(now)


def _recent(times: deque[float], now: float) -> int:
    """Remove the times outside the window, also those of a clock that was ahead; return how many are left."""
    while times and not now - WINDOW < times[0] <= now:
        times.popleft()
    return len(times)
