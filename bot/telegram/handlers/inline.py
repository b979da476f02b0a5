"""Inline mode: lists the offers that match what a user types after the bot's name in any chat."""

from dataclasses import dataclass
from typing import Final

from aiogram import Bot, Router
from aiogram.types import InlineQueryResultArticle, InputTextMessageContent

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.steps import ActivationSteps
from bot.catalog.service_order import in_order
from bot.domain import Choice
from bot.telegram import country_names, deep_links, keyboards, texts
from bot.telegram.context import Context
from bot.telegram.replies import InlineReply
from bot.telegram.routing import handler

MAX_RESULTS: Final = 50
CACHE_TIME: Final = 10
"""Seconds for which Telegram may show the same results again; errors are not cached."""


@dataclass(eq=False, slots=True)
class InlineMode:
    """Answers inline queries."""

    accounts: Accounts
    steps: ActivationSteps

    def router(self) -> Router:
        """Return the route of inline queries."""
        router = Router(name="inline")
        router.inline_query.register(handler(self.answer))
        return router

    async def answer(self, context: Context, reply: InlineReply, bot: Bot) -> None:
        """Offer the services that match the query, or the first ones for an empty query."""
        t = context.t
        if not context.has_key:
            await reply.offer([], button=(texts.inline.bind_first(t), deep_links.HELLO))
            return
        try:
            choices = await self._choices(context, reply.query.query.strip())
        except errors.BadCountry:
            await reply.offer([], button=(texts.inline.choose_country_first(t), deep_links.SERVICES))
            return
        username = (await bot.me()).username or ""
        results = [
            self._result(context, str(number), choice, username)
            for number, choice in enumerate(choices, start=1)
        ]
        button = None if results else (texts.inline.nothing_found(t), deep_links.SERVICES)
        await reply.offer(results, cache_time=CACHE_TIME, button=button)

    async def _choices(self, context: Context, query: str) -> list[Choice]:
        """Return the choices of the only country, or of the user's last one.

        Raises:
            BadCountry: the user has chosen no country yet, or it is not offered any more.
        """
        country = context.catalog.only_country or context.user.country
        if not country:
            raise errors.BadCountry
        key = await self.accounts.key_of(context.user)
        if query:
            return (await context.search.find(key, country, query)).choices[:MAX_RESULTS]
        recent = [one.service for one in await self.steps.recent(context.user)]
        return in_order(await context.catalog.choices(key, country), recent)[:MAX_RESULTS]

    def _result(self, context: Context, id_: str, choice: Choice, username: str) -> InlineQueryResultArticle:
        """Return a result whose message holds only public facts, with a link if the codes fit into one."""
        t = context.t
        country = country_names.name(t, context.catalog, choice.offer.country)
        payload = deep_links.OfferLink(choice.offer.country, choice.service.code).pack()
        text = texts.inline.message(t, choice, country, linked=payload is not None)
        link = deep_links.address(username, payload) if payload else None
        return InlineQueryResultArticle(
            id=id_,
            title=texts.inline.title(t, choice),
            description=texts.inline.description(t, country),
            input_message_content=InputTextMessageContent(message_text=text),
            reply_markup=keyboards.deep_links.open_offer(t, link) if link else None,
        )
