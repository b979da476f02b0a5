"""The provider's list of active numbers as a second source of codes and of missing phone numbers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.domain import Activation, ListedActivation, new_listed_codes
from bot.provider.gateway import ApiKey
from bot.storage import activations, charges, follow_ups
from bot.storage.database import Database

LIST_TIMEOUT: Final = 8.0
"""Seconds to wait for the list; a status check does not depend on it."""
SHARED_FOR: Final = 3.0
"""Seconds for which one answer serves all numbers of an API key."""
_MASK: Final = "*"
"""Replaces digits of a phone number in the lists of some providers."""


class ListRead(Enum):
    """Result of an attempt to read the list."""

    DONE = auto()
    NO_LIST = auto()
    """The provider has no list, as far as is known."""
    FAILED = auto()


@dataclass(eq=False, slots=True, kw_only=True)
class ActiveList:
    """Reads the list and stores what an activation lacks: codes, the phone number, what was charged."""

    db: Database
    accounts: Accounts
    now: Callable[[], float]
    steady: Callable[[], float]
    _recent: dict[ApiKey, tuple[float, dict[str, ListedActivation]]] = field(default_factory=dict, init=False)

    async def read_for(self, activation: Activation, *, fresh: bool = False) -> tuple[Activation, ListRead]:
        """Read the list, and store what an activation lacks.

        The caller holds the lock of the activation.

        Args:
            activation: an activation.
            fresh: ask now instead of using an answer that another number has just got.

        Returns:
            The activation after that, and what became of the attempt.
        """
        if activation.provider_id is None:
            return activation, ListRead.NO_LIST
        try:
            async with asyncio.timeout(LIST_TIMEOUT):
                rows = await self.rows(await self.accounts.key(activation.key_id), fresh=fresh)
        except errors.UnsupportedAction:
            return activation, ListRead.NO_LIST
        except (errors.ProviderError, errors.KeyMissing, TimeoutError):
            return activation, ListRead.FAILED
        if (row := rows.get(activation.provider_id)) is not None:
            activation = await self._store(activation, row)
        return activation, ListRead.DONE

    async def rows(self, key: ApiKey, *, fresh: bool = False) -> dict[str, ListedActivation]:
        """Return the listed numbers of an API key by the provider's id.

        Args:
            key: the API key.
            fresh: as for `read_for`.

        Raises:
            ProviderError: the list cannot be had now, or the provider has none.
        """
        now = self.steady()
        self._recent = {
            other: (at, rows) for other, (at, rows) in self._recent.items() if now - at < SHARED_FOR
        }
        if not fresh and (recent := self._recent.get(key)) is not None:
            return recent[1]
        listed = await key.gateway.client.active(key.secret, unless_absent=True)
        rows = {row.id: row for row in listed}
        self._recent[key] = (self.steady(), rows)
        return rows

    async def _store(self, activation: Activation, row: ListedActivation) -> Activation:
        activation = await self.db.read(activations.get, activation.id)
        if activation.phone is None and (phone := readable_phone(row.phone)) is not None:
            activation = await self.db.write(follow_ups.set_phone, activation.id, phone)
        if activation.charged is None and row.charged is not None:
            now = int(self.now())
            activation = await self.db.write(charges.save, activation.id, row.charged, now)
        if new_listed_codes(activation, row.codes):
            now = int(self.now())
            activation = await self.db.write(follow_ups.add_listed_codes, activation.id, row.codes, now)
        return activation


def readable_phone(phone: str | None) -> str | None:
    """Return the digits of a listed phone number, or None if some are hidden or there are none."""
    if phone is None or _MASK in phone:
        return None
    return "".join(c for c in phone if c.isascii() and c.isdigit()) or None
