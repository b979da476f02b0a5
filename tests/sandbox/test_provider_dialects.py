"""The sandbox provider speaks as different providers do."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from bot.sandbox.provider import ProviderServer, SandboxProvider
from bot.sandbox.provider.dialects import (
    DAISYSMS,
    HEROSMS,
    SMS3T,
    SMS_ACTIVATE,
    SMSBOWER,
    TIGER,
    WORLDWIDE,
    ActiveShape,
    CountShape,
    Dialect,
    EmptyShape,
    NothingActive,
    OperatorRule,
    PriceShape,
    Wrapping,
)

ALL = [SMS3T, SMS_ACTIVATE, HEROSMS, SMSBOWER, TIGER, DAISYSMS, WORLDWIDE]
TG = {"service": "tg", "country": "10"}


@dataclass
class Reply:
    """An answer as it came over the wire."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The text as JSON, whatever the content type says."""
        return json.loads(self.text)


Ask = Callable[..., Awaitable[Reply]]


@pytest.fixture
def provider() -> SandboxProvider:
    """Sell five tg of viettel and two, dearer ones, of mobifone, at a time that stands still."""
    provider = SandboxProvider(clock=lambda: 1_000_000.0, cancel_after=120)
    provider.open_account("alice", "5")
    provider.set_stock("tg", 0, price="0.4")
    provider.set_stock("tg", 5, price="0.35", operator="viettel")
    provider.set_stock("tg", 2, operator="mobifone")
    return provider


@pytest.fixture
async def ask(provider: SandboxProvider) -> AsyncIterator[Ask]:
    """Serve the provider and give a function that asks it."""
    async with ProviderServer(provider) as server, aiohttp.ClientSession() as session:

        async def ask(action: str, *, key: str = "alice", method: str = "GET", **params: str) -> Reply:
            query = {"api_key": key, "action": action, **params}
            async with session.request(method, server.url, params=query) as response:
                body = await response.read()
                return Reply(response.status, body.decode(), dict(response.headers))

        yield ask


@pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.name)
async def test_a_whole_activation(ask: Ask, provider: SandboxProvider, dialect: Dialect) -> None:
    """In every dialect a number is bought, gets a code and another one, and is completed."""
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


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (CountShape.SUFFIX, {"tg_0": 7, "av_0": 251, "av_1": 125}),
        (CountShape.PLAIN, {"tg": 7, "av": 251}),
        (CountShape.STRINGS, {"tg": "7", "av": "251"}),
    ],
)
async def test_counts(
    ask: Ask, provider: SandboxProvider, shape: CountShape, expected: dict[str, object]
) -> None:
    """Counts come with suffixes, plain, or as strings."""
    provider.dialect = replace(SMS3T, counts=shape)
    counts = (await ask("getNumbersStatus", country="10")).json

    assert expected.items() <= counts.items()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (PriceShape.NUMBERS, {"10": {"tg": {"cost": 0.35, "count": 7}}}),
        (PriceShape.STRINGS, {"10": {"tg": {"cost": "0.3500", "count": "7"}}}),
        (PriceShape.LADDER, {"10": {"tg": {"0.35": 5, "0.4": 2}}}),
        (PriceShape.INVERTED, {"tg": {"10": {"count": 7, "price": "0.35"}}}),
        (PriceShape.BARE, {"tg": {"10": 0.35}}),
    ],
)
async def test_prices(ask: Ask, provider: SandboxProvider, shape: PriceShape, expected: object) -> None:
    """Prices come in every shape there is, the lowest that can be had first."""
    provider.dialect = replace(SMS3T, prices=shape)

    assert (await ask("getPrices", **TG)).json == expected


async def test_nested_prices(ask: Ask, provider: SandboxProvider) -> None:
    """The nested shape adds who offers how many."""
    provider.dialect = replace(SMS3T, prices=PriceShape.NESTED)
    offer = (await ask("getPrices", **TG)).json["10"]["tg"]

    assert (offer["price"], offer["count"]) == (0.35, 7)
    assert sum(row["count"] for row in offer["providers"].values()) == 7


