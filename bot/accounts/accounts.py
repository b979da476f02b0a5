"""Users and their API keys: binding, unbinding, decryption and balance."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from sqlite3 import Connection
from typing import Final

from pydantic import SecretStr

from bot.accounts import stored_keys
from bot.accounts.bind_limiter import BindLimiter
from bot.accounts.fingerprints import fingerprint
from bot.accounts.key_cache import KeyCache
from bot.accounts.preferences import Preferences
from bot.accounts.vault import Vault
from bot.domain import NoticeKind, User
from bot.errors import (
    KeyMissing,
    KeyOfOtherProvider,
    KeyRefused,
    StorageError,
    UnsupportedAction,
)
from bot.provider.gateway import ApiKey, Gateway, Gateways
from bot.provider.profiles import Profile
from bot.storage import outbox, users
from bot.storage.database import Database
from bot.storage.users import SealedKey

START_LINK_LIFETIME: Final = 3600
"""Seconds for which a link that was followed without an API key is remembered."""


@dataclass(eq=False, slots=True)
class Accounts:
    """The users and their encrypted API keys. A key is opened for the gateway of its own provider only."""

    db: Database
    vault: Vault
    gateways: Gateways
    preferences: Preferences
    now: Callable[[], float]
    _refused: set[int] = field(default_factory=set, init=False)
    _key_cache: KeyCache = field(default_factory=KeyCache, init=False)
    _bind_limiter: BindLimiter = field(default_factory=BindLimiter, init=False)
    _elsewhere: dict[int, SealedKey] = field(default_factory=dict, init=False)
    _account_secret: str = field(default="", init=False)

    async def load(self) -> None:
        """Check that every stored key can be decrypted and has its provider, and load what is kept in memory.

        What earlier versions did not store is filled in: the providers of all rows, and the accounts of keys.

        Raises:
            SealError: a key cannot be decrypted.
            ProviderChanged: a number is open at a provider that is not on offer; nothing was changed.
        """
        self._account_secret = await self.db.read(users.account_secret)
        await self.db.write(stored_keys.check, self.vault, self.gateways, self._account_secret)
        keys = await self.db.read(users.list_sealed_keys)
        self._elsewhere = {key.id: key for key in keys if self._gateway_of(key) is None}
        self._refused = await self.db.read(users.refused_key_ids)

    def _gateway_of(self, key: SealedKey) -> Gateway | None:
        """Return the gateway that a key may be sent to; None if its provider is gone or has moved."""
        gateway = self.gateways.find(key.provider or "")
        return gateway if gateway is not None and gateway.address == key.address else None

    async def reseal(self) -> int:
        """Encrypt every stored key with the newest sealing key and return the number of keys.

        Raises:
            SealError: a key cannot be decrypted; nothing was changed.
        """
        keys = await self.db.read(users.list_sealed_keys)
        await self.db.write(
            users.replace_sealed_keys, {key.id: self.vault.reseal(key.sealed) for key in keys}
        )
        return len(keys)

    async def find(self, user_id: int, language: str | None) -> User:
        """Return a stored user, or an unstored one with this language.

        A key of another provider does not count as bound.
        """
        user = await self.db.read(users.find, user_id) or User(user_id, language)
        return replace(user, key_id=None) if user.key_id in self._elsewhere else user

    async def is_stored(self, user_id: int) -> bool:
        """Return whether a user is stored."""
        return await self.db.read(users.find, user_id) is not None

    async def get_or_create(self, user_id: int, language: str | None) -> User:
        """Return a user, created if missing. A key of another provider does not count as bound."""
        user = await self.db.read(users.find, user_id)
        if user is not None:
            return replace(user, key_id=None) if user.key_id in self._elsewhere else user
        return await self.db.write(users.get_or_create, user_id, language, int(self.now()))

    def profile_for_key(self, user: User) -> Profile | None:
        """Return the provider that the user's next API key is for; None if they have to choose it first."""
        if len(self.gateways) == 1:
            return self.gateways.first.profile
        chosen = self.gateways.find(user.key_for or "")
        return None if chosen is None else chosen.profile

    async def choose_provider(self, user: User, provider: str) -> User:
        """Store which provider the user's next API key is for; return the changed user."""
        await self.db.write(users.set_key_for, user.id, provider)
        return replace(user, key_for=provider)

    async def bind(self, user_id: int, api_key: SecretStr, provider: str) -> Decimal:
        """Check an API key with the provider, store it encrypted, and return its balance.

        Args:
            user_id: the user.
            api_key: the key that the user has sent.
            provider: the id of the provider that the user was told the key is sent to.

        Raises:
            TooManyBindings: too many keys were sent; this one was not checked.
            KeyRefused: the provider refuses the key; nothing was stored.
            ProviderError: the key could not be checked; nothing was stored.
        """
        gateway = self.gateways.of(provider)
        self._bind_limiter.take(user_id, self.now())
        try:
            balance = await gateway.client.balance(api_key)
        except UnsupportedAction:
            # Every provider supports getBalance, so the token for an unknown action means a wrong key here.
            raise KeyRefused from None
        await self.db.write(
            users.bind,
            user_id,
            self.vault.seal(user_id, gateway.address, api_key),
            int(self.now()),
            provider=gateway.id,
            address=gateway.address,
            account=fingerprint(self._account_secret, api_key),
        )
        self._key_cache.remove_user(user_id)
        self.forget_keys([key.id for key in self._elsewhere.values() if key.user_id == user_id])
        with suppress(StorageError):  # the next balance is checked too
            await self.preferences.check_low_balance(user_id, balance)
        return balance

    async def unbind(self, user_id: int) -> None:
        """Unbind the key. It is stored until the open activations that were bought with it end."""
        await self.db.write(users.unbind, user_id)
        self._key_cache.remove_user(user_id)

    async def balance(self, user: User) -> Decimal:
        """Return the balance of the user's bound key.

        Raises:
            KeyMissing: no API key is bound for a provider on offer.
            ProviderError: the request failed.
        """
        if user.key_id is None:
            raise self._missing(user.id)
        return await self.balance_of_key(user.id, user.key_id)

    async def balance_of_key(self, user_id: int, key_id: int) -> Decimal:
        """Return the balance of one of the user's keys. For the bound key, also check the low-balance notice.

        Raises:
            KeyMissing: no such key.
            ProviderError: the request failed.
        """
        key = await self.key(key_id)
        balance = await key.gateway.client.balance(key.secret)
        user = await self.db.read(users.find, user_id)
        if user is not None and user.key_id == key_id:
            with suppress(StorageError):  # the next balance is checked too
                await self.preferences.check_low_balance(user_id, balance)
        return balance

    async def key_of(self, user: User, provider: str | None = None) -> ApiKey:
        """Return the user's bound key.

        Args:
            user: the user.
            provider: the provider that it must be of; None for any.

        Raises:
            KeyMissing: no API key is bound for a provider on offer.
            KeyOfOtherProvider: the key is of another provider.
        """
        if user.key_id is None:
            raise self._missing(user.id)
        key = await self.key(user.key_id)
        if provider not in (None, key.provider):
            needed = self.gateways.find(provider or "")
            raise KeyOfOtherProvider(
                key.gateway.profile.name, _host(provider or "") if needed is None else needed.profile.name
            )
        return key

    async def key(self, key_id: int) -> ApiKey:
        """Return a stored key, from the cache if possible.

        Raises:
            KeyMissing: no such key.
            KeyOfOtherProvider: the provider of the key is not on offer.
            SealError: the key cannot be decrypted.
        """
        if (cached := self._key_cache.get(key_id)) is not None:
            return cached
        version = self._key_cache.version
        stored = await self.db.read(users.get_sealed_key, key_id)
        gateway = self._gateway_of(stored)
        if gateway is None:
            raise self._refusal(stored)
        key = ApiKey(gateway, self.vault.open(stored.user_id, gateway.address, stored.sealed))
        # An unbound key is deleted when its last activation ends, so only bound keys are cached. A changed
        # version means that this key may have been unbound during the read.
        if stored.bound and version == self._key_cache.version:
            self._key_cache.add(key_id, stored.user_id, key)
        return key

    async def remember_country(self, user: User, country: str) -> None:
        """Store the country that the user chose last."""
        if user.country != country:
            await self.db.write(users.set_country, user.id, country)

    async def set_start_link(self, user_id: int, link: str | None) -> None:
        """Remember a link until the user has added an API key; None forgets it."""
        await self.db.write(users.set_start_link, user_id, link, int(self.now()))

    async def start_link(self, user_id: int) -> str | None:
        """Return the link that the user has followed within `START_LINK_LIFETIME`, or None."""
        return await self.db.read(users.get_start_link, user_id, int(self.now()) - START_LINK_LIFETIME)

    async def remember_browsing(self, user: User, *, by_country: bool) -> None:
        """Store whether the user chose last to browse by country."""
        if user.by_country is not by_country:
            await self.db.write(users.set_by_country, user.id, by_country=by_country)

    async def mark_unreachable(self, user: User) -> None:
        """Mark a user who blocked the bot as unreachable; their deliveries wait."""
        await self.db.write(users.set_unreachable, user.id, unreachable=True)

    def forget_keys(self, key_ids: Collection[int]) -> None:
        """Remove deleted keys from memory."""
        self._refused.difference_update(key_ids)
        self._key_cache.remove(key_ids)
        for key_id in key_ids:
            self._elsewhere.pop(key_id, None)

    def is_refused(self, key_id: int) -> bool:
        """Return whether the provider refused this key at the last request, or it is of another provider."""
        return key_id in self._refused or key_id in self._elsewhere

    async def mark_refused(self, user_id: int, key_id: int) -> bool:
        """Mark a key as refused. At the first refusal, add a notice for the user and return True."""
        self._refused.add(key_id)
        return await self.db.write(_mark_refused, user_id, key_id, int(self.now()))

    async def mark_accepted(self, key_id: int) -> bool:
        """Remove the refused mark of a key; return whether it was marked."""
        if key_id not in self._refused:
            return False
        self._refused.discard(key_id)
        await self.db.write(users.mark_key_accepted, key_id)
        return True

    def _missing(self, user_id: int) -> KeyMissing:
        """Return the error of a user without a key for this provider."""
        for key in self._elsewhere.values():
            if key.user_id == user_id and key.bound:
                return self._refusal(key)
        return KeyMissing()

    def _refusal(self, key: SealedKey) -> KeyOfOtherProvider:
        return KeyOfOtherProvider(_host(key.address or ""), self.gateways.first.profile.name)


def _host(address: str) -> str:
    return address.partition("/")[0]


def _mark_refused(connection: Connection, user_id: int, key_id: int, now: int) -> bool:
    if not users.mark_key_refused(connection, key_id, now):
        return False
    outbox.add_notice(connection, user_id, None, NoticeKind.KEY_REFUSED, now)
    return True
