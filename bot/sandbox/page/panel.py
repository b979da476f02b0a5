"""The interface between the page and the control panel: its phones and its switches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class PhoneView:
    """A sold number, which the page draws as a small phone."""

    id: str
    phone: str
    service_name: str
    operator: str
    state: str
    messages: list[str] = field(default_factory=list)
    can_receive: bool = True


@dataclass(frozen=True)
class Switch:
    """A setting of the sandbox that can be turned on and off."""

    name: str
    label: str
    on: bool
    detail: str = ""


class Panel(Protocol):
    """The source of the control panel, as the page needs it."""

    def phones(self) -> Sequence[PhoneView]:
        """Return the phones to show, newest first."""

    def deliver(self, phone_id: str, text: str) -> None:
        """Deliver an SMS to a phone."""

    def switches(self) -> Sequence[Switch]:
        """Return the switches to show."""

    def set_switch(self, name: str, value: bool) -> None:
        """Turn a switch on or off."""

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call the callback after every change of a phone or switch; the returned function removes it."""
