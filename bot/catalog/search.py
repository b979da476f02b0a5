"""Search of the catalog: finds services, countries, or a service in a country by what a user typed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot import data
from bot.catalog.catalog import MAX_COUNTRIES, Catalog, operator_name
from bot.catalog.fuzzy import Fit, FuzzyIndex, IndexEntry, split_country, split_operators
from bot.concurrency import or_none_after
from bot.domain import Choice, Service
from bot.lru import LruDict
from bot.provider.gateway import ApiKey

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
        only: the service, if the query names exactly one without a typo.
        place: the country that the query names, or None.
        operators: the operators that the query names, of the country of the choices.
        unlisted: a service that the query names and no country on offer lists.
        any_other: what takes codes of a service that is not listed; None if the country does not list it.
    """

    choices: list[Choice] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    elsewhere: list[Service] = field(default_factory=list)
    nearest: list[Choice] = field(default_factory=list)
    only: Service | None = None
    place: str | None = None
    operators: tuple[str, ...] = ()
    unlisted: Service | None = None
    any_other: Choice | None = None


class ServiceSearch:
    """Search of one catalog. An index is kept until its list changes."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._service_aliases = data.service_aliases()
        self._country_aliases = data.country_aliases()
        self._country_operators = data.country_operators()
        self._operator_aliases = data.operator_aliases()
        self._indexes = LruDict[str, tuple[list[IndexEntry], FuzzyIndex]](2 * MAX_COUNTRIES)
        self._services = LruDict[str, _CountryServices](MAX_COUNTRIES)

    async def find(self, key: ApiKey, country: str | None, query: str) -> SearchResult:
        """Return what matches a query, best first, with typos allowed.

        Args:
            key: the API key to ask with.
            country: the country to search unless the query names another; None if none is chosen.
            query: a service, a country, operators, or several of them.

        Raises:
            ProviderError: the lists cannot be had now.
        """
        country_index = await self._country_index(key)
        found, certain = SearchResult(), False
        if country:
            found, certain = await self._search_services(key, country, query)
        if not certain:
            better = await self._search_named_country(key, query, country_index)
            if not found.operators:
                better = better or await self._search_by_operators(key, country, query)
            if better := better or await self._find_unlisted(key, country, query):
                return better
        hits = country_index.search(query, _MAX_COUNTRIES)
        countries = [hit.code for hit in hits if not certain or hit.fit is not Fit.SIMILAR]
        if found.choices or countries or found.operators:
            return replace(found, countries=countries)
        elsewhere = [] if self._catalog.only_country else await self._search_elsewhere(key, query)
        nearest = await self._nearest(key, country, query) if country and not elsewhere else []
        return SearchResult(elsewhere=elsewhere, nearest=nearest)

    async def _search_named_country(
        self, key: ApiKey, query: str, countries: FuzzyIndex
    ) -> SearchResult | None:
        """Return what matches in a country that the query names; None if it names none."""
        for country, rest in split_country(query, countries):
            found, certain = await self._search_services(key, country, rest)
            unlisted = None if certain else await self._find_unlisted(key, country, rest)
            if unlisted or found.choices:
                return replace(unlisted or found, place=country)
        return None

    async def _search_by_operators(self, key: ApiKey, country: str | None, query: str) -> SearchResult | None:
        """Return what matches in another country whose operators the query names; None if it names none."""
        if self._catalog.only_country:
            return None
        codes = {code for listed in self._country_operators.values() for code in listed}
        _, named = split_operators(query, self._operator_index("", sorted(codes)))
        places = [id_ for id_, listed in self._country_operators.items() if named and {*named} <= {*listed}]
        for place in places[:_MAX_COUNTRIES]:
            if place != country and self._catalog.is_offered(place):
                found, certain = await self._search_services(key, place, query)
                if certain and found.operators:
                    return replace(found, place=place)
        return None

    async def _search_services(self, key: ApiKey, country: str, query: str) -> tuple[SearchResult, bool]:
        """Return the matching services of a country, and whether one matches without a typo.

        If none does, the operators that the query names are split off.
        """
        services = await self._services_of(key, country)
        hits, operators = services.index.search(query), tuple[str, ...]()
        if not hits or (" " in query and all(hit.fit is Fit.SIMILAR for hit in hits)):
            listed = [operator.code for operator in await self._catalog.operators(key, country)]
            rest, named = split_operators(query, self._operator_index(country, listed))
            found = services.index.search(rest)
            if named and (found or not rest):
                query, hits = rest, found
                operators = tuple(code for code in listed if code in named)
        only = services.index.only(query)
        choices = [services.choices[hit.code] for hit in hits]
        result = SearchResult(
            choices, only=services.choices[only].service if only else None, operators=operators
        )
        return result, any(hit.fit is not Fit.SIMILAR for hit in hits)

    async def _find_unlisted(self, key: ApiKey, country: str | None, query: str) -> SearchResult | None:
        """Return where a service is listed that the country does not list; None if it is not known.

        A service that no country lists is returned with what takes its codes.
        """
        names = self._catalog.service_names
        codes = self._all_services().exact(query, by_code=False)[:_MAX_ELSEWHERE]
        if not codes:
            return None
        listed = [] if self._catalog.only_country else await self._offered(key, codes)
        if listed:
            return SearchResult(elsewhere=listed, only=listed[0] if len(listed) == 1 else None)
        choices = (await self._services_of(key, country)).choices if country else {}
        return SearchResult(
            unlisted=Service(codes[0], names[codes[0]]), any_other=choices.get(data.ANY_OTHER)
        )

    async def _nearest(self, key: ApiKey, country: str, query: str) -> list[Choice]:
        services = await self._services_of(key, country)
        return [services.choices[code] for code in services.index.nearest(query)]

    async def _search_elsewhere(self, key: ApiKey, query: str) -> list[Service]:
        """Return the matching services that some country on offer lists."""
        hits = self._all_services().search(query, _MAX_ELSEWHERE)
        return await self._offered(key, [hit.code for hit in hits])

    async def _offered(self, key: ApiKey, codes: Sequence[str]) -> list[Service]:
        """Return those of the services that some country on offer lists."""
        found = await asyncio.gather(
            *(or_none_after(OTHER_COUNTRIES_TIMEOUT, self._catalog.offers_of(key, code)) for code in codes)
        )
        names = self._catalog.service_names
        return [Service(code, names[code]) for code, offers in zip(codes, found, strict=True) if offers]

    async def _services_of(self, key: ApiKey, country: str) -> "_CountryServices":
        choices = await self._catalog.choices(key, country)
        services = self._services.get(country)
        if services is None or services.source is not choices:
            entries = [self._entry(choice.service.code, choice.service.name) for choice in choices]
            index = self._index(f"services of {country}", entries)
            services = _CountryServices(choices, {choice.service.code: choice for choice in choices}, index)
            self._services.put(country, services)
        return services

    async def _country_index(self, key: ApiKey) -> FuzzyIndex:
        countries = await self._catalog.countries(key)
        aliases = self._country_aliases
        entries = [IndexEntry(each.id, each.name, aliases.get(each.id, ())) for each in countries]
        return self._index("countries", entries, by_code=False)

    def _operator_index(self, country: str, codes: Sequence[str]) -> FuzzyIndex:
        aliases = self._operator_aliases
        entries = [IndexEntry(code, operator_name(code), aliases.get(code, ())) for code in codes]
        return self._index(f"operators of {country}", entries)

    def _all_services(self) -> FuzzyIndex:
        """Return the index of the list that ships with the bot."""
        indexed = self._indexes.get(_ALL_SERVICES)
        names = self._catalog.service_names.items()
        return indexed[1] if indexed else self._index(_ALL_SERVICES, [self._entry(*pair) for pair in names])

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
