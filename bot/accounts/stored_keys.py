"""Checks the stored API keys and open numbers at the start, and completes rows of earlier versions."""

from sqlite3 import Connection
from typing import Final

from bot.accounts.fingerprints import fingerprint
from bot.accounts.vault import Vault
from bot.errors import ProviderChanged
from bot.provider.gateway import Gateways
from bot.storage import providers, users
from bot.storage.providers import OpenNumber

MAX_NAMED: Final = 5
"""Open numbers that the message about a missing provider names."""


def check(connection: Connection, vault: Vault, gateways: Gateways, account_secret: str) -> None:
    """Open every key, fill in the providers of all rows and the accounts of keys, and check the open numbers.

    Raises:
        SealError: a key cannot be decrypted.
        ProviderChanged: a number is open at a provider that is not on offer.
    """
    first = gateways.first
    ids = {gateway.address: gateway.id for gateway in gateways}
    resealed: dict[int, str] = {}
    accounts: dict[int, str] = {}
    for key in users.list_sealed_keys(connection):
        if key.address is None:
            api_key = vault.open_without_address(key.user_id, key.sealed)
            resealed[key.id] = vault.seal(key.user_id, first.address, api_key)
        else:
            api_key = vault.open(key.user_id, key.address, key.sealed)
        accounts[key.id] = fingerprint(account_secret, api_key)
    users.replace_sealed_keys(connection, resealed)
    if not providers.is_filled_in(connection):
        providers.fill_in(connection, ids, (first.id, first.address))
    providers.follow_addresses(connection, ids)
    if users.has_key_without_account(connection):
        users.set_accounts(connection, accounts)
    elsewhere = [number for number in providers.list_open(connection) if not _is_here(gateways, number)]
    if elsewhere:
        raise ProviderChanged(_problems(elsewhere))


def _is_here(gateways: Gateways, number: OpenNumber) -> bool:
    """Return whether the provider of an open number is on offer, at the address of its API key."""
    gateway = gateways.find(number.provider)
    return gateway is not None and number.address in (None, gateway.address)


def _problems(elsewhere: list[OpenNumber]) -> list[str]:
    """Return the sentences about numbers that are open at a provider that is not on offer."""
    problems = []
    for number in elsewhere[:MAX_NAMED]:
        name = f"Number +{number.phone}" if number.phone else f"Purchase {number.id}"
        address = "" if number.address in (None, number.provider) else f" ({number.address})"
        problems.append(f"{name} is open at {number.provider}{address}, which is not in the settings.")
    if len(elsewhere) > MAX_NAMED:
        problems.append(f"{len(elsewhere) - MAX_NAMED} more are open.")
    return [*problems, "Set the provider back, at this address, until they have ended."]
