"""Availability alerts: users add and stop them, and a matching one stores a notice in the outbox."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from sqlite3 import Connection
from typing import Final

from bot.domain import Alert, NoticeKind, Offer, Quote, User
from bot.errors import KeyMissing
from bot.ports import DeliveryQueue
from bot.storage import alerts, outbox
from bot.storage.database import Database

LIMIT: Final = 5
"""Active alerts per user."""
LIFETIME: Final = 24 * 3600
"""Seconds for which an alert is active; an ended one is listed for as long again."""
QUIET_PERIOD: Final = 600
"""Seconds between two notices of an alert."""


class MaxPrice(StrEnum):
    """Price limits that a user can choose for an alert."""

    ANY = "any"
    SHOWN = "shown"
    TENTH_MORE = "tenth"
    HALF_MORE = "half"

    def limit(self, shown: Decimal | None) -> Decimal | None:
        """Return the highest accepted price, based on the shown price; None means any price."""
        if shown is None or self is MaxPrice.ANY:
            return None
        return shown * {MaxPrice.SHOWN: Decimal(1), MaxPrice.TENTH_MORE: Decimal("1.1")}.get(
            self, Decimal("1.5")
        )


@dataclass(frozen=True, slots=True)
class AlertMatch:
    """Numbers that an alert found: the content of its notice.

    Attributes:
        alert_id: id of the alert, for the buttons.
        operators: empty means any.
        count: free numbers.
        price: the provider's price of the service, or None if unknown.
        seen_at: time of the check (UTC seconds).
        several_prices: the price is the lowest of several.
    """

    alert_id: int
    service_name: str
    country: str
    operators: tuple[str, ...]
    count: int
    price: Decimal | None
    seen_at: int
    several_prices: bool = False
    provider: str = ""

    def details(self) -> dict[str, str]:
        """Return it as the details of a notice."""
        details = {
            "alert_id": str(self.alert_id),
            "service_name": self.service_name,
            "country": self.country,
            "operators": json.dumps(self.operators),
            "count": str(self.count),
            "seen_at": str(self.seen_at),
            "provider": self.provider,
        }
        if self.price is not None:
            details["price"] = str(self.price)
        if self.several_prices:
            details["several_prices"] = "1"
        return details

    @classmethod
    def read(cls, details: Mapping[str, str]) -> "AlertMatch":
        """Return the match that `details` was made from."""
        price = details.get("price")
        return cls(
            alert_id=int(details["alert_id"]),
            service_name=details["service_name"],
            country=details["country"],
            operators=tuple(json.loads(details["operators"])),
            count=int(details["count"]),
            price=None if price is None else Decimal(price),
            seen_at=int(details["seen_at"]),
            several_prices="several_prices" in details,
            provider=details.get("provider", ""),
        )


def should_notify(alert: Alert, count: int, price: Decimal | None, now: int) -> bool:
    """Return whether the user is to be notified about available numbers.

    With a price limit, an unknown price does not count: the numbers may cost more.

    Args:
        alert: an active alert.
        count: free numbers at the operators of the alert.
        price: the provider's price of the service in the country, or None if unknown.
        now: UTC seconds.
    """
    if count <= 0:
        return False
    if alert.price_limit is not None and (price is None or price > alert.price_limit):
        return False
    return alert.notified_at is None or now - alert.notified_at >= QUIET_PERIOD


@dataclass(frozen=True, slots=True)
class UserAlerts:
    """A user's alerts, newest first.

    Attributes:
        running: active alerts.
        ended: alerts whose lifetime ended less than a lifetime ago; stopped ones are left out.
    """

    running: tuple[Alert, ...] = ()
    ended: tuple[Alert, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.running or self.ended)


@dataclass(eq=False, slots=True)
class Alerts:
    """The users' alerts. An alert never buys.

    Attributes:
        changed: set when an alert was added or a check has finished.
    """

    db: Database
    delivery_queue: DeliveryQueue
    now: Callable[[], float]
    changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def add(self, user: User, quote: Quote, max_price: MaxPrice) -> Alert:
        """Add an alert for what a quote offers, or renew the existing one; return it.

        Raises:
            KeyMissing: no API key is bound, so availability cannot be checked.
            TooManyAlerts: the user has reached the limit.
        """
        if user.key_id is None:
            raise KeyMissing
        now = int(self.now())
        alert = await self.db.write(
            alerts.add, quote, max_price.limit(quote.price), now=now, ends_at=now + LIFETIME, limit=LIMIT
        )
        self.changed.set()
        return alert

    async def of(self, user: User) -> UserAlerts:
        """Return the alerts at the user's provider, without stopped ones."""
        now = int(self.now())
        stored = await self.db.read(alerts.list_for_user, user.id, now - LIFETIME)
        found = [alert for alert in stored if alert.provider == user.provider]
        return UserAlerts(
            tuple(alert for alert in found if alert.ends_at > now),
            tuple(alert for alert in found if alert.ends_at <= now),
        )

    async def get(self, user_id: int, id_: int) -> Alert:
        """Return one of the user's alerts; it may be stopped or ended.

        Raises:
            AlertGone: the user has no such alert.
        """
        return await self.db.read(alerts.get, user_id, id_)

    async def stop(self, user_id: int, id_: int) -> None:
        """Stop an alert; stopping an ended or unknown one has no effect."""
        await self.db.write(alerts.stop, user_id, id_, int(self.now()))

    async def running(self) -> list[Alert]:
        """Return all active alerts, oldest first."""
        return await self.db.read(alerts.list_active, int(self.now()))

    async def notify(self, alert: Alert, count: int, offer: Offer) -> None:
        """Store a notice about available numbers and queue its delivery.

        Nothing is stored if the alert is stopped or ended, or if its last notice is not delivered yet.
        """
        now = int(self.now())
        match = AlertMatch(
            alert_id=alert.id,
            service_name=alert.service_name,
            country=alert.country,
            operators=alert.operators,
            count=count,
            price=offer.price,
            seen_at=now,
            several_prices=offer.several_prices,
            provider=alert.provider,
        )
        if await self.db.write(_add_notice, alert, match, now):
            self.delivery_queue.notify(alert.user_id)


def _add_notice(connection: Connection, alert: Alert, match: AlertMatch, now: int) -> bool:
    if not alerts.mark_notified(connection, alert.id, now):
        return False
    outbox.add_notice(connection, alert.user_id, None, NoticeKind.ALERT, now, match.details())
    return True
