"""Users, their preferences, their favourites, and the amount of data stored about them."""

from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.domain.time import guessed_zone, start_of_limit_day, time_zone


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
        zone_name: the time zone that the user chose; None lets it be guessed from the language.
        day_from: when the day of the daily limit began at the last change of the zone (UTC seconds), or None.
        key_for: the id of the provider that the user has chosen for the next API key, or None.
    """

    id: int
    language: str | None = None
    key_id: int | None = None
    country: str | None = None
    unreachable: bool = False
    language_chosen: bool = False
    by_country: bool = False
    zone_name: str | None = None
    day_from: int | None = None
    provider: str = ""
    key_for: str | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the times that the user reads, and of the day of their daily limit."""
        return time_zone(self.zone_name or guessed_zone(self.language))

    def limit_day(self, now: float) -> int:
        """Return since when the daily limit counts at a time, both in UTC seconds."""
        return start_of_limit_day(now, self.zone, self.day_from)


@dataclass(frozen=True, slots=True)
class UserPreferences:
    """Settings of a user.

    Attributes:
        day_limit: limit of the spending on one day of the user's time zone.
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
