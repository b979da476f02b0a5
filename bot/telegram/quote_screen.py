"""A confirmation page in the making: what it would buy, about what that costs, and who else has numbers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases, Terms
from bot.catalog.availability import Alternatives
from bot.catalog.catalog import Catalog
from bot.concurrency import gather_fail_fast, or_none_after
from bot.domain import Quote, User
from bot.favourites import Favourites
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.messenger import operator_names
from bot.telegram.screens import ProgressiveScreen, ScreenContent, placeholder_or_raise
from bot.telegram.translator import Html, Translator, joined

HINTS_MAY_TAKE: Final = 3.0
"""Seconds a confirmation page waits for the balance and the count; they only inform."""


class Selection(NamedTuple):
    """What somebody may want to buy; no operator means any."""

    country: str
    service: str
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuoteScreens:
    """Makes confirmation pages."""

    accounts: Accounts
    catalog: Catalog
    purchases: Purchases
    favourites: Favourites

    async def draft(
        self,
        user: User,
        t: Translator,
        selection: Selection,
        *,
        instead_of: str | None = None,
        again: callbacks.Data | None = None,
        above: Html | None = None,
    ) -> ProgressiveScreen:
        """Return a confirmation page in the making; it has its button only when its row is written.

        Args:
            user: whose page it is.
            t: their language.
            selection: what the page is about.
            instead_of: the token of an unused page that this one replaces.
            again: what the button carries that tries once more.
            above: what is said over the page.
        """
        country, service, chosen = selection
        catalog = self.catalog
        key = await self.accounts.key_of(user)
        quote: Quote | None = None
        terms, kept = Terms(), False
        balance: Decimal | None = None
        count: int | None = None
        others: Alternatives | None = None

        async def load_quote() -> None:
            nonlocal quote, terms, kept
            drawn = await (
                self.purchases.create_quote(user, *selection)
                if instead_of is None
                else self.purchases.refresh_quote(user, instead_of)
            )
            terms = await self.purchases.terms(user, drawn)
            kept = await self.favourites.is_kept(drawn)
            quote = drawn

        async def load_balance() -> None:
            nonlocal balance
            balance = await or_none_after(HINTS_MAY_TAKE, self.accounts.balance(user))

        async def load_count() -> None:
            nonlocal count, others
            count = await or_none_after(HINTS_MAY_TAKE, catalog.count_at(key, country, service, chosen))
            if count == 0:
                others = await catalog.alternatives(key, country, service, chosen, HINTS_MAY_TAKE)

        def draw(loading: bool) -> ScreenContent:
            name = country_names.name(t, catalog, country)
            if quote is None:
                text = texts.shop.asking_for_price(t, catalog.known_name(country, service), name)
                back = callbacks.Operators(country=country, service=service)
                waiting = keyboards.shop.on_its_way(t, back)
                return placeholder_or_raise(loading, joined(above, text, by="\n\n"), waiting)
            text = texts.shop.confirm(
                t,
                quote,
                country=name,
                operators=operator_names(t, chosen),
                balance=balance,
                count=count,
                terms=terms,
                loading=loading,
                others=others,
            )
            markup = keyboards.shop.confirm(t, quote, kept=kept, count=count, others=others)
            return joined(above, text, by="\n\n"), markup

        async def load_star() -> None:
            nonlocal kept
            if quote is not None:
                kept = await self.favourites.is_kept(quote)

        return ProgressiveScreen(
            t,
            lambda: gather_fail_fast(load_quote(), load_balance(), load_count()),
            draw,
            again,
            refresh=load_star,
        )
