"""Being told when there are numbers: setting a watch, when it rings, and what is said then."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from sqlite3 import Connection
from typing import Final

from bot.domain import Alert, NoticeKind, Quote, User
from bot.errors import KeyMissing
from bot.ports import DeliveryQueue
from bot.storage import alerts, outbox
from bot.storage.database import Database

LIMIT: Final = 5
"""Watches a user can have at once."""
LASTS: Final = 24 * 3600
"""Seconds after which a watch ends, and for which the list still says so."""
QUIET: Final = 600
"""Seconds for which a watch is quiet after it rang."""


class MaxPrice(StrEnum):
    """The price limits that can be chosen."""

    ANY = "any"
    SHOWN = "shown"
    TENTH_MORE = "tenth"
    HALF_MORE = "half"

    def limit(self, shown: Decimal | None) -> Decimal | None:
        """Return the most a number may cost, by the price that was shown; None means any price."""
        if shown is None or self is MaxPrice.ANY:
            return None
        return shown * {MaxPrice.SHOWN: Decimal(1), MaxPrice.TENTH_MORE: Decimal("1.1")}.get(
            self, Decimal("1.5")
        )


@dataclass(frozen=True, slots=True)
class AlertMatch:
    """What is said when a watch rings.

    Attributes:
        watch_id: which watch, for the buttons.
        price: what the provider shows for the service; None where it does not.
        seen_at: UTC seconds at which there were so many numbers.
    """

    alert_id: int
    service_name: str
    country: str
    operators: tuple[str, ...]
    count: int
    price: Decimal | None
    seen_at: int

    def details(self) -> dict[str, str]:
        """Return it as the details of a notice."""
        details = {
            "alert_id": str(self.alert_id),
            "service_name": self.service_name,
            "country": self.country,
            "operators": json.dumps(self.operators),
            "count": str(self.count),
            "seen_at": str(self.seen_at),
        }
        return details if self.price is None else details | {"price": str(self.price)}

    @classmethod
    def read(cls, details: Mapping[str, str]) -> "AlertMatch":
        """Return what the details of a notice say."""
        price = details.get("price")
        return cls(
            alert_id=int(details["alert_id"]),
            service_name=details["service_name"],
            country=details["country"],
            operators=tuple(json.loads(details["operators"])),
            count=int(details["count"]),
            price=None if price is None else Decimal(price),
            seen_at=int(details["seen_at"]),
        )


def should_notify(alert: Alert, count: int, price: Decimal | None, now: int) -> bool:
    """Return whether a watch rings.

    It does when there are numbers, at a price inside its limit, unless it rang a moment ago. Where there is
    a limit, an unknown price does not ring: the user wants to hear of numbers up to a price, and nobody
    knows whether these are such.

    Args:
        alert: one that runs.
        count: how many numbers there are at the watch's operators.
        price: what the provider shows for the service in the country; None if it shows none.
        now: UTC seconds.
    """
    if count <= 0:
        return False
    if alert.price_limit is not None and (price is None or price > alert.price_limit):
        return False
    return alert.notified_at is None or now - alert.notified_at >= QUIET


@dataclass(frozen=True, slots=True)
class UserAlerts:
    """A user's watches, newest first: those that run, and those whose day ended less than a day ago."""

    running: tuple[Alert, ...] = ()
    ended: tuple[Alert, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.running or self.ended)


class Alerts:
    """The watches of the users. One never buys by itself.

    Attributes:
        changed: set when there may be something new to look for.
    """

    def __init__(self, db: Database, delivery_queue: DeliveryQueue, now: Callable[[], float]) -> None:
        self._db = db
        self._delivery_queue = delivery_queue
        self._now = now
        self.changed = asyncio.Event()

    async def add(self, user: User, quote: Quote, max_price: MaxPrice) -> Alert:
        """Watch what a page shows, for a day; the same again renews the watch there is. Return the watch.

        Raises:
            KeyMissing: no API key is bound, so nothing could be looked for.
            TooManyWatches: the user has as many as allowed.
        """
        if user.key_id is None:
            raise KeyMissing
        now = int(self._now())
        alert = await self._db.write(
            alerts.add, quote, max_price.limit(quote.price), now=now, ends_at=now + LASTS, limit=LIMIT
        )
        self.changed.set()
        return alert

    async def of(self, user_id: int) -> UserAlerts:
        """Return a user's watches that nobody stopped."""
        now = int(self._now())
        found = await self._db.read(alerts.list_for_user, user_id, now - LASTS)
        return UserAlerts(
            tuple(alert for alert in found if alert.ends_at > now),
            tuple(alert for alert in found if alert.ends_at <= now),
        )

    async def get(self, user_id: int, id_: int) -> Alert:
        """Return one of the user's watches, also one that was stopped or ended lately.

        Raises:
            WatchGone: there is none.
        """
        return await self._db.read(alerts.get, user_id, id_)

    async def stop(self, user_id: int, id_: int) -> None:
        """Watch it no longer; one that is over is no error."""
        await self._db.write(alerts.stop, user_id, id_, int(self._now()))

    async def running(self) -> list[Alert]:
        """Return every watch that runs, oldest first."""
        return await self._db.read(alerts.list_active, int(self._now()))

    async def notify(self, alert: Alert, count: int, price: Decimal | None) -> None:
        """Have the user told that there are numbers, unless the watch was stopped or rang in the meantime."""
        now = int(self._now())
        match = AlertMatch(
            alert_id=alert.id,
            service_name=alert.service_name,
            country=alert.country,
            operators=alert.operators,
            count=count,
            price=price,
            seen_at=now,
        )
        if await self._db.write(_notify, alert, match, now):
            self._delivery_queue.notify(alert.user_id)


def _notify(connection: Connection, alert: Alert, match: AlertMatch, now: int) -> bool:
    if not alerts.mark_notified(connection, alert.id, now):
        return False
    outbox.add_notice(connection, alert.user_id, None, NoticeKind.ALERT, now, match.details())
    return True
