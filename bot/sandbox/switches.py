"""The demo's switches: they change the provider, and some of them the settings of the bot."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from bot.sandbox.page import Switch
from bot.sandbox.provider import SMS3T, WORLDWIDE, FaultKind, NumberState, ProviderFault, SandboxProvider

AT_HOME: Final = replace(SMS3T, actions=SMS3T.actions | {"getActiveActivations"})
"""The provider with one country. It has the list by which the bot finds a number after a lost response."""
VIETNAM: Final = "10"
QUICK: Final = 0.4
SLOW: Final = 2.0
"""The delay of the provider's responses, in seconds: normal and slow."""
SOLD_OUT: Final = "tg"
"""The service that a switch sells out."""
LATE_CANCEL: Final = 60
"""Seconds after a purchase until the provider accepts a cancel: more than the bot knows of."""
LAST_MINUTES: Final = 178
"""Seconds that are left of a number when the clock has been moved: a little less than three minutes."""
CARD_TIME: Final = 3.0
"""Seconds between a purchase and the move of the clock, so that the bot has shown the number's card."""
PRICE_RISE: Final = Decimal("1.5")


class DemoClock:
    """The clocks of the demo, which can be moved forward together, as if the time had passed.

    Attributes:
        ahead: How many seconds it is ahead of the machine's clock.
    """

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Return the time of the wall clock, in UTC seconds."""
        return time.time() + self.ahead

    def steady(self) -> float:
        """Return the time of a clock that is never corrected, in seconds."""
        return time.monotonic() + self.ahead


class Switches:
    """The switches of the page.

    Attributes:
        by_itself: Whether an SMS arrives by itself.
        worldwide: Whether the provider has many countries.
    """

    def __init__(self, provider: SandboxProvider, clock: DemoClock, restart: Callable[[], object]) -> None:
        """Prepare the switches; all but `by_itself` are off.

        Args:
            provider: The provider that the switches change.
            clock: The clock of the provider and of the bot.
            restart: Called after the clock or the settings of the bot have changed, to restart the bot.
        """
        self.by_itself = True
        self.worldwide = False
        self._clock = clock
        self._time_flies = False
        self._move: asyncio.TimerHandle | None = None
        self._provider = provider
        self._cancel_after = provider.cancel_after
        self._restart = restart
        self._dear = False
        self._sold_out = False
        self._slow = False
        self._delay = self._add_delay(QUICK)
        self._lost_answer: ProviderFault | None = None
        self._outage: ProviderFault | None = None
        self._setters: dict[str, Callable[[bool], None]] = {
            "by_itself": self._set_by_itself,
            "dear": self._set_dear,
            "lost_answer": self._set_lost_answer,
            "last_minutes": self._set_last_minutes,
            "late_cancel": self._set_late_cancel,
            "sold_out": self._set_sold_out,
            "slow": self._set_slow,
            "outage": self._set_outage,
            "many_countries": self._set_worldwide,
        }

    @property
    def bot_settings(self) -> dict[str, Any]:
        """The settings of the bot that depend on switches."""
        return {"countries": "all" if self.worldwide else VIETNAM}

    def views(self) -> Sequence[Switch]:
        """Return the switches to show."""
        provider = self._provider
        return [
            Switch(
                "by_itself",
                "An SMS arrives by itself",
                self.by_itself,
                "Within seconds. Off: you send it, or try Cancel.",
            ),
            Switch(
                "dear",
                "Prices rise by half",
                self._dear,
                "Open a confirmation page, wait half a minute, and tap Buy: nothing is bought.",
            ),
            Switch(
                "lost_answer",
                "The next purchase gets no answer",
                self._lost_answer in provider.faults,
                "A number is bought, but the bot is not told. It finds out and buys no other.",
            ),
            Switch(
                "last_minutes",
                "Three minutes left",
                self._time_flies,
                "The clock moves on to the last minutes of a number that waits for its SMS.",
            ),
            Switch(
                "late_cancel",
                "Early cancels are refused",
                provider.cancel_after == LATE_CANCEL,
                f"A number can be cancelled after {LATE_CANCEL} seconds. The bot does not know that.",
            ),
            Switch(
                "sold_out",
                "Telegram is sold out",
                self._sold_out,
                "Lists can show the old count for up to a minute.",
            ),
            Switch(
                "slow",
                "The provider is slow",
                self._slow,
                f"It responds after {SLOW:g} seconds instead of {QUICK:g}.",
            ),
            Switch(
                "outage",
                "The provider is down",
                self._outage is not None,
                "It returns only errors. No number and no SMS is lost.",
            ),
            Switch(
                "many_countries",
                "Many countries",
                self.worldwide,
                "A worldwide provider. Your numbers stay.",
            ),
        ]

    def turn(self, name: str, value: bool) -> None:
        """Turn a switch on or off; an unknown one, or one that is turned already, is ignored."""
        if any(switch.name == name and switch.on != value for switch in self.views()):
            self._setters[name](value)

    def _add_delay(self, seconds: float) -> ProviderFault:
        return self._provider.fail(FaultKind.DELAY, seconds=seconds, times=None)

    def _set_by_itself(self, value: bool) -> None:
        self.by_itself = value

    def _set_dear(self, value: bool) -> None:
        self._dear = value
        self._provider.raise_prices(PRICE_RISE if value else Decimal(1))

    def _set_lost_answer(self, value: bool) -> None:
        if self._lost_answer is not None:
            self._provider.heal(self._lost_answer)
        self._lost_answer = (
            self._provider.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber") if value else None
        )

    def _set_last_minutes(self, value: bool) -> None:
        self._time_flies = value
        self.move_clock()

    def move_clock(self) -> None:
        """If that is switched on, move the clock to the last minutes of the oldest number before them."""
        left = min(self._times_left(), default=None)
        if not self._time_flies or left is None or self._move is not None:
            return
        loop = asyncio.get_running_loop()
        age = self._provider.lifetime - left
        self._move = loop.call_later(max(0.0, CARD_TIME - age), self._move_clock)

    def _move_clock(self) -> None:
        self._move = None
        left = min(self._times_left(), default=None)
        if self._time_flies and left is not None:
            self._time_flies = False
            self._clock.ahead += left - LAST_MINUTES
            self._restart()

    def _times_left(self) -> list[float]:
        """Return the seconds left of each number that waits for its SMS and is not in its last minutes."""
        ends = [
            number.bought_at + self._provider.lifetime - self._clock()
            for number in self._provider.numbers.values()
            if number.state is NumberState.WAITING
        ]
        return [left for left in ends if left > LAST_MINUTES + CARD_TIME]

    def _set_late_cancel(self, value: bool) -> None:
        self._provider.cancel_after = LATE_CANCEL if value else self._cancel_after

    def _set_sold_out(self, value: bool) -> None:
        self._sold_out = value
        self._provider.sell_out(SOLD_OUT) if value else self._provider.restock(SOLD_OUT)

    def _set_slow(self, value: bool) -> None:
        self._slow = value
        self._provider.heal(self._delay)
        self._delay = self._add_delay(SLOW if value else QUICK)

    def _set_outage(self, value: bool) -> None:
        if self._outage is not None:
            self._provider.heal(self._outage)
        self._outage = self._provider.fail(FaultKind.STATUS, status=503, times=None) if value else None

    def _set_worldwide(self, value: bool) -> None:
        self.worldwide = value
        self._provider.become(WORLDWIDE if value else AT_HOME)
        self._restart()
