"""Every error of the bot, as one tree.

BotError
├── SettingsError            the environment is wrong; each problem is a sentence
├── StorageError             the database cannot be used
│   ├── MigrationError       a gap, a broken file, or a database newer than the program
│   └── StorageBusy          full disk, locked file: the same write may succeed later
├── SealError                a sealed API key does not open
├── RuleError                the bot itself says no, before anybody is asked
│   ├── KeyMissing           no API key is bound
│   ├── PageGone             the confirmation page is unknown or too old
│   ├── AlreadyOrdered       this button has been used
│   ├── TooManyActive        the user holds as many numbers as allowed
│   ├── PriceRose            the price is more than a tenth above the one shown
│   ├── OverPriceLimit       the price is above what the user lets one number cost
│   ├── OverDayLimit         with this purchase the user would spend more than they want on one day
│   ├── PriceUnknown         the user has set a limit, but the provider shows no price to hold it with
│   ├── BadPreference        a setting cannot have this value
│   │   ├── NotAnAmount
│   │   └── NotAPrefix
│   ├── ActivationGone       no such activation of this user
│   ├── FavouritesFull       the user keeps as many favourites as allowed
│   ├── FavouriteGone        no such favourite of this user
│   ├── TooManyWatches       the user has as many watches as allowed
│   ├── WatchGone            no such watch of this user
│   ├── CancelTooEarly       cancelling is allowed later
│   ├── WrongMoment          the activation's state does not allow this step
│   ├── NumbersOpen          a user cannot be forgotten while a number is open
│   └── CodesOnTheWay        a user cannot be forgotten before their codes are in the chat
├── ProviderError            what the provider said, or failed to say
│   ├── Refused              a definite no: nothing was done
│   │   ├── KeyRefused
│   │   ├── NoNumbers
│   │   ├── NoBalance
│   │   ├── BadService
│   │   ├── BadCountry
│   │   ├── BadOperator
│   │   ├── BadPrefixes
│   │   ├── BadRequest       any other parameter the provider does not take
│   │   ├── PriceTooLow
│   │   ├── Banned
│   │   ├── LimitReached
│   │   ├── NotForSale
│   │   ├── Throttled        too many requests; carries the seconds to wait
│   │   ├── AlreadyBought    the provider has seen this order before
│   │   ├── UnknownActivation
│   │   └── StepRefused      this status cannot be set now
│   │       ├── TooEarly
│   │       ├── CodeCameFirst
│   │       └── AlreadyEnded
│   └── Unavailable          no usable answer: whether anything was done is open
│       ├── NotSent          the request never left, so nothing was done
│       ├── NoAnswer         time-out, or the connection broke
│       ├── ServerTrouble    the provider reports its own failure
│       ├── UnsupportedAction  the action is unknown there (or, at some, any failure)
│       ├── Blocked          a page of the edge in front of the provider
│       └── Unreadable       HTML, empty, cut, too long, redirected, or never seen before
└── DeliveryError            a message did not reach the chat
    ├── ChatGone             the user blocked the bot, or the chat is no more
    ├── TryLater             Telegram is busy or out of reach; carries the seconds to wait
    └── MessageRefused       Telegram does not take this message

Errors hold facts, never a user's sentence and never an API key.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


class BotError(Exception):
    """The root of the tree."""


class SettingsError(BotError):
    """The environment is wrong.

    Attributes:
        problems: one sentence for each wrong value, without the value of a secret.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StorageError(BotError):
    """The database cannot be used."""


class MigrationError(StorageError):
    """The database and the migration files do not fit together."""


class StorageBusy(StorageError):
    """The write did not happen, but the same write may succeed later."""


class SealError(BotError):
    """A sealed API key does not open with the sealing keys at hand."""


class RuleError(BotError):
    """The bot itself says no."""


class KeyMissing(RuleError):
    """No API key is bound."""


class PageGone(RuleError):
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
class TooManyWatches(RuleError):
    """The user has as many watches as allowed.

    Attributes:
        limit: how many that is.
    """

    limit: int


class WatchGone(RuleError):
    """There is no such watch of this user, or no longer."""


@dataclass(eq=False)
class CancelTooEarly(RuleError):
    """Cancelling is allowed later.

    Attributes:
        allowed_at: UTC seconds.
    """

    allowed_at: int


class WrongMoment(RuleError):
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


class DeliveryError(BotError):
    """A message did not reach the chat."""


class ChatGone(DeliveryError):
    """The user blocked the bot, or the chat is no more."""


@dataclass(eq=False)
class TryLater(DeliveryError):
    """Telegram is busy or out of reach.

    Attributes:
        seconds: how long to wait where Telegram says so, else None.
    """

    seconds: float | None = None


class MessageRefused(DeliveryError):
    """Telegram does not take this message, and would not take it again."""
