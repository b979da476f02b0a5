"""What the bot refuses by its own rules, before it asks the provider."""

from dataclasses import dataclass
from decimal import Decimal

from bot.errors.root import BotError


class RuleError(BotError):
    """The bot itself says no."""


class KeyMissing(RuleError):
    """No API key is bound."""


class QuoteExpired(RuleError):
    """The confirmation page is unknown, too old, or somebody else's."""


class AlreadyOrdered(RuleError):
    """The button was used before, whatever came of it."""


@dataclass(eq=False)
class TooManyActive(RuleError):
    """The user holds as many numbers as allowed.

    Attributes:
        held: how many they hold.
        limit: how many are allowed.
    """

    held: int
    limit: int


@dataclass(eq=False)
class PriceRose(RuleError):
    """The price rose by more than a tenth since the page was drawn."""

    shown: Decimal
    current: Decimal


@dataclass(eq=False)
class OverPriceLimit(RuleError):
    """The price is above what the user lets one number cost."""

    price: Decimal
    limit: Decimal


@dataclass(eq=False)
class OverDayLimit(RuleError):
    """With this purchase the user would spend more than they want on one day.

    Attributes:
        price: of this purchase.
        spent: on this day before it.
        limit: for the day.
    """

    price: Decimal
    spent: Decimal
    limit: Decimal


class PriceUnknown(RuleError):
    """The user has set a limit, but the provider shows no price to hold it with."""


class BadPreference(RuleError):
    """A setting of the user's cannot have this value."""


class NotAnAmount(BadPreference):
    """It is no amount of money, not positive, or beyond all reason."""


@dataclass(eq=False)
class NotAPrefix(BadPreference):
    """It is no list of prefixes: country codes with three to six digits behind them.

    Attributes:
        wrong: the part that is none.
    """

    wrong: str


class ActivationGone(RuleError):
    """There is no such activation of this user."""


@dataclass(eq=False)
class FavouritesFull(RuleError):
    """The user keeps as many favourites as allowed.

    Attributes:
        limit: how many that is.
    """

    limit: int


class FavouriteGone(RuleError):
    """There is no such favourite of this user."""


@dataclass(eq=False)
class TooManyAlerts(RuleError):
    """The user has as many watches as allowed.

    Attributes:
        limit: how many that is.
    """

    limit: int


class AlertGone(RuleError):
    """There is no such watch of this user, or no longer."""


@dataclass(eq=False)
class CancelTooEarly(RuleError):
    """Cancelling is allowed later.

    Attributes:
        allowed_at: UTC seconds.
    """

    allowed_at: int


class InvalidState(RuleError):
    """The activation's state does not allow this step."""


@dataclass(eq=False)
class NumbersOpen(RuleError):
    """A user cannot be forgotten while a number is open or may have been bought.

    Attributes:
        count: how many there are.
    """

    count: int


@dataclass(eq=False)
class CodesOnTheWay(RuleError):
    """A user cannot be forgotten before their codes are in the chat.

    Attributes:
        count: how many are not.
    """

    count: int
