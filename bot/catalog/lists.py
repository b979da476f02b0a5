"""The provider's lists, prices and counts behind the shared cache, unfiltered and by code."""

import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final, TypeVar, cast

from bot import errors
from bot.catalog.cache import SharedCache
from bot.domain import Offer
from bot.provider.gateway import ApiKey

T = TypeVar("T")

PRICES_TTL: Final = 60.0
LISTS_TTL: Final = 6 * 3600.0
MISSING_LIST_TTL: Final = 600.0
"""Seconds after which a list that the provider does not have is requested again."""
FAILED_LIST_TTL: Final = 30.0
"""Seconds after which a list is requested again if it could not be had."""
RECENT: Final = 25.0
"""Highest age in seconds of prices and counts that are good enough for an alert."""


class ProviderLists:
    """Cached answers of one provider, the same for all its API keys."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cache = SharedCache(clock)

    async def countries(self, key: ApiKey) -> dict[str, str]:
        """Return country id → English name; empty if the provider has no such list.

        Raises:
            ProviderError: the list cannot be had now.
        """
        return await self._list(("countries",), lambda: key.gateway.client.countries(key.secret)) or {}

    def known_countries(self) -> dict[str, str]:
        """Return what `countries` returned last, without a request; empty before that."""
        return cast("dict[str, str] | None", self._cache.peek(("countries",))) or {}

    async def services(self, key: ApiKey, country: str) -> dict[str, str]:
        """Return service code → name; empty if the provider has no such list."""
        return (
            await self._list(("services", country), lambda: key.gateway.client.services(key.secret, country))
            or {}
        )

    def known_services(self, country: str) -> dict[str, str] | None:
        """Return the cached answer to `services`, the same object until it changes; None without one."""
        return cast("dict[str, str] | None", self._cache.peek(("services", country)))

    async def operators(self, key: ApiKey, country: str) -> list[str]:
        """Return the codes of a country's operators; empty if the provider has no such list."""
        return (
            await self._list(
                ("operators", country), lambda: key.gateway.client.operators(key.secret, country)
            )
            or []
        )

    async def offers(self, key: ApiKey, country: str, *, budgeted: bool = False) -> dict[str, Offer]:
        """Return service code → offer: the prices, completed by the counts.

        Args:
            key: the API key to ask with.
            country: the country's id.
            budgeted: the two requests that this may need are already taken from the request budget; an answer
                that is not recent is loaded again.

        Raises:
            ProviderError: neither prices nor counts can be had now.
        """
        return await self._cache.get(
            ("offers", country),
            PRICES_TTL,
            lambda: self._load_offers(key, country, budgeted=budgeted),
            newer_than=self._clock() - RECENT if budgeted else None,
        )

    def known_offers(self, country: str) -> dict[str, Offer] | None:
        """Return the cached answer to `offers`, the same object until it changes; None without one."""
        return cast("dict[str, Offer] | None", self._cache.peek(("offers", country)))

    def fresh_offers(self, country: str) -> dict[str, Offer] | None:
        """Return the cached answer to `offers` if it has not expired, else None."""
        fresh = self._cache.is_fresh(("offers", country), -math.inf)
        return self.known_offers(country) if fresh else None

    def expire_offers(self, country: str) -> None:
        """Load a country's offers again at the next request."""
        self._cache.expire_within(("offers", country), 0)

    def expire_availability(self, country: str, service: str, operators: Iterable[str]) -> None:
        """Load the prices and counts of a service in a country again at the next request.

        Args:
            country: the country's id.
            service: the service's code.
            operators: the operators of the country besides those that the provider lists.
        """
        self.expire_offers(country)
        self._cache.expire_within(("offers of", service), 0)
        for operator in {*operators, *(self._cache.peek(("operators", country)) or ())}:
            self._cache.expire_within(("counts", country, operator), 0)

    def expire_counts(self, country: str, operators: tuple[str, ...]) -> None:
        """Load the counts at some operators, or at any operator if there are none, at the next request."""
        for operator in operators:
            self._cache.expire_within(("counts", country, operator), 0)
        if not operators:
            self.expire_offers(country)

    async def current_offer(self, key: ApiKey, country: str, service: str) -> Offer | None:
        """Return the offer of one service, not from the cache; None if the provider gives no price.

        Raises:
            ProviderError: the price cannot be had now.
        """
        listed = await key.gateway.client.offers(key.secret, country=country, service=service)
        return listed[0] if listed else None

    async def offers_of(self, key: ApiKey, service: str) -> list[Offer]:
        """Return the offers of a service in all countries.

        Raises:
            ProviderError: the prices cannot be had now.
        """
        name = ("offers of", service)
        try:
            return await self._cache.get(
                name, PRICES_TTL, lambda: key.gateway.client.offers(key.secret, service=service)
            )
        finally:
            if not self._cache.peek(name):
                self._cache.discard(name)  # a button can name a service that does not exist

    async def counts(
        self, key: ApiKey, country: str, operator: str, *, budgeted: bool = False
    ) -> dict[str, int]:
        """Return service code → free numbers at an operator.

        Args:
            key: the API key to ask with.
            country: the country's id.
            operator: the operator's code.
            budgeted: the request is already taken from the request budget; an answer that is not recent is
                loaded again.

        Raises:
            ProviderError: the counts cannot be had now.
        """
        return await self._cache.get(
            ("counts", country, operator),
            PRICES_TTL,
            lambda: key.gateway.client.counts(key.secret, country, (operator,), budgeted=budgeted),
            newer_than=self._clock() - RECENT if budgeted else None,
        )

    def is_recent(self, country: str, operator: str | None = None) -> bool:
        """Return whether a country's cached offers, or an operator's counts, are new enough for alerts."""
        name = ("counts", country, operator) if operator else ("offers", country)
        return self._cache.is_fresh(name, self._clock() - RECENT)

    async def _load_offers(self, key: ApiKey, country: str, *, budgeted: bool) -> dict[str, Offer]:
        try:
            listed = await key.gateway.client.offers(key.secret, country=country, budgeted=budgeted)
            offers = {offer.service: offer for offer in listed}
        except (errors.UnsupportedAction, errors.Unreadable, errors.NoAnswer):
            offers = {}
        if offers and all(offer.count is not None for offer in offers.values()):
            return offers
        try:
            counts = await key.gateway.client.counts(key.secret, country, budgeted=budgeted)
        except errors.ProviderError:
            if offers:
                return offers
            raise
        unpriced = {code: Offer(country, code, None, None) for code in counts}
        known = unpriced | offers
        return {code: replace(known[code], count=count) for code, count in counts.items()} or offers

    async def _list(self, name: tuple[str, ...], load: Callable[[], Awaitable[T]]) -> T | None:
        """Return a list that some providers do not have, or None."""
        ttl = LISTS_TTL

        async def load_or_none() -> T | None:
            nonlocal ttl
            try:
                return await load()
            except errors.Blocked:
                ttl = 0.0  # it may concern this API key only
            except errors.UnsupportedAction:
                ttl = MISSING_LIST_TTL
            except errors.Unavailable:
                ttl = FAILED_LIST_TTL
            except (errors.BadOperator, errors.BadCountry, errors.BadRequest):
                ttl = MISSING_LIST_TTL
            outdated: T | None = self._cache.peek(name)  # better than no list
            return outdated

        found = await self._cache.get(name, LISTS_TTL, load_or_none)
        if not found:
            ttl = min(ttl, MISSING_LIST_TTL)
        if ttl < LISTS_TTL:
            self._cache.expire_within(name, ttl)
        return found
