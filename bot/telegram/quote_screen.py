"""A confirmation page in the making: what it would buy, about what that costs, and who else has numbers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases, Terms
from bot.catalog.availability import Alternatives
from bot.catalog.catalog import Catalog
from bot.concurrency import together, within
from bot.domain import Page, User
from bot.favourites import Favourites
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.messenger import operator_names
from bot.telegram.screens import Draft, Drawn, still_without
from bot.telegram.translator import Html, Translator, joined

HINTS_MAY_TAKE: Final = 3.0
"""Seconds a confirmation page waits for the balance and the count; they only inform."""


class Wish(NamedTuple):
    """What somebody may want to buy; no operator means any."""

    country: str
    service: str
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes confirmation pages."""

    accounts: Accounts
    catalog: Catalog
    purchases: Purchases
    favourites: Favourites

    async def draft(
        self,
        user: User,
        t: Translator,
        wish: Wish,
        *,
        instead_of: str | None = None,
        again: callbacks.Data | None = None,
        above: Html | None = None,
    ) -> Draft:
        """Return a confirmation page in the making; it has its button only when its row is written.

        Args:
            user: whose page it is.
            t: their language.
            wish: what the page is about.
            instead_of: the token of an unused page that this one replaces.
            again: what the button carries that tries once more.
            above: what is said over the page.
        """
        country, service, chosen = wish
        catalog = self.catalog
        key = await self.accounts.key_of(user)
        page: Page | None = None
        terms, kept = Terms(), False
        balance: Decimal | None = None
        count: int | None = None
        others: Alternatives | None = None

        async def the_page() -> None:
            nonlocal page, terms, kept
            drawn = await (
                self.purchases.draw_page(user, *wish)
                if instead_of is None
                else self.purchases.page_again(user, instead_of)
            )
            terms = await self.purchases.terms(user, drawn)
            kept = await self.favourites.is_kept(drawn)
            page = drawn

        async def the_balance() -> None:
            nonlocal balance
            balance = await within(HINTS_MAY_TAKE, self.accounts.balance(user))

        async def the_count() -> None:
            nonlocal count, others
            count = await within(HINTS_MAY_TAKE, catalog.count_at(key, country, service, chosen))
            if count == 0:
                others = await catalog.alternatives(key, country, service, chosen, HINTS_MAY_TAKE)

        def draw(asking: bool) -> Drawn:
            name = country_names.name(t, catalog, country)
            if page is None:
                text = texts.shop.asking_for_price(t, catalog.known_name(country, service), name)
                back = callbacks.Operators(country=country, service=service)
                waiting = keyboards.shop.on_its_way(t, back)
                return still_without(asking, joined(above, text, by="\n\n"), waiting)
            text = texts.shop.confirm(
                t,
                page,
                country=name,
                operators=operator_names(t, chosen),
                balance=balance,
                count=count,
                terms=terms,
                asking=asking,
                others=others,
            )
            markup = keyboards.shop.confirm(t, page, kept=kept, count=count, others=others)
            return joined(above, text, by="\n\n"), markup

        async def the_star() -> None:
            nonlocal kept
            if page is not None:
                kept = await self.favourites.is_kept(page)

        return Draft(
            t, lambda: together(the_page(), the_balance(), the_count()), draw, again, refresh=the_star
        )
