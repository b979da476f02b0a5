"""Creating an availability alert, the list of alerts, and the offer behind one."""

from dataclasses import dataclass
from functools import partial

from aiogram import F, Router
from aiogram.types import InlineKeyboardMarkup

from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases
from bot.alerts.alerts import Alerts, MaxPrice
from bot.domain import Quote
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.callbacks import OpenScreen, Screen
from bot.telegram.context import Context
from bot.telegram.operator_names import operator_names
from bot.telegram.quote_screen import QuoteScreens, Selection
from bot.telegram.routing import Opens, handler


@dataclass(eq=False, slots=True)
class AlertScreens:
    """The screens of alerts."""

    alerts: Alerts
    accounts: Accounts
    purchases: Purchases
    quote_screens: QuoteScreens

    def router(self) -> Router:
        """Return the routes of these screens."""
        router = Router(name="alerts")
        router.message.register(handler(self.show_alerts), Opens("alerts", "watches"))
        router.callback_query.register(
            handler(self.show_alerts), OpenScreen.filter(F.screen == Screen.ALERTS)
        )
        router.callback_query.register(handler(self.create_alert), callbacks.CreateAlert.filter())
        router.callback_query.register(
            handler(self.create_service_alert), callbacks.CreateServiceAlert.filter()
        )
        router.callback_query.register(handler(self.stop_alert), callbacks.StopAlert.filter())
        router.callback_query.register(handler(self.open_alert), callbacks.OpenAlert.filter())
        return router

    async def create_alert(self, context: Context, callback_data: callbacks.CreateAlert) -> None:
        """Create an alert for what a quote shows, or ask for its price limit first."""
        quote = await self.purchases.quote(context.user, callback_data.token)
        await self._create(context, quote, callback_data.max_price)

    async def create_service_alert(
        self, context: Context, callback_data: callbacks.CreateServiceAlert
    ) -> None:
        """Ask for the price limit of an alert for a service at any operator."""
        quote = await self.purchases.create_quote(
            context.user, callback_data.country, callback_data.service, ()
        )
        await self._create(context, quote, None)

    async def _create(self, context: Context, quote: Quote, max_price: MaxPrice | None) -> None:
        t, reply = context.t, context.reply
        country = country_names.name(t, context.catalog, quote.country)
        operators = operator_names(t, quote.operators)
        if max_price is None and quote.price is not None:
            text = texts.alerts.ask_limit(t, quote, country=country, operators=operators)
            await reply.show(text, keyboards.alerts.ask_limit(t, quote))
            return
        alert = await self.alerts.add(context.user, quote, max_price or MaxPrice.ANY)
        text = texts.alerts.added(t, alert, country=country, operators=operators)
        await reply.show(text, keyboards.alerts.added(t))

    async def show_alerts(self, context: Context) -> None:
        """Show the user's alerts."""
        await self._show(context)

    async def _show(self, context: Context, before: InlineKeyboardMarkup | None = None) -> None:
        """Show the user's alerts; the rows of the keyboard from before a tap keep their places."""
        t, user = context.t, context.user
        listed = await self.alerts.of(user)
        paused = user.key_id is None or self.accounts.is_refused(user.key_id)
        text = (
            texts.alerts.screen(
                t,
                listed,
                partial(country_names.name, t, context.catalog),
                partial(operator_names, t),
                asleep=paused,
            )
            if listed
            else texts.alerts.none(t)
        )
        if before is None:
            markup = keyboards.alerts.screen(t, listed.running, country_names.to_say(t, context.catalog))
        else:
            markup = keyboards.alerts.after_stop(t, before, listed.running)
        await context.reply.show(text, markup)

    async def stop_alert(self, context: Context, callback_data: callbacks.StopAlert) -> None:
        """Stop an alert."""
        t, reply = context.t, context.reply
        await self.alerts.stop(context.user.id, callback_data.id)
        if callback_data.listed:
            await self._show(context, reply.keyboard_with(callback_data))
            await reply.hint(texts.alerts.stopped(t), alert=False)
        else:
            await reply.toast(texts.alerts.stopped(t))
            await reply.replace_buttons(keyboards.alerts.stopped(t, callback_data.id))

    async def open_alert(self, context: Context, callback_data: callbacks.OpenAlert) -> None:
        """Show a confirmation page for an alert's offer, with the present price."""
        alert = await self.alerts.get(context.user.id, callback_data.id)
        selection = Selection(alert.country, alert.service, alert.operators)
        await self.quote_screens.show(
            context, selection, retry=callback_data, in_new_message=True, provider=alert.provider
        )
