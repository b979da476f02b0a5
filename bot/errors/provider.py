"""What the provider refused, or failed to answer."""

from dataclasses import dataclass
from decimal import Decimal

from bot.errors.root import BotError


class ProviderError(BotError):
    """What the provider said, or failed to say."""


class Refused(ProviderError):
    """A definite no: nothing was done."""


class KeyRefused(Refused):
    """The API key is missing, wrong or revoked."""


class NoNumbers(Refused):
    """Nothing is free for this service, country and operator now."""


class NoBalance(Refused):
    """The balance is too small."""


class BadService(Refused):
    """The service is unknown there."""


class BadCountry(Refused):
    """The country is unknown there."""


class BadOperator(Refused):
    """The operator is unknown there."""


class BadPrefixes(Refused):
    """The list of excluded prefixes has the wrong form."""


class BadRequest(Refused):
    """Some other parameter is not taken."""


@dataclass(eq=False)
class PriceTooLow(Refused):
    """The price limit lies under what the provider asks.

    Attributes:
        minimum: the lowest price it takes, where it says so.
    """

    minimum: Decimal | None = None


@dataclass(eq=False)
class Banned(Refused):
    """The account is blocked.

    Attributes:
        until: the provider's own words for the end of it, where it says so.
    """

    until: str | None = None


class LimitReached(Refused):
    """The account holds as many numbers as the provider allows."""


class NotForSale(Refused):
    """The service is not sold here, or not to this account."""


@dataclass(eq=False)
class Throttled(Refused):
    """Too many requests.

    Attributes:
        retry_after: seconds to wait.
    """

    retry_after: float = 5.0


class AlreadyBought(Refused):
    """The provider has seen this very order before; that earlier order stands."""


class UnknownActivation(Refused):
    """The provider does not know the activation, or no longer."""


class StepRefused(Refused):
    """The activation's status cannot be set to this now."""


@dataclass(eq=False)
class TooEarly(StepRefused):
    """Too early to cancel.

    Attributes:
        minimum: seconds after the purchase from which it works, where the provider says so.
    """

    minimum: float | None = None


@dataclass(eq=False)
class CodeCameFirst(StepRefused):
    """A code has arrived, so the activation can no longer be cancelled.

    Attributes:
        text: the code, where the refusal itself shows it.
    """

    text: str | None = None


class AlreadyEnded(StepRefused):
    """The activation is closed, or past the time in which it could be cancelled."""


class Unavailable(ProviderError):
    """No usable answer: whether anything was done is open."""


class NotSent(Unavailable):
    """The request never left (name lookup, connect, TLS), so nothing was done."""


class NoAnswer(Unavailable):
    """The answer did not come in time, or the connection broke."""


class ServerTrouble(Unavailable):
    """The provider reports its own failure."""


class UnsupportedAction(Unavailable):
    """The action is unknown there; some providers answer so to any failure."""


@dataclass(eq=False)
class Blocked(Unavailable):
    """A page of the edge in front of the provider turned the request away.

    Attributes:
        retry_after: seconds to leave the whole host alone.
    """

    retry_after: float = 60.0


class Unreadable(Unavailable):
    """The answer is HTML, empty, cut, too long, a redirect, or of a form never seen."""
