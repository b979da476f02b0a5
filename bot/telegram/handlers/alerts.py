"""Being told when there are numbers: setting a watch, the list of them, and what it finds."""

from functools import partial

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import TelegramObject

from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases
from bot.alerts.alerts import Alerts, MaxPrice
from bot.catalog.catalog import Catalog
from bot.domain import Quote, User
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.callbacks import Go, Screen
from bot.telegram.messenger import operator_names
from bot.telegram.quote_screen import QuoteScreens, Selection
from bot.telegram.replies import Reply
from bot.telegram.translator import Translator


async def create_alert(
    _: TelegramObject,
    callback_data: callbacks.CreateAlert,
    reply: Reply,
    user: User,
    t: Translator,
    catalog: Catalog,
    purchases: Purchases,
    alerts: Alerts,
) -> None:
    """Watch for what a page shows, or ask up to which price first."""
    quote = await purchases.quote(user, callback_data.token)
    await _create_alert(reply, user, t, catalog, alerts, quote, callback_data.max_price)


async def create_service_alert(
    _: TelegramObject,
    callback_data: callbacks.CreateServiceAlert,
    reply: Reply,
    user: User,
    t: Translator,
    catalog: Catalog,
    purchases: Purchases,
    alerts: Alerts,
) -> None:
    """Ask up to which price to watch for a service at any operator."""
    quote = await purchases.create_quote(user, callback_data.country, callback_data.service, ())
    await _create_alert(reply, user, t, catalog, alerts, quote, None)


async def _create_alert(
    reply: Reply,
    user: User,
    t: Translator,
    catalog: Catalog,
    alerts: Alerts,
    quote: Quote,
    max_price: MaxPrice | None,
) -> None:
    country, operators = country_names.name(t, catalog, quote.country), operator_names(t, quote.operators)
    if max_price is None and quote.price is not None:
        text = texts.alerts.ask_limit(t, quote, country=country, operators=operators)
        await reply.show(text, keyboards.alerts.ask_limit(t, quote))
        return
    added = await alerts.add(user, quote, max_price or MaxPrice.ANY)
    text = texts.alerts.added(t, added, country=country, operators=operators)
    await reply.show(text, keyboards.alerts.added(t))


async def show_alerts(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    alerts: Alerts,
) -> None:
    """Show what is watched."""
    await _list(reply, user, t, accounts, catalog, alerts)


async def _list(
    reply: Reply, user: User, t: Translator, accounts: Accounts, catalog: Catalog, alerts: Alerts
) -> None:
    listed = await alerts.of(user.id)
    asleep = user.key_id is None or accounts.is_refused(user.key_id)
    text = (
        texts.alerts.screen(
            t, listed, partial(country_names.name, t, catalog), partial(operator_names, t), asleep=asleep
        )
        if listed
        else texts.alerts.none(t)
    )
    await reply.show(text, keyboards.alerts.screen(t, listed.running, country_names.to_say(t, catalog)))


async def stop_alert(
    _: TelegramObject,
    callback_data: callbacks.StopAlert,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    alerts: Alerts,
) -> None:
    """Watch no longer."""
    await alerts.stop(user.id, callback_data.id)
    await reply.toast(texts.alerts.stopped(t))
    if callback_data.listed:
        await _list(reply, user, t, accounts, catalog, alerts)
    else:
        await reply.markup(keyboards.alerts.stopped(t, callback_data.id))


async def show_offer(
    _: TelegramObject,
    callback_data: callbacks.OpenAlert,
    reply: Reply,
    user: User,
    t: Translator,
    alerts: Alerts,
    quote_screens: QuoteScreens,
) -> None:
    """Draw a confirmation page, with the price of now, for what is or was watched."""
    one = await alerts.get(user.id, callback_data.id)
    selection = Selection(one.country, one.service, one.operators)
    await reply.show_in_time(await quote_screens.draft(user, t, selection, again=callback_data), anew=True)


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="alerts")
    routes.message.register(show_alerts, Command("watches"))
    routes.callback_query.register(show_alerts, Go.filter(F.screen == Screen.ALERTS))
    routes.callback_query.register(create_alert, callbacks.CreateAlert.filter())
    routes.callback_query.register(create_service_alert, callbacks.CreateServiceAlert.filter())
    routes.callback_query.register(stop_alert, callbacks.StopAlert.filter())
    routes.callback_query.register(show_offer, callbacks.OpenAlert.filter())
    return routes
