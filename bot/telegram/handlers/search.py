"""Finding: a service or a country by its name, the countries of a service, and who else has numbers."""

from typing import Final

from aiogram import F, Router
from aiogram.types import Message, TelegramObject

from bot.accounts.accounts import Accounts
from bot.activations.steps import ActivationSteps
from bot.catalog.availability import Alternatives
from bot.catalog.catalog import Catalog
from bot.catalog.search import SearchResult, ServiceSearch
from bot.domain import Country, Offer, User
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.keyboards.buttons import only_home
from bot.telegram.replies import Reply
from bot.telegram.screens import ProgressiveScreen, ScreenContent, placeholder_or_raise
from bot.telegram.translator import Translator

LOOK_MAY_TAKE: Final = 20.0
"""Seconds for the look who else has numbers, where a person has asked for it."""


async def search(
    message: Message,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    service_search: ServiceSearch,
) -> None:
    """Take a text for the name of a service, of a country, or of both."""
    key = await accounts.key_of(user)
    query = message.text or ""
    country = catalog.only_country or (user.country if catalog.is_offered(user.country or "") else None)
    found: SearchResult | None = None

    async def load() -> None:
        nonlocal found
        found = await service_search.find(key, country, query)

    def draw(loading: bool) -> ScreenContent:
        if found is None:
            return placeholder_or_raise(loading, texts.shop.looking_for(t, query), only_home(t))
        places = [Country(id_, catalog.country_name(id_)) for id_ in found.countries]
        several = catalog.only_country is None
        if found.choices or places or found.elsewhere:
            named = country_names.name(t, catalog, found.choices[0].offer.country) if found.choices else None
            text = texts.shop.found(t, query, named if several else None)
        else:
            text = texts.shop.nothing_found(t, query, guesses=bool(found.nearest))
        return text, keyboards.shop.found(t, country, found, places, several_countries=several)

    await reply.show_in_time(ProgressiveScreen(t, load, draw))


async def show_where(
    _: TelegramObject,
    callback_data: callbacks.Where,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
) -> None:
    """Show a page of the countries that list a service."""
    key = await accounts.key_of(user)
    service = callback_data.service
    name = catalog.service_names.get(service, service)
    offers: list[tuple[Country, Offer]] | None = None

    async def load() -> None:
        nonlocal offers
        await catalog.countries(key)  # for their names
        offers = await catalog.offers_of(key, service)

    def draw(loading: bool) -> ScreenContent:
        if offers is None:
            waiting = keyboards.shop.where(t, service, [], 0)
            return placeholder_or_raise(loading, texts.shop.asking_for_countries(t, name), waiting)
        text = texts.shop.choose_country_for(t, name) if offers else texts.shop.nowhere(t, name)
        return text, keyboards.shop.where(t, service, offers, callback_data.page)

    await reply.show_in_time(ProgressiveScreen(t, load, draw, callback_data))


async def look_elsewhere(
    _: TelegramObject,
    callback_data: callbacks.Elsewhere,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    activations: ActivationSteps,
) -> None:
    """Look who else has numbers, after a purchase was refused for want of them."""
    activation = await activations.get(user.id, callback_data.id)
    key = await accounts.key_of(user)
    others: Alternatives | None = None

    async def load() -> None:
        nonlocal others
        others = await catalog.alternatives(
            key, activation.country, activation.service, activation.operators, LOOK_MAY_TAKE
        )

    def draw(loading: bool) -> ScreenContent:
        shown = others or Alternatives(complete=False)
        country = country_names.name(t, catalog, activation.country)
        text = texts.shop.who_else(t, activation.service_name, country, None if loading else shown)
        return text, keyboards.shop.elsewhere(t, activation, shown)

    await reply.show_in_time(ProgressiveScreen(t, load, draw, callback_data))


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="finding")
    routes.callback_query.register(show_where, callbacks.Where.filter())
    routes.callback_query.register(look_elsewhere, callbacks.Elsewhere.filter())
    routes.message.register(search, F.text, ~F.text.startswith("/"))
    return routes
