"""Opens what a deep link names: home, the services, or a confirmation page. A link never buys."""

from dataclasses import dataclass

from aiogram import Router
from aiogram.filters import CommandObject, CommandStart

from bot import errors
from bot.accounts.accounts import Accounts
from bot.telegram import keyboards, texts
from bot.telegram.context import Context
from bot.telegram.deep_links import HELLO, SERVICES, OfferLink
from bot.telegram.handlers.home import HomeScreens
from bot.telegram.handlers.shop import ShopScreens
from bot.telegram.quote_screen import QuoteScreens, Selection
from bot.telegram.routing import handler
from bot.telegram.welcome import Welcome


@dataclass(eq=False, slots=True, kw_only=True)
class DeepLinkScreens:
    """The screens that a link can open."""

    accounts: Accounts
    welcome: Welcome
    quote_screens: QuoteScreens
    home: HomeScreens
    shop: ShopScreens

    def router(self) -> Router:
        """Return the routes of these screens; they come before the plain /start."""
        router = Router(name="deep_links")
        router.message.register(handler(self.open_link), CommandStart(deep_link=True))
        return router

    async def open_link(self, context: Context, command: CommandObject) -> None:
        """Open a link; without an API key, remember it and show the welcome."""
        payload = command.args or ""
        if context.has_key:
            await self.open(context, payload)
            return
        if payload == SERVICES or OfferLink.unpack(payload):
            await self.accounts.set_start_link(context.user.id, payload)
        await context.reply.send(*await self.welcome.draw(context))

    async def open(self, context: Context, payload: str) -> None:
        """Show what a link names, or say why not."""
        t, reply = context.t, context.reply
        link = OfferLink.unpack(payload)
        if payload == HELLO:
            await self.home.show_home(context)
        elif payload == SERVICES:
            await self.shop.start(context)
        elif link is None:
            await reply.send(texts.deep_links.unknown(t), keyboards.deep_links.way_on(t))
        else:
            try:
                await self._show_offer(context, link)
            except (errors.BadCountry, errors.BadService, errors.BadOperator) as error:
                await reply.send(texts.problems.problem(t, error), keyboards.deep_links.way_on(t))

    async def _show_offer(self, context: Context, link: OfferLink) -> None:
        """Show the confirmation page. The link may be old or made by anybody, so its codes are checked."""
        key = await self.accounts.key_of(context.user)
        listed = {operator.code for operator in await context.catalog.operators(key, link.country)}
        if not listed.issuperset(link.operators):
            raise errors.BadOperator
        operators = tuple(dict.fromkeys(link.operators))
        await self.quote_screens.show(context, Selection(link.country, link.service, operators))
