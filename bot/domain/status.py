"""The provider's answer to a status check, and what is new in it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.domain.activations import Activation, State


@dataclass(frozen=True, slots=True)
class Waiting:
    """The provider waits for an SMS.

    Attributes:
        again: it waits for a further one.
        previous: the code before, where the provider repeats it; not a new one.
    """

    again: bool = False
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class CodeShown:
    """The provider shows a code, new or not."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The provider says the activation is cancelled, completed or expired; it does not say which."""


Status = Waiting | CodeShown | Closed
"""The provider's answer to "how does this activation stand?"."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code the user has not been told yet."""

    text: str
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class WaitSeen:
    """After a request for another code, the provider was seen waiting for it."""


@dataclass(frozen=True, slots=True)
class Over:
    """The provider has closed the activation."""


News = NewCode | WaitSeen | Over


def read_status(activation: Activation, status: Status) -> News | None:
    """Return what a status tells that the activation does not hold yet, or None.

    A further code is new if its text differs from the last one, or if the provider was seen waiting in
    between: the same text may truly come again. The text behind a wait is the old code, so it is news only
    if it was never seen.
    """
    match status:
        case CodeShown(text):
            last = activation.last_code
            if last is None or last.text != text or (activation.resent and activation.waiting_seen):
                return NewCode(text)
            return None
        case Waiting(again, previous):
            if previous and all(code.text != previous for code in activation.codes):
                return NewCode(previous, earlier=True)
            asked_elsewhere = again and activation.state is State.RECEIVED
            if asked_elsewhere or (activation.resent and not activation.waiting_seen):
                return WaitSeen()
            return None
        case Closed():
            return Over()


@dataclass(frozen=True, slots=True)
class ListedActivation:
    """A row of the provider's list of active activations; None where it does not say.

    Attributes:
        started: the provider's local time of the purchase, in a time zone it does not name.
    """

    id: str
    service: str | None
    country: str | None
    phone: str | None
    started: datetime | None = None

    def older_than(self, moment: int) -> bool:
        """Return whether it certainly began before a moment (UTC seconds).

        The zone is unknown, but every zone is whole quarters of an hour away from UTC: what is left after
        taking those off tells the age as long as little time has passed.
        """
        if self.started is None:
            return False
        ahead = (self.started.replace(tzinfo=UTC).timestamp() - moment) % _QUARTER
        return _QUARTER / 2 < ahead < _QUARTER - _CLOCK_SKEW


_QUARTER: Final = 900


_CLOCK_SKEW: Final = 30
"""Seconds the provider's clock may be behind ours."""
