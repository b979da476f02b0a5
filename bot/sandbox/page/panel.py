"""The interface between the page and the control panel: its steps, its phones and its switches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Step:
    """A step to try the page; text in `backticks` can be copied.

    Attributes:
        offer: A text that one tap sends in the chat, and another tap copies.
    """

    text: str
    done: bool = False
    offer: str = ""


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

    def steps(self) -> Sequence[Step]:
        """Return the steps to show."""

    def phones(self) -> Sequence[PhoneView]:
        """Return the phones to show, newest first."""

    def deliver(self, phone_id: str, text: str) -> None:
        """Deliver an SMS to a phone."""

    def switches(self) -> Sequence[Switch]:
        """Return the switches to show."""

    def set_switch(self, name: str, value: bool) -> None:
        """Turn a switch on or off."""

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call the callback after every change of the panel; the returned function removes it."""
