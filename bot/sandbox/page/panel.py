"""What the drawer shows, and what can be done in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class PhoneView:
    """A number that somebody has bought, drawn as a little phone."""

    id: str
    phone: str
    service_name: str
    operator: str
    state: str
    messages: list[str] = field(default_factory=list)
    can_receive: bool = True


@dataclass(frozen=True)
class Switch:
    """Something about the sandbox that can be turned on and off."""

    name: str
    label: str
    on: bool
    detail: str = ""


class Panel(Protocol):
    """The provider's side of the demo, as the page needs it."""

    def phones(self) -> Sequence[PhoneView]:
        """Return the phones to show, newest first."""

    def deliver(self, phone_id: str, text: str) -> None:
        """Let an SMS arrive at a phone."""

    def switches(self) -> Sequence[Switch]:
        """Return the switches to show."""

    def set_switch(self, name: str, value: bool) -> None:
        """Turn a switch on or off."""

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back whenever a phone or a switch has changed; the answer ends it."""
