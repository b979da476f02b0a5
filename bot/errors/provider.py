"""Errors of requests to the provider."""

from dataclasses import dataclass
from decimal import Decimal

from bot.errors.root import BotError


class ProviderError(BotError):
    """A request to the provider failed."""


class Refused(ProviderError):
    """The provider refused the request; nothing was done."""


class KeyRefused(Refused):
    """The API key is missing, wrong or revoked."""


class NoNumbers(Refused):
    """No numbers are available for this service, country and operator."""


class NoBalance(Refused):
    """The balance is too low."""


class BadService(Refused):
    """The provider does not know the service."""


class BadCountry(Refused):
    """The provider does not know the country."""


class BadOperator(Refused):
    """The provider does not know the operator."""


class BadPrefixes(Refused):
    """The provider rejects the list of excluded prefixes."""


class BadRequest(Refused):
    """The provider rejects another parameter."""


@dataclass(eq=False)
class PriceTooLow(Refused):
    """The price limit is below the price.

    Attributes:
        minimum: the lowest accepted price limit; None if the provider does not state it.
    """

    minimum: Decimal | None = None


@dataclass(eq=False)
class Banned(Refused):
    """The account is blocked.

    Attributes:
        until: the provider's text for the end of the ban, or None.
    """

    until: str | None = None


class LimitReached(Refused):
    """The account has as many numbers as the provider allows."""


class NotForSale(Refused):
    """The service is not sold in this country or to this account."""


@dataclass(eq=False)
class ServiceBanned(NotForSale):
    """The account may not buy this service in this country for a while.

    Attributes:
        until: the provider's text for the end of the ban, or None.
    """

    until: str | None = None


class RegionRefused(Refused):
    """The provider does not sell to the region of the bot's server."""


class PurchaseUnsupported(Refused):
    """The provider does not know this form of a purchase, so nothing was bought."""


@dataclass(eq=False)
class Throttled(Refused):
    """The API key made too many requests.

    Attributes:
        retry_after: seconds to wait before the next request with the key.
    """

    retry_after: float = 5.0


class AlreadyBought(Refused):
    """The provider already has this order; the earlier one is valid."""


class UnknownActivation(Refused):
    """The provider does not know the activation."""


class StepRefused(Refused):
    """The provider refuses this status change in the current state."""


@dataclass(eq=False)
class TooEarly(StepRefused):
    """The activation cannot be cancelled yet.

    Attributes:
        minimum: seconds after the purchase until a cancel is allowed; None if the provider does not state it.
    """

    minimum: float | None = None


@dataclass(eq=False)
class CodeCameFirst(StepRefused):
    """The activation has a code and can no longer be cancelled.

    Attributes:
        text: the code; None if the answer does not contain it.
    """

    text: str | None = None


class AlreadyEnded(StepRefused):
    """The activation has ended, or the time for a cancel is over."""


class Unavailable(ProviderError):
    """There is no usable answer; it is unknown whether anything was done."""


class NotSent(Unavailable):
    """The request did not reach the provider (DNS, TCP, TLS or a challenge failed), so nothing was done."""


class NoAnswer(Unavailable):
    """The request timed out, or the connection broke."""


class ServerTrouble(Unavailable):
    """The provider reports an internal error."""


class UnsupportedAction(Unavailable):
    """The provider does not support the action; some providers report any failure this way."""


@dataclass(eq=False)
class Blocked(Unavailable):
    """A proxy in front of the provider blocked the request.

    Attributes:
        retry_after: seconds to wait before the next request to the host.
    """

    retry_after: float = 60.0


class BlockedAtEdge(Blocked, NotSent):
    """The proxy blocks this server: the provider has not seen the request, so nothing was done."""


class Unreadable(Unavailable):
    """The answer is HTML, empty, cut, too long, a redirect, or in an unknown format."""
