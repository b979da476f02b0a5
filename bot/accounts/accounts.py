"""Users and their API keys: binding, unbinding, decryption and balance."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from sqlite3 import Connection

from pydantic import SecretStr

from bot.accounts.fingerprints import fingerprint
from bot.accounts.key_cache import KeyCache
from bot.accounts.preferences import Preferences
from bot.accounts.vault import Vault
from bot.domain import NoticeKind, User
from bot.errors import KeyMissing, KeyRefused, StorageError, UnsupportedAction
from bot.provider.client import ProviderClient
from bot.storage import outbox, users
from bot.storage.database import Database


@dataclass(eq=False, slots=True)
class Accounts:
    """The users and their encrypted API keys."""

    db: Database
    vault: Vault
    provider: ProviderClient
    preferences: Preferences
    now: Callable[[], float]
    _refused: set[int] = field(default_factory=set, init=False)
    _key_cache: KeyCache = field(default_factory=KeyCache, init=False)
    _account_secret: str = field(default="", init=False)

    async def load(self) -> None:
        """Check that every stored key can be decrypted, and load the ids of refused keys.

        The account of a key that was stored before accounts were known is stored now.

        Raises:
            SealError: a key cannot be decrypted.
        """
        self._account_secret = await self.db.read(users.account_secret)
        accounts = {
            id_: fingerprint(self._account_secret, self.vault.open(user_id, sealed))
            for id_, user_id, sealed in await self.db.read(users.list_sealed_keys)
        }
        if await self.db.read(users.has_key_without_account):
            await self.db.write(users.set_accounts, accounts)
        self._refused = await self.db.read(users.refused_key_ids)

    async def reseal(self) -> int:
        """Encrypt every stored key with the newest sealing key and return the number of keys.

        Raises:
            SealError: a key cannot be decrypted; nothing was changed.
        """
        rows = await self.db.read(users.list_sealed_keys)
        await self.db.write(
            users.replace_sealed_keys, {id_: self.vault.reseal(sealed) for id_, _, sealed in rows}
        )
        return len(rows)

    async def find(self, user_id: int, language: str | None) -> User:
        """Return a stored user, or an unstored one with this language."""
        return await self.db.read(users.find, user_id) or User(user_id, language)

    async def meet(self, user_id: int, language: str | None) -> User:
        """Return a user, created if missing."""
        user = await self.db.read(users.find, user_id)
        if user is not None:
            return user
        return await self.db.write(users.get_or_create, user_id, language, int(self.now()))

    async def bind(self, user_id: int, api_key: SecretStr) -> Decimal:
        """Check an API key with the provider, store it encrypted, and return its balance.

        Raises:
            KeyRefused: the provider refuses the key; nothing was stored.
            ProviderError: the key could not be checked; nothing was stored.
        """
        try:
            balance = await self.provider.balance(api_key)
        except UnsupportedAction:
            # Every provider supports getBalance, so the token for an unknown action means a wrong key here.
            raise KeyRefused from None
        sealed = self.vault.seal(user_id, api_key)
        account = fingerprint(self._account_secret, api_key)
        await self.db.write(users.bind, user_id, sealed, int(self.now()), account)
        self._key_cache.remove_user(user_id)
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
            KeyMissing: no API key is bound.
            ProviderError: the request failed.
        """
        if user.key_id is None:
            raise KeyMissing
        return await self.balance_of_key(user.id, user.key_id)

    async def balance_of_key(self, user_id: int, key_id: int) -> Decimal:
        """Return the balance of one of the user's keys. For the bound key, also check the low-balance notice.

        Raises:
            KeyMissing: no such key.
            ProviderError: the request failed.
        """
        balance = await self.provider.balance(await self.key(key_id))
        user = await self.db.read(users.find, user_id)
        if user is not None and user.key_id == key_id:
            with suppress(StorageError):  # the next balance is checked too
                await self.preferences.check_low_balance(user_id, balance)
        return balance

    async def key_of(self, user: User) -> SecretStr:
        """Return the user's bound key.

        Raises:
            KeyMissing: no API key is bound.
        """
        if user.key_id is None:
            raise KeyMissing
        return await self.key(user.key_id)

    async def key(self, key_id: int) -> SecretStr:
        """Return a stored key, from the cache if possible.

        Raises:
            KeyMissing: no such key.
            SealError: the key cannot be decrypted.
        """
        if (cached := self._key_cache.get(key_id)) is not None:
            return cached
        version = self._key_cache.version
        stored = await self.db.read(users.get_sealed_key, key_id)
        key = self.vault.open(stored.user_id, stored.sealed)
        # An unbound key is deleted when its last activation ends, so only bound keys are cached. A changed
        # version means that this key may have been unbound during the read.
        if stored.bound and version == self._key_cache.version:
            self._key_cache.add(key_id, stored.user_id, key)
        return key

    async def remember_country(self, user: User, country: str) -> None:
        """Store the country that the user chose last."""
        if user.country != country:
            await self.db.write(users.set_country, user.id, country)

    async def mark_unreachable(self, user: User) -> None:
        """Mark a user who blocked the bot as unreachable; their deliveries wait."""
        await self.db.write(users.set_unreachable, user.id, unreachable=True)

    def forget_keys(self, key_ids: Collection[int]) -> None:
        """Remove deleted keys from memory."""
        self._refused.difference_update(key_ids)
        self._key_cache.remove(key_ids)

    def is_refused(self, key_id: int) -> bool:
        """Return whether the provider refused this key at the last request."""
        return key_id in self._refused

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


def _mark_refused(connection: Connection, user_id: int, key_id: int, now: int) -> bool:
    if not users.mark_key_refused(connection, key_id, now):
        return False
    outbox.add_notice(connection, user_id, None, NoticeKind.KEY_REFUSED, now)
    return True
