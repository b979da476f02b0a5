"""What a user keeps to buy again, and what they bought lately: each one tap away from a confirmation page."""

from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Final

from bot.domain import Activation, Favourite, Quote
from bot.ports import DeliveryQueue
from bot.storage import activations, favourites, quotes, transitions
from bot.storage.database import Database

LIMIT: Final = 30
"""Favourites a user can keep."""
SHOWN_FIRST: Final = 6
RECENT_SHOWN_FIRST: Final = 4
"""How many favourites and recent purchases stand first where buying begins."""


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """What stands first where buying begins, newest first; what was bought lately is no favourite."""

    favourites: tuple[Favourite, ...] = ()
    recent: tuple[Activation, ...] = ()


class Favourites:
    """The favourites of the users. Keeping one twice, or dropping one that is gone, changes nothing."""

    def __init__(self, db: Database, delivery_queue: DeliveryQueue, now: Callable[[], float]) -> None:
        self._db = db
        self._delivery_queue = delivery_queue
        self._now = now

    async def of(self, user_id: int) -> list[Favourite]:
        """Return a user's favourites, newest first."""
        return await self._db.read(favourites.list_for_user, user_id)

    async def get(self, user_id: int, id_: int) -> Favourite:
        """Return one of the user's favourites.

        Raises:
            FavouriteGone: there is none.
        """
        return await self._db.read(favourites.get, user_id, id_)

    async def shortcuts(self, user_id: int) -> Shortcuts:
        """Return what stands first where buying begins."""
        return await self._db.read(_shortcuts, user_id)

    async def is_kept(self, quote: Quote) -> bool:
        """Return whether what a confirmation page shows is a favourite of its user."""
        return await self._db.read(
            favourites.exists,
            quote.user_id,
            country=quote.country,
            service=quote.service,
            operators=quote.operators,
        )

    async def star_quote(self, user_id: int, token: str, *, wanted: bool) -> None:
        """Keep what a confirmation page shows, or keep it no longer.

        Raises:
            PageGone: there is no such page of this user.
            FavouritesFull: the user keeps as many as allowed.
        """
        await self._db.write(_star_quote, user_id, token, wanted=wanted, now=int(self._now()))

    async def star_activation(self, user_id: int, id_: int, *, wanted: bool) -> None:
        """Keep what an activation was bought for, or keep it no longer; its card is drawn again.

        Raises:
            ActivationGone: there is no such activation of this user.
            FavouritesFull: the user keeps as many as allowed.
        """
        await self._db.write(_star_activation, user_id, id_, wanted=wanted, now=int(self._now()))
        self._delivery_queue.notify(user_id)

    async def drop(self, user_id: int, id_: int) -> None:
        """Keep one of the user's favourites no longer."""
        await self._db.write(favourites.remove_by_id, user_id, id_)


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
            country=starred.country,
            service=starred.service,
            operators=starred.operators,
        )


def _shortcuts(connection: Connection, user_id: int) -> Shortcuts:
    recent = [
        one
        for one in activations.last_purchases(connection, user_id, LIMIT + RECENT_SHOWN_FIRST)
        if not one.favourite
    ]
    return Shortcuts(
        tuple(favourites.list_for_user(connection, user_id)[:SHOWN_FIRST]), tuple(recent[:RECENT_SHOWN_FIRST])
    )
