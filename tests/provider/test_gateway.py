"""The gateways: one for each provider, and nothing shared between them."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from bot import errors
from bot.provider.gateway import Gateways
from bot.provider.profiles import Profile
from bot.provider.purchases import PurchaseRequest
from bot.sandbox.provider import SMS_ACTIVATE, FaultKind, ProviderServer, SandboxProvider

KEY = SecretStr("0badc0ffee5ec2e70badc0ffee5ec2e7")
FACTS = Profile(id="a", name="A", url="", key_rate=1000, host_rate=1000)


async def test_a_gateway_for_each_provider() -> None:
    """A gateway has the facts and the rates of its profile and is found by its id, in the given order."""
    profiles = [
        replace(FACTS, id=id_, url=f"https://{id_}.example", host_rate=rate)
        for id_, rate in (("b", 7.0), ("a", 40.0))
    ]
    async with Gateways(profiles, lambda: 0.0) as gateways:
        assert [gateway.profile for gateway in gateways] == profiles
        assert gateways.first is gateways.of("b")
        assert gateways.of("a").client.profile is profiles[1]
        assert (gateways.of("a").budget.host_rate, gateways.of("a").budget.key_rate) == (40.0, 1000)
        with pytest.raises(KeyError):
            gateways.of("c")
    for gateway in gateways:
        with pytest.raises(errors.NotSent):
            await gateway.client.balance(KEY)


async def test_pauses_and_absences_are_separate() -> None:
    """What one provider answers changes nothing at another one, even for the same key."""
    servers = [SandboxProvider(dialect=SMS_ACTIVATE) for _ in range(2)]
    for server in servers:
        server.open_account(KEY.get_secret_value())
    async with ProviderServer(servers[0]) as one, ProviderServer(servers[1]) as two:
        profiles = [replace(FACTS, id="a", url=one.url, lacks=None), replace(FACTS, id="b", url=two.url)]
        async with Gateways(profiles, lambda: 1000.0) as gateways:
            first, second = (gateway.client for gateway in gateways)
            servers[0].fail(FaultKind.BODY, action="getCountries", body="BAD_ACTION", times=None)
            for _ in range(2):
                await first.balance(KEY)
                with pytest.raises(errors.UnsupportedAction):
                    await first.countries(KEY)
            servers[0].fail(FaultKind.BODY, action="getBalance", body="error code: 1020", status=403)
            with pytest.raises(errors.BlockedAtEdge):
                await first.balance(KEY)
            with pytest.raises(errors.BlockedAtEdge):
                await first.buy(KEY, PurchaseRequest("tg", "10"))
            assert await second.balance(KEY) == 10
            assert await second.countries(KEY) == {"10": "Vietnam"}
            assert (await second.buy(KEY, PurchaseRequest("tg", "10"))).phone