async def test_further_price_fields(ask: Ask, provider: SandboxProvider) -> None:
    """sms-activate tells physical numbers, DaisySMS no more than a hundred; a round price is an integer."""
    provider.set_stock("wa", 400, price="2.00")
    provider.dialect = SMS_ACTIVATE
    offers = (await ask("getPrices", country="10")).json
    assert offers["10"]["wa"] == {"cost": 2, "count": 400, "physicalCount": 200}
    provider.dialect = DAISYSMS

    offers = (await ask("getPrices", service="wa", country="10")).json
    assert offers == {"10": {"wa": {"cost": 2, "count": 100}}}


@pytest.mark.parametrize(
    ("shape", "text"),
    [(EmptyShape.OBJECT, "{}"), (EmptyShape.ARRAY, "[]"), (EmptyShape.COUNTRY, '{"77":[]}')],
)
async def test_empty_prices(ask: Ask, provider: SandboxProvider, shape: EmptyShape, text: str) -> None:
    """A country without anything is an object, an array, or a country with an array."""
    provider.dialect = replace(SMS3T, empty=shape)

    assert (await ask("getPrices", country="77")).text == text
    assert (await ask("getNumbersStatus", country="77")).text in ("{}", "[]")


@pytest.mark.parametrize(
    ("wrapping", "text", "table"),
    [
        (Wrapping.PLAIN, "ACCESS_BALANCE:5", "[]"),
        (Wrapping.BOM, "\ufeffACCESS_BALANCE:5", "\ufeff[]"),
        (Wrapping.QUOTED, '"ACCESS_BALANCE:5"', "[]"),
        (Wrapping.CRLF, "ACCESS_BALANCE:5\r\n", "[]\r\n"),
        (Wrapping.SPACES, "  ACCESS_BALANCE:5 ", "  [] "),
    ],
)
async def test_wrappings(
    ask: Ask, provider: SandboxProvider, wrapping: Wrapping, text: str, table: str
) -> None:
    """Answers come bare, or with what some servers put around them."""
    provider.dialect = replace(SMS3T, wrapping=wrapping)

    assert (await ask("getBalance")).text == text
    assert (await ask("getPrices", country="77")).text == table


async def test_ids_phones_and_content_type(ask: Ask, provider: SandboxProvider) -> None:
    """Ids may be long, phones begin with a plus, and the content type be anything."""
    provider.dialect = replace(SMS3T, id_digits=16, plus=True, content_type="text/plain")
    reply = await ask("getNumber", **TG)
    _, number_id, phone = reply.text.split(":")

    assert (len(number_id), phone[:3]) == (16, "+84")
    assert reply.headers["Content-Type"] == "text/plain"


async def test_completing_may_reopen(ask: Ask, provider: SandboxProvider) -> None:
    """Status 6 while waiting for a further code may mean to wait on."""
    provider.dialect = replace(SMS3T, finish_reopens=True)
    number_id = (await ask("getNumber", **TG)).text.split(":")[1]
    provider.deliver(number_id, "1")
    await ask("setStatus", id=number_id, status="3")

    assert (await ask("setStatus", id=number_id, status="6")).text == "ACCESS_ACTIVATION"
    assert (await ask("getStatus", id=number_id)).text == "STATUS_WAIT_CODE"


@pytest.mark.parametrize(
    ("rule", "asked", "got"),
    [
        (OperatorRule.EXACT, "vinaphone", None),
        (OperatorRule.PREFERRED, "vinaphone", "viettel"),
        (OperatorRule.PREFERRED, "mobifone", "mobifone"),
        (OperatorRule.IGNORED, "mobifone", "viettel"),
        (OperatorRule.CHECKED, "mobifone", "mobifone"),
        (OperatorRule.CHECKED, "no_such", None),
    ],
)
async def test_operators(
    ask: Ask, provider: SandboxProvider, rule: OperatorRule, asked: str, got: str | None
) -> None:
    """An operator is kept to, replaced without a word, ignored, or checked."""
    provider.dialect = replace(SMS3T, operator_rule=rule)
    await ask("getNumber", operator=asked, **TG)

    assert [purchase.operator for purchase in provider.ledger] == ([got] if got else [])


