"""Finds what somebody typed among what the provider lists: services, countries, or a service in a country."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from bot import data
from bot.catalog.catalog import Catalog
from bot.catalog.fuzzy import Fit, FuzzyIndex, IndexEntry, split_place
from bot.concurrency import or_none_after
from bot.domain import Choice, Service

LOOK_ELSEWHERE: Final = 5.0
"""Seconds for the question whether a service is listed in other countries."""
_MOST_PLACES: Final = 4
"""Countries, or services of other countries, that one search shows."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    Attributes:
        choices: services in a country, best first.
        countries: the ids of countries by that name.
        elsewhere: services that are listed only in other countries than the one searched.
        nearest: where nothing fits, services with a name somewhat like it.
    """

    choices: list[Choice] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    elsewhere: list[Service] = field(default_factory=list)
    nearest: list[Choice] = field(default_factory=list)


class ServiceSearch:
    """Searches the catalog; each list is prepared once, as long as it stays the same."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._service_aliases = data.service_aliases()
        self._country_aliases = data.country_aliases()
        self._indexes: dict[str, tuple[list[IndexEntry], FuzzyIndex]] = {}
        self._listings: dict[str, _Listed] = {}

    async def find(self, key: SecretStr, country: str | None, query: str) -> SearchResult:
        """Return what fits what was typed, best first, typos forgiven.

        Args:
            key: whose account asks.
            country: where to look for services unless the query names a country; None if none is chosen.
            query: a service, a country, or both.

        Raises:
            ProviderError: the lists are not to be had now.
        """
        places = await self._places(key)
        choices, sure = await self._fitting(key, country, query) if country else ([], False)
        if not sure:
            for place, rest in split_place(query, places):
                there, _ = await self._fitting(key, place, rest)
                if there:
                    return SearchResult(there)
        hits = places.search(query, _MOST_PLACES)
        countries = [hit.code for hit in hits if not sure or hit.fit is not Fit.SIMILAR]
        if choices or countries:
            return SearchResult(choices, countries)
        elsewhere = [] if self._catalog.only_country else await self._elsewhere(key, query)
        nearest = await self._nearest(key, country, query) if country and not elsewhere else []
        return SearchResult(elsewhere=elsewhere, nearest=nearest)

    async def _places(self, key: SecretStr) -> FuzzyIndex:
        countries = await self._catalog.countries(key)
        aliases = self._country_aliases
        entries = [IndexEntry(each.id, each.name, aliases.get(each.id, ())) for each in countries]
        return self._index("countries", entries, by_code=False)

    async def _fitting(self, key: SecretStr, country: str, query: str) -> tuple[list[Choice], bool]:
        """Return the services of a country that fit, and whether they do so without a typo."""
        listed = await self._listed(key, country)
        hits = listed.index.search(query)
        return [listed.choices[hit.code] for hit in hits], any(hit.fit is not Fit.SIMILAR for hit in hits)

    async def _nearest(self, key: SecretStr, country: str, query: str) -> list[Choice]:
        listed = await self._listed(key, country)
        return [listed.choices[code] for code in listed.index.nearest(query)]

    async def _elsewhere(self, key: SecretStr, query: str) -> list[Service]:
        """Return the services that fit and that the provider lists in some country."""
        names = self._catalog.service_names
        if "" not in self._indexes:
            self._index("", [self._entry(code, name) for code, name in names.items()])
        hits = self._indexes[""][1].search(query, _MOST_PLACES)
        listed = await asyncio.gather(
            *(or_none_after(LOOK_ELSEWHERE, self._catalog.offers_of(key, hit.code)) for hit in hits)
        )
        return [
            Service(hit.code, names[hit.code]) for hit, offers in zip(hits, listed, strict=True) if offers
        ]

    async def _listed(self, key: SecretStr, country: str) -> "_Listed":
        choices = await self._catalog.choices(key, country)
        listed = self._listings.get(country)
        if listed is None or listed.made_of is not choices:
            entries = [self._entry(choice.service.code, choice.service.name) for choice in choices]
            index = self._index(f"services of {country}", entries)
            listed = _Listed(choices, {choice.service.code: choice for choice in choices}, index)
            self._listings[country] = listed
        return listed

    def _entry(self, code: str, name: str) -> IndexEntry:
        return IndexEntry(code, name, self._service_aliases.get(code, ()))

    def _index(self, name: str, entries: list[IndexEntry], *, by_code: bool = True) -> FuzzyIndex:
        """Return the index of a list: the one made before, if the list is still the same."""
        if name not in self._indexes or self._indexes[name][0] != entries:
            self._indexes[name] = entries, FuzzyIndex(entries, by_code=by_code)
        return self._indexes[name][1]


@dataclass(frozen=True, slots=True)
class _Listed:
    """The services of a country, by code and as an index; new prices make a new one with the same index."""

    made_of: Sequence[Choice]
    choices: dict[str, Choice]
    index: FuzzyIndex
