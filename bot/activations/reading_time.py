"""The time for which a new page obeys no tap, because the tap may be meant for the screen before it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot import errors

MIN_READING_TIME: Final = 1.0
"""Seconds for which a page must have been shown before it obeys a tap."""
MAX_DRAWING: Final = 60.0
"""Seconds after which a page counts as shown although Telegram has confirmed no message with it."""


@dataclass(slots=True)
class _Page:
    """A page that this process draws; `shown_at` is None until Telegram has confirmed it."""

    drawn_at: float
    shown_at: float | None = None


@dataclass(eq=False, slots=True)
class ReadingTime:
    """Knows when pages were shown. Pages are named by a token; times are seconds of the steady clock.

    Attributes:
        now: the steady clock.
        seconds: how long a page must have been shown.
    """

    now: Callable[[], float]
    seconds: float = MIN_READING_TIME
    _pages: dict[str, _Page] = field(default_factory=dict, init=False)
    _started_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._started_at = self.now()

    def drawn(self, token: str) -> None:
        """Note that a page is about to be shown; until `shown` it obeys no tap."""
        now = self.now()
        self._pages = {
            name: page
            for name, page in self._pages.items()
            if now - page.drawn_at < MAX_DRAWING or now - (page.shown_at or 0.0) < self.seconds
        }
        self._pages[token] = _Page(now)

    def shown(self, token: str) -> None:
        """Note that Telegram has confirmed the message with the page; only the first call counts."""
        page = self._pages.get(token)
        if page is not None and page.shown_at is None:
            page.shown_at = self.now()

    def check(self, token: str, tapped_at: float) -> None:
        """Check that a page was shown long enough before a tap.

        Args:
            token: the name of the page.
            tapped_at: when the tap arrived.

        Raises:
            TappedTooSoon: it was not.
        """
        if self.seconds <= 0:
            return
        page = self._pages.get(token)
        if page is None:
            shown_at = self._started_at  # an earlier process has shown it
        elif page.shown_at is not None:
            shown_at = page.shown_at
        elif self.now() - page.drawn_at >= MAX_DRAWING:
            shown_at = page.drawn_at
        else:
            raise errors.TappedTooSoon
        if tapped_at - shown_at < self.seconds:
            raise errors.TappedTooSoon
