"""What users can choose: the provider's lists with names, limited to the countries on offer, and sorted."""

import asyncio
from collections.abc import Callable
from typing import Final

from bot import data, errors
from bot.catalog.availability import Alternatives, OperatorAvailability
from bot.catalog.lists import ProviderLists
from bot.catalog.sold_out import ANY, SoldOut
from bot.concurrency import gather_fail_fast, or_none_after
from bot.domain import Choice, Country, Offer, Operator, Service, visible
from bot.lru import LruDict
from bot.provider.gateway import ApiKey

MAX_COUNTRIES: Final = 300
"""Countries whose sorted services, or search indexes, are kept in memory."""


class Catalog:
    """The catalog of one provider; the lists that ship with the bot fill its gaps.

    Attributes:
        lists: the cached answers of the provider that the catalog is made of.
        sold_out: what the provider has refused lately, whatever it lists.
        service_names: service code → name, from the list that ships with the bot.
    """

    def __init__(
        self, countries: tuple[str, ...], clock: Callable[[], float], *, sells_by_operator: bool = True
    ) -> None:
        self.lists: Final = ProviderLists(clock)
        self.sold_out: Final = SoldOut(clock)
        self.service_names: Final = data.service_names()
        self._offered = countries
        self._choices = LruDict[str, tuple[tuple[object, ...], list[Choice]]](MAX_COUNTRIES)
        self._country_names = data.country_names()
        self._operators = data.country_operators() if sells_by_operator else {}

    @property
    def only_country(self) -> str | None:
        """The id of the only country on offer, or None if there are several."""
        return self._offered[0] if len(self._offered) == 1 and self._offered != ("all",) else None

    async def countries(self, key: ApiKey) -> list[Country]:
        """Return the countries on offer, by name.

        Raises:
            ProviderError: the provider's list cannot be had now.
        """
        if self._offered != ("all",):
            return [Country(id_, self.country_name(id_)) for id_ in self._offered]
        names = await self.lists.countries(key) or self._country_names
        return sorted((Country(*pair) for pair in names.items()), key=lambda country: country.name)

    def is_offered(self, country: str) -> bool:
        """Return whether a country is on offer."""
        return self._offered == ("all",) or country in self._offered

    def check_country(self, country: str) -> None:
        """Check that a country is on offer; a button or a link can name any country.

        Raises:
            BadCountry: it is not on offer.
        """
        if not self.is_offered(country):
            raise errors.BadCountry

    def country_name(self, id_: str) -> str:
        """Return a country's English name without a request: the provider's, else the bot's, else the id."""
        return str(self.lists.known_countries().get(id_) or self._country_names.get(id_) or id_)

    async def choices(self, key: ApiKey, country: str) -> list[Choice]:
        """Return the services of a country in the provider's order, those with numbers first.

        Raises:
            BadCountry: the country is not on offer.
            ProviderError: neither prices nor counts can be had now.
        """
        self.check_country(country)
        await gather_fail_fast(self.offers(key, country), self.lists.services(key, country))
        return self.known_choices(country) or []

    def known_choices(self, country: str) -> list[Choice] | None:
        """Return what `choices` returns, without a request; None if no prices are cached.

        The same list is returned until one of the cached answers changes.
        """
        offers = self.lists.known_offers(country)
        if offers is None:
            return None
        sources = (offers, self.lists.known_services(country))
        before, choices = self._choices.get(country) or ((), [])
        if not before or any(old is not new for old, new in zip(before, sources, strict=True)):
            named = (Service(code, self.known_name(country, code)) for code in offers)
            choices = sorted(
                (Choice(service, offers[service.code]) for service in named),
                key=lambda choice: choice.offer.count == 0,
            )
            self._choices.put(country, (sources, choices))
        return choices

    async def service_name(self, key: ApiKey, country: str, code: str) -> str:
        """Return a service's name: the provider's, else the bot's, else the code."""
        await self.lists.services(key, country)
        return self.known_name(country, code)

    def known_name(self, country: str, code: str) -> str:
        """Return what `service_name` returns, without a request."""
        listed = self.lists.known_services(country) or {}
        return listed.get(code) or self.service_names.get(code) or visible(code)

    async def offers(self, key: ApiKey, country: str, *, budgeted: bool = False) -> dict[str, Offer]:
        """Return service code → offer in a country; see `ProviderLists.offers`.

        Raises:
            BadCountry: the country is not on offer.
            ProviderError: neither prices nor counts can be had now.
        """
        self.check_country(country)
        return await self.lists.offers(key, country, budgeted=budgeted)

    async def offer(self, key: ApiKey, country: str, service: str, *, fresh: bool = False) -> Offer:
        """Return the offer of a service in a country.

        Args:
            key: the API key to ask with.
            country: the country's id.
            service: the service's code.
            fresh: ask for this one service now instead of using the cache.

        Raises:
            BadCountry: the country is not on offer.
            BadService: the provider does not list the service.
            ProviderError: the price cannot be had now.
        """
        self.check_country(country)
        if fresh and (current := await self.lists.current_offer(key, country, service)):
            return current
        offer = (await self.offers(key, country)).get(service)
        if offer is None:
            raise errors.BadService
        return offer

    async def offers_of(self, key: ApiKey, service: str) -> list[tuple[Country, Offer]]:
        """Return the countries on offer that list a service: those with numbers first, cheapest first.

        Raises:
            ProviderError: the prices cannot be had now.
        """
        offers = [
            offer for offer in await self.lists.offers_of(key, service) if self.is_offered(offer.country)
        ]
        offers.sort(key=lambda offer: (offer.count == 0, offer.price is None, offer.price or 0))
        return [(Country(offer.country, self.country_name(offer.country)), offer) for offer in offers]

    async def operators(self, key: ApiKey, country: str) -> list[Operator]:
        """Return the operators of a country, without "any"; none if the provider does not sell by operator.

        Raises:
            BadCountry: the country is not on offer.
        """
        self.check_country(country)
        if not self._operators:
            return []
        codes = await self.lists.operators(key, country) or self._operators.get(country, [])
        return [Operator(code, operator_name(code)) for code in codes]

    async def count_at(
        self, key: ApiKey, country: str, service: str, operators: tuple[str, ...]
    ) -> int | None:
        """Return the free numbers of a service at some operators together, or None if unknown.

        Args:
            key: the API key to ask with.
            country: the country's id.
            service: the service's code.
            operators: empty means any.

        Raises:
            ProviderError: without operators: the provider does not list the service, or cannot be asked now.
        """
        if not operators:
            return (await self.offer(key, country, service)).count
        counts = await asyncio.gather(*(self._count(key, country, service, each) for each in operators))
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def note_refusal(
        self, error: errors.ProviderError, country: str, service: str, operators: tuple[str, ...]
    ) -> None:
        """Note why a purchase was refused; prices and counts that this disproves are loaded again."""
        if isinstance(error, errors.NoNumbers):
            self.sold_out.add(country, service, operators)
        if isinstance(error, errors.NoNumbers | errors.PriceTooLow):
            self.lists.expire_availability(country, service, self._operators.get(country, []))

    def availability(self, country: str, service: str) -> OperatorAvailability:
        """Return an availability with nothing loaded yet, for `load_availability`.

        Raises:
            BadCountry: the country is not on offer.
        """
        self.check_country(country)
        return OperatorAvailability(country, service, self.known_name(country, service))

    async def load_availability(self, key: ApiKey, availability: OperatorAvailability) -> None:
        """Load the name, the offer, the operators and their counts; each is stored as soon as it arrives.

        Raises:
            BadService: the provider does not list the service.
            ProviderError: the price cannot be had now.
        """

        async def offer() -> None:
            availability.offer = await self.offer(key, availability.country, availability.service)

        async def name() -> None:
            availability.name = await self.service_name(key, availability.country, availability.service)

        await gather_fail_fast(offer(), name(), self._load_counts(key, availability))

    async def alternatives(
        self, key: ApiKey, country: str, service: str, operators: tuple[str, ...], patience: float
    ) -> Alternatives:
        """Return other operators and countries that have numbers, as far as they are known in time.

        What was refused lately is left out.

        Args:
            key: the API key to ask with.
            country: the country without numbers.
            service: the service's code.
            operators: the operators without numbers; empty means any.
            patience: seconds to wait for answers.
        """

        async def elsewhere() -> list[tuple[Country, Offer]]:
            return [] if self.only_country else await self.offers_of(key, service)

        availability = self.availability(country, service)
        _, offers = await asyncio.gather(
            or_none_after(patience, self._load_counts(key, availability)),
            or_none_after(patience, elsewhere()),
        )
        listed = availability.operators or []
        counts = [(operator, availability.counts.get(operator.code)) for operator in listed]
        refused = self.sold_out.operators(country, service)
        available = [
            (each, count) for each, count in counts if count and each.code not in {*operators, *refused}
        ]
        places = [
            (place, offer)
            for place, offer in offers or ()
            if offer.count and place.id != country and not self.sold_out.covers(place.id, service, ())
        ]
        return Alternatives(
            listed=tuple(listed),
            operators=tuple(sorted(available, key=lambda pair: -pair[1])),
            countries=tuple(places),
            doubtful=ANY in refused,
            complete=availability.operators is not None
            and offers is not None
            and all(count is not None for _, count in counts),
        )

    async def _load_counts(self, key: ApiKey, availability: OperatorAvailability) -> None:
        """Load the operators and their counts."""
        country, service = availability.country, availability.service

        async def load(operator: str) -> None:
            availability.counts[operator] = await self._count(key, country, service, operator)

        availability.operators = await self.operators(key, country)
        await gather_fail_fast(*(load(operator.code) for operator in availability.operators))

    async def _count(self, key: ApiKey, country: str, service: str, operator: str) -> int | None:
        """Return the free numbers of a service at one operator, or None if unknown."""
        try:
            return (await self.lists.counts(key, country, operator)).get(service, 0)
        except errors.ProviderError:
            return None


def operator_name(code: str) -> str:
    """Return an operator's display name, made from its code."""
    return " ".join(word[:1].upper() + word[1:] for word in visible(code).replace("_", " ").split())
