"""Being told when there are numbers: setting a watch, the list of them, and what it finds."""

from functools import partial

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import TelegramObject

from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases
from bot.alerts.alerts import UpTo, Watches
from bot.catalog.catalog import Catalog
from bot.domain import Page, User
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.callbacks import Go, Screen
from bot.telegram.messenger import operator_names
from bot.telegram.quote_screen import Pages, Wish
from bot.telegram.replies import Reply
from bot.telegram.translator import Translator


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
    country, operators = country_names.name(t, catalog, page.country), operator_names(t, page.operators)
    if up_to is None and page.price is not None:
        text = texts.alerts.ask_limit(t, page, country=country, operators=operators)
        await reply.show(text, keyboards.alerts.ask_limit(t, page))
        return
    added = await watches.add(user, page, up_to or UpTo.ANY)
    text = texts.alerts.added(t, added, country=country, operators=operators)
    await reply.show(text, keyboards.alerts.added(t))


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
        texts.alerts.screen(
            t, listed, partial(country_names.name, t, catalog), partial(operator_names, t), asleep=asleep
        )
        if listed
        else texts.alerts.none(t)
    )
    await reply.show(text, keyboards.alerts.screen(t, listed.running, country_names.to_say(t, catalog)))


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
    await reply.toast(texts.alerts.stopped(t))
    if callback_data.listed:
        await _list(reply, user, t, accounts, catalog, watches)
    else:
        await reply.markup(keyboards.alerts.stopped(t, callback_data.id))


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
    routes.message.register(show_watches, Command("alerts", "watches"))
    routes.callback_query.register(show_watches, Go.filter(F.screen == Screen.WATCHES))
    routes.callback_query.register(watch, callbacks.Watch.filter())
    routes.callback_query.register(watch_service, callbacks.WatchService.filter())
    routes.callback_query.register(stop_watching, callbacks.StopWatching.filter())
    routes.callback_query.register(show_offer, callbacks.WatchOffer.filter())
    return routes
