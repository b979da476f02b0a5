"""Binding an API key, replacing and unbinding it, and the balance behind it."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal
from sqlite3 import Connection

from pydantic import SecretStr

from bot.accounts.preferences import Preferences
from bot.accounts.vault import Vault
from bot.domain import NoticeKind, User
from bot.errors import KeyMissing, KeyRefused, StorageError, UnsupportedAction
from bot.provider.client import ProviderClient
from bot.storage import outbox, users
from bot.storage.database import Database


class Accounts:
    """The users' accounts at the provider, by their sealed keys."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        provider: ProviderClient,
        preferences: Preferences,
        now: Callable[[], float],
    ) -> None:
        self._db = db
        self._vault = vault
        self._provider = provider
        self._preferences = preferences
        self._now = now
        self._refused: set[int] = set()

    async def load(self) -> None:
        """Check that every sealed key opens, and recall which keys the provider refuses.

        Raises:
            SealError: a key does not open; nothing has been changed.
        """
        for _, user_id, sealed in await self._db.read(users.list_sealed_keys):
            self._vault.open(user_id, sealed)
        self._refused = await self._db.read(users.refused_key_ids)

    async def reseal(self) -> int:
        """Seal every key anew with the newest sealing key; return how many there are.

        Raises:
            SealError: a key does not open; nothing has been changed.
        """
        rows = await self._db.read(users.list_sealed_keys)
        await self._db.write(
            users.replace_sealed_keys, {id_: self._vault.reseal(sealed) for id_, _, sealed in rows}
        )
        return len(rows)

    async def find(self, user_id: int, language: str | None) -> User:
        """Return the user as they are known; of a stranger nothing is kept."""
        return await self._db.read(users.find, user_id) or User(user_id, language)

    async def meet(self, user_id: int, language: str | None) -> User:
        """Return the user, made on the first meeting."""
        known = await self._db.read(users.find, user_id)
        if known is not None:
            return known
        return await self._db.write(users.get_or_create, user_id, language, int(self._now()))

    async def bind(self, user_id: int, api_key: SecretStr) -> Decimal:
        """Check an API key with the provider, then seal and bind it; return its balance.

        Raises:
            KeyRefused: the provider does not take it; nothing was stored.
            ProviderError: it could not be checked; nothing was stored.
        """
        try:
            balance = await self._provider.balance(api_key)
        except UnsupportedAction:
            # Every provider has this action, so the word for an unknown one means a wrong key here.
            raise KeyRefused from None
        sealed = self._vault.seal(user_id, api_key)
        await self._db.write(users.bind, user_id, sealed, int(self._now()))
        with suppress(StorageError):  # it will be seen again
            await self._preferences.saw_balance(user_id, balance)
        return balance

    async def unbind(self, user_id: int) -> None:
        """Unbind the key; open activations keep theirs until they end."""
        await self._db.write(users.unbind, user_id)

    async def balance(self, user: User) -> Decimal:
        """Return the balance.

        Raises:
            KeyMissing: no API key is bound.
            ProviderError: it is not to be had now.
        """
        if user.key_id is None:
            raise KeyMissing
        return await self.balance_of_key(user.id, user.key_id)

    async def balance_of_key(self, user_id: int, key_id: int) -> Decimal:
        """Return the balance behind a key of the user; of the bound one's they may want to hear.

        Raises:
            KeyMissing: the key is no longer kept.
            ProviderError: it is not to be had now.
        """
        balance = await self._provider.balance(await self.key(key_id))
        user = await self._db.read(users.find, user_id)
        if user is not None and user.key_id == key_id:
            with suppress(StorageError):  # it will be seen again
                await self._preferences.saw_balance(user_id, balance)
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
        """Return a key that is kept.

        Raises:
            KeyMissing: it is not.
        """
        return self._vault.open(*await self._db.read(users.get_sealed_key, key_id))

    async def remember_country(self, user: User, country: str) -> None:
        """Remember the country the user chose last."""
        if user.country != country:
            await self._db.write(users.set_country, user.id, country)

    async def mark_unreachable(self, user: User) -> None:
        """Keep what is to be brought until the user comes back: they blocked the bot."""
        await self._db.write(users.set_unreachable, user.id, unreachable=True)

    def forget_refusals(self, key_ids: Iterable[int]) -> None:
        """Know nothing more of keys that were deleted."""
        self._refused.difference_update(key_ids)

    def is_refused(self, key_id: int) -> bool:
        """Return whether the provider refused this key the last time it was asked."""
        return key_id in self._refused

    async def note_refusal(self, user_id: int, key_id: int) -> bool:
        """Note that the provider refuses a key; return whether the user is to be told, which is once."""
        self._refused.add(key_id)
        now = int(self._now())
        return await self._db.write(_refuse, user_id, key_id, now)

    async def note_acceptance(self, key_id: int) -> bool:
        """Note that the provider takes a key; return whether it had refused it before."""
        if key_id not in self._refused:
            return False
        self._refused.discard(key_id)
        await self._db.write(users.mark_key_accepted, key_id)
        return True


def _refuse(connection: Connection, user_id: int, key_id: int, now: int) -> bool:
    if not users.mark_key_refused(connection, key_id, now):
        return False
    outbox.add_notice(connection, user_id, None, NoticeKind.KEY_REFUSED, now)
    return True
