"""The catalogs of the providers on offer."""

from collections.abc import Mapping

from bot.catalog.catalog import Catalog
from bot.catalog.search import ServiceSearch
from bot.domain import User


class Catalogs:
    """One catalog, with its search, for each provider on offer, in the order of the settings."""

    def __init__(self, catalogs: Mapping[str, Catalog]) -> None:
        self._catalogs = dict(catalogs)
        self._searches = {catalog: ServiceSearch(catalog) for catalog in self._catalogs.values()}
        self._first = next(iter(self._catalogs.values()))

    def of(self, provider: str) -> Catalog:
        """Return the catalog of a provider.

        Raises:
            KeyError: the provider is not on offer.
        """
        return self._catalogs[provider]

    def find(self, provider: str) -> Catalog | None:
        """Return the catalog of a provider, or None if it is not on offer."""
        return self._catalogs.get(provider)

    def for_user(self, user: User) -> Catalog:
        """Return the catalog of the user's provider; the first one for a user without a provider on offer."""
        return self._catalogs.get(user.provider, self._first)

    def search_for(self, user: User) -> ServiceSearch:
        """Return the search of the user's catalog."""
        return self._searches[self.for_user(user)]
