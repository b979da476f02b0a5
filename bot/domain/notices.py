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
    CANDIDATE = "candidate"
    """A purchase of which no number could be found may have bought a number that has turned up."""
    REOPENED = "reopened"
    """The provider turned out to wait for the code of an ended number, which is active again."""
    KEY_REFUSED = "key_refused"
    """The provider refuses the API key of open activations."""
    LOW_BALANCE = "low_balance"
    """The balance is below the user's threshold."""
    ALERT = "alert"
    """An alert found numbers."""
    ANSWER = "answer"
    """Telegram did not take the answer to a tap; the details have its text."""
    KEY_MESSAGE_STAYS = "key_message_stays"
    """Telegram does not let the bot delete a message of the user that holds an API key."""


class DeletionState(StrEnum):
    """What has become of a message that the bot deletes."""

    DELETED = "deleted"
    """It is gone, deleted by the bot or by the user."""
    PENDING = "pending"
    """It is tried again; if it cannot be deleted, the user gets a notice."""
    REFUSED = "refused"
    """It stays, and the user gets a notice."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to be sent.

    Attributes:
        details: facts for its text, besides those of the activation.
    """

    id: int
    kind: NoticeKind
    details: Mapping[str, str] = field(default_factory=dict)
