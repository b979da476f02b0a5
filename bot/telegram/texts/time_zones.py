"""Names of the time zones."""

from datetime import datetime
from typing import Final

from babel.dates import get_timezone_location

from bot.domain import UTC_NAME, time_zone
from bot.telegram.translator import Translator

_PLACES: Final = {
    "en": {"Asia/Ho_Chi_Minh": "Vietnam", "Asia/Kolkata": "India", "America/Sao_Paulo": "São Paulo"},
    "vi": {"Asia/Ho_Chi_Minh": "Việt Nam", "Asia/Kolkata": "Ấn Độ", "America/Sao_Paulo": "São Paulo"},
    "ru": {"Asia/Ho_Chi_Minh": "Вьетнам", "Asia/Kolkata": "Индия", "Europe/Kyiv": "Киев"},
}
"""Names of zones by language, where people use another name than the city of the time zone database."""


def city(t: Translator, name: str) -> str:
    """Return the place that stands for a time zone."""
    if name == UTC_NAME:
        return name
    known = _PLACES.get(t.language, {}).get(name)
    return known or get_timezone_location(name, locale=t.language, return_city=True)


def label(t: Translator, name: str, now: int) -> str:
    """Return the label of a time zone with its offset at a time (UTC seconds), such as "+7 Vietnam"."""
    if name == UTC_NAME:
        return name
    offset = datetime.fromtimestamp(now, time_zone(name)).utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset is not None else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"{sign}{hours}{f':{rest:02}' if rest else ''} {city(t, name)}"
