"""The demo's control panel: the steps to try it, the sold numbers as phones, and the switches."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Final

import phonenumbers

from bot import data
from bot.sandbox.page import PhoneView, Step, Switch
from bot.sandbox.provider import ClosedNumberError, Number, NumberState, SandboxProvider
from bot.sandbox.switches import Switches
from bot.sandbox.telegram import Person

SMS_AFTER: Final = (4.0, 8.0)
"""The range of seconds after which an SMS arrives by itself."""
_STATES: Final = {
    NumberState.WAITING: "Waiting for an SMS",
    NumberState.RECEIVED: "SMS received",
    NumberState.WAITING_AGAIN: "Waiting for another SMS",
    NumberState.FINISHED: "Completed",
    NumberState.CANCELLED: "Cancelled",
    NumberState.EXPIRED: "Expired",
}


class ControlPanel:
    """The steps, phones and switches of the page, on top of the sandbox provider."""

    def __init__(self, provider: SandboxProvider, switches: Switches, person: Person, key: str) -> None:
        """Prepare the panel.

        Args:
            provider: The provider whose numbers are shown.
            switches: The switches to show.
            person: The person who uses the page.
            key: The API key that they are to send.
        """
        self._provider = provider
        self._switches = switches
        self._person = person
        self._key = key
        self._names = data.service_names()
        self._random = random.Random()  # noqa: S311  # the codes of a demo are no secrets
        self._key_used = False
        self._scheduled: set[tuple[str, int]] = set()
        self._listeners: list[Callable[[], object]] = []
        provider.on_change(self._on_change)

    def steps(self) -> Sequence[Step]:
        """Return the steps to try the demo."""
        if not self._key_used:
            self._key_used = any(
                request.params.get("api_key") == self._key for request in self._provider.requests
            )
        messages, numbers = self._person.messages, self._provider.numbers.values()
        return [
            Step("Press the blue button in the chat.", bool(messages)),
            Step("Send the demo key", self._key_used, offer=self._key),
            Step("Buy a number. It appears here as a phone.", bool(numbers)),
            Step("Its code arrives in the chat.", any(number.shown for number in numbers)),
            Step(
                f"In any chat: type `@{self._person.telegram.username} tele`",
                any(message.via_bot for message in messages),
            ),
        ]

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
        return self._switches.views()

    def set_switch(self, name: str, value: bool) -> None:
        """Turn a switch on or off."""
        self._switches.turn(name, value)
        self._on_change()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call the callback after every change of the panel; the returned function removes it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

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
        self._switches.move_clock()
        self._schedule_all()
        self._changed()

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()

    def _schedule_all(self) -> None:
        """Schedule one SMS for each number that waits for one and has none scheduled."""
        if not self._switches.by_itself:
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
        if self._switches.by_itself and number and number.state.is_open and len(number.messages) == messages:
            self.deliver(number_id, f"{self._random.randrange(10**6):06}")


def _grouped(phone: str) -> str:
    """Return a phone number in the international format, with spaces between its groups."""
    try:
        parsed = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return f"+{phone}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
