"""Search by typed text, the countries of a service, and the alternatives to a sold-out offer."""

from dataclasses import dataclass, field
from typing import Final

from aiogram import Router

from bot.accounts.accounts import Accounts
from bot.activations.steps import ActivationSteps
from bot.catalog.availability import Alternatives
from bot.catalog.search import SearchResult
from bot.domain import Country, HistoryEntry, Offer, Operator
from bot.history.history import History, phone_digits
from bot.provider.gateway import ApiKey
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.api_key_patterns import may_hold_key, possible_key
from bot.telegram.context import Context
from bot.telegram.handlers.shop import ShopScreens
from bot.telegram.keyboards.buttons import only_home
from bot.telegram.quote_screen import QuoteScreens, Selection
from bot.telegram.routing import handler, is_plain_text
from bot.telegram.screens import ProgressiveScreen, ScreenContent, placeholder_or_raise

ALTERNATIVES_TIMEOUT: Final = 20.0
"""Seconds that the search for alternatives may take when the user has asked for it."""


@dataclass(eq=False, slots=True, kw_only=True)
class SearchScreens:
    """The screens of search results and alternatives."""

    accounts: Accounts
    steps: ActivationSteps
    history: History
    shop: ShopScreens
    quote_screens: QuoteScreens

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
        """Search for what the user typed: own numbers, services, countries, operators.

        A query that names one service and nothing else goes straight to the next screen.
        """
        page = _SearchPage(
            self,
            context,
            await self.accounts.key_of(context.user),
            await self.history.find(context.user.id, context.text),
        )
        await context.reply.show_progressive(
            ProgressiveScreen(context.t, page.load, page.draw, refresh=page.refresh)
        )

    async def straight_on(self, context: Context, found: SearchResult) -> ProgressiveScreen | None:
        """Return the screen after the results, if the query names one service; None otherwise."""
        if found.only is None:
            return None
        service = found.only.code
        country = next((each.offer.country for each in found.choices if each.service.code == service), "")
        if not callbacks.fits(country, service):
            return None
        if country and found.operators:
            return await self.quote_screens.screen(context, Selection(country, service, found.operators))
        if country and (found.place or context.catalog.only_country):
            operators = callbacks.ShowOperators(country=country, service=service)
            return await self.shop.operators_screen(context, operators)
        return await self.countries_screen(context, callbacks.ShowServiceCountries(service=service))

    async def show_countries_of_service(
        self, context: Context, callback_data: callbacks.ShowServiceCountries
    ) -> None:
        """Show a page of the countries that list a service."""
        await context.reply.show_progressive(await self.countries_screen(context, callback_data))

    async def countries_screen(
        self, context: Context, callback_data: callbacks.ShowServiceCountries
    ) -> ProgressiveScreen:
        """Return the screen of the countries that list a service."""
        t, service = context.t, callback_data.service
        key = await self.accounts.key_of(context.user)
        name = context.catalog.service_names.get(service, service)
        recent = {one.country for one in await self.steps.recent(context.user)}
        offers: list[tuple[Country, Offer]] | None = None

        async def load() -> None:
            nonlocal offers
            await context.catalog.countries(key)  # loads their names
            listed = await context.catalog.offers_of(key, service)
            offers = sorted(listed, key=lambda pair: (pair[1].count == 0, pair[0].id not in recent))

        def draw(loading: bool) -> ScreenContent:
            if offers is None:
                buttons = keyboards.shop.where(t, service, [], 0)
                return placeholder_or_raise(loading, texts.shop.asking_for_countries(t, name), buttons)
            available = any(offer.count != 0 for _, offer in offers)
            text = texts.shop.choose_country_for(t, name, available=available)
            text = text if offers else texts.shop.nowhere(t, name)
            return text, keyboards.shop.where(t, service, offers, callback_data.page)

        return ProgressiveScreen(t, load, draw, callback_data)

    async def show_alternatives(self, context: Context, callback_data: callbacks.ShowAlternatives) -> None:
        """Show where the service of a refused purchase is available."""
        t = context.t
        activation = await self.steps.get(context.user.id, callback_data.id)
        key = await self.accounts.key_of(context.user, activation.provider)
        alternatives: Alternatives | None = None

        async def load() -> None:
            nonlocal alternatives
            alternatives = await context.catalog.alternatives(
                key, activation.country, activation.service, activation.operators, ALTERNATIVES_TIMEOUT
            )

        def draw(loading: bool) -> ScreenContent:
            shown = alternatives or Alternatives(complete=False)
            country = country_names.name(t, context.catalog, activation.country)
            text = texts.shop.who_else(t, activation.service_name, country, None if loading else shown)
            return text, keyboards.quotes.elsewhere(t, activation, shown)

        await context.reply.show_progressive(ProgressiveScreen(t, load, draw, callback_data))


@dataclass(slots=True)
class _SearchPage:
    """The results of one search while they are loading.

    Attributes:
        mine: the user's own numbers that match.
        result: None until it is loaded.
        operators: all operators of the country, if the query names some of them.
        following: the screen that is shown instead of the results, or None.
    """

    parts: SearchScreens
    context: Context
    key: ApiKey
    mine: list[HistoryEntry]
    result: SearchResult | None = None
    operators: list[Operator] = field(default_factory=list)
    following: ProgressiveScreen | None = None

    async def load(self) -> None:
        """Search; an own number that contains the typed digits needs no other results."""
        query, catalog = self.context.text, self.context.catalog
        if self.mine and phone_digits(query):
            self.result = SearchResult()
            return
        result = await self.context.search.find(self.key, self._country, query)
        if not self.mine:
            self.following = await self.parts.straight_on(self.context, result)
        if self.following is not None:
            await self.following.load()
        elif result.operators and result.choices:
            self.operators = await catalog.operators(self.key, result.choices[0].offer.country)
        self.result = result

    @property
    def _country(self) -> str | None:
        """The country that is searched unless the query names another."""
        catalog, country = self.context.catalog, self.context.user.country
        return catalog.only_country or (country if catalog.is_offered(country or "") else None)

    async def refresh(self) -> None:
        """Read again what a tap may have changed."""
        if self.following is not None and self.following.refresh is not None:
            await self.following.refresh()

    def draw(self, loading: bool) -> ScreenContent:
        """Return the results, or their placeholder."""
        if self.following is not None:
            return self.following.draw(loading)
        t, query, catalog, result = self.context.t, self.context.text, self.context.catalog, self.result
        hidden = may_hold_key(query)
        shown = "…" if hidden else query
        if result is None:
            return placeholder_or_raise(loading, texts.search.looking_for(t, shown), only_home(t))
        several_countries = catalog.only_country is None
        found_in = result.choices[0].offer.country if result.choices and several_countries else None
        country = found_in and country_names.name(t, catalog, found_in)
        maybe_key = hidden and possible_key(query) is not None
        text = texts.search.screen(t, shown, result, self.mine, country, maybe_key=maybe_key)
        return text, keyboards.search.found(
            t,
            self._country,
            result,
            several_countries=several_countries,
            places=[Country(id_, catalog.country_name(id_)) for id_ in result.countries],
            operators=self.operators,
            mine=self.mine,
        )
