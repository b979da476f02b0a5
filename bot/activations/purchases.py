"""Buying one number for one tap: a page, a row, one request."""

import asyncio
import logging
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from sqlite3 import Connection
from typing import Final, TypeVar

from pydantic import SecretStr

from bot import errors
from bot.accounts.accounts import Accounts
from bot.accounts.preferences import Preferences, check_limits, prefixes_for
from bot.activations.reconciliation import Reconciliation
from bot.activations.status import StatusChecks
from bot.catalog.catalog import Catalog
from bot.concurrency import or_none_after
from bot.domain import Activation, Quote, User, UserPreferences, start_of_day
from bot.ports import Spawn
from bot.provider.client import ProviderClient, PurchaseRequest
from bot.storage import activations, outbox, preferences as preferences_table, quotes, statistics, transitions
from bot.storage.database import Database

TOLERATED_RISE: Final = Decimal("1.1")
"""How far a price may rise between the page and the tap before the user is asked again."""
STALE: Final = 3600
"""Seconds after which a page's price is no longer believed where the provider shows none."""
LOOK_BEFORE: Final = 5.0
"""Seconds the balance and the list may take beside a purchase, which goes on without them."""
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the user's own settings mean for a confirmation page.

    Attributes:
        prefixes: the provider is asked for a number that begins with none of these.
        objection: the limit that would refuse the purchase now, if one would.
    """

    prefixes: tuple[str, ...] = ()
    objection: errors.RuleError | None = None


class Purchases:
    """The purchases: a page, a tap, a row, one request, and a clear word about how it went."""

    def __init__(
        self,
        *,
        db: Database,
        accounts: Accounts,
        catalog: Catalog,
        provider: ProviderClient,
        status_checks: StatusChecks,
        spawn: Spawn,
        now: Callable[[], float],
        reconciliation: Reconciliation,
        preferences: Preferences,
        send_max_price: bool,
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._catalog = catalog
        self._provider = provider
        self._status_checks = status_checks
        self._spawn = spawn
        self._now = now
        self._reconciliation = reconciliation
        self._preferences = preferences
        self._send_max_price = send_max_price

    async def create_quote(self, user: User, country: str, service: str, operators: tuple[str, ...]) -> Quote:
        """Return a new confirmation page with the price of now; its button will buy once.

        Raises:
            KeyMissing: no API key is bound.
            BadOperator: the provider does not list one of the operators, or no longer.
            ProviderError: the offer is not to be had now.
        """
        key = await self._accounts.key_of(user)
        offer, name = await asyncio.gather(
            self._catalog.offer(key, country, service), self._catalog.service_name(key, country, service)
        )
        if operators:
            listed = {operator.code for operator in await self._catalog.operators(key, country)}
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
            drawn_at=int(self._now()),
        )
        await self._db.write(quotes.draw, quote)
        return quote

    async def quote(self, user: User, token: str) -> Quote:
        """Return a page that was drawn before.

        Raises:
            PageGone: there is no such page of this user.
        """
        return await self._db.read(quotes.find, token, user.id)

    async def refresh_quote(self, user: User, token: str) -> Quote:
        """Return a new page, with the price of now, in place of an unused one.

        Raises:
            PageGone: there is no such page of this user.
            ProviderError: the offer is not to be had now.
        """
        quote = await self._db.read(quotes.find, token, user.id)
        self._catalog.lists.expire_offers(quote.country)
        return await self.create_quote(user, quote.country, quote.service, quote.operators)

    async def terms(self, user: User, quote: Quote) -> Terms:
        """Return what the user's own settings mean for a page that is about to be shown."""
        chosen = await self._preferences.of(user.id)
        objection = None
        try:
            check_limits(chosen, quote.price, await self._preferences.spent_today(user.id))
        except errors.RuleError as error:
            objection = error
        return Terms(prefixes_for(chosen.prefixes, quote.country), objection)

    async def order(self, user: User, token: str, card_message_id: int | None) -> Activation:
        """Obey a tap on a confirmation page's button: write the row, then buy in the background.

        Args:
            user: who tapped.
            token: what the button carries.
            card_message_id: the message that becomes the card.

        Raises:
            PageGone: there is no such page of this user.
            AlreadyOrdered: the button was tapped before.
            KeyMissing, TooManyActive: the user cannot buy now.
            PriceRose: the price is more than a tenth above the page's.
            BadCountry: it is no longer on offer here.
            OverPriceLimit, OverDayLimit, PriceUnknown: a limit of the user's own refuses it.
        """
        if await self._db.read(activations.was_ordered, token):
            raise errors.AlreadyOrdered
        quote = await self._db.read(quotes.find, token, user.id)
        self._catalog.check_country(quote.country)
        price = await self._price_now(user, quote)
        now = int(self._now())
        activation = await self._db.write(
            _place, quote, price, now, self._preferences.max_active, card_message_id
        )
        await self._status_checks.publish(activation)
        self._spawn(self._buy(activation, quote.price))
        return activation

    async def _price_now(self, user: User, quote: Quote) -> Decimal | None:
        """Return the price that a purchase is judged by: the page's, or a higher one of now.

        It is None where the provider shows none now and the user has a limit: that could not be held.
        """
        key = await self._accounts.key_of(user)
        if quote.price is None:
            return None
        try:
            price = (await self._catalog.offer(key, quote.country, quote.service, fresh=True)).price
        except errors.ProviderError:
            price = None
        if price is None:
            if self._now() - quote.drawn_at > STALE:
                raise errors.QuoteExpired
            chosen = await self._preferences.of(user.id)
            return None if chosen.has_price_limits else quote.price  # which was only ever a hint
        if price > quote.price * TOLERATED_RISE:
            raise errors.PriceRose(quote.price, price)
        return max(quote.price, price)

    async def _buy(self, activation: Activation, shown: Decimal | None) -> None:
        """Buy the number of a row that was just written, at the shown price, and record what came of it."""
        async with self._status_checks.lock(activation.id):
            try:
                key = await self._accounts.key(activation.key_id)
                activation = await self._note_before(activation, key)
                order = self._order(activation, shown, await self._preferences.of(activation.user_id))
            except errors.BotError as trouble:
                log.warning("purchase %d was not begun: %s", activation.id, trouble)
                word, now = type(trouble).__name__, int(self._now())
                await self._reconciliation.record(transitions.refused, activation.id, word, now)
                return
            try:
                purchase = await self._provider.buy(key, order)
            except (errors.Refused, errors.NotSent) as refusal:
                if isinstance(refusal, errors.KeyRefused):
                    await self._status_checks.key_refused(activation)
                await self._reconciliation.record(
                    transitions.refused, activation.id, refusal_word(refusal), int(self._now())
                )
            except errors.Unavailable as trouble:
                log.warning("purchase %d is unclear: %s", activation.id, type(trouble).__name__)
                activation = await self._reconciliation.record(
                    transitions.unclear, activation.id, type(trouble).__name__
                )
                await self._reconciliation.clear_up(activation)
            else:
                # Rounded up: the provider's own clock began to count a moment before its answer got here.
                await self._reconciliation.bought(activation, purchase, math.ceil(self._now()))
                self._spawn(self._look_at_balance(activation))

    def _order(
        self, activation: Activation, shown: Decimal | None, chosen: UserPreferences
    ) -> PurchaseRequest:
        return PurchaseRequest(
            activation.service,
            activation.country,
            activation.operators,
            max_price=shown if self._send_max_price else None,
            prefixes=",".join(prefixes_for(chosen.prefixes, activation.country)) or None,
        )

    async def _look_at_balance(self, activation: Activation) -> None:
        """Read the balance after a purchase, for a user who wants to hear when it is low."""
        if (await self._preferences.of(activation.user_id)).low_balance is not None:
            await or_none_after(
                LOOK_BEFORE, self._accounts.balance_of_key(activation.user_id, activation.key_id)
            )

    async def _note_before(self, activation: Activation, key: SecretStr) -> Activation:
        """Keep the balance and the list of just before: an unclear purchase is judged by them."""
        balance, listed = await asyncio.gather(
            or_none_after(LOOK_BEFORE, self._accounts.balance_of_key(activation.user_id, activation.key_id)),
            or_none_after(LOOK_BEFORE, self._provider.active(key)),
        )
        ids = None if listed is None else tuple(row.id for row in listed)
        await self._db.write(transitions.note_before, activation.id, balance, ids)
        return replace(activation, balance_before=balance, listed_before=ids)


def refusal_word(error: errors.ProviderError) -> str:
    """Return how the journal names a refusal: the error, and the one fact it may carry."""
    fact: object = None
    if isinstance(error, errors.Banned):
        fact = error.until
    elif isinstance(error, errors.PriceTooLow):
        fact = error.minimum
    name = type(error).__name__
    return name if fact is None else f"{name}:{fact}"


def _place(
    connection: Connection,
    quote: Quote,
    price: Decimal | None,
    now: int,
    max_active: int,
    card_message_id: int | None,
) -> Activation:
    """Write the row if the user's limits allow it: one transaction, so that two taps cannot pass together."""
    chosen = preferences_table.find(connection, quote.user_id)
    check_limits(chosen, price, statistics.spent(connection, quote.user_id, start_of_day(now)))
    limit = chosen.numbers_at_once(max_active)
    activation = transitions.place_order(connection, quote, now, limit, price)
    if card_message_id is not None:
        outbox.place_card(connection, activation.id, card_message_id)
    return activation
