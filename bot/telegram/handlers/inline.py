"""Inline mode: whoever types the bot's name in any chat sees services, and can send one as a link."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiogram import BaseMiddleware, Bot, Router
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    TelegramObject,
    Update,
    User as TelegramUser,
)
from pydantic import SecretStr
from typing_extensions import override

from bot import errors
from bot.accounts.accounts import Accounts
from bot.catalog.catalog import Catalog
from bot.catalog.search import ServiceSearch
from bot.domain import Choice, User
from bot.telegram import country_names, keyboards, texts
from bot.telegram.handlers import deep_links
from bot.telegram.replies import Reply
from bot.telegram.screens import ScreenUpdates
from bot.telegram.translator import Html, Translator

MAX_RESULTS: Final = 50
KEPT: Final = 10
"""Seconds for which Telegram may show the same results again; what went wrong is not kept at all."""
PATIENCE: Final = 8.0
"""Seconds after which a query is answered without results: nobody looks at a spinner for longer."""

log = logging.getLogger(__name__)


class InlineReply(Reply):
    """The way back to somebody who types the bot's name: a list over the keyboard, and nothing else.

    A sentence has no place there, and a message into the private chat would come out of the blue.
    """

    def __init__(self, bot: Bot, screen_updates: ScreenUpdates, query: InlineQuery, t: Translator) -> None:
        super().__init__(bot, query.from_user.id, screen_updates)
        self._query = query
        self._t = t
        self._shown = False

    async def offer(
        self,
        results: Sequence[InlineQueryResultArticle],
        *,
        kept: int = 0,
        button: tuple[str, str] | None = None,
    ) -> None:
        """Show results, unless something was shown already; too late for Telegram is no error.

        Args:
            results: at most 50.
            kept: seconds for which Telegram may show them again.
            button: what stands over them, and the start parameter with which it leads to the chat.
        """
        if self._shown:
            return
        self._shown = True
        above = InlineQueryResultsButton(text=button[0], start_parameter=button[1]) if button else None
        try:
            await self._query.answer(list(results), cache_time=kept, is_personal=True, button=above)
        except TelegramBadRequest as error:
            log.debug("an inline query is over: %s", type(error).__name__)
        except TelegramAPIError as error:
            log.warning("an inline query could not be answered: %s", type(error).__name__)

    @override
    async def say(self, text: Html | str) -> None:
        """Show the way to the chat in place of results: there the sentence will be said."""
        await self.offer([], button=(texts.inline.open_chat(self._t), deep_links.HELLO))

    @override
    async def settle(self) -> None:
        """Show no results if nothing was shown."""
        await self.offer([])

    @override
    async def settle_in_time(self) -> None:
        """Show no results before the person gives up, however long the provider takes."""
        await asyncio.sleep(PATIENCE)
        await self.settle()


@dataclass(slots=True, eq=False)
class _Typing:
    """Somebody whose query is being answered, and the newest of those that came meanwhile."""

    newest: asyncio.Future[bool] | None = None


class LatestInlineQuery(BaseMiddleware):
    """Answers one inline query of a person at a time, and of those that wait only the newest.

    Every keystroke is a query. They have a line of their own, so that typing holds up no tap.
    """

    def __init__(self) -> None:
        self._typing: dict[int, _Typing] = {}

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Let other updates through; let a query through in its turn, or drop it for a newer one."""
        if not isinstance(event, Update) or event.inline_query is None:
            return await handler(event, data)
        person: TelegramUser = data["event_from_user"]
        typing = self._typing.get(person.id)
        if typing is None:
            typing = self._typing[person.id] = _Typing()
        else:
            _wake(typing, its_turn=False)
            turn = typing.newest = asyncio.get_running_loop().create_future()
            if not await turn:
                return None
        try:
            return await handler(event, data)
        finally:
            if not _wake(typing, its_turn=True):
                del self._typing[person.id]


def _wake(typing: _Typing, *, its_turn: bool) -> bool:
    """Tell the query that waits whether it is its turn; return whether there was one."""
    waiting, typing.newest = typing.newest, None
    if waiting is None or waiting.done():
        return False
    waiting.set_result(its_turn)
    return True


async def find_services(
    inline_query: InlineQuery,
    reply: InlineReply,
    user: User,
    t: Translator,
    bot: Bot,
    accounts: Accounts,
    catalog: Catalog,
    service_search: ServiceSearch,
) -> None:
    """Offer the services that fit what was typed; before anything was typed, the first ones."""
    if user.key_id is None:
        await reply.offer([], button=(texts.inline.bind_first(t), deep_links.HELLO))
        return
    country = catalog.only_country or user.country or ""
    try:
        found = await _find(
            await accounts.key_of(user), country, inline_query.query.strip(), catalog, service_search
        )
    except errors.BadCountry:
        await reply.offer([], button=(texts.inline.choose_country_first(t), deep_links.SERVICES))
        return
    me = await bot.me()
    results = [
        _result(
            t, str(number), choice, country_names.name(t, catalog, choice.offer.country), me.username or ""
        )
        for number, choice in enumerate(found, start=1)
    ]
    nothing = None if results else (texts.inline.nothing_found(t), deep_links.SERVICES)
    await reply.offer(results, kept=KEPT, button=nothing)


async def _find(
    key: SecretStr, country: str, query: str, catalog: Catalog, service_search: ServiceSearch
) -> list[Choice]:
    if not country:
        raise errors.BadCountry
    if query:
        return (await service_search.find(key, country, query)).choices[:MAX_RESULTS]
    return (await catalog.choices(key, country))[:MAX_RESULTS]


def _result(t: Translator, id_: str, choice: Choice, country: str, username: str) -> InlineQueryResultArticle:
    """Return a result: what anybody may read about an offer, and a link to it where its codes allow one."""
    payload = deep_links.OfferLink(choice.offer.country, choice.service.code).pack()
    text = texts.inline.message(
        t, choice.service.name, country, choice.offer.price, linked=payload is not None
    )
    return InlineQueryResultArticle(
        id=id_,
        title=texts.inline.title(t, choice),
        description=texts.inline.description(t, country),
        input_message_content=InputTextMessageContent(message_text=text),
        reply_markup=keyboards.deep_links.open_offer(t, deep_links.address(username, payload))
        if payload
        else None,
    )


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="inline")
    routes.inline_query.register(find_services)
    return routes
