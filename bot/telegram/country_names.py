"""The names of countries in the reader's language."""

from collections.abc import Callable
from typing import Final

from babel import Locale

from bot import data
from bot.catalog.catalog import Catalog
from bot.domain import UNKNOWN_CODE, Country
from bot.telegram.translator import SOURCE_LANGUAGE, Translator

_REGIONAL_A: Final = 0x1F1E6
"""Code point of the regional indicator A; two such letters are a flag."""


def named(t: Translator, country: Country) -> str:
    """Return a country's name in the reader's language.

    If the provider's name for the id is not the known one, the id may mean another country, so the
    provider's name is returned.
    """
    if t.language == SOURCE_LANGUAGE or data.country_names().get(country.id) != country.name:
        return country.name
    region = data.country_regions().get(country.id, "")
    name: str = Locale.parse(t.language).territories.get(region, country.name)
    return name


def of_region(t: Translator, region: str) -> str | None:
    """Return the name of a country by its ISO 3166 code; None if no provider's list has the country."""
    if region not in data.country_regions().values():
        return None
    name: str | None = Locale.parse(t.language).territories.get(region)
    return name


def with_flag(t: Translator, country: Country) -> str:
    """Return a country's flag and name in the reader's language; no flag if the id may mean another one."""
    region = data.country_regions().get(country.id, "")
    if not region.isalpha() or data.country_names().get(country.id) != country.name:
        return named(t, country)
    flag = "".join(chr(_REGIONAL_A + ord(letter) - ord("A")) for letter in region)
    return f"{flag} {named(t, country)}"


def name(t: Translator, catalog: Catalog, id_: str) -> str:
    """Return the name of a country, by the id of the catalog's provider."""
    return at(t, catalog.country_name, id_)


def at(t: Translator, english: Callable[[str], str], id_: str) -> str:
    """Return the name of a country by a provider's id, with a function from that id to the English name."""
    if id_ == UNKNOWN_CODE:
        return t.plain("unknown country")
    return named(t, Country(id_, english(id_)))


def to_say(t: Translator, catalog: Catalog) -> Callable[[str], str | None]:
    """Return a function from a country's id to its name, or to None if it is the only country on offer."""
    return lambda id_: None if id_ == catalog.only_country else name(t, catalog, id_)
