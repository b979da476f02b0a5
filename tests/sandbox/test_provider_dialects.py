"""Tests of each dialect of the sandbox provider."""

from decimal import Decimal

import pytest

from bot.sandbox.provider import SandboxProvider
from bot.sandbox.provider.dialects import Dialect
from bot.sandbox.provider.family import (
    DAISYIO,
    DAISYSMS,
    GRIZZLY,
    HEROSMS,
    POLAR,
    PRIVATESMS,
    SMS3T,
    SMS_ACTIVATE,
    SMSBOWER,
    SMSVERIFIED,
    SVN,
    TIGER,
    VAK,
    WORLDWIDE,
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


async def test_vak(ask: Ask, provider: SandboxProvider) -> None:
    """VAK-SMS sends BAD_ACTION for a wrong key, and for an unknown number in a status check."""
    provider.dialect = VAK
    assert (await ask("getBalance", key="eve")).text == "BAD_ACTION"
    assert (await ask("getStatus", id="1")).text == "BAD_ACTION"
    assert (await ask("setStatus", id="1", status="8")).text == "NO_ACTIVATION"


async def test_svn(ask: Ask, provider: SandboxProvider) -> None:
    """The SVN sites want a language, send the balance alone, and mask the number in getNumberV2."""
    provider.dialect = SVN
    assert (await ask("getBalance")).text == "BAD_LANG"
    assert (await ask("getBalance", lang="en")).text == "5"
    assert (await ask("getCountries", lang="en")).text == "BAD_ACTION"
    (row,) = (await ask("getCountryAndOperators", lang="ru")).json
    assert (row["id"], row["operators"]["viettel"]) == ("10", "Viettel")
    services = (await ask("getServicesAndCost", lang="en", country="10")).json
    assert {"id": "tg", "name": "Telegram", "price": "0.35", "quantity": 7} in services
    bought = (await ask("getNumberV2", lang="en", **TG)).json
    assert bought["phoneNumber"].endswith("****")
    early = await ask("setStatus", lang="en", id=str(bought["activationId"]), status="8")
    assert early.text == "CANNOT_BEFORE_2_MIN"


async def test_grizzly(ask: Ask, provider: SandboxProvider) -> None:
    """Grizzly sends null for an empty list, and times without a zone in getNumberV2."""
    provider.dialect = GRIZZLY
    assert (await ask("getActiveActivations")).text == "null"
    bought = (await ask("getNumberV2", **TG)).json
    assert bought["activationTime"] == "1970-01-12 16:46:40"
    assert bought["activationCancel"] == "1970-01-12 16:48:40"
    assert bought["activationEnd"] == "1970-01-12 17:06:40"


async def test_privatesms_charges_with_the_first_sms(ask: Ask, provider: SandboxProvider) -> None:
    """PrivateSMS takes the money when the code comes, once, and nothing for a cancelled number."""
    provider.dialect, provider.cancel_after = PRIVATESMS, 0
    ids = [(await ask("getNumber", **TG)).text.split(":")[1] for _ in range(2)]
    await ask("setStatus", id=ids[0], status="8")
    assert (await ask("getBalance")).text == "ACCESS_BALANCE:5"
    provider.deliver(ids[1], "1")
    provider.deliver(ids[1], "2")
    assert (await ask("getBalance")).text == "ACCESS_BALANCE:4.65"
    assert (await ask("getStatus", id="1")).status == 404


async def test_polar(ask: Ask, provider: SandboxProvider) -> None:
    """PolarSMS sends tokens and errors as JSON."""
    provider.dialect = POLAR
    assert (await ask("getBalance")).json == {"status": "ACCESS_BALANCE", "balance": "5"}
    bought = (await ask("getNumber", **TG)).json
    assert (await ask("getStatus", id=bought["activationId"])).json == {"status": "STATUS_WAIT_CODE"}
    assert (await ask("getStatus", id="1")).json == {"error": "ACTIVATION_NOT_FOUND"}


async def test_the_text_of_an_sms(ask: Ask, provider: SandboxProvider) -> None:
    """The whole text is in an action of its own, or in a header that a request asks for."""
    bought = (await ask("getNumber", **TG)).text.split(":")[1]
    provider.deliver(bought, "Code 1")
    provider.dialect = HEROSMS
    assert (await ask("getStatusV2", id=bought)).json["data"]["text"] == "Code 1"
    provider.dialect = TIGER
    assert (await ask("getStatusV2", id=bought)).json["sms"]["text"] == "Code 1"
    provider.dialect = SMSVERIFIED
    assert (await ask("getFullSms", id=bought)).text == "FULL_SMS:Code 1"
    provider.dialect = DAISYIO
    assert (await ask("getStatus", id=bought, text="1")).headers["X-Text"] == "Code 1"
    assert "X-Text" not in (await ask("getStatus", id=bought)).headers
