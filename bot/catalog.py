"""What can be bought: countries, services, operators, prices and counts; cached, and shared between users."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from pydantic import SecretStr
from rapidfuzz import fuzz, process, utils

from bot import data, errors
from bot.domain import Country, Offer, Operator, Service
from bot.provider.client import Provider

T = TypeVar("T")

PRICES_KEPT: Final = 60.0
LISTS_KEPT: Final = 6 * 3600.0
ABSENT_KEPT: Final = 600.0
"""Seconds for which answers are shared between users; absent lists are looked for again sooner."""
LATELY: Final = 25.0
"""Seconds for which prices and counts are good enough for a watch."""
_GOOD_MATCH: Final = 70.0
"""Of 100; below this, a name is only a suggestion."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A service a person can choose, with what is known of its price and count."""

    service: Service
    offer: Offer


@dataclass(slots=True)
class _Shared(Generic[T]):
    """One answer that is the same for everybody, asked for once even when many want it at the same time."""

    value: T | None = None
    fresh_until: float = 0.0
    failure: errors.Unavailable | None = None
    failures: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Catalog:
    """The provider's lists and prices, completed by the lists that ship with the bot."""

    def __init__(self, provider: Provider, countries: tuple[str, ...], clock: Callable[[], float]) -> None:
        self._provider = provider
        self._offered = countries
        self._clock = clock
        self._cache: dict[tuple[str, ...], _Shared[object]] = {}
        self._service_names = data.service_names()
        self._country_names = data.country_names()
        self._operators = data.country_operators()

    @property
    def only_country(self) -> str | None:
        """The one country on offer, or None if there are several."""
        return self._offered[0] if len(self._offered) == 1 and self._offered != ("all",) else None

    async def countries(self, key: SecretStr) -> list[Country]:
        """Return the countries on offer, by name.

        Raises:
            ProviderError: the provider's list is not to be had now.
        """
        if self._offered != ("all",):
            return [Country(id_, self.country_name(id_)) for id_ in self._offered]
        listed = await self._list(("countries",), lambda: self._provider.countries(key))
        names = listed or self._country_names
        return sorted((Country(*pair) for pair in names.items()), key=lambda country: country.name)

    def country_name(self, id_: str) -> str:
        """Return a country's English name, the provider's own if it was listed; an unknown id as it is."""
        shared = self._cache.get(("countries",))
        listed = shared.value if shared and isinstance(shared.value, dict) else {}
        return str(listed.get(id_) or self._country_names.get(id_) or id_)

    def country_to_say(self, id_: str) -> str | None:
        """Return a country's name, or None where it is the only one on offer and goes without saying."""
        return None if id_ == self.only_country else self.country_name(id_)

    async def choices(self, key: SecretStr, country: str) -> list[Choice]:
        """Return the services the provider lists for a country, in its order, those with numbers first.

        Raises:
            ProviderError: neither prices nor counts are to be had now.
        """
        self._check(country)
        offers = await self.offers(key, country)
        names = await self._names(key, country)
        choices = [
            Choice(Service(code, names.get(code) or self._service_names.get(code) or code), offer)
            for code, offer in offers.items()
        ]
        return sorted(choices, key=lambda choice: choice.offer.count == 0)

    async def service_name(self, key: SecretStr, country: str, code: str) -> str:
        """Return a service's name: the provider's, else ours, else the code as it is."""
        names = await self._names(key, country)
        return names.get(code) or self._service_names.get(code) or code

    async def offer(self, key: SecretStr, country: str, service: str, *, fresh: bool = False) -> Offer:
        """Return what the provider shows for a service in a country.

        Args:
            key: whose account asks.
            country: the country's id.
            service: the service's code.
            fresh: ask now, for this one service, instead of taking a shared answer.

        Raises:
            BadService: the provider does not list it.
            ProviderError: the price is not to be had now.
        """
        self._check(country)
        if fresh:
            listed = await self._provider.offers(key, country=country, service=service)
            if listed:
                return listed[0]
        offer = (await self.offers(key, country)).get(service)
        if offer is None:
            raise errors.BadService
        return offer

    def forget_prices(self, country: str) -> None:
        """Ask for a country's prices anew the next time: they are known to have changed."""
        self._cache.pop(("offers", country), None)

    async def operators(self, key: SecretStr, country: str) -> list[Operator]:
        """Return the operators of a country, without "any".

        Raises:
            BadCountry: it is not on offer here.
        """
        self._check(country)
        listed = await self._list(("operators", country), lambda: self._provider.operators(key, country))
        codes = listed or self._operators.get(country, [])
        return [Operator(code, operator_name(code)) for code in codes]

    async def count(self, key: SecretStr, country: str, service: str, operator: str) -> int | None:
        """Return how many numbers of a service an operator has, or None if the provider does not say."""
        try:
            return (await self.counts(key, country, operator)).get(service, 0)
        except errors.ProviderError:
            return None

    async def counts(
        self, key: SecretStr, country: str, operator: str, *, paid: bool = False
    ) -> dict[str, int]:
        """Return service code → numbers free at an operator. For `paid` see `offers`.

        Raises:
            ProviderError: they are not to be had now.
        """
        return await self._get(
            ("counts", country, operator),
            PRICES_KEPT,
            lambda: self._provider.counts(key, country, (operator,), paid=paid),
            lately=paid,
        )

    def seen_lately(self, country: str, operator: str | None = None) -> bool:
        """Return whether a shared answer about a country, or an operator there, is new enough for a watch."""
        shared = self._cache.get(("counts", country, operator) if operator else ("offers", country))
        return shared is not None and shared.value is not None and self._is_fresh(shared, lately=True)

    async def search(self, key: SecretStr, country: str, query: str, limit: int = 8) -> list[Choice]:
        """Return the services that fit what was typed, best first, typos forgiven.

        Raises:
            ProviderError: the list is not to be had now.
        """
        choices = await self.choices(key, country)
        wanted = utils.default_process(query)
        exact = [choice for choice in choices if choice.service.code == query.strip().lower()]
        names = {index: utils.default_process(choice.service.name) for index, choice in enumerate(choices)}
        found = process.extract(
            wanted, names, scorer=fuzz.WRatio, processor=None, limit=limit, score_cutoff=_GOOD_MATCH
        )
        best = [choices[index] for _, _, index in found]
        return list(dict.fromkeys(exact + best))[:limit]

    def _check(self, country: str) -> None:
        """Refuse a country that is not on offer here, whatever a button says."""
        if self._offered != ("all",) and country not in self._offered:
            raise errors.BadCountry

    async def offers(self, key: SecretStr, country: str, *, paid: bool = False) -> dict[str, Offer]:
        """Return service code → offer: from the prices where there are any, completed by the counts.

        Args:
            key: whose account asks.
            country: the country's id.
            paid: two requests, which is as many as it may take, were already taken from the budget; an
                answer that was not seen lately is asked for anew.

        Raises:
            BadCountry: it is not on offer here.
            ProviderError: neither prices nor counts are to be had now.
        """
        self._check(country)
        return await self._get(
            ("offers", country),
            PRICES_KEPT,
            lambda: self._ask_offers(key, country, paid=paid),
            lately=paid,
        )

    async def _ask_offers(self, key: SecretStr, country: str, *, paid: bool) -> dict[str, Offer]:
        try:
            listed = await self._provider.offers(key, country=country, paid=paid)
            offers = {offer.service: offer for offer in listed}
        except (errors.UnsupportedAction, errors.Unreadable, errors.NoAnswer):
            offers = {}
        if offers and all(offer.count is not None for offer in offers.values()):
            return offers
        try:
            counts = await self._provider.counts(key, country, paid=paid)
        except errors.ProviderError:
            if offers:
                return offers
            raise
        prices = {code: offer.price for code, offer in offers.items()}
        return {
            code: Offer(country, code, prices.get(code), count) for code, count in counts.items()
        } or offers

    async def _names(self, key: SecretStr, country: str) -> dict[str, str]:
        return await self._list(("services", country), lambda: self._provider.services(key, country)) or {}

    async def _list(self, name: tuple[str, ...], ask: Callable[[], Awaitable[T]]) -> T | None:
        """Return a list that some providers lack, or None."""

        async def ask_or_none() -> T | None:
            try:
                return await ask()
            except (errors.Unavailable, errors.BadOperator, errors.BadCountry, errors.BadRequest):
                return None

        shared = self._shared(name)
        found = await self._get(name, LISTS_KEPT, ask_or_none)
        if not found:
            shared.fresh_until = min(shared.fresh_until, self._clock() + ABSENT_KEPT)
        return found

    def _shared(self, name: tuple[str, ...]) -> _Shared[object]:
        return self._cache.setdefault(name, _Shared())

    def _is_fresh(self, shared: _Shared[T], *, lately: bool) -> bool:
        used = PRICES_KEPT - LATELY if lately else 0.0
        return self._clock() < shared.fresh_until - used

    async def _get(
        self, name: tuple[str, ...], kept: float, ask: Callable[[], Awaitable[T]], *, lately: bool = False
    ) -> T:
        """Return a shared answer, asking for it if it is too old.

        Those who wait while it is asked for share its failure too, unless that is about one API key.
        """
        shared: _Shared[T] = self._shared(name)  # type: ignore[assignment]  # one name holds one type
        failures = shared.failures
        async with shared.lock:
            if shared.value is not None and self._is_fresh(shared, lately=lately):
                return shared.value
            if shared.failures != failures and shared.failure is not None:
                raise shared.failure
            try:
                value = await ask()
            except errors.Unavailable as error:
                shared.failure, shared.failures = error, shared.failures + 1
                raise
            shared.value, shared.fresh_until = value, self._clock() + kept
            return value


def operator_name(code: str) -> str:
    """Return an operator's name for people, made of its code."""
    return " ".join(word[:1].upper() + word[1:] for word in code.replace("_", " ").split())