async def test_herosms_refusals(ask: Ask, provider: SandboxProvider) -> None:
    """HeroSMS refuses with JSON and real HTTP statuses, save a few tokens."""
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
    """SMSBower takes no POST, knows no counts, and says 401 in JSON to a wrong key."""
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
    """Tiger says 401 in plain text, BAD_COUNTRY, and ACCESS_CANCEL for a cancelled number."""
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
    """DaisySMS tells the price in a header, has max_price, and says ACCESS_READY to an impossible cancel."""
    provider.dialect = DAISYSMS
    assert (await ask("getNumber", max_price="0.1", **TG)).text == "WRONG_MAX_PRICE:0.35"
    bought = await ask("getNumber", **TG)
    assert bought.headers["X-Price"] == "0.35"
    number_id = bought.text.split(":")[1]
    provider.deliver(number_id, "1")

    assert (await ask("setStatus", id=number_id, status="8")).text == "ACCESS_READY"
    assert (await ask("setStatus", id="1", status="8")).text == "ACCESS_READY"
    assert (await ask("setStatus", id="1", status="6")).text == "NO_ACTIVATION"


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
    """HeroSMS tells its countries to anybody."""
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
    """No open activation is a token, an error in JSON, or an empty list."""
    provider.dialect = replace(SMS_ACTIVATE, nothing_active=nothing)

    assert (await ask("getActiveActivations")).text == text


@pytest.mark.parametrize("shape", ActiveShape)
async def test_active_activations(ask: Ask, provider: SandboxProvider, shape: ActiveShape) -> None:
    """Open activations are listed with their last code; closed ones and those of others are not."""
    provider.dialect = replace(SMS_ACTIVATE, active=shape)
    provider.open_account("bob")
    await ask("getNumber", key="bob", **TG)
    ids = [(await ask("getNumber", **TG)).text.split(":")[1] for _ in range(3)]
    provider.deliver(ids[1], "77")
    provider.deliver(ids[2], "99")
    await ask("setStatus", id=ids[2], status="6")

    reply = (await ask("getActiveActivations")).json
    rows = reply
    if shape is not ActiveShape.LIST:
        rows = reply["activeActivations" if shape is ActiveShape.ACTIVE else "data"]
    assert [row["activationId"] for row in rows] == ids[:2]
    assert [row["smsCode"] for row in rows] == [None, ["77"]]
    assert {row["countryCode"] for row in rows} == {"10"}
    assert {row["activationTime"] for row in rows} == {"1970-01-12 13:46:40"}


async def test_pages_of_active_activations(ask: Ask, provider: SandboxProvider) -> None:
    """HeroSMS lists in pages and counts what it lists."""
    provider.dialect = HEROSMS
    ids = [(await ask("getNumber", **TG)).text.split(":")[1] for _ in range(3)]
    reply = (await ask("getActiveActivations", start="1", limit="1")).json

    assert [row["activationId"] for row in reply["data"]] == [ids[1]]
    assert reply["activeActivations"]["num_rows"] == 1
    assert reply["activeActivations"]["row"] == reply["data"][0]


def test_the_vietnamese_list() -> None:
    """At the start Vietnam alone is on sale, with small prices, sold out services and an operator's gap."""
    provider = SandboxProvider()
    offers = dict(provider.stock.offers("10"))

    assert provider.stock.countries() == ["10"]
    assert 40 <= len(offers) <= 60
    assert all(Decimal("0.05") <= item.price <= 1 for items in offers.values() for item in items)
    assert any(sum(item.count for item in items) == 0 for items in offers.values())
    assert [item.operator for item in offers["wa"] if not item.count] == ["vietnamobile"]


def test_the_world() -> None:
    """Worldwide, forty countries sell three hundred services, and a number has its country's code."""
    world = SandboxProvider(dialect=WORLDWIDE)
    account = world.open_account("alice", "1000")

    assert len(world.stock.countries()) >= 40
    assert {len(world.stock.services(country)) for country in world.stock.countries()} == {300}
    for country, calling_code in [("0", "7"), ("6", "62"), ("187", "1"), ("10", "84")]:
        assert world.buy(account, "go", country).phone.startswith(calling_code)


async def test_a_country_on_no_list(ask: Ask, provider: SandboxProvider) -> None:
    """A new service in a new country can be put on sale; its only operator is any."""
    provider.set_stock("zz", 3, country="9999")

    assert (await ask("getNumber", service="zz", country="9999")).text.split(":")[2].startswith("999")
    assert provider.ledger[0].operator == "any"
