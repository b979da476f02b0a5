"""What users set for themselves: limits, prefixes, notices; each choice is checked before it is kept."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from sqlite3 import Connection
from typing import Final

import phonenumbers

from bot import data, errors
from bot.domain import DAY, NoticeKind, User, UserPreferences, start_of_day
from bot.ports import DeliveryQueue
from bot.storage import outbox, preferences, statistics, users
from bot.storage.database import Database

DELAYS: Final = (5 * 60, 15 * 60, 60 * 60, DAY)
"""Seconds after which messages with codes can be deleted; Telegram allows it for two days."""
MOST_PREFIXES: Final = 20
_AMOUNT: Final = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,4}))?")
_AFTER_CALLING_CODE: Final = range(3, 7)
"""Digits of an excluded prefix behind the country code."""
_CALLING_CODES: Final = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
_LONGEST_CALLING_CODE: Final = 3


class Preference(StrEnum):
    """What can be set."""

    LANGUAGE = "language"
    DAY_LIMIT = "day"
    PRICE_LIMIT = "price"
    MAX_ACTIVE = "numbers"
    PREFIXES = "prefixes"
    COMPLETE = "complete"
    LOW_BALANCE = "balance"
    DELETE_CODES = "codes"


class Preferences:
    """Keeps what users choose, and notices what a choice is about."""

    def __init__(
        self, db: Database, delivery_queue: DeliveryQueue, now: Callable[[], float], max_active: int
    ) -> None:
        self._db = db
        self._delivery_queue = delivery_queue
        self._now = now
        self.max_active = max_active

    async def of(self, user_id: int) -> UserPreferences:
        """Return what a user has chosen; without a choice, the defaults."""
        return await self._db.read(preferences.get, user_id)

    async def choose_language(self, user: User, language: str) -> User:
        """Keep the user's language, whatever Telegram says from now on; return the user."""
        await self._db.write(users.set_language, user.id, language)
        return replace(user, language=language)

    async def choose(self, user: User, preference: Preference, value: str) -> None:
        """Keep a choice.

        Args:
            user: whose it is.
            preference: what is chosen; the language has its own method.
            value: what a button carries or a reply says; nothing switches it off.

        Raises:
            BadPreference: this cannot be set to that.
        """
        changed = _change(preference, value.strip(), self.max_active)
        await self._db.write(preferences.update, user.id, changed)

    async def spent_today(self, user_id: int) -> Decimal:
        """Return what a user spent today (UTC), by the prices that were shown."""
        return await self._db.read(statistics.spent, user_id, start_of_day(self._now()))

    async def saw_balance(self, user_id: int, balance: Decimal) -> None:
        """Tell the user once if the balance has fallen under their threshold, until it was above it again."""
        chosen = await self.of(user_id)
        if preferences.is_low(chosen, balance) is chosen.low_balance_notified:
            return
        if await self._db.write(_note_balance, user_id, balance, int(self._now())):
            self._delivery_queue.notify(user_id)


def amount(text: str) -> Decimal:
    """Return an amount of money that a person has typed, with a point or a comma.

    Raises:
        NotAnAmount: it is none, not positive, or beyond all reason.
    """
    found = _AMOUNT.fullmatch(text)
    value = Decimal(f"{found[1]}.{found[2] or 0}") if found else Decimal(0)
    if not value:
        raise errors.NotAnAmount
    return value.normalize() if value % 1 else value.quantize(Decimal(1))


def prefix_list(text: str) -> tuple[str, ...]:
    """Return the excluded prefixes that a person has typed, with commas between them.

    Raises:
        NotAPrefix: one of them is no country code with three to six digits behind it, or there are too many.
    """
    found = tuple(dict.fromkeys(part.strip().removeprefix("+") for part in text.split(",") if part.strip()))
    for part in found:
        if not _is_prefix(part):
            raise errors.NotAPrefix(part)
    if not 1 <= len(found) <= MOST_PREFIXES:
        raise errors.NotAPrefix(text)
    return found


def _is_prefix(text: str) -> bool:
    return (
        text.isascii()
        and text.isdigit()
        and any(
            text[:length] in _CALLING_CODES and len(text) - length in _AFTER_CALLING_CODE
            for length in range(1, _LONGEST_CALLING_CODE + 1)
        )
    )


def prefixes_for(prefixes: Iterable[str], country: str) -> tuple[str, ...]:
    """Return the excluded prefixes that go along with a purchase in a country (by the provider's id).

    These are the ones that begin with the country's own calling code, such as 7 in Russia and Kazakhstan:
    others mean nothing there, and a provider may refuse a whole purchase because of them.
    """
    region = data.country_regions().get(country)
    calling_code = str(phonenumbers.country_code_for_region(region)) if region else None
    return tuple(prefix for prefix in prefixes if calling_code and prefix.startswith(calling_code))


def check_limits(chosen: UserPreferences, price: Decimal | None, spent: Decimal) -> None:
    """Hold a purchase up against the user's limits.

    Args:
        chosen: what the user has chosen.
        price: what the purchase costs, by what the provider shows.
        spent: what was spent on the day before it.

    Raises:
        PriceUnknown: there is a limit, but no price to hold it with.
        OverPriceLimit: it costs more than one number may.
        OverDayLimit: with it the day's limit would be exceeded.
    """
    if not chosen.has_price_limits:
        return
    if price is None:
        raise errors.PriceUnknown
    if chosen.price_limit is not None and price > chosen.price_limit:
        raise errors.OverPriceLimit(price, chosen.price_limit)
    if chosen.day_limit is not None and spent + price > chosen.day_limit:
        raise errors.OverDayLimit(price, spent, chosen.day_limit)


def _note_balance(connection: Connection, user_id: int, balance: Decimal, now: int) -> bool:
    threshold = preferences.update_low_balance(connection, user_id, balance)
    if threshold is None:
        return False
    details = {"balance": str(balance), "threshold": str(threshold)}
    outbox.add_notice(connection, user_id, None, NoticeKind.LOW_BALANCE, now, details)
    return True


def _change(preference: Preference, value: str, most: int) -> Callable[[UserPreferences], UserPreferences]:
    """Return the change that a choice makes, once it is checked."""
    match preference:
        case Preference.DAY_LIMIT:
            day_limit = amount(value) if value else None
            return lambda chosen: replace(chosen, day_limit=day_limit)
        case Preference.PRICE_LIMIT:
            price_limit = amount(value) if value else None
            return lambda chosen: replace(chosen, price_limit=price_limit)
        case Preference.LOW_BALANCE:
            low = amount(value) if value else None
            return lambda chosen: replace(chosen, low_balance=low, low_balance_notified=False)
        case Preference.PREFIXES:
            prefixes = prefix_list(value) if value else ()
            return lambda chosen: replace(chosen, prefixes=prefixes)
        case Preference.MAX_ACTIVE:
            numbers = _one_of(value, range(1, most + 1))
            return lambda chosen: replace(chosen, max_active=numbers)
        case Preference.COMPLETE:
            complete = _one_of(value, (1,)) is not None
            return lambda chosen: replace(chosen, complete_after_code=complete)
        case Preference.DELETE_CODES:
            delay = _one_of(value, DELAYS)
            return lambda chosen: replace(chosen, delete_codes_after=delay)
        case Preference.LANGUAGE:
            raise errors.BadPreference


def _one_of(value: str, possible: Sequence[int]) -> int | None:
    """Return a choice among numbers, or None for none of them."""
    if not value:
        return None
    for number in possible:
        if value == str(number):
            return number
    raise errors.BadPreference
