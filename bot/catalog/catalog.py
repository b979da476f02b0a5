"""What can be bought: countries, services, operators, prices and counts; cached, and shared between users."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from pydantic import SecretStr

from bot import data, errors
from bot.catalog.availability import Alternatives, OperatorAvailability
from bot.catalog.cache import SharedCache
from bot.concurrency import gather_fail_fast, or_none_after
from bot.domain import Choice, Country, Offer, Operator, Service
from bot.provider.client import ProviderClient

T = TypeVar("T")

PRICES_KEPT: Final = 60.0
LISTS_KEPT: Final = 6 * 3600.0
ABSENT_KEPT: Final = 600.0
"""Seconds for which answers are shared between users; absent lists are looked for again sooner."""
LATELY: Final = 25.0
"""Seconds for which prices and counts are good enough for a watch."""


class Catalog:
    """The provider's lists and prices, completed by the lists that ship with the bot."""

    def __init__(
        self, provider: ProviderClient, countries: tuple[str, ...], clock: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._provider = provider
        self._offered = countries
        self._cache = SharedCache(clock)
        self._choices: dict[str, tuple[tuple[object, ...], list[Choice]]] = {}
        self.service_names: Final = data.service_names()
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

    def is_offered(self, country: str) -> bool:
        """Return whether a country is on offer here."""
        return self._offered == ("all",) or country in self._offered

    def country_name(self, id_: str) -> str:
        """Return a country's English name, the provider's own if it was listed; an unknown id as it is."""
        listed = self._cache.peek(("countries",)) or {}
        return str(listed.get(id_) or self._country_names.get(id_) or id_)

    async def choices(self, key: SecretStr, country: str) -> list[Choice]:
        """Return the services the provider lists for a country, in its order, those with numbers first.

        Raises:
            ProviderError: neither prices nor counts are to be had now.
        """
        self.check_country(country)
        await gather_fail_fast(self.offers(key, country), self._names(key, country))
        return self.known_choices(country) or []

    def known_choices(self, country: str) -> list[Choice] | None:
        """Return what `choices` would, without asking: the same list until an answer changes; or None."""
        offers: dict[str, Offer] | None = self._cache.peek(("offers", country))
        if offers is None:
            return None
        made_of = (offers, self._cache.peek(("services", country)))
        before, choices = self._choices.get(country, ((), []))
        if not before or any(old is not new for old, new in zip(before, made_of, strict=True)):
            named = (Service(code, self.known_name(country, code)) for code in offers)
            choices = sorted(
                (Choice(service, offers[service.code]) for service in named),
                key=lambda choice: choice.offer.count == 0,
            )
            self._choices[country] = made_of, choices
        return choices

    async def service_name(self, key: SecretStr, country: str, code: str) -> str:
        """Return a service's name: the provider's, else ours, else the code as it is."""
        await self._names(key, country)
        return self.known_name(country, code)

    def known_name(self, country: str, code: str) -> str:
        """Return a service's name without asking."""
        listed = self._cache.peek(("services", country)) or {}
        return listed.get(code) or self.service_names.get(code) or code

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
        self.check_country(country)
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
        self._cache.expire_within(("offers", country), 0)

    async def operators(self, key: SecretStr, country: str) -> list[Operator]:
        """Return the operators of a country, without "any".

        Raises:
            BadCountry: it is not on offer here.
        """
        self.check_country(country)
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
        self, key: SecretStr, country: str, operator: str, *, budgeted: bool = False
    ) -> dict[str, int]:
        """Return service code → numbers free at an operator; `paid` says that the request was taken already.

        Raises:
            ProviderError: they are not to be had now.
        """
        return await self._cache.get(
            ("counts", country, operator),
            PRICES_KEPT,
            lambda: self._provider.counts(key, country, (operator,), budgeted=budgeted),
            since=self._lately() if budgeted else None,
        )

    def seen_lately(self, country: str, operator: str | None = None) -> bool:
        """Return whether a shared answer about a country, or an operator there, is new enough for a watch."""
        name = ("counts", country, operator) if operator else ("offers", country)
        return self._cache.is_fresh(name, self._lately())

    def _lately(self) -> float:
        return self._clock() - LATELY

    async def count_at(
        self, key: SecretStr, country: str, service: str, operators: tuple[str, ...]
    ) -> int | None:
        """Return how many numbers some operators have together, no operator meaning any; None if unknown.

        Raises:
            ProviderError: the provider does not list the service, or cannot be asked now.
        """
        if not operators:
            return (await self.offer(key, country, service)).count
        counts = await asyncio.gather(*(self.count(key, country, service, each) for each in operators))
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def availability(self, country: str, service: str) -> OperatorAvailability:
        """Return what is known of a service's operators without asking.

        Raises:
            BadCountry: it is not on offer here.
        """
        self.check_country(country)
        return OperatorAvailability(country, service, self.known_name(country, service))

    async def load_availability(self, key: SecretStr, availability: OperatorAvailability) -> None:
        """Ask for everything a survey lacks; each answer stands in it as soon as it is there.

        Raises:
            BadService: the provider does not list the service.
            ProviderError: the price is not to be had now.
        """

        async def offer() -> None:
            availability.offer = await self.offer(key, availability.country, availability.service)

        async def name() -> None:
            availability.name = await self.service_name(key, availability.country, availability.service)

        await gather_fail_fast(offer(), name(), self._count(key, availability))

    async def _count(self, key: SecretStr, availability: OperatorAvailability) -> None:
        """Ask for the operators of a survey and their counts."""

        async def count(operator: str) -> None:
            availability.counts[operator] = await self.count(
                key, availability.country, availability.service, operator
            )

        availability.operators = await self.operators(key, availability.country)
        await gather_fail_fast(*(count(operator.code) for operator in availability.operators))

    async def offers_of(self, key: SecretStr, service: str) -> list[tuple[Country, Offer]]:
        """Return the countries on offer that list a service: those with numbers first, cheapest first.

        Raises:
            ProviderError: the prices are not to be had now.
        """
        name = ("offers of", service)
        try:
            offers = await self._cache.get(
                name, PRICES_KEPT, lambda: self._provider.offers(key, service=service)
            )
        finally:
            if not self._cache.peek(name):
                self._cache.discard(name)  # a button may name any service: only those that exist are kept
        here = [offer for offer in offers if self._offered == ("all",) or offer.country in self._offered]
        here.sort(key=lambda offer: (offer.count == 0, offer.price is None, offer.price or 0))
        return [(Country(offer.country, self.country_name(offer.country)), offer) for offer in here]

    async def alternatives(
        self, key: SecretStr, country: str, service: str, operators: tuple[str, ...], patience: float
    ) -> Alternatives:
        """Return where else there are numbers, as far as that is told within so many seconds.

        Args:
            key: whose account asks.
            country: where there are none.
            service: the service's code.
            operators: those that have none; no operator means any.
            patience: seconds.
        """

        async def elsewhere() -> list[tuple[Country, Offer]]:
            return [] if self.only_country else await self.offers_of(key, service)

        availability = self.availability(country, service)
        _, offers = await asyncio.gather(
            or_none_after(patience, self._count(key, availability)), or_none_after(patience, elsewhere())
        )
        listed = availability.operators or []
        counts = [(operator, availability.counts.get(operator.code)) for operator in listed]
        some = [(each, count) for each, count in counts if count and each.code not in operators]
        return Alternatives(
            listed=tuple(listed),
            operators=tuple(sorted(some, key=lambda pair: -pair[1])),
            countries=tuple(pair for pair in offers or () if pair[1].count and pair[0].id != country),
            complete=availability.operators is not None
            and offers is not None
            and all(count is not None for _, count in counts),
        )

    def check_country(self, country: str) -> None:
        """Refuse a country that is not on offer here, whatever a button says.

        Raises:
            BadCountry: it is not on offer.
        """
        if not self.is_offered(country):
            raise errors.BadCountry

    async def offers(self, key: SecretStr, country: str, *, budgeted: bool = False) -> dict[str, Offer]:
        """Return service code → offer: from the prices where there are any, completed by the counts.

        Args:
            key: whose account asks.
            country: the country's id.
            budgeted: two requests, which is as many as it may take, were already taken from the budget; an
                answer that was not seen lately is asked for anew.

        Raises:
            BadCountry: it is not on offer here.
            ProviderError: neither prices nor counts are to be had now.
        """
        self.check_country(country)
        return await self._cache.get(
            ("offers", country),
            PRICES_KEPT,
            lambda: self._ask_offers(key, country, budgeted=budgeted),
            since=self._lately() if budgeted else None,
        )

    async def _ask_offers(self, key: SecretStr, country: str, *, budgeted: bool) -> dict[str, Offer]:
        try:
            listed = await self._provider.offers(key, country=country, budgeted=budgeted)
            offers = {offer.service: offer for offer in listed}
        except (errors.UnsupportedAction, errors.Unreadable, errors.NoAnswer):
            offers = {}
        if offers and all(offer.count is not None for offer in offers.values()):
            return offers
        try:
            counts = await self._provider.counts(key, country, budgeted=budgeted)
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
        absent = False

        async def ask_or_none() -> T | None:
            nonlocal absent
            try:
                return await ask()
            except (errors.Unavailable, errors.BadOperator, errors.BadCountry, errors.BadRequest):
                absent = True
                known: T | None = self._cache.peek(name)  # an old list is better than none
                return known

        found = await self._cache.get(name, LISTS_KEPT, ask_or_none)
        if absent or not found:
            self._cache.expire_within(name, ABSENT_KEPT)
        return found


def operator_name(code: str) -> str:
    """Return an operator's name for people, made of its code."""
    return " ".join(word[:1].upper() + word[1:] for word in code.replace("_", " ").split())
