"""The demo's other side: the rented numbers as phones, and the switches that change the provider."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Final

import phonenumbers

from bot import data
from bot.sandbox.page import PhoneView, Switch
from bot.sandbox.provider import (
    SMS3T,
    WORLDWIDE,
    ClosedNumberError,
    FaultKind,
    Number,
    NumberState,
    ProviderFault,
    SandboxProvider,
)

SMS_AFTER: Final = (4.0, 8.0)
"""Seconds after which an SMS arrives by itself."""
QUICK: Final = 0.1
SLOW: Final = 2.0
"""Seconds that the provider thinks about an answer."""
SOLD_OUT: Final = "tg"
"""The service that a switch sells out."""
_STATES: Final = {
    NumberState.WAITING: "Waiting for an SMS",
    NumberState.RECEIVED: "SMS received",
    NumberState.WAITING_AGAIN: "Waiting for another",
    NumberState.FINISHED: "Completed",
    NumberState.CANCELLED: "Cancelled",
    NumberState.EXPIRED: "Expired",
}


class ControlPanel:
    """The provider's side of the demo: the rented numbers as phones, and the switches."""

    def __init__(self, provider: SandboxProvider, moved: Callable[[], object]) -> None:
        """Prepare the drawer.

        Args:
            provider: Whose numbers are shown.
            moved: Called when the provider's countries are others, so that the bot has to start anew.
        """
        self.worldwide = False
        self._provider = provider
        self._moved = moved
        self._names = data.service_names()
        self._random = random.Random()  # noqa: S311  # the codes of a demo open nothing
        self._by_itself = True
        self._promised: set[tuple[str, int]] = set()
        self._listeners: list[Callable[[], object]] = []
        self._sold_out = False
        self._slow = False
        self._delay = self._think(QUICK)
        self._outage: ProviderFault | None = None
        provider.on_change(self._on_change)

    def phones(self) -> Sequence[PhoneView]:
        """Return the phones to show, newest first."""
        return [self._phone(number) for number in reversed(self._provider.numbers.values())]

    def deliver(self, phone_id: str, text: str) -> None:
        """Let an SMS arrive at a phone; at one that has been closed nothing arrives."""
        try:
            self._provider.deliver(phone_id, text)
        except (ClosedNumberError, KeyError):
            self._changed()

    def switches(self) -> Sequence[Switch]:
        """Return the switches to show."""
        return [
            Switch(
                "by_itself",
                "An SMS arrives by itself",
                self._by_itself,
                "Within seconds. Turn it off to write it yourself, or to try Cancel.",
            ),
            Switch(
                "many_countries",
                "Many countries",
                self.worldwide,
                "A worldwide provider. The bot starts anew; your numbers stay.",
            ),
            Switch(
                "sold_out",
                "Telegram is sold out",
                self._sold_out,
                "Lists may show its old count for a minute.",
            ),
            Switch(
                "slow",
                "The provider is slow",
                self._slow,
                f"It answers after {SLOW:g} seconds instead of {QUICK:g}.",
            ),
            Switch(
                "outage",
                "The provider is down",
                self._outage is not None,
                "It answers nothing but errors. No number and no SMS is lost.",
            ),
        ]

    def set_switch(self, name: str, value: bool) -> None:  # the page's protocol
        """Turn a switch on or off."""
        match name:
            case "by_itself":
                self._by_itself = value
                self._promise_all()
            case "many_countries" if value != self.worldwide:
                self.worldwide = value
                self._provider.become(WORLDWIDE if value else SMS3T)
                self._moved()
            case "sold_out" if value != self._sold_out:
                self._sold_out = value
                self._provider.sell_out(SOLD_OUT) if value else self._provider.restock(SOLD_OUT)
            case "slow":
                self._slow = value
                self._provider.heal(self._delay)
                self._delay = self._think(SLOW if value else QUICK)
            case "outage" if value != (self._outage is not None):
                if self._outage is not None:
                    self._provider.heal(self._outage)
                self._outage = (
                    self._provider.fail(FaultKind.STATUS, status=503, times=None) if value else None
                )
        self._changed()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back whenever a phone or a switch has changed; the answer ends it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _think(self, seconds: float) -> ProviderFault:
        return self._provider.fail(FaultKind.DELAY, seconds=seconds, times=None)

    def _phone(self, number: Number) -> PhoneView:
        return PhoneView(
            id=number.id,
            phone=_pretty(number.phone),
            service_name=self._names.get(number.service, number.service),
            operator=number.operator.replace("_", " ").title(),
            state=_STATES[number.state],
            messages=list(number.messages),
            can_receive=number.state.is_open,
        )

    def _on_change(self) -> None:
        self._promise_all()
        self._changed()

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()

    def _promise_all(self) -> None:
        """Have an SMS arrive, once, at every phone that waits for one."""
        if not self._by_itself:
            return
        for number in self._provider.numbers.values():
            waits = number.state in (NumberState.WAITING, NumberState.WAITING_AGAIN)
            promise = (number.id, len(number.messages))
            if waits and promise not in self._promised:
                self._promised.add(promise)
                loop = asyncio.get_running_loop()
                loop.call_later(self._random.uniform(*SMS_AFTER), self._keep, promise)

    def _keep(self, promise: tuple[str, int]) -> None:
        number_id, messages = promise
        number = self._provider.numbers.get(number_id)
        self._promised.discard(promise)
        if self._by_itself and number and number.state.is_open and len(number.messages) == messages:
            self.deliver(number_id, f"{self._random.randrange(10**6):06}")


def _pretty(phone: str) -> str:
    """Return a phone number in groups, as people write it."""
    try:
        parsed = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return f"+{phone}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
