"""The provider's answer to a status check, and what in it is new for an activation."""

from dataclasses import dataclass

from bot.domain.activations import Activation, State


@dataclass(frozen=True, slots=True)
class Waiting:
    """The provider waits for an SMS.

    Attributes:
        again: it waits for another code after the first one.
        previous: the previous code, where the provider repeats it; not a new one.
    """

    again: bool = False
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class CodeShown:
    """The provider reports a code, new or not."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The provider reports that the activation is cancelled, completed or expired; it does not say which."""


Status = Waiting | CodeShown | Closed
"""The provider's answer to a status check."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that is not stored yet.

    Attributes:
        earlier: the provider reported it only as the previous code.
    """

    text: str
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class AwaitsAnotherCode:
    """The provider waits for another code, which is not stored yet."""


@dataclass(frozen=True, slots=True)
class ClosedByProvider:
    """The provider has closed the activation."""


StatusUpdate = NewCode | AwaitsAnotherCode | ClosedByProvider
"""What a status check adds to a stored activation."""


def read_status(activation: Activation, status: Status) -> StatusUpdate | None:
    """Return what a status adds to a stored activation, or None if it adds nothing.

    A second code is new if its text differs from the last one, or if the provider was seen waiting since the
    request for it: a service may send the same text twice. The previous code that comes with a wait is new
    only if no stored code has its text.
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
            requested_elsewhere = again and activation.state is State.RECEIVED
            if requested_elsewhere or (activation.resent and not activation.waiting_seen):
                return AwaitsAnotherCode()
            return None
        case Closed():
            return ClosedByProvider()


@dataclass(frozen=True, slots=True)
class ListedActivation:
    """A row of the provider's list of active numbers; a field is None where the provider gives none."""

    id: str
    service: str | None
    country: str | None
    phone: str | None
