"""Favourites and recent purchases: stored by users, and offered as shortcuts to a confirmation page."""

from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Final

from bot.domain import Activation, Favourite, Quote, User
from bot.ports import DeliveryQueue
from bot.storage import activations, favourites, quotes, transitions
from bot.storage.database import Database

LIMIT: Final = 30
"""Favourites per user."""
SHOWN_FIRST: Final = 6
"""Favourites among the shortcuts."""
RECENT_SHOWN_FIRST: Final = 4
"""Recent purchases among the shortcuts."""


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """Shortcuts on the first screen of buying, newest first; `recent` leaves out favourites."""

    favourites: tuple[Favourite, ...] = ()
    recent: tuple[Activation, ...] = ()


@dataclass(eq=False, slots=True)
class Favourites:
    """The users' favourites. Adding or removing one is idempotent."""

    db: Database
    delivery_queue: DeliveryQueue
    now: Callable[[], float]

    async def of(self, user: User) -> list[Favourite]:
        """Return the favourites at the user's provider, newest first."""
        return await self.db.read(_favourites, user)

    async def elsewhere(self, user: User) -> list[Favourite]:
        """Return the favourites at other providers than the user's, newest first."""
        kept = await self.db.read(favourites.list_for_user, user.id)
        return [one for one in kept if one.provider != user.provider]

    async def get(self, user_id: int, id_: int) -> Favourite:
        """Return one of the user's favourites.

        Raises:
            FavouriteGone: the user has no such favourite.
        """
        return await self.db.read(favourites.get, user_id, id_)

    async def shortcuts(self, user: User) -> Shortcuts:
        """Return the shortcuts at the user's provider for the first screen of buying."""
        return await self.db.read(_shortcuts, user)

    async def is_kept(self, quote: Quote) -> bool:
        """Return whether what the quote offers is a favourite of its user."""
        return await self.db.read(
            favourites.exists,
            quote.user_id,
            quote.provider,
            country=quote.country,
            service=quote.service,
            operators=quote.operators,
        )

    async def star_quote(self, user_id: int, token: str, *, wanted: bool) -> None:
        """Add what a quote offers to the favourites, or remove it.

        Raises:
            QuoteExpired: the user has no such quote.
            FavouritesFull: the user has reached the limit.
        """
        await self.db.write(_star_quote, user_id, token, wanted=wanted, now=int(self.now()))

    async def star_activation(self, user_id: int, id_: int, *, wanted: bool) -> None:
        """Add what an activation was bought for to the favourites, or remove it; then update its card.

        Raises:
            ActivationGone: the user has no such activation.
            FavouritesFull: the user has reached the limit.
        """
        await self.db.write(_star_activation, user_id, id_, wanted=wanted, now=int(self.now()))
        self.delivery_queue.notify(user_id)

    async def drop(self, user_id: int, id_: int) -> None:
        """Remove one of the user's favourites."""
        await self.db.write(favourites.remove_by_id, user_id, id_)


def _star_quote(connection: Connection, user_id: int, token: str, *, wanted: bool, now: int) -> None:
    _star(connection, user_id, quotes.get(connection, token, user_id), wanted=wanted, now=now)


def _star_activation(connection: Connection, user_id: int, id_: int, *, wanted: bool, now: int) -> None:
    _star(connection, user_id, activations.get(connection, id_, user_id), wanted=wanted, now=now)
    transitions.increment_card_version(connection, id_)


def _star(
    connection: Connection, user_id: int, starred: Quote | Activation, *, wanted: bool, now: int
) -> None:
    if wanted:
        favourites.add(
            connection,
            user_id,
            starred.provider,
            country=starred.country,
            service=starred.service,
            service_name=starred.service_name,
            operators=starred.operators,
            now=now,
            limit=LIMIT,
        )
    else:
        favourites.remove(
            connection,
            user_id,
            starred.provider,
            country=starred.country,
            service=starred.service,
            operators=starred.operators,
        )


def _favourites(connection: Connection, user: User) -> list[Favourite]:
    return [one for one in favourites.list_for_user(connection, user.id) if one.provider == user.provider]


def _shortcuts(connection: Connection, user: User) -> Shortcuts:
    bought = activations.last_purchases(connection, user.id, user.provider, LIMIT + RECENT_SHOWN_FIRST)
    recent = [one for one in bought if not one.favourite]
    return Shortcuts(tuple(_favourites(connection, user)[:SHOWN_FIRST]), tuple(recent[:RECENT_SHOWN_FIRST]))
