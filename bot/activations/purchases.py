"""Purchases: quotes, the order of one number per tap, and the one request that buys it."""

import asyncio
import logging
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from sqlite3 import Connection
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.accounts.preferences import Preferences, check_limits, prefixes_for
from bot.activations.charges import Charges
from bot.activations.evidence import EvidenceReader
from bot.activations.reconciliation import Reconciliation
from bot.activations.refusals import stored_form
from bot.activations.status import StatusChecks
from bot.catalog.catalogs import Catalogs
from bot.domain import Activation, Offer, Quote, State, User, UserPreferences
from bot.ports import Spawn
from bot.provider.gateway import ApiKey
from bot.provider.purchases import PurchaseRequest
from bot.storage import activations, outbox, preferences, quotes, statistics, transitions, users
from bot.storage.database import Database

MAX_PRICE_RISE: Final = Decimal("1.1")
"""Factor by which the price may rise between the quote and the tap before the user must confirm again."""
FRESH_FOR: Final = 30.0
"""Seconds for which the price of a quote is used without asking the provider again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """Effect of the user's preferences on a quote.

    Attributes:
        prefixes: excluded beginnings of the phone number.
        ceiling: the price limit that is sent with the purchase, or None.
        objection: the limit that refuses the purchase now, or None.
    """

    prefixes: tuple[str, ...] = ()
    ceiling: Decimal | None = None
    objection: errors.RuleError | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class Purchases:
    """Creates quotes and buys on a tap; a purchase is stored before it is sent, and sent once."""

    db: Database
    accounts: Accounts
    catalogs: Catalogs
    status_checks: StatusChecks
    spawn: Spawn
    now: Callable[[], float]
    charges: Charges
    reconciliation: Reconciliation
    preferences: Preferences
    send_max_price: bool
    evidence: EvidenceReader
    _priced_at: dict[str, float] = field(default_factory=dict, init=False)

    async def create_quote(self, user: User, country: str, service: str, operators: tuple[str, ...]) -> Quote:
        """Store and return a new quote with the current price.

        Raises:
            KeyMissing: no API key is bound.
            BadOperator: the provider does not list one of the operators.
            ProviderError: the offer cannot be had now.
        """
        key = await self.accounts.key_of(user)
        catalog = self.catalogs.of(key.provider)
        (offer, is_fresh), name = await asyncio.gather(
            self._offer_now(key, country, service), catalog.service_name(key, country, service)
        )
        if operators:
            listed = {operator.code for operator in await catalog.operators(key, country)}
            if listed and not listed.issuperset(operators):
                raise errors.BadOperator
        quote = Quote(
            token=secrets.token_urlsafe(12),
            user_id=user.id,
            service=service,
            service_name=name,
            country=country,
            operators=tuple(sorted(operators)),
            price=offer.price,
            drawn_at=int(self.now()),
            provider=key.provider,
            several_prices=offer.several_prices,
        )
        if is_fresh:
            self._remember_price(quote.token)
        await self.db.write(quotes.insert, quote)
        return quote

    async def quote(self, user: User, token: str) -> Quote:
        """Return a stored quote.

        Raises:
            QuoteExpired: the user has no such quote.
            KeyOfOtherProvider: the quote is of another provider than the user's API key.
        """
        quote = await self.db.read(quotes.get, token, user.id)
        await self.accounts.key_of(user, quote.provider)
        return quote

    async def refresh_quote(self, user: User, token: str) -> Quote:
        """Store and return a new quote with the current price for what another quote offers.

        Raises:
            QuoteExpired: the user has no such quote.
            KeyOfOtherProvider: the quote is of another provider than the user's API key.
            ProviderError: the offer cannot be had now.
        """
        quote = await self.quote(user, token)
        self.catalogs.of(quote.provider).lists.expire_offers(quote.country)
        return await self.create_quote(user, quote.country, quote.service, quote.operators)

    async def terms(self, user: User, quote: Quote) -> Terms:
        """Return the effect of the user's preferences on a quote."""
        chosen = await self.preferences.of(user.id)
        objection = None
        try:
            spent = await self.preferences.spent_today(user)
            check_limits(chosen, quote.price, spent.amount)
        except errors.RuleError as error:
            objection = error
        return Terms(prefixes_for(chosen.prefixes, quote.country), self._ceiling(chosen), objection)

    def _ceiling(self, chosen: UserPreferences) -> Decimal | None:
        """Return the price limit that the provider gets: the user's own.

        The shown price is none: providers then refuse, because their cheapest numbers are gone first.
        """
        return chosen.price_limit if self.send_max_price else None

    async def order(self, user: User, token: str, card_message_id: int | None) -> Activation:
        """Store the order of a tap on a quote, and start the purchase in the background.

        Args:
            user: the user who tapped.
            token: the quote's token.
            card_message_id: the message that becomes the card; None for a new one.

        Raises:
            QuoteExpired: the user has no such quote.
            AlreadyOrdered: the quote was used before.
            KeyMissing, TooManyActive: the user cannot buy now.
            KeyOfOtherProvider: the quote is of another provider than the user's API key.
            PriceRose: the price is more than 10 % above the quote's.
            PriceUnchecked: the provider gives no current price, and the quote is too old.
            BadCountry: the country is no longer on offer.
            OverPriceLimit, OverDayLimit, PriceUnknown: a limit of the user refuses the purchase.
        """
        if await self.db.read(activations.is_token_used, token):
            raise errors.AlreadyOrdered
        quote = await self.db.read(quotes.get, token, user.id)
        key = await self.accounts.key_of(user, quote.provider)
        self.catalogs.of(quote.provider).check_country(quote.country)
        if user.key_id is not None:
            self.evidence.prepare(user.id, user.key_id)  # while the price is checked
        price = await self._current_price(key, quote)
        now = int(self.now())
        activation = await self.db.write(
            _insert_order, quote, price, now, self.preferences.max_active, card_message_id
        )
        self.status_checks.notify_change(activation)
        self.spawn(self._buy(activation))
        return activation

    async def _current_price(self, key: ApiKey, quote: Quote) -> Decimal | None:
        """Return the price for the check of the limits: the quote's, or the current one if that is higher.

        The provider is not asked while the price of the quote is new.
        """
        if self.now() - self._priced_at.get(quote.token, 0.0) <= FRESH_FOR:
            return quote.price
        try:
            offers = self.catalogs.of(key.provider).offer(key, quote.country, quote.service, fresh=True)
            price = (await offers).price
        except errors.ProviderError:
            raise errors.PriceUnchecked from None
        if price is None or quote.price is None:
            raise errors.PriceUnchecked
        if price > quote.price * MAX_PRICE_RISE:
            raise errors.PriceRose(quote.price, price)
        return max(quote.price, price)

    async def _offer_now(self, key: ApiKey, country: str, service: str) -> tuple[Offer, bool]:
        """Return an offer, and whether its price is new enough to buy at."""
        catalog = self.catalogs.of(key.provider)
        offer = await catalog.offer(key, country, service)
        if catalog.lists.is_recent(country):
            return offer, True
        try:
            return await catalog.offer(key, country, service, fresh=True), True
        except errors.UnsupportedAction:
            return offer, True  # this provider shows no prices
        except (errors.Unavailable, errors.Throttled):
            return offer, False

    def _remember_price(self, token: str) -> None:
        now = self.now()
        self._priced_at = {each: at for each, at in self._priced_at.items() if now - at <= FRESH_FOR}
        self._priced_at[token] = now

    async def _buy(self, activation: Activation) -> None:
        """Buy the number of a stored order and record the result."""
        async with self.status_checks.lock(activation.id):
            try:
                await self._buy_locked(activation)
            except Exception:
                await self.reconciliation.record_bug(activation)
                raise

    async def _buy_locked(self, activation: Activation) -> None:
        try:
            key = await self.accounts.key(activation.key_id)
            activation = await self._store_evidence(activation)
            request = self._request(activation, await self.preferences.of(activation.user_id))
        except errors.BotError as error:
            log.warning("purchase %d was not sent: %s", activation.id, error)
            refusal, now = type(error).__name__, int(self.now())
            await self.reconciliation.record(transitions.refused, activation.id, refusal, now)
            return
        try:
            purchase = await key.gateway.client.buy(key.secret, request)
        except errors.ProviderError as error:
            await self._record_failure(activation, error, request.max_price)
            return
        # Logged before it is stored, so that the number can be found if the database never works again.
        log.info("purchase %d: the provider's id is %s", activation.id, purchase.id)
        # Rounded up, so that a cancel is not sent too early by less than a second.
        activation = await self.reconciliation.record_number(activation, purchase, math.ceil(self.now()))
        if activation.held:
            self.spawn(self.charges.find(activation))
        elif activation.state is State.UNKNOWN:
            await self.reconciliation.reconcile_locked(activation)

    async def _record_failure(
        self, activation: Activation, error: errors.ProviderError, limit: Decimal | None
    ) -> None:
        """Record that the provider refused the purchase, or that it is unclear whether it sold a number."""
        now = int(self.now())
        if isinstance(error, errors.Refused | errors.NotSent) and not isinstance(error, errors.AlreadyBought):
            if isinstance(error, errors.KeyRefused):
                await self.status_checks.record_refused_key(activation)
            catalog = self.catalogs.of(activation.provider)
            catalog.note_refusal(error, activation.country, activation.service, activation.operators)
            await self.reconciliation.record(
                transitions.refused, activation.id, stored_form(error, limit), now
            )
            return
        name = type(error).__name__
        log.warning("purchase %d is unclear: %s", activation.id, name)
        activation = await self.reconciliation.record(transitions.outcome_unknown, activation.id, name, now)
        await self.reconciliation.reconcile_locked(activation)

    def _request(self, activation: Activation, chosen: UserPreferences) -> PurchaseRequest:
        return PurchaseRequest(
            activation.service,
            activation.country,
            activation.operators,
            max_price=self._ceiling(chosen),
            prefixes=",".join(prefixes_for(chosen.prefixes, activation.country)) or None,
        )

    async def _store_evidence(self, activation: Activation) -> Activation:
        """Store the balance and the list of numbers from before the purchase, for reconciliation."""
        evidence = await self.evidence.before_purchase(activation.user_id, activation.key_id)
        await self.db.write(
            transitions.save_before_purchase, activation.id, evidence.balance, evidence.listed
        )
        return replace(activation, balance_before=evidence.balance, listed_before=evidence.listed)


def _insert_order(
    connection: Connection,
    quote: Quote,
    price: Decimal | None,
    now: int,
    max_active: int,
    card_message_id: int | None,
) -> Activation:
    """Check the user's limits and insert the order in one transaction, so that two taps cannot both pass."""
    chosen = preferences.get(connection, quote.user_id)
    user = users.find(connection, quote.user_id) or User(quote.user_id)
    spent = statistics.spent(connection, user.id, quote.provider, user.limit_day(now))
    check_limits(chosen, price, spent.amount)
    activation = transitions.create(connection, quote, now, chosen.numbers_at_once(max_active), price)
    if card_message_id is not None:
        outbox.move_card(connection, activation.id, card_message_id)
    return activation
