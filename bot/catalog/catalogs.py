"""The catalogs of the providers on offer."""

from collections.abc import Mapping

from bot import data
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

    def country_name(self, provider: str, id_: str) -> str:
        """Return a country's English name by a provider's id; for a provider that is gone, the usual name."""
        catalog = self._catalogs.get(provider)
        return data.country_names().get(id_, id_) if catalog is None else catalog.country_name(id_)

    def for_user(self, user: User) -> Catalog:
        """Return the catalog of the user's provider; the first one for a user without a provider on offer."""
        return self._catalogs.get(user.provider, self._first)

    def search_for(self, user: User) -> ServiceSearch:
        """Return the search of the user's catalog."""
        return self._searches[self.for_user(user)]
