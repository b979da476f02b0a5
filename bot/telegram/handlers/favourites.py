"""The star on confirmation pages and cards, and the list of favourites."""

from dataclasses import dataclass

from aiogram import F, Router

from bot.accounts.accounts import Accounts
from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.favourites import Favourites
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.callbacks import OpenScreen, Screen
from bot.telegram.context import Context
from bot.telegram.quote_screen import QuoteScreens, Selection
from bot.telegram.routing import Opens, handler
from bot.telegram.translator import Html


@dataclass(eq=False, slots=True)
class FavouriteScreens:
    """The screens of favourites."""

    accounts: Accounts
    favourites: Favourites
    alerts: Alerts
    steps: ActivationSteps
    quote_screens: QuoteScreens

    def router(self) -> Router:
        """Return the routes of these screens."""
        router = Router(name="favourites")
        router.message.register(handler(self.show_favourites), Opens("favourites"))
        router.callback_query.register(
            handler(self.show_favourites), OpenScreen.filter(F.screen == Screen.FAVOURITES)
        )
        router.callback_query.register(handler(self.star_quote), callbacks.StarQuote.filter())
        router.callback_query.register(handler(self.star_activation), callbacks.StarActivation.filter())
        router.callback_query.register(handler(self.open_favourite), callbacks.OpenFavourite.filter())
        router.callback_query.register(handler(self.buy_again), callbacks.BuyAgain.filter())
        router.callback_query.register(handler(self.remove_favourite), callbacks.RemoveFavourite.filter())
        return router

    async def star_quote(self, context: Context, callback_data: callbacks.StarQuote) -> None:
        """Add or remove the favourite that a confirmation page shows; its Buy button keeps working.

        The whole page is shown again, not only its buttons: the message may show another screen by now, and
        that screen must not get the buttons of the page.
        """
        reply = context.reply
        await self.favourites.star_quote(context.user.id, callback_data.token, wanted=callback_data.starred)
        await reply.hint(texts.favourites.starred(context.t, kept=callback_data.starred), alert=False)
        if reply.is_incomplete or reply.on_card:
            return  # both are drawn again with the new star
        page = reply.message
        if page is not None and page.reply_markup is not None:
            buttons = keyboards.favourites.turned(context.t, page.reply_markup, callback_data)
            await reply.show(Html(page.html_text), buttons)

    async def star_activation(self, context: Context, callback_data: callbacks.StarActivation) -> None:
        """Add or remove the favourite that a number was bought for; the outbox draws the card again."""
        await self.favourites.star_activation(context.user.id, callback_data.id, wanted=callback_data.starred)
        await context.reply.result(texts.favourites.starred(context.t, kept=callback_data.starred))

    async def show_favourites(self, context: Context) -> None:
        """Show the favourites, and a button to the alerts if the user has any.

        Favourites at other providers come last, each with the name of its provider.
        """
        t = context.t
        favourites = await self.favourites.of(context.user)
        alerts = await self.alerts.of(context.user)
        others = {
            one: gateway.profile.name
            for one in await self.favourites.elsewhere(context.user)
            if (gateway := self.accounts.gateways.find(one.provider)) is not None
        }
        say = country_names.to_say(t, context.catalog)
        await context.reply.show(
            texts.favourites.screen(t) if favourites else texts.favourites.none(t),
            keyboards.favourites.screen(t, favourites, say, alerts, others),
        )

    async def open_favourite(self, context: Context, callback_data: callbacks.OpenFavourite) -> None:
        """Show a confirmation page for a favourite, with the present price."""
        favourite = await self.favourites.get(context.user.id, callback_data.id)
        selection = Selection(favourite.country, favourite.service, favourite.operators)
        await self.quote_screens.show(context, selection, retry=callback_data, provider=favourite.provider)

    async def buy_again(self, context: Context, callback_data: callbacks.BuyAgain) -> None:
        """Show a confirmation page for an earlier purchase, with the present price.

        The page replaces a list, but neither a card nor a message about one.
        """
        before = await self.steps.get(context.user.id, callback_data.id)
        selection = Selection(before.country, before.service, before.operators)
        await self.quote_screens.show(
            context,
            selection,
            retry=callback_data,
            in_new_message=not callback_data.listed,
            provider=before.provider,
        )

    async def remove_favourite(self, context: Context, callback_data: callbacks.RemoveFavourite) -> None:
        """Show the favourites to remove, or remove one."""
        t, user = context.t, context.user
        if callback_data.id is not None:
            await self.favourites.drop(user.id, callback_data.id)
        favourites = await self.favourites.of(user)
        before = context.reply.keyboard_with(callback_data)
        if callback_data.id is not None and before is not None:
            buttons = keyboards.favourites.removed(t, before, favourites)
        elif favourites:
            buttons = keyboards.favourites.removing(t, favourites, country_names.to_say(t, context.catalog))
        else:
            await self.show_favourites(context)
            return
        await context.reply.show(texts.favourites.removing(t), buttons)
