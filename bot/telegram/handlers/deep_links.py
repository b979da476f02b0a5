"""Links that lead into the chat, such as t.me/<bot>?start=buy_10_tg: they draw a page and never buy."""

import re
from dataclasses import dataclass
from typing import Final, Self

from aiogram import Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import TelegramObject

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.catalog.catalog import Catalog
from bot.domain import User
from bot.favourites import Favourites
from bot.settings import Settings
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.handlers import home, shop
from bot.telegram.handlers.api_key import refuse_key_out_of_place, surely_a_key
from bot.telegram.quote_screen import QuoteScreens, Selection
from bot.telegram.replies import Reply
from bot.telegram.translator import Translator, joined

MAX_PAYLOAD: Final = 64
"""Characters of a start parameter; of these, Telegram takes letters, digits, underscores and hyphens."""
HELLO: Final = "hello"
"""The payload that only begins the chat, where Telegram wants one."""
SERVICES: Final = "services"
"""The payload that leads to the services, or to the countries where there are several."""
_OFFER: Final = re.compile(
    r"buy_(?P<country>[A-Za-z0-9-]+)_(?P<service>[A-Za-z0-9-]+)(?:_(?P<operators>\w+(?:-\w+)*))?", re.ASCII
)


@dataclass(frozen=True)
class OfferLink:
    """What a link is about; no operators means any."""

    country: str
    service: str
    operators: tuple[str, ...] = ()

    def pack(self) -> str | None:
        """Return the payload, or None if these codes cannot be put into one."""
        parts = ["buy", self.country, self.service]
        if self.operators:
            parts.append("-".join(self.operators))
        payload = "_".join(parts)
        return payload if self.unpack(payload) == self else None

    @classmethod
    def unpack(cls, payload: str) -> Self | None:
        """Return what a payload is about, or None if it is about no offer."""
        found = _OFFER.fullmatch(payload)
        if found is None or len(payload) > MAX_PAYLOAD:
            return None
        if not callbacks.fits(found["country"], found["service"]):
            return None
        operators = tuple(found["operators"].split("-")) if found["operators"] else ()
        return cls(found["country"], found["service"], operators)


def address(username: str, payload: str) -> str:
    """Return the link that sends a payload to the bot."""
    return f"https://t.me/{username}?start={payload}"


async def follow(
    _: TelegramObject,
    command: CommandObject,
    reply: Reply,
    user: User,
    t: Translator,
    settings: Settings,
    accounts: Accounts,
    activations: ActivationSteps,
    status_checks: StatusChecks,
    catalog: Catalog,
    favourites: Favourites,
    quote_screens: QuoteScreens,
) -> None:
    """Show what a link leads to; what cannot be shown gets a sentence and the way on."""
    payload = command.args or ""
    link = OfferLink.unpack(payload)
    if surely_a_key(payload) and not payload.startswith("buy_"):
        await refuse_key_out_of_place(_, reply, t)
    elif user.key_id is None:
        welcome = texts.api_key.welcome(t, settings.provider_name, plain_http=settings.plain_http)
        await reply.send(joined(welcome, texts.deep_links.tap_again(t) if link else None, by="\n\n"))
    elif payload == HELLO:
        await home.show_home(_, reply, user, t, accounts, activations, status_checks, settings)
    elif payload == SERVICES:
        await shop.start_buying(_, reply, user, t, accounts, catalog, favourites)
    elif link is None:
        await reply.send(texts.deep_links.unknown(t), keyboards.deep_links.way_on(t))
    else:
        try:
            await _show_offer(link, reply, user, t, accounts, catalog, quote_screens)
        except (errors.BadCountry, errors.BadService, errors.BadOperator) as error:
            await reply.send(texts.problems.problem(t, error), keyboards.deep_links.way_on(t))


async def _show_offer(
    link: OfferLink,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    catalog: Catalog,
    quote_screens: QuoteScreens,
) -> None:
    """Draw the confirmation page; a link may be old, or made by anybody, so its codes are looked up again."""
    key = await accounts.key_of(user)
    listed = {operator.code for operator in await catalog.operators(key, link.country)}
    if not listed.issuperset(link.operators):
        raise errors.BadOperator
    operators = tuple(dict.fromkeys(link.operators))
    selection = Selection(link.country, link.service, operators)
    await reply.show_in_time(await quote_screens.draft(user, t, selection))


def router() -> Router:
    """Return the routes of this module; they come before the plain start."""
    routes = Router(name="links")
    routes.message.register(follow, CommandStart(deep_link=True))
    return routes
