"""Tests of the formats that a dialect of the sandbox provider can choose."""

from dataclasses import replace

import pytest

from bot.sandbox.provider import SandboxProvider
from bot.sandbox.provider.dialects import CountShape, EmptyShape, OperatorRule, PriceShape, Wrapping
from bot.sandbox.provider.family import DAISYSMS, SMS3T, SMS_ACTIVATE
from tests.sandbox.clients import TG, Ask

pytestmark = pytest.mark.usefixtures("two_prices")


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
    """Counts have suffixed names, are numbers, or are strings."""
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
    """Each price format shows the lowest available price."""
    provider.dialect = replace(SMS3T, prices=shape)

    assert (await ask("getPrices", **TG)).json == expected


async def test_nested_prices(ask: Ask, provider: SandboxProvider) -> None:
    """The nested format has a count for each supplier."""
    provider.dialect = replace(SMS3T, prices=PriceShape.NESTED)
    offer = (await ask("getPrices", **TG)).json["10"]["tg"]

    assert (offer["price"], offer["count"]) == (0.35, 7)
    assert sum(row["count"] for row in offer["providers"].values()) == 7


async def test_physical_and_capped_counts(ask: Ask, provider: SandboxProvider) -> None:
    """sms-activate has physical counts, DaisySMS counts up to a hundred, and a whole price is an integer."""
    provider.set_stock("wa", 400, price="2.00")
    provider.dialect = SMS_ACTIVATE
    offers = (await ask("getPrices", country="10")).json
    assert offers["10"]["wa"] == {"cost": 2, "count": 800, "physicalCount": 400}
    provider.dialect = DAISYSMS

    offers = (await ask("getPrices", service="wa", country="10")).json
    assert offers == {"10": {"wa": {"cost": 2, "count": 100}}}


@pytest.mark.parametrize(
    ("shape", "text"),
    [(EmptyShape.OBJECT, "{}"), (EmptyShape.ARRAY, "[]"), (EmptyShape.COUNTRY, '{"77":[]}')],
)
async def test_empty_prices(ask: Ask, provider: SandboxProvider, shape: EmptyShape, text: str) -> None:
    """The table of an empty country is an object, an array, or a country with an array."""
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
    """Responses are plain, or have the wrapping of the dialect."""
    provider.dialect = replace(SMS3T, wrapping=wrapping)

    assert (await ask("getBalance")).text == text
    assert (await ask("getPrices", country="77")).text == table


async def test_ids_phones_and_content_type(ask: Ask, provider: SandboxProvider) -> None:
    """The dialect sets the length of ids, the plus before phone numbers, and the content type."""
    provider.dialect = replace(SMS3T, id_digits=16, plus=True, content_type="text/plain")
    reply = await ask("getNumber", **TG)
    _, number_id, phone = reply.text.split(":")

    assert (len(number_id), phone[:3]) == (16, "+84")
    assert reply.headers["Content-Type"] == "text/plain"


async def test_completing_may_reopen(ask: Ask, provider: SandboxProvider) -> None:
    """In some dialects, status 6 while another code is awaited goes back to waiting."""
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
    """The operator of a purchase is required, preferred, ignored, or checked."""
    provider.dialect = replace(SMS3T, operator_rule=rule)
    await ask("getNumber", operator=asked, **TG)

    assert [purchase.operator for purchase in provider.ledger] == ([got] if got else [])
