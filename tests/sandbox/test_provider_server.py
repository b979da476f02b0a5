"""Tests of the sandbox provider's HTTP server, its listeners and its determinism."""

import asyncio

import aiohttp
import pytest

from bot.sandbox.provider import ProviderServer, SandboxProvider
from bot.sandbox.provider.family import HEROSMS
from tests.sandbox.clients import AskText, Clock, buy


async def test_unknown_actions(ask_text: AskText) -> None:
    """An unknown action and a missing action get BAD_ACTION."""
    assert await ask_text("getCountries") == "BAD_ACTION"
    assert await ask_text("") == "BAD_ACTION"


async def test_methods_and_parameters_mix(provider: SandboxProvider) -> None:
    """Parameters may be in the query string, in the form, or in both."""
    async with ProviderServer(provider) as server, aiohttp.ClientSession() as session:
        key, action = {"api_key": "alice"}, {"action": "getBalance"}
        for params, form in [({}, key | action), (key, action), (key | action, {})]:
            async with session.post(server.url, params=params, data=form) as response:
                assert await response.text() == "ACCESS_BALANCE:5"
        async with session.put(server.url, params=key | action) as response:
            assert response.status == 405
        async with session.get(server.url.replace("handler", "other")) as response:
            assert response.status == 404

    assert [request.method for request in provider.requests] == ["POST", "POST", "POST", "PUT"]
    assert provider.requests[0].params == {"api_key": "alice", "action": "getBalance"}


async def test_a_restarted_server_keeps_its_address(provider: SandboxProvider) -> None:
    """A server that is started again has the same address and the same provider."""
    server = ProviderServer(provider)
    query = {"api_key": "alice", "action": "getNumber", "service": "tg", "country": "10"}
    async with server, aiohttp.ClientSession() as session:
        url = server.url
        async with session.get(url, params=query) as response:
            number_id = (await response.text()).split(":")[1]
    async with server, aiohttp.ClientSession() as session:
        assert server.url == url
        query |= {"action": "getStatus", "id": number_id}
        async with session.get(url, params=query) as response:
            assert await response.text() == "STATUS_WAIT_CODE"


async def test_a_port_in_use(provider: SandboxProvider) -> None:
    """A second server on the same port raises OSError and leaves nothing open."""
    async with ProviderServer(provider) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="address already in use"):
            await ProviderServer(provider, port=port).__aenter__()


async def test_wait_for_a_purchase(ask_text: AskText, provider: SandboxProvider) -> None:
    """wait_for returns after the change, or raises TimeoutError."""
    provider.set_stock("tg", 1)
    buying = asyncio.ensure_future(ask_text("getNumber", service="tg", country="10"))
    await provider.wait_for(lambda provider: len(provider.ledger) == 1)
    await buying

    with pytest.raises(TimeoutError):
        await provider.wait_for(lambda provider: len(provider.ledger) == 2, timeout=0)


async def test_listeners(ask_text: AskText, provider: SandboxProvider, clock: Clock) -> None:
    """A listener is called after requests, purchases, SMS and expiry, until it is removed."""
    causes: list[str] = []
    cause = "nothing"
    unsubscribe = provider.on_change(lambda: causes.append(cause))
    cause = "purchase"
    number = await buy(ask_text, provider)
    cause = "sms"
    provider.deliver(number.id, "1")
    cause = "expiry"
    clock.now += 1200
    assert provider.numbers
    unsubscribe()
    cause = "more"
    provider.set_stock("tg", 1)

    assert list(dict.fromkeys(causes)) == ["purchase", "sms", "expiry"]


def test_keys_are_not_in_reprs(provider: SandboxProvider) -> None:
    """No repr has an API key."""
    account = provider.open_account("a-secret-key")
    number = provider.buy(account, "tg", "10")
    provider.record("GET", {"api_key": "a-secret-key", "action": "getBalance"})

    assert "a-secret-key" not in repr((account, number, provider.ledger, provider.requests))


def test_the_seed_sets_the_numbers() -> None:
    """Providers with the same seed sell the same numbers, and others sell others."""

    def first_phone(seed: int) -> str:
        provider = SandboxProvider(seed=seed, dialect=HEROSMS)
        return provider.buy(provider.open_account("k"), "tg", "10").phone

    assert first_phone(1) == first_phone(1) != first_phone(2)
