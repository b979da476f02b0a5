"""Tests of the sandbox provider's lists and of its initial stock."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.sandbox.provider import SandboxProvider
from bot.sandbox.provider.dialects import ActiveShape, NothingActive
from bot.sandbox.provider.family import HEROSMS, SMS_ACTIVATE, WORLDWIDE
from tests.sandbox.clients import TG, Ask

pytestmark = pytest.mark.usefixtures("two_prices")


async def test_lists(ask: Ask, provider: SandboxProvider) -> None:
    """Countries and services are listed with code and name, and operators by code."""
    provider.dialect = SMS_ACTIVATE
    assert (await ask("getCountries")).json["10"]["eng"] == "Vietnam"
    assert {"code": "tg", "name": "Telegram"} in (await ask("getServicesList")).json["services"]
    operators = await ask("getOperators")
    assert operators.headers["Content-Type"] == "application/json"
    assert operators.json["countryOperators"]["10"] == ["mobifone", "vietnamobile", "viettel", "vinaphone"]
    assert (await ask("getOperators", country="77")).text == "OPERATORS_NOT_FOUND"


async def test_countries_without_a_key(ask: Ask, provider: SandboxProvider) -> None:
    """HeroSMS lists its countries without a key."""
    provider.dialect = HEROSMS

    assert (await ask("getCountries", key="")).json["10"]["id"] == 10


@pytest.mark.parametrize(
    ("nothing", "text"),
    [
        (NothingActive.TOKEN, "NO_ACTIVATIONS"),
        (NothingActive.ERROR, '{"status":"error","error":"NO_ACTIVATIONS"}'),
        (NothingActive.LIST, '{"status":"success","activeActivations":[]}'),
    ],
)
async def test_nothing_active(ask: Ask, provider: SandboxProvider, nothing: NothingActive, text: str) -> None:
    """Without open activations, the response is a token, a JSON error, or an empty list."""
    provider.dialect = replace(SMS_ACTIVATE, nothing_active=nothing)

    assert (await ask("getActiveActivations")).text == text


@pytest.mark.parametrize("shape", ActiveShape)
async def test_active_activations(ask: Ask, provider: SandboxProvider, shape: ActiveShape) -> None:
    """The list has the account's open activations with their last codes, and no others."""
    provider.dialect = replace(SMS_ACTIVATE, active=shape)
    provider.open_account("bob")
    await ask("getNumber", key="bob", **TG)
    ids = [(await ask("getNumber", **TG)).text.split(":")[1] for _ in range(3)]
    provider.deliver(ids[1], "77")
    provider.deliver(ids[2], "99")
    await ask("setStatus", id=ids[2], status="6")

    reply = (await ask("getActiveActivations")).json
    rows = reply
    if isinstance(reply, dict):
        rows = next(value for value in reply.values() if isinstance(value, list))
    if shape is ActiveShape.NUMBER_IDS:
        assert [row["numberid"] for row in rows] == ids[:2]
        return
    assert [row["activationId"] for row in rows] == ids[:2]
    assert [row["smsCode"] for row in rows] == [None, ["77"]]
    assert {row["countryCode"] for row in rows} == {"10"}
    assert {row["activationTime"] for row in rows} == {"1970-01-12 13:46:40"}


async def test_pages_of_active_activations(ask: Ask, provider: SandboxProvider) -> None:
    """HeroSMS has pages of active activations, with a count of the rows."""
    provider.dialect = HEROSMS
    ids = [(await ask("getNumber", **TG)).text.split(":")[1] for _ in range(3)]
    reply = (await ask("getActiveActivations", start="1", limit="1")).json

    assert [row["activationId"] for row in reply["data"]] == [ids[1]]
    assert reply["activeActivations"]["num_rows"] == 1
    assert reply["activeActivations"]["row"] == reply["data"][0]


def test_the_vietnamese_stock() -> None:
    """The initial stock has only Vietnam, low prices, sold out services and a gap at one operator."""
    provider = SandboxProvider()
    offers = dict(provider.stock.offers("10"))

    assert provider.stock.countries() == ["10"]
    assert 40 <= len(offers) <= 60
    assert all(Decimal("0.05") <= item.price <= 1 for items in offers.values() for item in items)
    assert any(sum(item.count for item in items) == 0 for items in offers.values())
    assert [item.operator for item in offers["wa"] if not item.count] == ["vietnamobile"]


def test_the_worldwide_stock() -> None:
    """The worldwide stock has 40 countries with 300 services each, and the calling codes match."""
    world = SandboxProvider(dialect=WORLDWIDE)
    account = world.open_account("alice", "1000")

    assert len(world.stock.countries()) >= 40
    assert {len(world.stock.services(country)) for country in world.stock.countries()} == {300}
    for country, calling_code in [("0", "7"), ("6", "62"), ("187", "1"), ("10", "84")]:
        assert world.buy(account, "go", country).phone.startswith(calling_code)


async def test_a_new_country(ask: Ask, provider: SandboxProvider) -> None:
    """The stock accepts a new service in a new country; its only operator is any."""
    provider.set_stock("zz", 3, country="9999")

    assert (await ask("getNumber", service="zz", country="9999")).text.split(":")[2].startswith("999")
    assert provider.ledger[0].operator == "any"
