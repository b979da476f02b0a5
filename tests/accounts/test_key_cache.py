"""The cache of decrypted API keys: hits, limits, and removal when a key is unbound, replaced or deleted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.accounts.accounts import Accounts
from bot.accounts.key_cache import KeyCache
from bot.accounts.preferences import Preferences
from bot.accounts.vault import Vault
from bot.concurrency import steady_time
from bot.domain import Quote
from bot.errors import KeyMissing, KeyOfOtherProvider
from bot.provider.gateway import ApiKey, Gateways
from bot.provider.profiles import own
from bot.sandbox.provider import ProviderServer, SandboxProvider
from bot.storage import transitions, user_deletion
from bot.storage.database import Database

ANN, BEN = 1, 2
NOW = 1_700_000_000
OLD, NEW, OTHER = (SecretStr(letter * 32) for letter in "abc")


class CountingDatabase(Database):
    """A database that counts reads."""

    reads = 0

    async def read(self, *args: Any, **kwargs: Any) -> Any:
        """Count a read and run it."""
        self.reads += 1
        return await super().read(*args, **kwargs)


class NoDeliveries:
    """A delivery queue that sends nothing."""

    def notify(self, user_id: int) -> None:
        """Ignore the user."""


@dataclass
class Setup:
    """The accounts with their database."""

    db: CountingDatabase
    accounts: Accounts

    async def bind(self, user_id: int, key: SecretStr) -> int:
        """Bind a key to a user and return its id."""
        await self.accounts.get_or_create(user_id, "en")
        await self.accounts.bind(user_id, key, "own")
        key_id = (await self.accounts.get_or_create(user_id, "en")).key_id
        assert key_id is not None
        return key_id

    async def order(self, user_id: int) -> int:
        """Create an activation of a user and return its id."""
        quote = Quote("token", user_id, "tg", "Telegram", "10", (), Decimal(1), NOW, "own")
        return (await self.db.write(transitions.create, quote, NOW, 5)).id


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[Setup]:
    """Accounts that use the sandbox provider."""
    provider = SandboxProvider()
    for key in (OLD, NEW, OTHER):
        provider.open_account(key.get_secret_value())
    async with (
        ProviderServer(provider) as server,
        Gateways([replace(own(server.url), name="sms.example")], steady_time) as gateways,
        await CountingDatabase.open(tmp_path / "bot.db") as db,
    ):
        preferences = Preferences(db, NoDeliveries(), lambda: NOW, 5)
        vault = Vault([SecretStr(Vault.new_sealing_key())])
        yield Setup(db, Accounts(db, vault, gateways, preferences, lambda: NOW))


async def test_a_cached_key_is_not_read_again(setup: Setup) -> None:
    """The second call for a key reads nothing from the database."""
    ids = {await setup.bind(ANN, OLD): OLD, await setup.bind(BEN, OTHER): OTHER}
    for key_id, key in ids.items():
        assert (await setup.accounts.key(key_id)).secret == key
    before = setup.db.reads
    for key_id, key in ids.items():
        assert (await setup.accounts.key(key_id)).secret == key
    assert setup.db.reads == before


async def test_an_unbound_key_is_removed(setup: Setup) -> None:
    """After unbinding, the key of the user is gone and the key of another user is still cached."""
    old, other = await setup.bind(ANN, OLD), await setup.bind(BEN, OTHER)
    for key_id in (old, other):
        await setup.accounts.key(key_id)
    await setup.accounts.unbind(ANN)
    with pytest.raises(KeyMissing):
        await setup.accounts.key(old)
    before = setup.db.reads
    assert (await setup.accounts.key(other)).secret == OTHER
    assert setup.db.reads == before


async def test_a_replaced_key_is_removed(setup: Setup) -> None:
    """After another key is bound, the old one is gone."""
    old = await setup.bind(ANN, OLD)
    await setup.accounts.key(old)
    new = await setup.bind(ANN, NEW)
    with pytest.raises(KeyMissing):
        await setup.accounts.key(old)
    assert (await setup.accounts.key(new)).secret == NEW


async def test_a_key_of_a_deleted_user_is_removed(setup: Setup) -> None:
    """After the deletion of a user, their key is gone."""
    old = await setup.bind(ANN, OLD)
    await setup.accounts.key(old)
    setup.accounts.forget_keys(await setup.db.write(user_deletion.delete_user, ANN))
    with pytest.raises(KeyMissing):
        await setup.accounts.key(old)


async def test_an_unbound_key_in_use_is_not_cached(setup: Setup) -> None:
    """A key that only an open activation uses is available until the activation ends, and not longer."""
    old = await setup.bind(ANN, OLD)
    activation_id = await setup.order(ANN)
    await setup.accounts.unbind(ANN)
    assert (await setup.accounts.key(old)).secret == OLD
    await setup.db.write(transitions.refused, activation_id, "NoNumbers", NOW)
    with pytest.raises(KeyMissing):
        await setup.accounts.key(old)


async def test_a_key_unbound_during_a_read_is_not_cached(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is unbound while it is read from the database does not get into the cache."""
    old = await setup.bind(ANN, OLD)
    read = setup.db.read

    async def read_then_unbind(*args: Any, **kwargs: Any) -> Any:
        result = await read(*args, **kwargs)
        await setup.accounts.unbind(ANN)
        return result

    with monkeypatch.context() as patch:
        patch.setattr(setup.db, "read", read_then_unbind)
        assert (await setup.accounts.key(old)).secret == OLD
    with pytest.raises(KeyMissing):
        await setup.accounts.key(old)


async def test_a_full_cache_removes_the_least_recently_used_key(setup: Setup) -> None:
    """The cache has a maximum size; a used key stays longer than an unused one."""
    old, other, new = (ApiKey(setup.accounts.gateways.first, key) for key in (OLD, OTHER, NEW))
    cache = KeyCache(max_keys=2)
    cache.add(1, ANN, old)
    cache.add(2, BEN, other)
    assert cache.get(1) == old
    cache.add(3, ANN, new)
    assert [cache.get(key_id) for key_id in (1, 2, 3)] == [old, None, new]


async def test_a_key_of_another_provider_is_not_given(setup: Setup) -> None:
    """A key that was bound for another provider is refused by its id, whoever asks for it."""
    key_id = await setup.bind(ANN, OLD)
    await setup.db.write(
        lambda connection: connection.execute(
            "UPDATE api_keys SET provider = 'other', address = 'other.example/api'"
        )
    )
    with pytest.raises(KeyOfOtherProvider) as refusal:
        await setup.accounts.key(key_id)
    assert (refusal.value.bound_for, refusal.value.needed_for) == ("other.example", "sms.example")
