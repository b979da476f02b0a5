"""The provider's answer to a status check, and what in it is new for an activation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.domain.activations import Activation, State

_WORD: Final = re.compile(r"\w+(?:-\w+)*")


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
    """The provider reports a code, new or not.

    Attributes:
        message: the whole text of the SMS, where the answer has it beside the code.
    """

    text: str
    message: str | None = None


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


def new_listed_codes(activation: Activation, listed: Sequence[str]) -> list[NewCode]:
    """Return the listed codes that are not stored yet, in their order.

    A code counts as stored if a stored text is equal to it or has it as a word, or the other way round: one
    answer of the provider may have the whole text of an SMS and another one only the code. A code that is
    listed before a stored one is an earlier code.
    """
    stored = [code.text for code in activation.codes]
    last_known = max((i for i, text in enumerate(listed) if _is_stored(text, stored)), default=-1)
    new: list[NewCode] = []
    for position, text in enumerate(listed):
        if text.strip() and not _is_stored(text, [*stored, *(code.text for code in new)]):
            new.append(NewCode(text, earlier=position < last_known))
    return new


def _is_stored(text: str, stored: Sequence[str]) -> bool:
    return any(text == other or text in _words(other) or other in _words(text) for other in stored)


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


@dataclass(frozen=True, slots=True)
class ListedActivation:
    """A row of the provider's list of active numbers; a field is None where the provider gives none.

    Attributes:
        codes: the codes that the row has, oldest first; the whole text of an SMS where it has no code.
        charged: what the provider charged for it.
        currency: the currency of the charge (ISO 4217).
        can_resend: whether another code can be requested.
        message: the whole text of the last SMS.
    """

    id: str
    service: str | None
    country: str | None
    phone: str | None
    codes: tuple[str, ...] = ()
    charged: Decimal | None = None
    currency: str | None = None
    can_resend: bool | None = None
    message: str | None = None


def may_have_bought(purchase: Activation, row: ListedActivation) -> bool:
    """Return whether a listed number may come from a purchase without a clear answer.

    While a purchase is in progress, any number that was not listed before may come from it.
    """
    if row.id in (purchase.listed_before or ()):
        return False
    return purchase.state is State.ORDERING or (
        row.service in (None, purchase.service) and row.country in (None, purchase.country)
    )
