"""Errors of the bot's own rules, raised before a request to the provider."""

from dataclasses import dataclass
from decimal import Decimal

from bot.errors.root import BotError


class RuleError(BotError):
    """A rule of the bot forbids the action."""


class KeyMissing(RuleError):
    """No API key is bound."""


@dataclass(eq=False)
class KeyOfOtherProvider(KeyMissing):
    """The API key is for another provider, and must not be sent to the one that is needed.

    Attributes:
        bound_for: the name of the key's provider, or its host if it is not in the settings.
        needed_for: the name of the provider that is needed.
    """

    bound_for: str
    needed_for: str


@dataclass(eq=False)
class TooManyBindings(RuleError):
    """Too many API keys were sent in a short time.

    Attributes:
        allowed_at: time from which another key is checked, in UTC seconds.
    """

    allowed_at: int


class QuoteExpired(RuleError):
    """The quote is unknown, expired, or another user's."""


class AlreadyOrdered(RuleError):
    """The button of this quote was used before."""


class PriceUnchecked(RuleError):
    """The provider gives no current price, and the quote is too old to buy at its price."""


@dataclass(eq=False)
class TooManyActive(RuleError):
    """The user has as many active numbers as allowed.

    Attributes:
        held: number of active numbers.
        limit: allowed number.
    """

    held: int
    limit: int


@dataclass(eq=False)
class PriceRose(RuleError):
    """The price has risen by more than a tenth since the quote."""

    shown: Decimal
    current: Decimal


@dataclass(eq=False)
class OverPriceLimit(RuleError):
    """The price is above the user's price limit."""

    price: Decimal
    limit: Decimal


@dataclass(eq=False)
class OverDayLimit(RuleError):
    """The purchase would exceed the user's daily limit.

    Attributes:
        price: price of the purchase.
        spent: amount already spent on this day.
        limit: the daily limit.
    """

    price: Decimal
    spent: Decimal
    limit: Decimal


class PriceUnknown(RuleError):
    """The user has a limit, but the price is unknown."""


class BadPreference(RuleError):
    """The value of a preference is invalid."""


class NotAnAmount(BadPreference):
    """The value is not a positive amount within the limits."""


@dataclass(eq=False)
class NotAPrefix(BadPreference):
    """A phone prefix is not a calling code with three to six more digits.

    Attributes:
        wrong: the invalid part of the value.
    """

    wrong: str


class ActivationGone(RuleError):
    """The user has no such activation."""


class NotListed(RuleError):
    """The provider does not list the number as active."""


@dataclass(eq=False)
class AlreadyTakenOver(RuleError):
    """The number was taken over before.

    Attributes:
        own: by the user, for whom it has ended; otherwise by another user with the same API key.
    """

    own: bool


class MayBePurchase(RuleError):
    """The number may come from a purchase that is still being checked."""


@dataclass(eq=False)
class FavouritesFull(RuleError):
    """The user has as many favourites as allowed.

    Attributes:
        limit: allowed number.
    """

    limit: int


class FavouriteGone(RuleError):
    """The user has no such favourite."""


@dataclass(eq=False)
class TooManyAlerts(RuleError):
    """The user has as many alerts as allowed.

    Attributes:
        limit: allowed number.
    """

    limit: int


class AlertGone(RuleError):
    """The user has no such alert."""


@dataclass(eq=False)
class CancelTooEarly(RuleError):
    """The activation cannot be cancelled yet.

    Attributes:
        allowed_at: time from which a cancel is allowed, in UTC seconds.
    """

    allowed_at: int


class InvalidState(RuleError):
    """The state of the activation does not allow this step."""


@dataclass(eq=False)
class NumbersOpen(RuleError):
    """The user's data cannot be deleted while a number is open or its purchase is unclear.

    Attributes:
        count: number of these activations.
    """

    count: int


@dataclass(eq=False)
class CodesOnTheWay(RuleError):
    """The user's data cannot be deleted before all codes are delivered.

    Attributes:
        count: number of undelivered codes.
    """

    count: int
