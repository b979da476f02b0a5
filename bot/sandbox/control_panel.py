"""The demo's control panel: the sold numbers as phones, and the switches that change the provider."""

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
"""The range of seconds after which an SMS arrives by itself."""
QUICK: Final = 0.4
SLOW: Final = 2.0
"""The delay of the provider's responses, in seconds: normal and slow."""
SOLD_OUT: Final = "tg"
"""The service that a switch sells out."""
_STATES: Final = {
    NumberState.WAITING: "Waiting for an SMS",
    NumberState.RECEIVED: "SMS received",
    NumberState.WAITING_AGAIN: "Waiting for another SMS",
    NumberState.FINISHED: "Completed",
    NumberState.CANCELLED: "Cancelled",
    NumberState.EXPIRED: "Expired",
}


class ControlPanel:
    """The phones and switches of the page, on top of the sandbox provider.

    Attributes:
        worldwide: Whether the provider has many countries.
    """

    def __init__(self, provider: SandboxProvider, restart: Callable[[], object]) -> None:
        """Prepare the panel.

        Args:
            provider: The provider whose numbers are shown.
            restart: Called after the provider's countries have changed, to restart the bot.
        """
        self.worldwide = False
        self._provider = provider
        self._restart = restart
        self._names = data.service_names()
        self._random = random.Random()  # noqa: S311  # the codes of a demo are no secrets
        self._by_itself = True
        self._scheduled: set[tuple[str, int]] = set()
        self._listeners: list[Callable[[], object]] = []
        self._sold_out = False
        self._slow = False
        self._delay = self._add_delay(QUICK)
        self._outage: ProviderFault | None = None
        provider.on_change(self._on_change)

    def phones(self) -> Sequence[PhoneView]:
        """Return the phones to show, newest first."""
        return [self._phone(number) for number in reversed(self._provider.numbers.values())]

    def deliver(self, phone_id: str, text: str) -> None:
        """Deliver an SMS to a phone; a closed phone gets nothing."""
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
                "Within seconds. Turn this off to send an SMS yourself, or to try Cancel.",
            ),
            Switch(
                "many_countries",
                "Many countries",
                self.worldwide,
                "A worldwide provider. The bot restarts, and your numbers stay.",
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
        ]

    def set_switch(self, name: str, value: bool) -> None:
        """Turn a switch on or off."""
        match name:
            case "by_itself":
                self._by_itself = value
                self._schedule_all()
            case "many_countries" if value != self.worldwide:
                self.worldwide = value
                self._provider.become(WORLDWIDE if value else SMS3T)
                self._restart()
            case "sold_out" if value != self._sold_out:
                self._sold_out = value
                self._provider.sell_out(SOLD_OUT) if value else self._provider.restock(SOLD_OUT)
            case "slow":
                self._slow = value
                self._provider.heal(self._delay)
                self._delay = self._add_delay(SLOW if value else QUICK)
            case "outage" if value != (self._outage is not None):
                if self._outage is not None:
                    self._provider.heal(self._outage)
                self._outage = (
                    self._provider.fail(FaultKind.STATUS, status=503, times=None) if value else None
                )
        self._changed()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call the callback after every change of a phone or switch; the returned function removes it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _add_delay(self, seconds: float) -> ProviderFault:
        return self._provider.fail(FaultKind.DELAY, seconds=seconds, times=None)

    def _phone(self, number: Number) -> PhoneView:
        return PhoneView(
            id=number.id,
            phone=_grouped(number.phone),
            service_name=self._names.get(number.service, number.service),
            operator=number.operator.replace("_", " ").title(),
            state=_STATES[number.state],
            messages=list(number.messages),
            can_receive=number.state.is_open,
        )

    def _on_change(self) -> None:
        self._schedule_all()
        self._changed()

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()

    def _schedule_all(self) -> None:
        """Schedule one SMS for each number that waits for one and has none scheduled."""
        if not self._by_itself:
            return
        for number in self._provider.numbers.values():
            waits = number.state in (NumberState.WAITING, NumberState.WAITING_AGAIN)
            sms = (number.id, len(number.messages))
            if waits and sms not in self._scheduled:
                self._scheduled.add(sms)
                loop = asyncio.get_running_loop()
                loop.call_later(self._random.uniform(*SMS_AFTER), self._deliver_scheduled, sms)

    def _deliver_scheduled(self, sms: tuple[str, int]) -> None:
        number_id, messages = sms
        number = self._provider.numbers.get(number_id)
        self._scheduled.discard(sms)
        if self._by_itself and number and number.state.is_open and len(number.messages) == messages:
            self.deliver(number_id, f"{self._random.randrange(10**6):06}")


def _grouped(phone: str) -> str:
    """Return a phone number in the international format, with spaces between its groups."""
    try:
        parsed = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return f"+{phone}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
