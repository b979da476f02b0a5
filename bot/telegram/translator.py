"""Translates messages, formats values for a language, and escapes foreign text for HTML."""

import gettext
import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from babel.units import format_unit

from bot.domain import UTC_NAME, time_zone

SOURCE_LANGUAGE: Final = "en"
MAX_NAME: Final = 60
"""UTF-16 units of a name from the provider."""
SHORT_SUFFIXES: Final = {
    "vi": {"\u00a0N": "K", "\u00a0Tr": "tr", "\u00a0T": "tỷ"},
    "ru": {"\u00a0тыс.": "к"},  # noqa: RUF001  # Cyrillic is meant
}
"""Suffixes of compact numbers that people use instead of CLDR's, by language."""
SHORT_DATES: Final = {"vi": "dd/MM"}
"""Day and month as people write them, where that is not CLDR's short month name, by language."""
CURRENCY_SIGNS: Final = {"USD": "$", "EUR": "€", "RUB": "₽", "GBP": "£", "CNY": "¥", "VND": "₫", "UAH": "₴"}
"""Signs for labels that have no room for the name of the currency."""
UTC_ZONE: Final = time_zone(UTC_NAME)
ROUNDED_FROM: Final = 1000
"""Counts from here on are shown rounded, such as 1.9K."""


class Html(str):
    """Text that is HTML already; the translator escapes every other text."""

    __slots__ = ()


@dataclass(frozen=True)
class Translator:
    """One language: its catalog, its numbers and its dates.

    Attributes:
        language: the code of the catalog.
        catalog: the translated messages; English is the source and has none.
        currency: printed after amounts; empty prints nothing.
        currencies: id of a provider → its currency.
        zone: the reader's time zone. Only UTC is named in texts: people who chose no zone may have it.
    """

    language: str
    catalog: gettext.NullTranslations
    currency: str = ""
    zone: ZoneInfo = UTC_ZONE
    currencies: Mapping[str, str] = field(default_factory=dict, compare=False)

    def at(self, provider: str) -> "Translator":
        """Return this translator with the currency of a provider, by its id."""
        return replace(self, currency=self.currencies.get(provider, self.currency))

    def __call__(self, message: str, /, **values: object) -> Html:
        """Return a message in this language as HTML, with its values filled in and escaped."""
        return self._fill(self.catalog.gettext(message), values)

    def plural(self, one: str, many: str, count: int, /, **values: object) -> Html:
        """Return the plural form of a message for a count."""
        values["count"] = self.number(count)
        return self._fill(self.catalog.ngettext(one, many, count), values)

    def plain(self, message: str, /, **values: object) -> str:
        """Return a message in this language as plain text, for buttons and toasts."""
        text = self.catalog.gettext(message)
        return text.format(**values) if values else text

    def number(self, value: int) -> str:
        """Return a whole number in this language's format."""
        return format_decimal(value, locale=self.language)

    def compact(self, value: int) -> str:
        """Return a whole number in a short form, such as 1.9K."""
        text = format_compact_decimal(value, locale=self.language, fraction_digits=value >= ROUNDED_FROM)
        for suffix, short in SHORT_SUFFIXES.get(self.language, {}).items():
            if text.endswith(suffix):
                return text.removesuffix(suffix) + short
        return text

    def amount(self, value: Decimal) -> str:
        """Return an amount for a text: with at least two decimals, and with the currency if one is set."""
        number = format_decimal(value, format="#,##0.00##", locale=self.language)
        return f"{number} {self.currency}".strip()

    def short_amount(self, value: Decimal, *, whole: bool = False) -> str:
        """Return an amount for a button, with the sign of its currency if there is one.

        Args:
            value: the amount.
            whole: a whole amount has no decimals.
        """
        pattern = "#,##0" if whole and value == value.to_integral_value() else "#,##0.00##"
        number = format_decimal(value, format=pattern, locale=self.language)
        sign = CURRENCY_SIGNS.get(self.currency.upper(), "")
        return f"{sign}{number}" if self.language == SOURCE_LANGUAGE else f"{number}{sign}"

    def percent(self, share: float) -> str:
        """Return a share from 0 to 1 as a whole percentage."""
        return format_percent(share, locale=self.language)

    def day(self, moment: int, now: int | None = None) -> str:
        """Return the day of a moment (UTC seconds), with its year unless that is the year of `now`."""
        at = datetime.fromtimestamp(moment, self.zone)
        short = SHORT_DATES.get(self.language)
        if now is not None and datetime.fromtimestamp(now, self.zone).year == at.year:
            pattern = short or "d MMM"
        else:
            pattern = f"{short}/y" if short else "d MMM y"
        return format_date(at.date(), pattern, locale=self.language)

    def duration(self, seconds: int) -> str:
        """Return a duration in a short form, such as 1m 5s."""
        parts = [(seconds // 60, "minute"), (seconds % 60, "second")]
        shown = [(number, unit) for number, unit in parts if number] or [(0, "second")]
        return " ".join(
            format_unit(number, f"duration-{unit}", length="short", locale=self.language)
            for number, unit in shown
        )

    def clock(self, moment: int) -> str:
        """Return the time of day of a moment (UTC seconds)."""
        return f"{self.hour(moment)}{self._zone_mark}"

    def hour(self, moment: int) -> str:
        """Return the time of day of a moment (UTC seconds) for a label, where UTC is not marked."""
        at = datetime.fromtimestamp(moment, self.zone)
        return format_time(at, "HH:mm", tzinfo=self.zone, locale=self.language)

    def date(self, moment: int) -> str:
        """Return the date and time of a moment (UTC seconds)."""
        at = datetime.fromtimestamp(moment, self.zone)
        pattern = f"{SHORT_DATES.get(self.language, 'd MMM')}, HH:mm"
        shown = format_datetime(at, pattern, tzinfo=self.zone, locale=self.language)
        return f"{shown}{self._zone_mark}"

    @property
    def _zone_mark(self) -> str:
        return f" {UTC_NAME}" if self.zone.key == UTC_NAME else ""

    def local_time(self, moment: int) -> Html:
        """Return the time of day of a moment (UTC seconds) in the reader's own time zone."""
        return Html(f'<tg-time unix="{moment}" format="t">{html.escape(self.clock(moment))}</tg-time>')

    def relative(self, moment: int) -> Html:
        """Return a moment (UTC seconds) as a relative time that Telegram keeps up to date."""
        return Html(f'<tg-time unix="{moment}" format="r">{html.escape(self.clock(moment))}</tg-time>')

    @staticmethod
    def _fill(template: str, values: dict[str, object]) -> Html:
        return Html(template.format(**{name: escaped(value) for name, value in values.items()}))


def escaped(value: object) -> Html:
    """Return a value as HTML; text that is no `Html` is escaped."""
    return value if isinstance(value, Html) else Html(html.escape(str(value), quote=True))


def joined(*parts: Html | None, by: str = "\n") -> Html:
    """Return the parts that are not None or empty, joined."""
    return Html(by.join(part for part in parts if part))


def clipped(text: str, limit: int) -> str:
    """Return a text cut to so many UTF-16 units, as Telegram counts, with an ellipsis if it is cut."""
    if utf16_length(text) <= limit:
        return text
    cut = text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", errors="ignore")
    return f"{cut}…"


def utf16_length(text: str) -> int:
    """Return a text's length in UTF-16 units, as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2
