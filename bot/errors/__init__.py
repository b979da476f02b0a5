"""The error tree of the bot.

BotError
├── SettingsError                   the settings are invalid
│   └── ProviderChanged             numbers are open at a provider that is not in the settings any more
├── StorageError                    the database cannot be used
│   ├── MigrationError              invalid or failed migration files, or a newer database
│   ├── DatabaseInUse               another process uses the database
│   └── StorageBusy                 the file is locked or the disk is full; a retry may succeed
├── SealError                       a stored API key cannot be decrypted with the sealing keys
├── RuleError                       a rule of the bot forbids the action
│   ├── KeyMissing                  no API key is bound
│   │   └── KeyOfOtherProvider      the API key is for another provider
│   ├── TooManyBindings             too many API keys were sent in a short time
│   ├── QuoteExpired                the quote is unknown, expired, or another user's
│   ├── AlreadyOrdered              the button of this quote was used before
│   ├── PriceUnchecked              no current price, and the quote is too old to buy at its price
│   ├── TooManyActive               the user has as many active numbers as allowed
│   ├── PriceRose                   the price has risen by more than a tenth since the quote
│   ├── OverPriceLimit              the price is above the user's price limit
│   ├── OverDayLimit                the purchase would exceed the user's daily limit
│   ├── PriceUnknown                the user has a limit, but the price is unknown
│   ├── BadPreference               the value of a preference is invalid
│   │   ├── NotAnAmount             the value is not a positive amount within the limits
│   │   └── NotAPrefix              a phone prefix is not a calling code with three to six more digits
│   ├── ActivationGone              the user has no such activation
│   ├── NotListed                   the provider does not list the number as active
│   ├── AlreadyTakenOver            the number was taken over before
│   ├── MayBePurchase               the number may come from a purchase that is still being checked
│   ├── FavouritesFull              the user has as many favourites as allowed
│   ├── FavouriteGone               the user has no such favourite
│   ├── TooManyAlerts               the user has as many alerts as allowed
│   ├── AlertGone                   the user has no such alert
│   ├── CancelTooEarly              the activation cannot be cancelled yet
│   ├── InvalidState                the state of the activation does not allow this step
│   ├── NumbersOpen                 no deletion of user data while a number is open or its purchase is unclear
│   └── CodesOnTheWay               no deletion of user data before all codes are delivered
├── ProviderError                   a request to the provider failed
│   ├── Refused                     the provider refused the request; nothing was done
│   │   ├── KeyRefused              the API key is missing, wrong or revoked
│   │   ├── NoNumbers               no numbers are available for this service, country and operator
│   │   ├── NoBalance               the balance is too low
│   │   ├── BadService              the provider does not know the service
│   │   ├── BadCountry              the provider does not know the country
│   │   ├── BadOperator             the provider does not know the operator
│   │   ├── BadPrefixes             the provider rejects the list of excluded prefixes
│   │   ├── BadRequest              the provider rejects another parameter
│   │   ├── PriceTooLow             the price limit is below the price
│   │   ├── Banned                  the account is blocked
│   │   ├── LimitReached            the account has as many numbers as the provider allows
│   │   ├── NotForSale              the service is not sold in this country or to this account
│   │   │   └── ServiceBanned       the account may not buy this service in this country for a while
│   │   ├── RegionRefused           the provider does not sell to the region of the bot's server
│   │   ├── PurchaseUnsupported     the provider does not know this form of a purchase
│   │   ├── Throttled               the API key made too many requests
│   │   ├── AlreadyBought           the provider already has this order; the earlier one is valid
│   │   ├── UnknownActivation       the provider does not know the activation
│   │   └── StepRefused             the provider refuses this status change in the current state
│   │       ├── TooEarly            the activation cannot be cancelled yet
│   │       ├── CodeCameFirst       the activation has a code and can no longer be cancelled
│   │       └── AlreadyEnded        the activation has ended, or the time for a cancel is over
│   └── Unavailable                 no usable answer; it is unknown whether anything was done
│       ├── NotSent                 DNS, TCP, TLS or a challenge failed, so nothing was done
│       ├── NoAnswer                the request timed out, or the connection broke
│       ├── ServerTrouble           the provider reports an internal error
│       ├── UnsupportedAction       the provider does not support the action, or reports any failure this way
│       ├── Blocked                 a proxy in front of the provider blocked the request
│       │   └── BlockedAtEdge       the proxy blocks this server; also a NotSent
│       └── Unreadable              HTML, empty, cut, too long, a redirect, or an unknown format
└── DeliveryError                   a message did not reach the chat
    ├── ChatGone                    the user blocked the bot
    │   └── ChatNotFound            Telegram says that there is no such chat; this can be temporary
    ├── TryLater                    Telegram is overloaded or unreachable
    │   ├── AnswerLost              there is no readable answer; the message may have been sent
    │   └── EditLater               an edit must wait; new messages need not
    └── MessageRefused              Telegram rejects this message; a retry would fail too

Errors hold facts for the program; they contain neither texts for users nor API keys.
"""

