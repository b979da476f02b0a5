"""Search by typed text, the countries of a service, and the alternatives to a sold-out offer."""

from dataclasses import dataclass
from typing import Final

from aiogram import Router

from bot.accounts.accounts import Accounts
from bot.activations.steps import ActivationSteps
from bot.catalog.availability import Alternatives
from bot.catalog.catalog import Catalog
from bot.catalog.search import SearchResult, ServiceSearch
from bot.domain import Country, Offer
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.api_key_patterns import may_hold_key, possible_key
from bot.telegram.context import Context
from bot.telegram.keyboards.buttons import only_home
from bot.telegram.routing import handler, is_plain_text
from bot.telegram.screens import ProgressiveScreen, ScreenContent, placeholder_or_raise
from bot.telegram.translator import joined

ALTERNATIVES_TIMEOUT: Final = 20.0
"""Seconds that the search for alternatives may take when the user has asked for it."""


@dataclass(eq=False, slots=True)
class SearchScreens:
    """The screens of search results and alternatives."""

    accounts: Accounts
    catalog: Catalog
    service_search: ServiceSearch
    steps: ActivationSteps

    def router(self) -> Router:
        """Return the routes of these screens; they take any text, so they come last."""
        router = Router(name="search")
        router.callback_query.register(
            handler(self.show_countries_of_service), callbacks.ShowServiceCountries.filter()
        )
        router.callback_query.register(handler(self.show_alternatives), callbacks.ShowAlternatives.filter())
        router.message.register(handler(self.search), is_plain_text)
        return router

    async def search(self, context: Context) -> None:
        """Search for the service, the country, or both that the user typed."""
        t, user, query, catalog = context.t, context.user, context.text, self.catalog
        hidden = may_hold_key(query)
        shown = "…" if hidden else query
        key = await self.accounts.key_of(user)
        country = catalog.only_country or (user.country if catalog.is_offered(user.country or "") else None)
        several_countries = catalog.only_country is None
        result: SearchResult | None = None

        async def load() -> None:
            nonlocal result
            result = await self.service_search.find(key, country, query)

        def draw(loading: bool) -> ScreenContent:
            if result is None:
                return placeholder_or_raise(loading, texts.shop.looking_for(t, shown), only_home(t))
            places = [Country(id_, catalog.country_name(id_)) for id_ in result.countries]
            if result.choices or places or result.elsewhere:
                found_in = result.choices[0].offer.country if result.choices and several_countries else None
                text = texts.shop.found(t, shown, found_in and country_names.name(t, catalog, found_in))
            else:
                text = texts.shop.nothing_found(t, shown, guesses=bool(result.nearest))
                if hidden and possible_key(query):
                    text = joined(text, texts.api_key.perhaps_a_key(t), by="\n\n")
            return text, keyboards.shop.found(t, country, result, places, several_countries=several_countries)

        await context.reply.show_progressive(ProgressiveScreen(t, load, draw))

    async def show_countries_of_service(
        self, context: Context, callback_data: callbacks.ShowServiceCountries
    ) -> None:
        """Show a page of the countries that list a service."""
        t, service = context.t, callback_data.service
        key = await self.accounts.key_of(context.user)
        name = self.catalog.service_names.get(service, service)
        offers: list[tuple[Country, Offer]] | None = None

        async def load() -> None:
            nonlocal offers
            await self.catalog.countries(key)  # loads their names
            offers = await self.catalog.offers_of(key, service)

        def draw(loading: bool) -> ScreenContent:
            if offers is None:
                buttons = keyboards.shop.where(t, service, [], 0)
                return placeholder_or_raise(loading, texts.shop.asking_for_countries(t, name), buttons)
            text = texts.shop.choose_country_for(t, name) if offers else texts.shop.nowhere(t, name)
            return text, keyboards.shop.where(t, service, offers, callback_data.page)

        await context.reply.show_progressive(ProgressiveScreen(t, load, draw, callback_data))

    async def show_alternatives(self, context: Context, callback_data: callbacks.ShowAlternatives) -> None:
        """Show where the service of a refused purchase is available."""
        t = context.t
        activation = await self.steps.get(context.user.id, callback_data.id)
        key = await self.accounts.key_of(context.user)
        alternatives: Alternatives | None = None

        async def load() -> None:
            nonlocal alternatives
            alternatives = await self.catalog.alternatives(
                key, activation.country, activation.service, activation.operators, ALTERNATIVES_TIMEOUT
            )

        def draw(loading: bool) -> ScreenContent:
            shown = alternatives or Alternatives(complete=False)
            country = country_names.name(t, self.catalog, activation.country)
            text = texts.shop.who_else(t, activation.service_name, country, None if loading else shown)
            return text, keyboards.quotes.elsewhere(t, activation, shown)

        await context.reply.show_progressive(ProgressiveScreen(t, load, draw, callback_data))
