"""Choosing a country, a service and operators, and buying one number."""

import asyncio

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import TelegramObject

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases
from bot.activations.steps import Activations
from bot.catalog.catalog import Catalog
from bot.domain import Country, User
from bot.favourites import Favourites, Shortcuts
from bot.telegram import callbacks, country_names, keyboards, operator_bitmask, texts
from bot.telegram.callbacks import Go, Screen
from bot.telegram.messenger import operator_names
from bot.telegram.quote_screen import Pages, Wish
from bot.telegram.replies import Reply
from bot.telegram.screens import Draft, Drawn, still_without
from bot.telegram.translator import Translator


async def start_buying(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    favourites: Favourites,
) -> None:
    """Show the services of the only country, or the countries."""
    if country := catalog.only_country:
        await _show_services(reply, user, t, accounts, catalog, favourites, country, 0)
    else:
        await _show_countries(reply, user, t, accounts, catalog, favourites, 0)


async def show_countries(
    _: TelegramObject,
    callback_data: callbacks.Countries,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    favourites: Favourites,
) -> None:
    """Show a page of the countries."""
    await _show_countries(reply, user, t, accounts, catalog, favourites, callback_data.page)


async def _show_countries(
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    favourites: Favourites,
    page: int,
) -> None:
    key = await accounts.key_of(user)
    first = Shortcuts() if page else await favourites.shortcuts(user.id)
    shortcuts = keyboards.favourites.shortcuts(t, first, country_names.to_say(t, catalog))
    listed: list[Country] | None = None

    async def learn() -> None:
        nonlocal listed
        listed = await catalog.countries(key)

    def draw(asking: bool) -> Drawn:
        if listed is None:
            waiting = keyboards.shop.countries(t, [], page, shortcuts=shortcuts)
            return still_without(asking, texts.shop.asking_for_all_countries(t), waiting)
        last_first = sorted(listed, key=lambda each: (each.id != user.country, country_names.named(t, each)))
        markup = keyboards.shop.countries(t, last_first, page, shortcuts=shortcuts)
        return texts.shop.choose_country(t), markup

    await reply.show_in_time(Draft(t, learn, draw, callbacks.Countries(page=page)))


async def show_services(
    _: TelegramObject,
    callback_data: callbacks.Services,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    favourites: Favourites,
) -> None:
    """Show a page of a country's services."""
    country, page = callback_data.country, callback_data.page
    await _show_services(reply, user, t, accounts, catalog, favourites, country, page)


async def _show_services(
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    favourites: Favourites,
    country: str,
    page: int,
) -> None:
    key = await accounts.key_of(user)
    name = country_names.name(t, catalog, country)
    several = catalog.only_country is None
    first = Shortcuts() if page or several else await favourites.shortcuts(user.id)
    shortcuts = keyboards.favourites.shortcuts(t, first, country_names.to_say(t, catalog))

    async def learn() -> None:
        await catalog.choices(key, country)
        await accounts.remember_country(user, country)

    def draw(asking: bool) -> Drawn:
        choices = catalog.known_choices(country)
        markup = keyboards.shop.services(
            t,
            country,
            choices or [],
            page,
            several_countries=several,
            asking=asking,
            shortcuts=shortcuts,
        )
        if choices:
            return texts.shop.choose_service(t, name), markup
        return (texts.shop.asking_for_services if asking else texts.shop.no_services)(t, name), markup

    again = callbacks.Services(country=country, page=page)
    await reply.show_in_time(Draft(t, learn, draw, again))


async def show_operators(
    _: TelegramObject,
    callback_data: callbacks.Operators,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    activations: Activations,
) -> None:
    """Show the operators of a service, each with its own count, and how they have served the user."""
    key = await accounts.key_of(user)
    country, service, page = callback_data.country, callback_data.service, callback_data.page
    survey = catalog.survey(country, service)
    outcomes = await activations.outcomes(user.id, service, country)
    so_far = [
        (operator_names(t, outcome.operators) if outcome.operators else "", outcome) for outcome in outcomes
    ]

    def draw(asking: bool) -> Drawn:
        name = country_names.name(t, catalog, country)
        if survey.operators is None:
            text = texts.shop.asking_for_operators(t, survey.name, name)
            waiting = keyboards.shop.on_its_way(t, callbacks.Services(country=country, page=0))
            return still_without(asking, text, waiting)
        offer = survey.offer
        return texts.shop.choose_operator(
            t, survey.name, name, price=offer.price if offer else None, outcomes=so_far
        ), keyboards.shop.choose_operator(
            t,
            country,
            service,
            survey.operators,
            survey.counts,
            offer.count if offer else None,
            page,
            asking=asking,
        )

    draft = Draft(t, lambda: catalog.complete(key, survey), draw, callback_data)
    await reply.show_in_time(draft)


async def show_several(
    _: TelegramObject,
    callback_data: callbacks.Several,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
) -> None:
    """Show the operators with check marks."""
    key = await accounts.key_of(user)
    country, service = callback_data.country, callback_data.service
    listed, name = await asyncio.gather(
        catalog.operators(key, country), catalog.service_name(key, country, service)
    )
    chosen = operator_bitmask.unpack(listed, callback_data.chosen, callback_data.seal)
    if chosen is None:
        await reply.toast(texts.shop.list_changed(t), alert=True)
    await reply.show(
        texts.shop.choose_several(t, name, country_names.name(t, catalog, country)),
        keyboards.shop.several(t, country, service, listed, set(chosen or ()), callback_data.page),
    )
    if callback_data.nagging:
        await reply.toast(texts.shop.choose_one_first(t))


async def show_confirm(
    _: TelegramObject,
    callback_data: callbacks.Confirm,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    activations: Activations,
    pages: Pages,
) -> None:
    """Draw a confirmation page."""
    country, service = callback_data.country, callback_data.service
    listed = await catalog.operators(await accounts.key_of(user), country)
    chosen = operator_bitmask.unpack(listed, callback_data.chosen, callback_data.seal)
    if chosen is None:
        await reply.toast(texts.shop.list_changed(t), alert=True)
        again = callbacks.Operators(country=country, service=service)
        await show_operators(_, again, reply, user, t, accounts, catalog, activations)
        return
    draft = await pages.draft(user, t, Wish(country, service, chosen), again=callback_data)
    await reply.show_in_time(draft)


async def buy(
    _: TelegramObject,
    callback_data: callbacks.Buy,
    reply: Reply,
    user: User,
    t: Translator,
    purchases: Purchases,
    pages: Pages,
) -> None:
    """Buy what the page shows, once; the page becomes the number's card."""
    token = callback_data.token
    message_id = reply.message.message_id if reply.message else None
    try:
        await purchases.order(user, token, message_id)
    except errors.PriceRose as rise:
        page = await purchases.page(user, token)
        wish = Wish(page.country, page.service, page.operators)
        rose = texts.shop.price_rose(t, rise)
        await reply.show_in_time(await pages.draft(user, t, wish, instead_of=token, above=rose))
    else:
        await reply.toast(texts.shop.buying(t))


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="shop")
    routes.message.register(start_buying, Command("buy"))
    routes.callback_query.register(start_buying, Go.filter(F.screen == Screen.BUY))
    routes.callback_query.register(show_countries, callbacks.Countries.filter())
    routes.callback_query.register(show_services, callbacks.Services.filter())
    routes.callback_query.register(show_operators, callbacks.Operators.filter())
    routes.callback_query.register(show_several, callbacks.Several.filter())
    routes.callback_query.register(show_confirm, callbacks.Confirm.filter())
    routes.callback_query.register(buy, callbacks.Buy.filter())
    return routes