from bot.errors.delivery import (
    AnswerLost,
    ChatGone,
    ChatNotFound,
    DeliveryError,
    EditLater,
    MessageRefused,
    TryLater,
)
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
    BlockedAtEdge,
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
    PurchaseUnsupported,
    Refused,
    RegionRefused,
    ServerTrouble,
    ServiceBanned,
    StepRefused,
    Throttled,
    TooEarly,
    Unavailable,
    UnknownActivation,
    Unreadable,
    UnsupportedAction,
)
from bot.errors.root import BotError, ProviderChanged, SealError, SettingsError
from bot.errors.rules import (
    ActivationGone,
    AlertGone,
    AlreadyOrdered,
    AlreadyTakenOver,
    BadPreference,
    CancelTooEarly,
    CodesOnTheWay,
    FavouriteGone,
    FavouritesFull,
    InvalidState,
    KeyMissing,
    KeyOfOtherProvider,
    MayBePurchase,
    NotAnAmount,
    NotAPrefix,
    NotListed,
    NumbersOpen,
    OverDayLimit,
    OverPriceLimit,
    PriceRose,
    PriceUnchecked,
    PriceUnknown,
    QuoteExpired,
    RuleError,
    TooManyActive,
    TooManyAlerts,
    TooManyBindings,
)
from bot.errors.storage import DatabaseInUse, MigrationError, StorageBusy, StorageError

__all__ = [
    "ActivationGone",
    "AlertGone",
    "AlreadyBought",
    "AlreadyEnded",
    "AlreadyOrdered",
    "AlreadyTakenOver",
    "AnswerLost",
    "BadCountry",
    "BadOperator",
    "BadPreference",
    "BadPrefixes",
    "BadRequest",
    "BadService",
    "Banned",
    "Blocked",
    "BlockedAtEdge",
    "BotError",
    "CancelTooEarly",
    "ChatGone",
    "ChatNotFound",
    "CodeCameFirst",
    "CodesOnTheWay",
    "DatabaseInUse",
    "DeliveryError",
    "EditLater",
    "FavouriteGone",
    "FavouritesFull",
    "InvalidState",
    "KeyMissing",
    "KeyOfOtherProvider",
    "KeyRefused",
    "LimitReached",
    "MayBePurchase",
    "MessageRefused",
    "MigrationError",
    "NoAnswer",
    "NoBalance",
    "NoNumbers",
    "NotAPrefix",
    "NotAnAmount",
    "NotForSale",
    "NotListed",
    "NotSent",
    "NumbersOpen",
    "OverDayLimit",
    "OverPriceLimit",
    "PriceRose",
    "PriceTooLow",
    "PriceUnchecked",
    "PriceUnknown",
    "ProviderChanged",
    "ProviderError",
    "PurchaseUnsupported",
    "QuoteExpired",
    "Refused",
    "RegionRefused",
    "RuleError",
    "SealError",
    "ServerTrouble",
    "ServiceBanned",
    "SettingsError",
    "StepRefused",
    "StorageBusy",
    "StorageError",
    "Throttled",
    "TooEarly",
    "TooManyActive",
    "TooManyAlerts",
    "TooManyBindings",
    "TryLater",
    "Unavailable",
    "UnknownActivation",
    "Unreadable",
    "UnsupportedAction",
]
