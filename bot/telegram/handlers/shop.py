"""Choosing a country, a service and operators, and buying one number."""

import asyncio
import html
from dataclasses import dataclass

from aiogram import F, Router

from bot import data, errors
from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases
from bot.activations.steps import ActivationSteps
from bot.catalog.availability import Alternatives
from bot.catalog.service_order import in_order
from bot.domain import Country, Service
from bot.favourites import Favourites, Shortcuts
from bot.telegram import callbacks, country_names, keyboards, operator_bitmask, texts
from bot.telegram.callbacks import OpenScreen, Screen
from bot.telegram.context import Context
from bot.telegram.keyboards.buttons import Row
from bot.telegram.operator_names import operator_names
from bot.telegram.quote_screen import HINT_TIMEOUT, QuoteScreens, Selection
from bot.telegram.routing import Opens, handler
from bot.telegram.screens import ProgressiveScreen, ScreenContent, placeholder_or_raise


@dataclass(eq=False, slots=True, kw_only=True)
class ShopScreens:
    """The screens from the first tap on Buy to the purchase."""

    accounts: Accounts
    favourites: Favourites
    steps: ActivationSteps
    purchases: Purchases
    quote_screens: QuoteScreens

    def router(self) -> Router:
        """Return the routes of these screens."""
        router = Router(name="shop")
        router.message.register(handler(self.start), Opens("buy"))
        router.callback_query.register(handler(self.start), OpenScreen.filter(F.screen == Screen.BUY))
        router.callback_query.register(handler(self.show_countries), callbacks.ShowCountries.filter())
        router.callback_query.register(handler(self.show_all_services), callbacks.ShowAllServices.filter())
        router.callback_query.register(handler(self.show_services), callbacks.ShowServices.filter())
        router.callback_query.register(handler(self.open_operators), callbacks.ShowOperators.filter())
        router.callback_query.register(handler(self.show_several), callbacks.ChooseOperators.filter())
        router.callback_query.register(handler(self.show_quote), callbacks.ShowQuote.filter())
        router.callback_query.register(handler(self.refresh_quote), callbacks.RefreshQuote.filter())
        router.callback_query.register(handler(self.buy), callbacks.BuyQuote.filter())
        return router

    async def start(self, context: Context) -> None:
        """Show the services of the only country; with several countries, all services or the countries."""
        if country := context.catalog.only_country:
            await self.show_services(context, callbacks.ShowServices(country=country, page=0))
        elif context.user.by_country:
            await self.show_countries(context, callbacks.ShowCountries(page=0))
        else:
            await self.show_all_services(context, callbacks.ShowAllServices(page=0))

    async def show_all_services(self, context: Context, callback_data: callbacks.ShowAllServices) -> None:
        """Show a page of the services of all countries: the user's recent ones first, then by popularity."""
        t, user, page = context.t, context.user, callback_data.page
        await self.accounts.key_of(user)
        shortcuts = await self._shortcuts(context, shown=page == 0)
        recent = await self.steps.recent(user)
        names = context.catalog.service_names
        first = dict.fromkeys(one.service for one in recent if one.service in names)
        codes = [*first, *(code for code in names if code not in first and code != data.ANY_OTHER)]
        services = [Service(code, names[code]) for code in dict.fromkeys([*codes, data.ANY_OTHER])]
        await self.accounts.remember_browsing(user, by_country=False)
        await context.reply.show(
            texts.shop.choose_any_service(t),
            keyboards.shop.all_services(t, services, page, shortcuts=shortcuts),
        )

    async def show_countries(self, context: Context, callback_data: callbacks.ShowCountries) -> None:
        """Show a page of the countries: the user's recent ones first, then by name."""
        t, user, page = context.t, context.user, callback_data.page
        key = await self.accounts.key_of(user)
        shortcuts = await self._shortcuts(context, shown=page == 0)
        recent = [user.country, *(one.country for one in await self.steps.recent(user))]
        countries: list[Country] | None = None

        async def load() -> None:
            nonlocal countries
            countries = await context.catalog.countries(key)
            await self.accounts.remember_browsing(user, by_country=True)

        def draw(loading: bool) -> ScreenContent:
            if countries is None:
                buttons = keyboards.shop.countries(t, [], page, shortcuts=shortcuts)
                return placeholder_or_raise(loading, texts.shop.asking_for_all_countries(t), buttons)
            ordered = sorted(
                countries,
                key=lambda country: (
                    recent.index(country.id) if country.id in recent else len(recent),
                    country_names.named(t, country),
                ),
            )
            return texts.shop.choose_country(t), keyboards.shop.countries(
                t, ordered, page, shortcuts=shortcuts
            )

        await context.reply.show_progressive(ProgressiveScreen(t, load, draw, callback_data))

    async def show_services(self, context: Context, callback_data: callbacks.ShowServices) -> None:
        """Show a page of a country's services."""
        t, country, page = context.t, callback_data.country, callback_data.page
        key = await self.accounts.key_of(context.user)
        name = country_names.name(t, context.catalog, country)
        several_countries = context.catalog.only_country is None
        shortcuts = await self._shortcuts(context, shown=page == 0 and not several_countries)
        recent = [one.service for one in await self.steps.recent(context.user)]

        async def load() -> None:
            await context.catalog.choices(key, country)
            await self.accounts.remember_country(context.user, country)

        def draw(loading: bool) -> ScreenContent:
            choices = in_order(context.catalog.known_choices(country) or [], recent)
            markup = keyboards.shop.services(
                t,
                country,
                choices,
                page,
                several_countries=several_countries,
                loading=loading,
                shortcuts=shortcuts,
            )
            if choices:
                return texts.shop.choose_service(t, name), markup
            return (texts.shop.asking_for_services if loading else texts.shop.no_services)(t, name), markup

        await context.reply.show_progressive(ProgressiveScreen(t, load, draw, callback_data))

    async def _shortcuts(self, context: Context, *, shown: bool) -> list[Row]:
        """Return the rows of favourites and recent purchases, which the first page of the shop shows."""
        shortcuts = await self.favourites.shortcuts(context.user) if shown else Shortcuts()
        return keyboards.favourites.shortcuts(
            context.t, shortcuts, country_names.to_say(context.t, context.catalog)
        )

    async def open_operators(self, context: Context, callback_data: callbacks.ShowOperators) -> None:
        """Show the operators of a service in place of the tapped screen."""
        await self.show_operators(context, callback_data)

    async def show_operators(
        self, context: Context, callback_data: callbacks.ShowOperators, *, in_new_message: bool = False
    ) -> None:
        """Show the operators of a service with their counts, and the user's own success rates."""
        screen = await self.operators_screen(context, callback_data)
        await context.reply.show_progressive(screen, in_new_message=in_new_message)

    async def operators_screen(
        self, context: Context, callback_data: callbacks.ShowOperators
    ) -> ProgressiveScreen:
        """Return the screen of the operators of a service."""
        t = context.t
        key = await self.accounts.key_of(context.user)
        country, service = callback_data.country, callback_data.service
        availability = context.catalog.availability(country, service)
        outcomes = [
            (operator_names(t, outcome.operators) if outcome.operators else "", outcome)
            for outcome in await self.steps.outcomes(context.user, service, country)
        ]

        others: Alternatives | None = None

        async def load() -> None:
            nonlocal others
            await context.catalog.load_availability(key, availability)
            if availability.offer is not None and availability.offer.count == 0:
                others = await context.catalog.alternatives(key, country, service, (), HINT_TIMEOUT)

        def draw(loading: bool) -> ScreenContent:
            name = country_names.name(t, context.catalog, country)
            if availability.operators is None:
                text = texts.shop.asking_for_operators(t, availability.name, name)
                buttons = keyboards.quotes.on_its_way(t, callbacks.ShowServices(country=country, page=0))
                return placeholder_or_raise(loading, text, buttons)
            offer = availability.offer
            return texts.shop.choose_operator(
                t, availability.name, name, offer=offer, outcomes=outcomes, others=others
            ), keyboards.operators.choose_operator(
                t,
                country,
                service,
                availability.operators,
                availability.counts,
                offer.count if offer else None,
                callback_data.page,
                loading=loading,
                others=others,
            )

        return ProgressiveScreen(t, load, draw, callback_data)

    async def show_several(self, context: Context, callback_data: callbacks.ChooseOperators) -> None:
        """Show the operators with check marks."""
        t = context.t
        key = await self.accounts.key_of(context.user)
        country, service = callback_data.country, callback_data.service
        listed, name = await asyncio.gather(
            context.catalog.operators(key, country), context.catalog.service_name(key, country, service)
        )
        chosen = operator_bitmask.unpack(listed, callback_data.chosen, callback_data.checksum)
        if chosen is None:
            await context.reply.hint(texts.shop.list_changed(t))
        await context.reply.show(
            texts.shop.choose_several(t, name, country_names.name(t, context.catalog, country)),
            keyboards.operators.several(t, country, service, listed, set(chosen or ()), callback_data.page),
        )
        if callback_data.none_chosen:
            await context.reply.hint(texts.shop.choose_one_first(t), alert=False)

    async def show_quote(self, context: Context, callback_data: callbacks.ShowQuote) -> None:
        """Show the confirmation page; show the operators again if their list has changed."""
        country, service = callback_data.country, callback_data.service
        listed = await context.catalog.operators(await self.accounts.key_of(context.user), country)
        chosen = operator_bitmask.unpack(listed, callback_data.chosen, callback_data.checksum)
        if chosen is None:
            await context.reply.hint(texts.shop.list_changed(context.t))
            await self.show_operators(context, callbacks.ShowOperators(country=country, service=service))
            return
        await self.quote_screens.show(context, Selection(country, service, chosen), retry=callback_data)

    async def refresh_quote(self, context: Context, callback_data: callbacks.RefreshQuote) -> None:
        """Show the confirmation page again, with the price and the balance of now."""
        await self.quote_screens.show_again(context, callback_data.token)

    async def buy(self, context: Context, callback_data: callbacks.BuyQuote) -> None:
        """Buy what the quote shows, once; the page becomes the number's card."""
        if await context.reply.is_too_old():
            buttons = keyboards.ways_on.to_screen(context.t, Screen.BUY)
            await context.reply.send(texts.problems.too_old(context.t), buttons)
            return
        token = callback_data.token
        message = context.reply.message
        context.reply.progress = texts.shop.buying(context.t)
        try:
            is_page = context.reply.keyboard_with(callback_data) is not None and not context.reply.on_card
            card_id = message.message_id if message is not None and is_page else None
            await self.purchases.order(context.user, token, card_id)
        except errors.PriceRose as rise:
            await self.quote_screens.show_again(context, token, texts.prices.price_rose(context.t, rise))
        except errors.PriceUnchecked:
            await self.quote_screens.show_again(context, token, texts.prices.price_unchecked(context.t))
        except (
            errors.TooManyActive,
            errors.OverPriceLimit,
            errors.OverDayLimit,
            errors.PriceUnknown,
        ) as error:
            sentence = texts.problems.problem(context.t, error)
            if not await context.reply.hint(html.unescape(sentence)):
                await self.quote_screens.show_again(context, token, sentence)
        else:
            await context.reply.hint(texts.shop.buying(context.t), alert=False)
