"""Users, their preferences, their favourites, and the amount of data stored about them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class User:
    """A person in a private chat, with Telegram's id.

    Attributes:
        language: language tag, chosen by the user or given by Telegram.
        key_id: the bound API key, or None.
        provider: the id of the provider of the API key that was bound last; empty before the first one.
        country: the country the user chose last.
        by_country: the user chose last to browse by country rather than by service.
        unreachable: Telegram does not let the bot write to the user.
        language_chosen: the user has chosen the language by hand.
    """

    id: int
    language: str | None = None
    key_id: int | None = None
    country: str | None = None
    unreachable: bool = False
    language_chosen: bool = False
    by_country: bool = False
    provider: str = ""


@dataclass(frozen=True, slots=True)
class UserPreferences:
    """Settings of a user.

    Attributes:
        day_limit: limit of the spending on one day (UTC).
        price_limit: limit of the price of one number.
        max_active: limit of the active numbers; the limit of the bot applies as well.
        prefixes: excluded beginnings of phone numbers, in digits with the country calling code.
        complete_after_code: the bot completes a number when its first code is delivered.
        low_balance: the user is notified when the balance is below this amount.
        low_balance_notified: the user was notified, and the balance has not been above the amount since.
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
        """Whether a limit exists that needs a known price."""
        return self.price_limit is not None or self.day_limit is not None

    def numbers_at_once(self, most: int) -> int:
        """Return the limit of active numbers: the user's own, but at most the limit of the bot."""
        return min(self.max_active or most, most)


@dataclass(frozen=True, slots=True)
class StoredData:
    """How much data is stored about a user."""

    key: bool
    activations: int
    favourites: int
    alerts: int


@dataclass(frozen=True, slots=True)
class Favourite:
    """A service in a country that a user keeps to buy again.

    Attributes:
        operators: empty means any.
        provider: the id of the provider that sells it.
    """

    id: int
    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]
    provider: str
