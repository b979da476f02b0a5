"""Calendar arithmetic on UTC seconds, in a time zone."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = 24 * 3600
UTC_NAME: Final = "UTC"
TIME_ZONES: Final = (
    "America/Los_Angeles",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    UTC_NAME,
    "Europe/London",
    "Africa/Lagos",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Asia/Dubai",
    "Asia/Tashkent",
    "Asia/Yekaterinburg",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Ho_Chi_Minh",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Vladivostok",
)
"""The time zones to choose from, about from west to east."""
_LANGUAGE_ZONES: Final = {"vi": "Asia/Ho_Chi_Minh", "ru": "Europe/Moscow"}


def guessed_zone(language: str | None) -> str:
    """Return the name of the zone of most people with a language tag; UTC for languages of many zones."""
    return _LANGUAGE_ZONES.get((language or "").replace("_", "-").partition("-")[0].lower(), UTC_NAME)


@lru_cache(maxsize=len(TIME_ZONES))
def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name; UTC for one that is not among those to choose from."""
    return ZoneInfo(name if name in TIME_ZONES else UTC_NAME)


def start_of_day(moment: float, zone: ZoneInfo) -> int:
    """Return the last midnight before a time in a zone, both times in UTC seconds."""
    return _begin(datetime.fromtimestamp(moment, zone))


def start_of_month(moment: float, zone: ZoneInfo) -> int:
    """Return the start of the month of a time in a zone, both times in UTC seconds."""
    return _begin(datetime.fromtimestamp(moment, zone).replace(day=1))


def start_of_limit_day(moment: float, zone: ZoneInfo, day_from: int | None) -> int:
    """Return since when the daily limit counts, in UTC seconds: midnight, but each day has 24 hours at least.

    Args:
        moment: the time in UTC seconds.
        zone: the user's zone now.
        day_from: when the day of the last change of the zone began (UTC seconds); None without a change.
    """
    midnight = start_of_day(moment, zone)
    return midnight if day_from is None or midnight >= day_from + DAY else day_from


def _begin(local: datetime) -> int:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return int(midnight.astimezone(UTC).timestamp())
