"""Notices: the messages that the bot sends on its own, besides codes and cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class NoticeKind(StrEnum):
    """Subject of a notice."""

    ENDED = "ended"
    """The activation ended, but not by an action of the user."""
    CANCELLED = "cancelled"
    """The scheduled cancel was done."""
    CANCEL_REFUSED = "cancel_refused"
    """The provider refused the scheduled cancel."""
    FOUND = "found"
    """Reconciliation showed that an unclear purchase bought a number."""
    NOT_BOUGHT = "not_bought"
    """Reconciliation showed that an unclear purchase bought nothing."""
    KEY_REFUSED = "key_refused"
    """The provider refuses the API key of open activations."""
    LOW_BALANCE = "low_balance"
    """The balance is below the user's threshold."""
    ALERT = "alert"
    """An alert found numbers."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to be sent.

    Attributes:
        details: facts for its text, besides those of the activation.
    """

    id: int
    kind: NoticeKind
    details: Mapping[str, str] = field(default_factory=dict)
