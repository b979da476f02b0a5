"""Every error of the bot, as one tree.

BotError
├── SettingsError            the environment is wrong; each problem is a sentence
├── StorageError             the database cannot be used
│   ├── MigrationError       a gap, a broken file, or a database newer than the program
│   └── StorageBusy          full disk, locked file: the same write may succeed later
├── SealError                a sealed API key does not open
├── RuleError                the bot itself says no, before anybody is asked
│   ├── KeyMissing           no API key is bound
│   ├── QuoteExpired             the confirmation page is unknown or too old
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
│   ├── TooManyAlerts       the user has as many watches as allowed
│   ├── AlertGone            no such watch of this user
│   ├── CancelTooEarly       cancelling is allowed later
│   ├── InvalidState          the activation's state does not allow this step
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

from bot.errors.delivery import ChatGone, DeliveryError, MessageRefused, TryLater
from bot.errors.provider import (
    AlreadyBought,
    AlreadyEnded,
    BadCountry,
    BadOperator,
    BadPrefixes,
    BadRequest,
    BadService,
    Banned,
    Blocked,
    CodeCameFirst,
    KeyRefused,
    LimitReached,
    NoAnswer,
    NoBalance,
    NoNumbers,
    NotForSale,
    NotSent,
    PriceTooLow,
    ProviderError,
    Refused,
    ServerTrouble,
    StepRefused,
    Throttled,
    TooEarly,
    Unavailable,
    UnknownActivation,
    Unreadable,
    UnsupportedAction,
)
from bot.errors.root import BotError, SealError, SettingsError
from bot.errors.rules import (
    ActivationGone,
    AlertGone,
    AlreadyOrdered,
    BadPreference,
    CancelTooEarly,
    CodesOnTheWay,
    FavouriteGone,
    FavouritesFull,
    InvalidState,
    KeyMissing,
    NotAnAmount,
    NotAPrefix,
    NumbersOpen,
    OverDayLimit,
    OverPriceLimit,
    PriceRose,
    PriceUnknown,
    QuoteExpired,
    RuleError,
    TooManyActive,
    TooManyAlerts,
)
from bot.errors.storage import MigrationError, StorageBusy, StorageError

__all__ = [
    "ActivationGone",
    "AlertGone",
    "AlreadyBought",
    "AlreadyEnded",
    "AlreadyOrdered",
    "BadCountry",
    "BadOperator",
    "BadPreference",
    "BadPrefixes",
    "BadRequest",
    "BadService",
    "Banned",
    "Blocked",
    "BotError",
    "CancelTooEarly",
    "ChatGone",
    "CodeCameFirst",
    "CodesOnTheWay",
    "DeliveryError",
    "FavouriteGone",
    "FavouritesFull",
    "InvalidState",
    "KeyMissing",
    "KeyRefused",
    "LimitReached",
    "MessageRefused",
    "MigrationError",
    "NoAnswer",
    "NoBalance",
    "NoNumbers",
    "NotAPrefix",
    "NotAnAmount",
    "NotForSale",
    "NotSent",
    "NumbersOpen",
    "OverDayLimit",
    "OverPriceLimit",
    "PriceRose",
    "PriceTooLow",
    "PriceUnknown",
    "ProviderError",
    "QuoteExpired",
    "Refused",
    "RuleError",
    "SealError",
    "ServerTrouble",
    "SettingsError",
    "StepRefused",
    "StorageBusy",
    "StorageError",
    "Throttled",
    "TooEarly",
    "TooManyActive",
    "TooManyAlerts",
    "TryLater",
    "Unavailable",
    "UnknownActivation",
    "Unreadable",
    "UnsupportedAction",
]
