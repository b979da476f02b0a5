"""The provider of an API key: what its name is made of, and that a key is sent to no other provider."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from cryptography.fernet import Fernet

from bot.errors import ProviderChanged
from bot.provider.address import address
from bot.sandbox.provider import ProviderServer, SandboxProvider
from tests.conftest import KEY, World

OTHER_KEY = "ffffeeeeddddcccc9999888877776666"


@dataclass(frozen=True)
class Other:
    """A second provider, and its address."""

    provider: SandboxProvider
    url: str


@pytest.fixture
async def other() -> AsyncIterator[Other]:
    """A second provider that knows another key."""
    provider = SandboxProvider()
    provider.open_account(OTHER_KEY, "33.30")
    async with ProviderServer(provider) as server:
        yield Other(provider, server.url)


@pytest.mark.parametrize(
    "url",
    [
        "http://sms.example/stubs/handler_api.php",
        "https://sms.example/stubs/handler_api.php",
        "HTTPS://SMS.Example./stubs//handler_api.php/",
        "https://sms.example:443/stubs/handler_api.php?lang=en&setting=smspool#part",
        "http://user:password@sms.example:80/stubs/handler_api.php",
    ],
)
def test_one_provider_has_one_address(url: str) -> None:
    """The scheme, the usual port, parameters, letter case and slashes make no difference."""
    assert address(url) == "sms.example/stubs/handler_api.php"


def test_others_have_other_addresses() -> None:
    """Another host, path or port is another provider."""
    urls = ["//a.example/x", "//b.example/x", "//a.example/y", "//a.example:8080/x", "//a.example"]
    assert len({address(f"http:{url}") for url in urls}) == len(urls)


async def test_a_start_with_an_open_number_elsewhere_stops(world: World, other: Other) -> None:
    """The message names the number and its provider; nothing is sent to the other one."""
    await world.start()
    earlier = world.values["provider_url"]
    ann = await world.customer()
    number = await world.buy(ann)
    await world.stop()
    with pytest.raises(ProviderChanged) as stopped:
        await world.start(provider_url=other.url)
    assert stopped.value.problems == [
        f"Number +{number.phone} is open at own ({address(earlier)}), which is not in the settings.",
        "Set the provider back, at this address, until they have ended.",
    ]
    assert not other.provider.requests
    await world.start(provider_url=earlier)
    world.provider.deliver(number.id, "5150")
    await ann.sees("· Telegram", "5150")


async def test_a_key_of_another_counts_as_not_bound(world: World, other: Other) -> None:
    """Without open numbers the user is asked for another key, and the old key is sent nowhere."""
    await world.start()
    earlier = world.values["provider_url"]
    ann = await world.customer()
    await world.stop()
    await world.start(provider_url=other.url)
    await ann.send("/balance")
    await ann.sees("Your API key is for", f"Please send me your key for {address(other.url).split('/')[0]}")
    await ann.send("/start")
    await ann.sees("Hello!", "send me your API key", after=ann.messages[-2])
    await ann.send("Telegram")
    await ann.sees("need your API key first")
    assert not other.provider.requests
    await world.stop()
    await world.start(provider_url=earlier)
    await ann.send("/balance")
    await ann.sees("Balance: 10.00", after=ann.messages[-2])
    await world.stop()
    await world.start(provider_url=other.url)
    await ann.send(OTHER_KEY)
    await ann.sees("Your key works", "33.30")
    await ann.send("/balance")
    await ann.sees("Balance: 33.30", after=ann.messages[-2])
    assert all(request.params["api_key"] == OTHER_KEY for request in other.provider.requests)


async def test_a_key_of_an_earlier_version_gets_the_provider(world: World, other: Other) -> None:
    """The first start binds it to the provider of the settings and seals it again; then it stays there."""
    await world.start()
    ann = await world.customer()
    await world.stop()
    earlier = Fernet(world.values["sealing_keys"]).encrypt(f"1:{KEY}".encode()).decode()
    with closing(sqlite3.connect(world.values["database_path"])) as connection, connection:
        connection.execute("UPDATE api_keys SET sealed = ?, address = NULL, provider = NULL", (earlier,))
    await world.start()
    await ann.send("/balance")
    await ann.sees("Balance: 10.00", after=ann.messages[-2])
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        ((sealed, sent_to),) = connection.execute("SELECT sealed, address FROM api_keys")
    assert sealed != earlier
    assert sent_to == address(world.values["provider_url"])
    await world.stop()
    await world.start(provider_url=other.url)
    await ann.send("/balance")
    await ann.sees("Your API key is for")
    assert not other.provider.requests
