"""Buying one number for one tap, and finding out what became of a purchase whose answer was unclear."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import replace
from decimal import Decimal
from sqlite3 import Connection
from typing import Final, TypeVar

from pydantic import SecretStr

from bot import errors
from bot.accounts import Accounts
from bot.catalog import Catalog
from bot.domain import Activation, Ending, NoticeKind, Page, State, User
from bot.looks import Looks
from bot.provider.client import Order, Provider, Purchase
from bot.provider.tables import Listed
from bot.storage import deliveries, journal, pages
from bot.storage.database import Database

TOLERATED_RISE: Final = Decimal("1.1")
"""How far a price may rise between the page and the tap before the user is asked again."""
LOOK_BEFORE: Final = 5.0
"""Seconds the balance and the list may take before a purchase; they only serve to judge an unclear one."""
SETTLED_AFTER: Final = 45
"""Seconds after which a purchase that got no answer can no longer come through at the provider."""
TELLING_FOR: Final = 300
"""Seconds in which a missing row or an unchanged balance shows that nothing was bought; later a number may
have ended and been refunded."""
CHARGED: Final = "Charged"
"""How the journal notes an unclear purchase after which the balance was seen to have fallen."""
_MASKED: Final = "*"

T = TypeVar("T")
log = logging.getLogger(__name__)

Spawn = Callable[[Coroutine[object, object, None]], object]
"""Starts a task that the program waits for before it ends."""


class Purchases:
    """The purchases: a page, a tap, a row, one request, and a clear word about how it went."""

    def __init__(
        self,
        *,
        db: Database,
        accounts: Accounts,
        catalog: Catalog,
        provider: Provider,
        looks: Looks,
        spawn: Spawn,
        now: Callable[[], float],
        lifetime: int,
        cancel_after: int,
        max_active: int,
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._catalog = catalog
        self._provider = provider
        self._looks = looks
        self._spawn = spawn
        self._now = now
        self._lifetime = lifetime
        self._cancel_after = cancel_after
        self._max_active = max_active

    async def draw_page(self, user: User, country: str, service: str, operators: tuple[str, ...]) -> Page:
        """Return a new confirmation page with the price of now; its button will buy once.

        Raises:
            KeyMissing: no API key is bound.
            ProviderError: the offer is not to be had now.
        """
        key = await self._accounts.key_of(user)
        offer = await self._catalog.offer(key, country, service)
        page = Page(
            token=secrets.token_urlsafe(12),
            user_id=user.id,
            service=service,
            service_name=await self._catalog.service_name(key, country, service),
            country=country,
            operators=operators,
            price=offer.price,
            drawn_at=int(self._now()),
        )
        await self._db.write(pages.draw, page)
        return page

    async def page_again(self, user: User, token: str) -> Page:
        """Return a new page, with the price of now, in place of an unused one.

        Raises:
            PageGone: there is no such page of this user.
            ProviderError: the offer is not to be had now.
        """
        page = await self._db.read(pages.find, token, user.id)
        self._catalog.forget_prices(page.country)
        return await self.draw_page(user, page.country, page.service, page.operators)

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
        """
        if await self._db.read(journal.was_ordered, token):
            raise errors.AlreadyOrdered
        page = await self._db.read(pages.find, token, user.id)
        await self._check_price(user, page)
        now = int(self._now())
        activation = await self._db.write(_place, page, now, self._max_active, card_message_id)
        await self._looks.changed(activation)
        self._spawn(self._buy(activation))
        return activation

    async def _check_price(self, user: User, page: Page) -> None:
        key = await self._accounts.key_of(user)
        if page.price is None:
            return
        try:
            offer = await self._catalog.offer(key, page.country, page.service, fresh=True)
        except errors.ProviderError:
            return  # the price was only ever a hint; whether there is a number is asked next
        if offer.price is not None and offer.price > page.price * TOLERATED_RISE:
            raise errors.PriceRose(page.price, offer.price)

    async def _buy(self, activation: Activation) -> None:
        """Buy the number of a row that was just written, and record what came of it."""
        async with self._looks.lock(activation.id):
            key = await self._accounts.key(activation.key_id)
            activation = await self._note_before(activation, key)
            order = Order(activation.service, activation.country, activation.operators)
            try:
                purchase = await self._provider.buy(key, order)
            except (errors.Refused, errors.NotSent) as refusal:
                if isinstance(refusal, errors.KeyRefused):
                    await self._looks.key_refused(activation)
                await self._record(journal.refused, activation.id, refusal_word(refusal), int(self._now()))
            except errors.Unavailable as trouble:
                log.warning("purchase %d is unclear: %s", activation.id, type(trouble).__name__)
                activation = await self._record(journal.unclear, activation.id, type(trouble).__name__)
                await self._reconcile(activation)
            else:
                await self._bought(activation, purchase, int(self._now()))

    async def _note_before(self, activation: Activation, key: SecretStr) -> Activation:
        """Keep the balance and the list of just before: an unclear purchase is judged by them."""
        balance, listed = await asyncio.gather(
            _or_none(self._provider.balance(key)), _or_none(self._provider.active(key))
        )
        ids = None if listed is None else tuple(row.id for row in listed)
        await self._db.write(journal.note_before, activation.id, balance, ids)
        return replace(activation, balance_before=balance, listed_before=ids)

    async def _bought(self, activation: Activation, purchase: Purchase, at: int) -> Activation:
        return await self._record(
            journal.bought,
            activation.id,
            purchase.id,
            purchase.phone,
            bought_at=at,
            ends_at=at + self._lifetime,
            cancel_from=at + self._cancel_after,
        )

    async def reconcile(self, id_: int, user_id: int | None = None, *, tell: bool = False) -> Activation:
        """Find out what became of an unclear purchase; return the activation after it.

        Args:
            id_: our id.
            user_id: whose it must be, if a user asks.
            tell: send the user a message if it became clear.

        Raises:
            ActivationGone: there is no such activation of this user.
        """
        async with self._looks.lock(id_):
            activation = await self._db.read(journal.get, id_, user_id)
            if activation.state is State.ORDERING:
                activation = await self._record(journal.unclear, id_, "Interrupted")
            if activation.state is not State.UNKNOWN:
                return activation
            activation = await self._reconcile(activation)
            notice = {State.WAITING: NoticeKind.FOUND, State.REFUSED: NoticeKind.NOT_BOUGHT}.get(
                activation.state
            )
            if tell and notice:
                await self._looks.tell(activation, notice)
            return activation

    async def give_up(self, id_: int) -> Activation:
        """End an unclear purchase that nothing resolved within an activation's lifetime."""
        async with self._looks.lock(id_):
            activation = await self._db.read(journal.get, id_)
            if activation.state is not State.UNKNOWN:
                return activation
            return await self._looks.end(activation, State.EXPIRED, Ending.UNCLEAR)

    async def _reconcile(self, activation: Activation) -> Activation:
        key = await self._accounts.key(activation.key_id)
        try:
            rows = await self._provider.active(key)
        except errors.UnsupportedAction:
            return await self._reconcile_by_balance(activation, key)
        except errors.ProviderError:
            return activation
        new = await self._new_rows(activation, rows)
        if len(new) == 1:
            phone = new[0].phone
            purchase = Purchase(new[0].id, None if phone is None or _MASKED in phone else digits(phone))
            return await self._bought(activation, purchase, activation.ordered_at)
        if not new and self._settled(activation):
            return await self._nothing_bought(activation)
        return activation

    async def _new_rows(self, activation: Activation, rows: list[Listed]) -> list[Listed]:
        """Return the listed rows that this purchase may have made."""
        known = await self._db.read(journal.known_ids, [row.id for row in rows])
        return [
            row
            for row in {row.id: row for row in rows}.values()
            if row.id not in known
            and row.id not in (activation.listed_before or ())
            and row.service in (None, activation.service)
            and row.country in (None, activation.country)
            and (activation.listed_before is not None or not row.older_than(activation.ordered_at))
        ]

    async def _reconcile_by_balance(self, activation: Activation, key: SecretStr) -> Activation:
        before = activation.balance_before
        if before is None or (activation.refusal or "").startswith(CHARGED):
            return activation
        if await self._db.read(journal.bought_since, activation.key_id, activation.ordered_at, activation.id):
            return activation
        try:
            after = await self._provider.balance(key)
        except errors.ProviderError:
            return activation
        if after < before:
            return await self._record(journal.still_unclear, activation.id, f"{CHARGED}:{before - after}")
        return await self._nothing_bought(activation) if self._settled(activation) else activation

    def _settled(self, activation: Activation) -> bool:
        """Return whether finding no trace of the purchase means that there was none."""
        age = self._now() - activation.ordered_at
        unanswered = activation.refusal in ("NoAnswer", "Interrupted")
        return (SETTLED_AFTER if unanswered else 0) <= age < TELLING_FOR

    async def _nothing_bought(self, activation: Activation) -> Activation:
        return await self._record(journal.refused, activation.id, "NothingBought", int(self._now()))

    async def _record(self, write: Callable[..., Activation], *args: object, **kwargs: object) -> Activation:
        """Write what became of a purchase, again and again until it is written."""
        pause = 0.5
        while True:
            try:
                return await self._looks.changed(await self._db.write(write, *args, **kwargs))
            except errors.StorageBusy as error:
                log.error("the journal cannot be written, trying again in %g s: %s", pause, error)  # noqa: TRY400
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)


def refusal_word(error: errors.ProviderError) -> str:
    """Return how the journal names a refusal: the error, and the one fact it may carry."""
    fact: object = None
    if isinstance(error, errors.Banned):
        fact = error.until
    elif isinstance(error, errors.PriceTooLow):
        fact = error.minimum
    name = type(error).__name__
    return name if fact is None else f"{name}:{fact}"


def digits(phone: str) -> str | None:
    """Return the digits of a phone number, or None if there are none."""
    return "".join(c for c in phone if c.isascii() and c.isdigit()) or None


async def _or_none(answer: Coroutine[object, object, T]) -> T | None:
    try:
        async with asyncio.timeout(LOOK_BEFORE):
            return await answer
    except (errors.ProviderError, TimeoutError):
        return None


def _place(
    connection: Connection, page: Page, now: int, limit: int, card_message_id: int | None
) -> Activation:
    activation = journal.place_order(connection, page, now, limit)
    if card_message_id is not None:
        deliveries.place_card(connection, activation.id, card_message_id)
    return activation
