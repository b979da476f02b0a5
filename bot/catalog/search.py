"""Search of the catalog: finds services, countries, or a service in a country by what a user typed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from bot import data
from bot.catalog.catalog import MAX_COUNTRIES, Catalog
from bot.catalog.fuzzy import Fit, FuzzyIndex, IndexEntry, split_country
from bot.concurrency import or_none_after
from bot.domain import Choice, Service
from bot.lru import LruDict

OTHER_COUNTRIES_TIMEOUT: Final = 5.0
"""Seconds to wait for the countries that list a service."""
_MAX_COUNTRIES: Final = 4
_MAX_ELSEWHERE: Final = 4
_ALL_SERVICES: Final = ""
"""Name of the index of the list that ships with the bot."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Result of a search.

    Attributes:
        choices: matching services in one country, best first.
        countries: ids of matching countries.
        elsewhere: matching services that only other countries list.
        nearest: services with similar names, if nothing matches.
    """

    choices: list[Choice] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    elsewhere: list[Service] = field(default_factory=list)
    nearest: list[Choice] = field(default_factory=list)


class ServiceSearch:
    """Search of one catalog. An index is kept until its list changes."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._service_aliases = data.service_aliases()
        self._country_aliases = data.country_aliases()
        self._indexes = LruDict[str, tuple[list[IndexEntry], FuzzyIndex]](MAX_COUNTRIES)
        self._services = LruDict[str, _CountryServices](MAX_COUNTRIES)

    async def find(self, key: SecretStr, country: str | None, query: str) -> SearchResult:
        """Return what matches a query, best first, with typos allowed.

        Args:
            key: the API key to ask with.
            country: the country to search unless the query names another; None if none is chosen.
            query: a service, a country, or both.

        Raises:
            ProviderError: the lists cannot be had now.
        """
        country_index = await self._country_index(key)
        choices, certain = await self._search_services(key, country, query) if country else ([], False)
        if not certain:
            for named, rest in split_country(query, country_index):
                found, _ = await self._search_services(key, named, rest)
                if found:
                    return SearchResult(found)
        hits = country_index.search(query, _MAX_COUNTRIES)
        countries = [hit.code for hit in hits if not certain or hit.fit is not Fit.SIMILAR]
        if choices or countries:
            return SearchResult(choices, countries)
        elsewhere = [] if self._catalog.only_country else await self._search_elsewhere(key, query)
        nearest = await self._nearest(key, country, query) if country and not elsewhere else []
        return SearchResult(elsewhere=elsewhere, nearest=nearest)

    async def _search_services(self, key: SecretStr, country: str, query: str) -> tuple[list[Choice], bool]:
        """Return the matching services of a country, and whether one matches without a typo."""
        services = await self._services_of(key, country)
        hits = services.index.search(query)
        return [services.choices[hit.code] for hit in hits], any(hit.fit is not Fit.SIMILAR for hit in hits)

    async def _nearest(self, key: SecretStr, country: str, query: str) -> list[Choice]:
        services = await self._services_of(key, country)
        return [services.choices[code] for code in services.index.nearest(query)]

    async def _search_elsewhere(self, key: SecretStr, query: str) -> list[Service]:
        """Return the matching services that some country on offer lists."""
        names = self._catalog.service_names
        indexed = self._indexes.get(_ALL_SERVICES)
        entries = indexed[0] if indexed else [self._entry(code, name) for code, name in names.items()]
        hits = self._index(_ALL_SERVICES, entries).search(query, _MAX_ELSEWHERE)
        found = await asyncio.gather(
            *(or_none_after(OTHER_COUNTRIES_TIMEOUT, self._catalog.offers_of(key, hit.code)) for hit in hits)
        )
        return [Service(hit.code, names[hit.code]) for hit, offers in zip(hits, found, strict=True) if offers]

    async def _services_of(self, key: SecretStr, country: str) -> "_CountryServices":
        choices = await self._catalog.choices(key, country)
        services = self._services.get(country)
        if services is None or services.source is not choices:
            entries = [self._entry(choice.service.code, choice.service.name) for choice in choices]
            index = self._index(f"services of {country}", entries)
            services = _CountryServices(choices, {choice.service.code: choice for choice in choices}, index)
            self._services.put(country, services)
        return services

    async def _country_index(self, key: SecretStr) -> FuzzyIndex:
        countries = await self._catalog.countries(key)
        aliases = self._country_aliases
        entries = [IndexEntry(each.id, each.name, aliases.get(each.id, ())) for each in countries]
        return self._index("countries", entries, by_code=False)

    def _entry(self, code: str, name: str) -> IndexEntry:
        return IndexEntry(code, name, self._service_aliases.get(code, ()))

    def _index(self, name: str, entries: list[IndexEntry], *, by_code: bool = True) -> FuzzyIndex:
        """Return the index of a list; the existing one if the list has not changed."""
        existing = self._indexes.get(name)
        if existing is None or existing[0] != entries:
            existing = self._indexes.put(name, (entries, FuzzyIndex(entries, by_code=by_code)))
        return existing[1]


@dataclass(frozen=True, slots=True)
class _CountryServices:
    """Searchable services of a country.

    Attributes:
        source: the catalog's list that it is made from; new prices give a new list, but the index stays.
        choices: the services by code.
    """

    source: Sequence[Choice]
    choices: dict[str, Choice]
    index: FuzzyIndex
