"""Being told when there are numbers: setting a watch, the list of them, and what it finds."""

from functools import partial

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import TelegramObject

from bot.accounts import Accounts
from bot.catalog import Catalog
from bot.domain import Page, User
from bot.purchases import Purchases
from bot.telegram import callbacks, countries, keyboards, texts
from bot.telegram.callbacks import Go, Screen
from bot.telegram.messenger import operator_names
from bot.telegram.pages import Pages, Wish
from bot.telegram.reply import Reply
from bot.telegram.translator import Translator
from bot.watches import UpTo, Watches


async def watch(
    _: TelegramObject,
    callback_data: callbacks.Watch,
    reply: Reply,
    user: User,
    t: Translator,
    catalog: Catalog,
    purchases: Purchases,
    watches: Watches,
) -> None:
    """Watch for what a page shows, or ask up to which price first."""
    page = await purchases.page(user, callback_data.token)
    await _watch(reply, user, t, catalog, watches, page, callback_data.up_to)


async def watch_service(
    _: TelegramObject,
    callback_data: callbacks.WatchService,
    reply: Reply,
    user: User,
    t: Translator,
    catalog: Catalog,
    purchases: Purchases,
    watches: Watches,
) -> None:
    """Ask up to which price to watch for a service at any operator."""
    page = await purchases.draw_page(user, callback_data.country, callback_data.service, ())
    await _watch(reply, user, t, catalog, watches, page, None)


async def _watch(
    reply: Reply,
    user: User,
    t: Translator,
    catalog: Catalog,
    watches: Watches,
    page: Page,
    up_to: UpTo | None,
) -> None:
    country, operators = countries.name(t, catalog, page.country), operator_names(t, page.operators)
    if up_to is None and page.price is not None:
        text = texts.watches.ask_limit(t, page, country=country, operators=operators)
        await reply.show(text, keyboards.watches.ask_limit(t, page))
        return
    added = await watches.add(user, page, up_to or UpTo.ANY)
    text = texts.watches.added(t, added, country=country, operators=operators)
    await reply.show(text, keyboards.watches.added(t))


async def show_watches(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    watches: Watches,
) -> None:
    """Show what is watched."""
    await _list(reply, user, t, accounts, catalog, watches)


async def _list(
    reply: Reply, user: User, t: Translator, accounts: Accounts, catalog: Catalog, watches: Watches
) -> None:
    listed = await watches.of(user.id)
    asleep = user.key_id is None or accounts.refused(user.key_id)
    text = (
        texts.watches.screen(
            t, listed, partial(countries.name, t, catalog), partial(operator_names, t), asleep=asleep
        )
        if listed
        else texts.watches.none(t)
    )
    await reply.show(text, keyboards.watches.screen(t, listed.running, countries.to_say(t, catalog)))


async def stop_watching(
    _: TelegramObject,
    callback_data: callbacks.StopWatching,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    watches: Watches,
) -> None:
    """Watch no longer."""
    await watches.stop(user.id, callback_data.id)
    await reply.toast(texts.watches.stopped(t))
    if callback_data.listed:
        await _list(reply, user, t, accounts, catalog, watches)
    else:
        await reply.markup(keyboards.watches.stopped(t, callback_data.id))


async def show_offer(
    _: TelegramObject,
    callback_data: callbacks.WatchOffer,
    reply: Reply,
    user: User,
    t: Translator,
    watches: Watches,
    pages: Pages,
) -> None:
    """Draw a confirmation page, with the price of now, for what is or was watched."""
    one = await watches.get(user.id, callback_data.id)
    wish = Wish(one.country, one.service, one.operators)
    await reply.show_in_time(await pages.draft(user, t, wish, again=callback_data), anew=True)


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="watches")
    routes.message.register(show_watches, Command("watches"))
    routes.callback_query.register(show_watches, Go.filter(F.screen == Screen.WATCHES))
    routes.callback_query.register(watch, callbacks.Watch.filter())
    routes.callback_query.register(watch_service, callbacks.WatchService.filter())
    routes.callback_query.register(stop_watching, callbacks.StopWatching.filter())
    routes.callback_query.register(show_offer, callbacks.WatchOffer.filter())
    return routes
