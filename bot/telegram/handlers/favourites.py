"""The star on pages and cards, and the list of favourites."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import TelegramObject

from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.catalog.catalog import Catalog
from bot.domain import User
from bot.favourites import Favourites
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.callbacks import Go, Screen
from bot.telegram.quote_screen import QuoteScreens, Selection
from bot.telegram.replies import Reply
from bot.telegram.translator import Html, Translator


async def star_quote(
    _: TelegramObject,
    callback_data: callbacks.StarQuote,
    reply: Reply,
    user: User,
    t: Translator,
    favourites: Favourites,
) -> None:
    """Keep what a confirmation page shows, or no longer; the page itself stays good for its purchase.

    The page is put there whole: another screen may stand in its place by now, and must not get its buttons.
    """
    await favourites.star_quote(user.id, callback_data.token, wanted=callback_data.wanted)
    await reply.toast(texts.favourites.starred(t, kept=callback_data.wanted))
    page = reply.message
    if reply.filling or reply.on_card:
        return  # both are drawn anew anyway, with the star as it is then
    if page is not None and page.reply_markup is not None:
        turned = keyboards.favourites.turned(t, page.reply_markup, callback_data)
        await reply.show(Html(page.html_text), turned)


async def star_activation(
    _: TelegramObject,
    callback_data: callbacks.StarActivation,
    reply: Reply,
    user: User,
    t: Translator,
    favourites: Favourites,
) -> None:
    """Keep what a number was bought for, or no longer; the courier draws its card anew."""
    await favourites.star_activation(user.id, callback_data.id, wanted=callback_data.wanted)
    await reply.toast(texts.favourites.starred(t, kept=callback_data.wanted))


async def show_favourites(
    _: TelegramObject,
    reply: Reply,
    user: User,
    t: Translator,
    catalog: Catalog,
    favourites: Favourites,
    alerts: Alerts,
) -> None:
    """Show the favourites, and the way to the watches if there are any."""
    kept = await favourites.of(user.id)
    text = texts.favourites.screen(t) if kept else texts.favourites.none(t)
    user_alerts = await alerts.of(user.id)
    await reply.show(
        text, keyboards.favourites.screen(t, kept, country_names.to_say(t, catalog), user_alerts)
    )


async def open_favourite(
    _: TelegramObject,
    callback_data: callbacks.OpenFavourite,
    reply: Reply,
    user: User,
    t: Translator,
    favourites: Favourites,
    quote_screens: QuoteScreens,
) -> None:
    """Draw a confirmation page, with the price of now, for a favourite."""
    one = await favourites.get(user.id, callback_data.id)
    selection = Selection(one.country, one.service, one.operators)
    await reply.show_in_time(await quote_screens.draft(user, t, selection, again=callback_data))


async def buy_again(
    _: TelegramObject,
    callback_data: callbacks.Again,
    reply: Reply,
    user: User,
    t: Translator,
    activations: ActivationSteps,
    quote_screens: QuoteScreens,
) -> None:
    """Draw a confirmation page, with the price of now, for what was bought before.

    It takes the place of a list, but not that of a card or of a message about one.
    """
    before = await activations.get(user.id, callback_data.id)
    selection = Selection(before.country, before.service, before.operators)
    draft = await quote_screens.draft(user, t, selection, again=callback_data)
    await reply.show_in_time(draft, anew=not callback_data.listed)


async def drop_favourite(
    _: TelegramObject,
    callback_data: callbacks.DropFavourite,
    reply: Reply,
    user: User,
    t: Translator,
    catalog: Catalog,
    favourites: Favourites,
    alerts: Alerts,
) -> None:
    """Remove a favourite, and show what is left to remove."""
    if callback_data.id is not None:
        await favourites.drop(user.id, callback_data.id)
    kept = await favourites.of(user.id)
    if kept:
        await reply.show(
            texts.favourites.removing(t),
            keyboards.favourites.removing(t, kept, country_names.to_say(t, catalog)),
        )
    else:
        await show_favourites(_, reply, user, t, catalog, favourites, alerts)


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="favourites")
    routes.message.register(show_favourites, Command("favourites"))
    routes.callback_query.register(show_favourites, Go.filter(F.screen == Screen.FAVOURITES))
    routes.callback_query.register(star_quote, callbacks.StarQuote.filter())
    routes.callback_query.register(star_activation, callbacks.StarActivation.filter())
    routes.callback_query.register(open_favourite, callbacks.OpenFavourite.filter())
    routes.callback_query.register(buy_again, callbacks.Again.filter())
    routes.callback_query.register(drop_favourite, callbacks.DropFavourite.filter())
    return routes
