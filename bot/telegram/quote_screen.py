"""The confirmation page of a quote: its price, the balance, and the alternatives if it is sold out."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from bot.accounts.accounts import Accounts
from bot.activations.purchases import Purchases, Terms
from bot.activations.steps import ActivationSteps
from bot.catalog.availability import Alternatives
from bot.concurrency import gather_fail_fast, or_none_after
from bot.domain import Activation, Operator, Quote
from bot.favourites import Favourites
from bot.provider.gateway import ApiKey
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
    purchases: Purchases
    favourites: Favourites
    steps: ActivationSteps

    async def show(
        self,
        context: Context,
        selection: Selection,
        *,
        retry: callbacks.ButtonData | None = None,
        in_new_message: bool = False,
        instead_of: Activation | None = None,
        provider: str | None = None,
    ) -> None:
        """Show the confirmation page of a new quote.

        Args:
            context: the update.
            selection: what the quote is for.
            retry: the data of the button that tries again.
            in_new_message: send a message instead of replacing the tapped screen.
            instead_of: the number that the user gives up for this one; the page also offers other operators.
            provider: the provider that the selection is of; None for that of the user.

        Raises:
            KeyOfOtherProvider: the user's API key is of another provider.
        """
        await self.accounts.key_of(context.user, provider)
        screen = await self.screen(context, selection, retry=retry, instead_of=instead_of)
        await context.reply.show_progressive(screen, in_new_message=in_new_message)

    async def show_again(self, context: Context, token: str, above: Html | None = None) -> None:
        """Show a new quote in place of an unused one, perhaps under a text that says why."""
        quote = await self.purchases.quote(context.user, token)
        selection = Selection(quote.country, quote.service, quote.operators)
        screen = await self.screen(context, selection, replaced_token=token, above=above)
        await context.reply.show_progressive(screen)

    async def screen(
        self,
        context: Context,
        selection: Selection,
        *,
        replaced_token: str | None = None,
        retry: callbacks.ButtonData | None = None,
        above: Html | None = None,
        instead_of: Activation | None = None,
    ) -> ProgressiveScreen:
        """Return the page. Its Buy button is drawn only after the quote is stored."""
        key = await self.accounts.key_of(context.user)
        page = _QuotePage(self, context, selection, key, replaced_token, above, instead_of)
        operators = callbacks.ShowOperators(country=selection.country, service=selection.service)
        return ProgressiveScreen(
            context.t, page.load, page.draw, retry or operators, refresh=page.refresh_star
        )


@dataclass(slots=True)
class _QuotePage:
    """One confirmation page while its data is loading.

    Attributes:
        replaced_token: the quote that the new one replaces, or None.
        above: the text above the page, or None.
        instead_of: the number that the user gives up for this one, or None.
        leaving: the user's numbers of the same service whose cancel is scheduled.
        operators: the operators of the country, for a page that offers them too; else empty.
    """

    parts: QuoteScreens
    context: Context
    selection: Selection
    key: ApiKey
    replaced_token: str | None
    above: Html | None
    instead_of: Activation | None
    quote: Quote | None = None
    terms: Terms = field(default_factory=Terms)
    is_favourite: bool = False
    balance: Decimal | None = None
    count: int | None = None
    alternatives: Alternatives | None = None
    leaving: list[Activation] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)

    async def load(self) -> None:
        """Load everything at the same time."""
        await gather_fail_fast(
            self._load_quote(), self._load_balance(), self._load_count(), self._load_operators()
        )

    async def _load_quote(self) -> None:
        purchases, user = self.parts.purchases, self.context.user
        quote = await (
            purchases.create_quote(user, *self.selection)
            if self.replaced_token is None
            else purchases.refresh_quote(user, self.replaced_token)
        )
        self.terms = await purchases.terms(user, quote)
        self.is_favourite = await self.parts.favourites.is_kept(quote)
        self.leaving = [
            one
            for one in await self.parts.steps.open_of(user.id)
            if one.cancel_scheduled and (one.country, one.service) == self.selection[:2]
        ]
        self.quote = quote

    async def _load_balance(self) -> None:
        reading = self.parts.purchases.evidence.balance(self.context.user)
        self.balance = await or_none_after(HINT_TIMEOUT, reading)

    async def _load_count(self) -> None:
        catalog, (country, service, operators) = self.context.catalog, self.selection
        count = await or_none_after(HINT_TIMEOUT, catalog.count_at(self.key, country, service, operators))
        if count == 0:
            # A cached count may be a minute old, and a page without numbers has no Buy.
            catalog.lists.expire_counts(country, operators)
            count = await or_none_after(HINT_TIMEOUT, catalog.count_at(self.key, country, service, operators))
        self.count = count
        if self.count == 0:
            self.alternatives = await catalog.alternatives(
                self.key, country, service, operators, HINT_TIMEOUT
            )

    async def _load_operators(self) -> None:
        if self.instead_of is not None:
            listing = self.context.catalog.operators(self.key, self.selection.country)
            self.operators = await or_none_after(HINT_TIMEOUT, listing) or []

    async def refresh_star(self) -> None:
        """Read again whether the offer is a favourite."""
        if self.quote is not None:
            self.is_favourite = await self.parts.favourites.is_kept(self.quote)

    def draw(self, loading: bool) -> ScreenContent:
        """Return the page, or its placeholder before the quote is stored."""
        t, catalog, (country, service, operators) = self.context.t, self.context.catalog, self.selection
        name = country_names.name(t, catalog, country)
        if self.quote is None:
            text = texts.shop.asking_for_price(t, catalog.known_name(country, service), name)
            buttons = keyboards.quotes.on_its_way(
                t, callbacks.ShowOperators(country=country, service=service)
            )
            return placeholder_or_raise(loading, joined(self.above, text, by="\n\n"), buttons)
        text = texts.shop.confirm(
            t,
            self.quote,
            country=name,
            operators=operator_names(t, operators),
            balance=self.balance,
            count=self.count,
            terms=self.terms,
            loading=loading,
            others=self.alternatives,
            just_refused=catalog.sold_out.covers(country, service, operators),
        )
        markup = keyboards.quotes.confirm(
            t,
            self.quote,
            kept=self.is_favourite,
            count=self.count,
            others=self.alternatives,
            objection=self.terms.objection,
            is_short=self.quote.shortage(self.balance) is not None,
            site=self.key.gateway.profile.site or None,
        )
        if self.instead_of is not None and self.count != 0:
            markup = keyboards.another_number.with_operators(
                markup, self.quote, self.operators, self.instead_of.operators
            )
        return joined(self.above, self._given_up(), text, by="\n\n"), markup

    def _given_up(self) -> Html | None:
        """Return what becomes of the numbers that are given up, or None."""
        t, before = self.context.t, self.instead_of
        cancelled = before is not None and not before.open
        return joined(
            texts.another_number.cancelled(t, before) if before is not None and cancelled else None,
            *(texts.another_number.planned(t, one) for one in self.leaving),
        )
