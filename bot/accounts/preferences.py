"""User preferences: limits, excluded prefixes and notices, with validation."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from sqlite3 import Connection
from typing import Final

import phonenumbers

from bot import data, errors
from bot.domain import DAY, TIME_ZONES, NoticeKind, PriceSum, User, UserPreferences
from bot.ports import DeliveryQueue
from bot.storage import outbox, preferences, statistics, users
from bot.storage.database import Database

DELAYS: Final = (5 * 60, 15 * 60, 60 * 60, DAY)
"""Possible delays for the deletion of messages with codes, in seconds. Telegram allows two days."""
MAX_PREFIXES: Final = 20
_AMOUNT: Final = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,4}))?")
_DIGITS_AFTER_CALLING_CODE: Final = range(3, 7)
"""Possible numbers of digits after the calling code in an excluded prefix."""
_CALLING_CODES: Final = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
_MAX_CALLING_CODE_LENGTH: Final = 3


class Preference(StrEnum):
    """The preferences that a user can set."""

    LANGUAGE = "language"
    TIME_ZONE = "zone"
    DAY_LIMIT = "day"
    PRICE_LIMIT = "price"
    MAX_ACTIVE = "numbers"
    PREFIXES = "prefixes"
    COMPLETE = "complete"
    LOW_BALANCE = "balance"
    DELETE_CODES = "codes"


@dataclass(eq=False, slots=True)
class Preferences:
    """Reads and changes user preferences, and sends the low-balance notice."""

    db: Database
    delivery_queue: DeliveryQueue
    now: Callable[[], float]
    max_active: int

    async def of(self, user_id: int) -> UserPreferences:
        """Return the preferences of a user; defaults if none are stored."""
        return await self.db.read(preferences.get, user_id)

    async def choose_language(self, user: User, language: str) -> User:
        """Store a language, which takes precedence over Telegram's, and return the updated user."""
        await self.db.write(_set_language, user.id, language, int(self.now()))
        return replace(user, language=language, language_chosen=True)

    async def choose_time_zone(self, user: User, zone_name: str) -> User:
        """Store a time zone and return the updated user.

        Raises:
            BadPreference: the zone is not among those to choose from.
        """
        if zone_name not in TIME_ZONES:
            raise errors.BadPreference
        await self.db.write(_set_time_zone, user.id, zone_name, int(self.now()))
        return replace(user, zone_name=zone_name)

    async def choose(self, user: User, preference: Preference, value: str) -> None:
        """Validate and store one preference.

        Args:
            user: the user.
            preference: the preference, except the language and the time zone.
            value: text of a button or a reply; empty switches the preference off.

        Raises:
            BadPreference: the value is invalid.
        """
        change = _validated_change(preference, value.strip(), self.max_active)
        await self.db.write(preferences.update, user.id, change)

    async def spent_today(self, user: User) -> PriceSum:
        """Return what a user spent at their provider on this day of the daily limit."""
        return await self.db.read(statistics.spent, user.id, user.provider, user.limit_day(self.now()))

    async def check_low_balance(self, user_id: int, balance: Decimal) -> None:
        """Notify the user once when the balance falls below their threshold."""
        chosen = await self.of(user_id)
        if preferences.is_low(chosen, balance) is chosen.low_balance_notified:
            return
        if await self.db.write(_add_low_balance_notice, user_id, balance, int(self.now())):
            self.delivery_queue.notify(user_id)


def parse_amount(text: str) -> Decimal:
    """Return an amount that a user typed, with a decimal point or comma.

    Raises:
        NotAnAmount: the text is not a positive amount below ten million.
    """
    found = _AMOUNT.fullmatch(text)
    value = Decimal(f"{found[1]}.{found[2] or 0}") if found else Decimal(0)
    if not value:
        raise errors.NotAnAmount
    return value.normalize() if value % 1 else value.quantize(Decimal(1))


def parse_prefixes(text: str) -> tuple[str, ...]:
    """Return the comma separated phone prefixes that a user typed.

    Raises:
        NotAPrefix: a prefix is not a calling code with three to six more digits, or there are too many.
    """
    found = tuple(dict.fromkeys(part.strip().removeprefix("+") for part in text.split(",") if part.strip()))
    for part in found:
        if not _is_prefix(part):
            raise errors.NotAPrefix(part)
    if not 1 <= len(found) <= MAX_PREFIXES:
        raise errors.NotAPrefix(text)
    return found


