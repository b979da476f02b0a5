"""The messages that the bot sends on its own, besides codes and cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class NoticeKind(StrEnum):
    """What the chat is told besides codes, as a message of its own."""

    ENDED = "ended"
    """The activation ended without the user's doing."""
    CANCELLED = "cancelled"
    """The cancel the user wanted for later was done."""
    CANCEL_REFUSED = "cancel_refused"
    """The cancel the user wanted for later was refused."""
    FOUND = "found"
    """An unclear purchase turned out to have bought a number."""
    NOT_BOUGHT = "not_bought"
    """An unclear purchase turned out to have bought nothing."""
    KEY_REFUSED = "key_refused"
    """The provider no longer takes the API key of open activations."""
    LOW_BALANCE = "low_balance"
    """The balance has fallen under the user's threshold."""
    ALERT = "alert"
    """There are numbers of what the user watches."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the chat is to be told.

    Attributes:
        details: what it is about besides an activation, by name.
    """

    id: int
    kind: NoticeKind
    details: Mapping[str, str] = field(default_factory=dict)
