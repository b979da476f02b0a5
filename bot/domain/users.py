"""A user, their preferences and their favourites."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class User:
    """A person in a private chat, by Telegram's id."""

    id: int
    language: str | None = None
    key_id: int | None = None
    country: str | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class UserPreferences:
    """What a user has chosen; without any choice it is the defaults.

    Attributes:
        day_limit: the most to be spent on one day (UTC).
        price_limit: the most one number may cost.
        max_active: numbers held at once; never more than the bot itself allows.
        prefixes: digits with which no number may begin, country code included.
        complete_after_code: complete a number by itself when its first code is in the chat.
        low_balance: tell the user when the balance falls under this.
        low_balance_told: that was done, and the balance has not been seen above it since.
        delete_codes_after: seconds after which messages with codes are deleted.
    """

    day_limit: Decimal | None = None
    price_limit: Decimal | None = None
    max_active: int | None = None
    prefixes: tuple[str, ...] = ()
    complete_after_code: bool = False
    low_balance: Decimal | None = None
    low_balance_notified: bool = False
    delete_codes_after: int | None = None

    @property
    def has_price_limits(self) -> bool:
        """Whether a purchase needs a known price."""
        return self.price_limit is not None or self.day_limit is not None

    def numbers_at_once(self, most: int) -> int:
        """Return how many numbers the user may hold at once, where the bot allows at most so many."""
        return min(self.max_active or most, most)


@dataclass(frozen=True, slots=True)
class StoredData:
    """How much is kept of a user."""

    key: bool
    activations: int
    favourites: int
    alerts: int


@dataclass(frozen=True, slots=True)
class Favourite:
    """What a user keeps to buy again: a service in a country at certain operators, or at any."""

    id: int
    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]