def _is_prefix(text: str) -> bool:
    return (
        text.isascii()
        and text.isdigit()
        and any(
            text[:length] in _CALLING_CODES and len(text) - length in _DIGITS_AFTER_CALLING_CODE
            for length in range(1, _MAX_CALLING_CODE_LENGTH + 1)
        )
    )


def prefixes_for(prefixes: Iterable[str], country: str) -> tuple[str, ...]:
    """Return the excluded prefixes to send with a purchase in a country (the provider's id).

    These begin with the calling code of the country, such as 7 in Russia and Kazakhstan. A provider may
    refuse a purchase with other prefixes.
    """
    region = data.country_regions().get(country)
    calling_code = str(phonenumbers.country_code_for_region(region)) if region else None
    return tuple(prefix for prefix in prefixes if calling_code and prefix.startswith(calling_code))


def check_limits(chosen: UserPreferences, price: Decimal | None, spent: Decimal) -> None:
    """Check a purchase against the user's limits.

    Args:
        chosen: the preferences of the user.
        price: the price of the purchase; None if unknown.
        spent: what the user spent on this day so far.

    Raises:
        PriceUnknown: there is a limit, but the price is unknown.
        OverPriceLimit: the price is above the price limit.
        OverDayLimit: the purchase would exceed the daily limit.
    """
    if not chosen.has_price_limits:
        return
    if price is None:
        raise errors.PriceUnknown
    if chosen.price_limit is not None and price > chosen.price_limit:
        raise errors.OverPriceLimit(price, chosen.price_limit)
    if chosen.day_limit is not None and spent + price > chosen.day_limit:
        raise errors.OverDayLimit(price, spent, chosen.day_limit)


def _set_language(connection: Connection, user_id: int, language: str, now: int) -> None:
    users.keep_limit_day(connection, user_id, now)  # the time zone may be guessed from the language
    users.set_language(connection, user_id, language)


def _set_time_zone(connection: Connection, user_id: int, zone_name: str, now: int) -> None:
    users.keep_limit_day(connection, user_id, now)
    users.set_time_zone(connection, user_id, zone_name)


def _add_low_balance_notice(connection: Connection, user_id: int, balance: Decimal, now: int) -> bool:
    threshold = preferences.update_low_balance(connection, user_id, balance)
    if threshold is None:
        return False
    details = {"balance": str(balance), "threshold": str(threshold)}
    outbox.add_notice(connection, user_id, None, NoticeKind.LOW_BALANCE, now, details)
    return True


def _validated_change(
    preference: Preference, value: str, max_active: int
) -> Callable[[UserPreferences], UserPreferences]:
    """Return a function that applies a valid value to preferences.

    Raises:
        BadPreference: the value is invalid.
    """
    match preference:
        case Preference.DAY_LIMIT:
            day_limit = parse_amount(value) if value else None
            return lambda chosen: replace(chosen, day_limit=day_limit)
        case Preference.PRICE_LIMIT:
            price_limit = parse_amount(value) if value else None
            return lambda chosen: replace(chosen, price_limit=price_limit)
        case Preference.LOW_BALANCE:
            low = parse_amount(value) if value else None
            return lambda chosen: replace(chosen, low_balance=low, low_balance_notified=False)
        case Preference.PREFIXES:
            prefixes = parse_prefixes(value) if value else ()
            return lambda chosen: replace(chosen, prefixes=prefixes)
        case Preference.MAX_ACTIVE:
            numbers = _one_of(value, range(1, max_active + 1))
            return lambda chosen: replace(chosen, max_active=numbers)
        case Preference.COMPLETE:
            complete = _one_of(value, (1,)) is not None
            return lambda chosen: replace(chosen, complete_after_code=complete)
        case Preference.DELETE_CODES:
            delay = _one_of(value, DELAYS)
            return lambda chosen: replace(chosen, delete_codes_after=delay)
        case Preference.LANGUAGE | Preference.TIME_ZONE:
            raise errors.BadPreference


def _one_of(value: str, possible: Sequence[int]) -> int | None:
    """Return the number that a text equals; None for an empty text.

    Raises:
        BadPreference: the text equals none of the numbers.
    """
    if not value:
        return None
    for number in possible:
        if value == str(number):
            return number
    raise errors.BadPreference
