"""Tests of each dialect of the sandbox provider."""

from decimal import Decimal

import pytest

from bot.sandbox.provider import SandboxProvider
from bot.sandbox.provider.dialects import (
    DAISYSMS,
    HEROSMS,
    SMS3T,
    SMS_ACTIVATE,
    SMSBOWER,
    TIGER,
    WORLDWIDE,
    Dialect,
)
from tests.sandbox.clients import TG, Ask

ALL = [SMS3T, SMS_ACTIVATE, HEROSMS, SMSBOWER, TIGER, DAISYSMS, WORLDWIDE]
pytestmark = pytest.mark.usefixtures("two_prices")


@pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.name)
async def test_a_whole_activation(ask: Ask, provider: SandboxProvider, dialect: Dialect) -> None:
    """In every dialect, a number can be bought, get two codes, and be completed."""
    provider.dialect = dialect
    assert (await ask("getBalance")).text == "ACCESS_BALANCE:5"
    token, number_id, phone = (await ask("getNumber", **TG)).text.split(":")
    assert (token, len(number_id), len(phone)) == ("ACCESS_NUMBER", 10, 11)
    assert (await ask("getStatus", id=number_id)).text == "STATUS_WAIT_CODE"
    provider.deliver(number_id, "1")
    assert (await ask("getStatus", id=number_id)).text == "STATUS_OK:1"
    if "3" in dialect.statuses:
        assert (await ask("setStatus", id=number_id, status="3")).text == "ACCESS_RETRY_GET"
        assert (await ask("getStatus", id=number_id)).text in ("STATUS_WAIT_RETRY:1", "STATUS_WAIT_RESEND")
        provider.deliver(number_id, "2")
    assert (await ask("setStatus", id=number_id, status="6")).text == "ACCESS_ACTIVATION"
    assert (await ask("getStatus", id=number_id)).text == "STATUS_CANCEL"


async def test_herosms_refusals(ask: Ask, provider: SandboxProvider) -> None:
    """HeroSMS sends errors as JSON with HTTP statuses, except a few tokens."""
    provider.dialect = HEROSMS
    number_id = (await ask("getNumber", **TG)).text.split(":")[1]
    early = await ask("setStatus", id=number_id, status="8")
    assert early.status == 409
    assert (early.json["title"], early.json["info"]) == ("EARLY_CANCEL_DENIED", {"minActivationTime": 120})
    cheap = await ask("getNumber", maxPrice="0.1", **TG)
    assert (cheap.status, cheap.json["title"], cheap.json["info"]) == (400, "WRONG_MAX_PRICE", {"min": 0.35})
    provider.deliver(number_id, "1")

    async def refused(action: str, **params: str) -> tuple[int, str]:
        reply = await ask(action, **params)
        return reply.status, reply.json["title"]

    assert await refused("setStatus", id=number_id, status="8") == (409, "OTP_RECEIVED")
    assert await refused("setStatus", id=number_id, status="1") == (400, "BAD_STATUS")
    await ask("setStatus", id=number_id, status="6")
    assert await refused("setStatus", id=number_id, status="8") == (409, "ACTIVATION_NOT_ACTIVE")
    assert await refused("getStatus", id="1") == (404, "NOT_FOUND")
    assert await refused("getBalance", key="eve") == (401, "BAD_KEY")
    assert await refused("getFullSms") == (404, "BAD_ACTION")
    assert await refused("getNumbersStatus") == (422, "UNPROCESSABLE_ENTITY")
    assert await refused("getNumber", service="no_such", country="10") == (422, "UNPROCESSABLE_ENTITY")
    provider.accounts["alice"].balance = Decimal(0)
    assert await refused("getNumber", **TG) == (402, "NO_BALANCE")
    sold_out = await ask("getNumber", service="ni", country="10")
    assert (sold_out.status, sold_out.text) == (200, "NO_NUMBERS")
    prices = await ask("getPrices", service="no_such")
    assert prices.json == {"status": "false", "msg": "service is incorrect"}


async def test_herosms_does_not_finish_without_a_code(ask: Ask, provider: SandboxProvider) -> None:
    """HeroSMS refuses status 6 before the first SMS."""
    provider.dialect = HEROSMS
    number_id = (await ask("getNumber", **TG)).text.split(":")[1]

    assert (await ask("setStatus", id=number_id, status="6")).status == 400


async def test_smsbower(ask: Ask, provider: SandboxProvider) -> None:
    """SMSBower refuses POST and getNumbersStatus, and sends 401 with JSON for a wrong key."""
    provider.dialect = SMSBOWER
    post = await ask("getBalance", method="POST")
    assert (post.status, post.json["status"], post.json["data"]) == (405, 0, [])
    assert "POST method is not supported" in post.json["message"]
    assert (await ask("getNumbersStatus", country="10")).text == "BAD_ACTION"
    wrong = await ask("getBalance", key="eve")
    assert (wrong.status, wrong.json) == (401, {"status": 0, "message": "No access", "data": []})

    assert (await ask("getPrices", service="no_such")).json == {"error": "Bad service"}
    assert (await ask("getPrices", country="77")).json == {"error": "Bad country"}
    assert (await ask("getOperators", country="10")).json["countryOperators"] == {"10": []}
    assert (await ask("getOperators")).json["countryOperators"] == []
    assert set((await ask("getCountries")).json["10"]) == {"id", "rus", "eng", "chn"}


async def test_tiger(ask: Ask, provider: SandboxProvider) -> None:
    """Tiger sends 401 as text, BAD_COUNTRY, and ACCESS_CANCEL for a cancelled number."""
    provider.dialect = TIGER
    provider.cancel_after = 0
    wrong = await ask("getBalance", key="eve")
    assert (wrong.status, wrong.text) == (401, "BAD_KEY")
    assert (await ask("getNumber", service="tg", country="77")).text == "BAD_COUNTRY"
    number_id = (await ask("getNumber", **TG)).text.split(":")[1]
    await ask("setStatus", id=number_id, status="8")

    assert (await ask("getStatus", id=number_id)).text == "ACCESS_CANCEL"
    (country,) = (await ask("getCountries")).json
    assert country["id"] == 10
    assert "rent" not in country


async def test_daisysms(ask: Ask, provider: SandboxProvider) -> None:
    """DaisySMS has the price in a header, takes max_price, and sends ACCESS_READY for a failed cancel."""
    provider.dialect = DAISYSMS
    assert (await ask("getNumber", max_price="0.1", **TG)).text == "WRONG_MAX_PRICE:0.35"
    bought = await ask("getNumber", **TG)
    assert bought.headers["X-Price"] == "0.35"
    number_id = bought.text.split(":")[1]
    provider.deliver(number_id, "1")

    assert (await ask("setStatus", id=number_id, status="8")).text == "ACCESS_READY"
    assert (await ask("setStatus", id="1", status="8")).text == "ACCESS_READY"
    assert (await ask("setStatus", id="1", status="6")).text == "NO_ACTIVATION"
