"""Choosing a country, a service and operators, and buying one number."""

import asyncio
from decimal import Decimal

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import InlineKeyboardMarkup, Message, TelegramObject
from pydantic import SecretStr

from bot import errors
from bot.accounts import Accounts
from bot.catalog import Catalog
from bot.domain import Operator, Page, User
from bot.favourites import Favourites, Shortcuts
from bot.purchases import Purchases
from bot.telegram import callbacks, keyboards, operators, texts
from bot.telegram.callbacks import Go, Screen
from bot.telegram.messenger import operator_names
from bot.telegram.reply import Reply
from bot.telegram.translator import Html, Translator, joined


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
    listed = await catalog.countries(await accounts.key_of(user))
    first = Shortcuts() if page else await favourites.shortcuts(user.id)
    last = [country for country in listed if country.id == user.country]
    rest = [country for country in listed if country.id != user.country]
    shortcuts = keyboards.favourites.shortcuts(first, catalog.country_to_say)
    await reply.show(
        texts.shop.choose_country(t), keyboards.shop.countries(t, last + rest, page, shortcuts=shortcuts)
    )


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
    choices = await catalog.choices(await accounts.key_of(user), country)
    await accounts.remember_country(user, country)
    name = catalog.country_name(country)
    text = texts.shop.choose_service(t, name) if choices else texts.shop.no_services(t, name)
    several = catalog.only_country is None
    first = Shortcuts() if page or several else await favourites.shortcuts(user.id)
    shortcuts = keyboards.favourites.shortcuts(first, catalog.country_to_say)
    await reply.show(
        text,
        keyboards.shop.services(t, country, choices, page, several_countries=several, shortcuts=shortcuts),
    )


async def search(
    message: Message,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    favourites: Favourites,
) -> None:
    """Take a text for the name of a service."""
    query = message.text or ""
    country = catalog.only_country or user.country
    if country is None:
        await _show_countries(reply, user, t, accounts, catalog, favourites, 0)
        return
    choices = await catalog.search(await accounts.key_of(user), country, query)
    text = texts.shop.found(t, query) if choices else texts.shop.nothing_found(t, query)
    await reply.send(text, keyboards.shop.found(t, country, choices))


async def show_operators(
    _: TelegramObject,
    callback_data: callbacks.Operators,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
) -> None:
    """Show the operators of a service, each with its own count."""
    key = await accounts.key_of(user)
    country, service = callback_data.country, callback_data.service
    offer, listed, name = await asyncio.gather(
        catalog.offer(key, country, service),
        catalog.operators(key, country),
        catalog.service_name(key, country, service),
    )
    counts = await _counts(catalog, key, country, service, listed)
    await reply.show(
        texts.shop.choose_operator(t, name, catalog.country_name(country)),
        keyboards.shop.choose_operator(t, country, service, listed, counts, offer.count, callback_data.page),
    )


async def _counts(
    catalog: Catalog, key: SecretStr, country: str, service: str, listed: list[Operator]
) -> dict[str, int | None]:
    counts = await asyncio.gather(
        *(catalog.count(key, country, service, operator.code) for operator in listed)
    )
    return {operator.code: count for operator, count in zip(listed, counts, strict=True)}


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
    listed = await catalog.operators(key, country)
    name = await catalog.service_name(key, country, service)
    try:
        chosen = operators.unpack(listed, callback_data.chosen, callback_data.seal)
    except operators.ListChanged:
        await reply.toast(texts.shop.list_changed(t), alert=True)
        chosen = ()
    await reply.show(
        texts.shop.choose_several(t, name, catalog.country_name(country)),
        keyboards.shop.several(t, country, service, listed, set(chosen), callback_data.page),
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
    purchases: Purchases,
    favourites: Favourites,
) -> None:
    """Draw a confirmation page."""
    country, service = callback_data.country, callback_data.service
    listed = await catalog.operators(await accounts.key_of(user), country)
    try:
        chosen = operators.unpack(listed, callback_data.chosen, callback_data.seal)
    except operators.ListChanged:
        await reply.toast(texts.shop.list_changed(t), alert=True)
        again = callbacks.Operators(country=country, service=service)
        await show_operators(_, again, reply, user, t, accounts, catalog)
        return
    page = await purchases.draw_page(user, country, service, chosen)
    await reply.show(*await page_screen(t, page, user, accounts, catalog, favourites))


async def page_screen(
    t: Translator, page: Page, user: User, accounts: Accounts, catalog: Catalog, favourites: Favourites
) -> tuple[Html, InlineKeyboardMarkup]:
    """Return the text and the keyboard of a confirmation page."""
    key = await accounts.key_of(user)
    balance: Decimal | None
    try:
        balance = await accounts.balance(user)
    except errors.ProviderError:
        balance = None
    count = await _count(catalog, key, page)
    text = texts.shop.confirm(
        t,
        page,
        country=catalog.country_name(page.country),
        operators=operator_names(t, page.operators),
        balance=balance,
        count=count,
    )
    return text, keyboards.shop.confirm(t, page, kept=await favourites.is_kept(page), count=count)


async def _count(catalog: Catalog, key: SecretStr, page: Page) -> int | None:
    """Return how many numbers a page's operators have together, or None if the provider does not say."""
    if not page.operators:
        return (await catalog.offer(key, page.country, page.service)).count
    counts = await asyncio.gather(
        *(catalog.count(key, page.country, page.service, operator) for operator in page.operators)
    )
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


async def buy(
    _: TelegramObject,
    callback_data: callbacks.Buy,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    purchases: Purchases,
    favourites: Favourites,
) -> None:
    """Buy what the page shows, once; the page becomes the number's card."""
    message_id = reply.message.message_id if reply.message else None
    try:
        await purchases.order(user, callback_data.token, message_id)
    except errors.PriceRose as rise:
        page = await purchases.page_again(user, callback_data.token)
        text, markup = await page_screen(t, page, user, accounts, catalog, favourites)
        await reply.show(joined(texts.shop.price_rose(t, rise), text, by="\n\n"), markup)
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
    routes.message.register(search, F.text, ~F.text.startswith("/"))
    return routes
