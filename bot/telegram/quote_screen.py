"""The confirmation page of a quote: its price, the balance, and the alternatives if it is sold out."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases, Terms
from bot.catalog.availability import Alternatives
from bot.catalog.catalog import Catalog
from bot.concurrency import gather_fail_fast, or_none_after
from bot.domain import Quote
from bot.favourites import Favourites
from bot.telegram import callbacks, country_names, keyboards, texts
from bot.telegram.context import Context
from bot.telegram.operator_names import operator_names
from bot.telegram.screens import ProgressiveScreen, ScreenContent, placeholder_or_raise
from bot.telegram.translator import Html, joined

HINT_TIMEOUT: Final = 3.0
"""Seconds that the balance and the count may take; the page is complete without them."""


class Selection(NamedTuple):
    """What a user selected to buy; no operator means any."""

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

    async def show(
        self,
        context: Context,
        selection: Selection,
        *,
        retry: callbacks.ButtonData | None = None,
        in_new_message: bool = False,
    ) -> None:
        """Show the confirmation page of a new quote.

        Args:
            context: the update.
            selection: what the quote is for.
            retry: the data of the button that tries again.
            in_new_message: send a message instead of replacing the tapped screen.
        """
        screen = await self._screen(context, selection, retry=retry)
        await context.reply.show_progressive(screen, in_new_message=in_new_message)

    async def show_again(self, context: Context, token: str, above: Html) -> None:
        """Show a new quote in place of an unused one, under a text that says why."""
        quote = await self.purchases.quote(context.user, token)
        selection = Selection(quote.country, quote.service, quote.operators)
        screen = await self._screen(context, selection, replaced_token=token, above=above)
        await context.reply.show_progressive(screen)

    async def _screen(
        self,
        context: Context,
        selection: Selection,
        *,
        replaced_token: str | None = None,
        retry: callbacks.ButtonData | None = None,
        above: Html | None = None,
    ) -> ProgressiveScreen:
        """Return the page. Its Buy button is drawn only after the quote is stored."""
        country, service, operators = selection
        user, t, catalog = context.user, context.t, self.catalog
        key = await self.accounts.key_of(user)
        quote: Quote | None = None
        terms, is_favourite = Terms(), False
        balance: Decimal | None = None
        count: int | None = None
        alternatives: Alternatives | None = None

        async def load_quote() -> None:
            nonlocal quote, terms, is_favourite
            created = await (
                self.purchases.create_quote(user, *selection)
                if replaced_token is None
                else self.purchases.refresh_quote(user, replaced_token)
            )
            terms = await self.purchases.terms(user, created)
            is_favourite = await self.favourites.is_kept(created)
            quote = created

        async def load_balance() -> None:
            nonlocal balance
            balance = await or_none_after(HINT_TIMEOUT, self.accounts.balance(user))

        async def load_count() -> None:
            nonlocal count, alternatives
            count = await or_none_after(HINT_TIMEOUT, catalog.count_at(key, country, service, operators))
            if count == 0:
                alternatives = await catalog.alternatives(key, country, service, operators, HINT_TIMEOUT)

        def draw(loading: bool) -> ScreenContent:
            name = country_names.name(t, catalog, country)
            if quote is None:
                text = texts.shop.asking_for_price(t, catalog.known_name(country, service), name)
                buttons = keyboards.quotes.on_its_way(
                    t, callbacks.ShowOperators(country=country, service=service)
                )
                return placeholder_or_raise(loading, joined(above, text, by="\n\n"), buttons)
            text = texts.shop.confirm(
                t,
                quote,
                country=name,
                operators=operator_names(t, operators),
                balance=balance,
                count=count,
                terms=terms,
                loading=loading,
                others=alternatives,
            )
            markup = keyboards.quotes.confirm(t, quote, kept=is_favourite, count=count, others=alternatives)
            return joined(above, text, by="\n\n"), markup

        async def refresh_star() -> None:
            nonlocal is_favourite
            if quote is not None:
                is_favourite = await self.favourites.is_kept(quote)

        async def load() -> None:
            await gather_fail_fast(load_quote(), load_balance(), load_count())

        return ProgressiveScreen(t, load, draw, retry, refresh=refresh_star)
