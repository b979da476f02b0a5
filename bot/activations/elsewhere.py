"""Numbers of an API key that were bought elsewhere: offers them, and takes one over. Nothing is bought."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.active_list import LIST_TIMEOUT, ActiveList, readable_phone
from bot.activations.status import StatusChecks
from bot.catalog.catalogs import Catalogs
from bot.concurrency import or_none_after
from bot.domain import UNKNOWN_CODE, Activation, Closed, ListedActivation, Status, User
from bot.provider.gateway import ApiKey
from bot.storage import activations, follow_ups, taken_over
from bot.storage.database import Database

_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,16}")
"""A service or a country that is stored as it is listed; it fits every button."""


@dataclass(frozen=True, slots=True)
class NumberElsewhere:
    """A number that can be taken over.

    Attributes:
        service: the name of its service; `UNKNOWN_CODE` if the list does not say it.
        mark: what a button carries for it.
    """

    row: ListedActivation
    service: str
    mark: str


@dataclass(eq=False, slots=True, kw_only=True)
class NumbersElsewhere:
    """Reads the provider's list for numbers that the bot does not have.

    Attributes:
        max_active: the most open activations of a user.
    """

    db: Database
    accounts: Accounts
    catalogs: Catalogs
    active_list: ActiveList
    status_checks: StatusChecks
    now: Callable[[], float]
    max_active: int

    async def offered(self, user: User) -> list[NumberElsewhere]:
        """Return the numbers of the user's bound key that can be taken over; none if there is no list now.

        A number that an unclear purchase may have bought is left to reconciliation.
        """
        if user.key_id is None:
            return []
        try:
            key = await self.accounts.key(user.key_id)
            listed = await or_none_after(LIST_TIMEOUT, self.active_list.rows(key))
        except (errors.ProviderError, errors.KeyMissing):
            return []
        if not listed:
            return []
        # Read after the list, so that a purchase that has ended meanwhile has its number.
        try:
            free = await self.db.read(
                taken_over.select_free, user.key_id, [*listed.values()], self._since(key)
            )
        except errors.KeyMissing:
            return []
        return [NumberElsewhere(row, self._service(key, row)[1], _mark(row.id)) for row in free]

    async def take_over(self, user: User, mark: str) -> Activation:
        """Make a listed number an activation of the user, with the codes it has; return the activation.

        An active number that the user has already is returned.

        Raises:
            KeyMissing: no API key is bound.
            NotListed: the provider lists no such number, or has closed it.
            AlreadyTakenOver: another user with the same API key has it, or it has ended for this user.
            MayBePurchase: a purchase that is still being checked may have bought it.
            TooManyActive: the user has as many active numbers as allowed.
            ProviderError: the list or the status cannot be had now; nothing has changed.
        """
        key = await self.accounts.key_of(user)
        listed = await self.active_list.rows(key, fresh=True)
        row = next((row for row in listed.values() if _mark(row.id) == mark), None)
        if row is None:
            raise errors.NotListed
        try:
            status = await key.gateway.client.status(key.secret, row.id)
        except errors.UnknownActivation:
            raise errors.NotListed from None
        if isinstance(status, Closed):
            raise errors.NotListed
        now = int(self.now())
        activation = await self.db.write(
            taken_over.insert,
            user.id,
            user.key_id or 0,
            row,
            token=secrets.token_urlsafe(12),
            service=self._service(key, row),
            country=_code(row.country),
            phone=readable_phone(row.phone),
            now=now,
            ends_at=now + key.gateway.profile.lifetime,
            since=self._since(key),
            max_active=self.max_active,
        )
        return await self._add_codes(activation.id, status, row)

    async def _add_codes(self, id_: int, status: Status, row: ListedActivation) -> Activation:
        """Store what the provider knows of a number; the status first, which may have the text of a code."""
        async with self.status_checks.lock(id_):
            activation = await self.db.read(activations.get, id_)
            if not activation.held:
                return activation
            try:
                await self.status_checks.record_status(id_, status)
                activation = await self.db.write(follow_ups.add_listed_codes, id_, row.codes, int(self.now()))
            finally:
                self.status_checks.notify_change(activation)
            return activation

    def _service(self, key: ApiKey, row: ListedActivation) -> tuple[str, str]:
        """Return the code and the name of a number's service."""
        code = _code(row.service)
        if code == UNKNOWN_CODE:
            return code, code
        return code, self.catalogs.of(key.provider).known_name(_code(row.country), code)

    def _since(self, key: ApiKey) -> int:
        """Return since when a purchase without a number may still have one (UTC seconds)."""
        return int(self.now()) - key.gateway.profile.lifetime


def _code(listed: str | None) -> str:
    return listed if listed is not None and _CODE.fullmatch(listed) else UNKNOWN_CODE


def _mark(provider_id: str) -> str:
    """Return what a button carries for a number: a digest, because an id may not fit a button."""
    return hashlib.blake2b(provider_id.encode(), digest_size=12).hexdigest()
