"""Tests of purchases at the sandbox provider: prices, operators, stock and refusals."""

from decimal import Decimal

import pytest

from bot.sandbox.provider import SandboxProvider
from bot.sandbox.provider.family import SMS3T, WORLDWIDE
from tests.sandbox.clients import AskText, Clock, buy


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({"service": "no_such"}, "BAD_SERVICE"),
        ({"service": ""}, "BAD_SERVICE"),
        ({"country": "77"}, "NO_NUMBERS"),
        ({"service": "ni"}, "NO_NUMBERS"),
        ({"service": "wa", "operator": "vietnamobile"}, "NO_NUMBERS"),
        ({"operator": "no_such"}, "NO_NUMBERS"),
        ({"phoneException": "8"}, "WRONG_EXCEPTION_PHONE"),
        ({"phoneException": "8491,84"}, "WRONG_EXCEPTION_PHONE"),
        ({"phoneException": "84912345678"}, "WRONG_EXCEPTION_PHONE"),
        ({"phoneException": "+84912"}, "WRONG_EXCEPTION_PHONE"),
        ({"maxPrice": "0.49"}, "WRONG_MAX_PRICE:0.50"),
        ({"maxPrice": "cheap"}, "WRONG_MAX_PRICE:0.50"),
        ({"maxPrice": "NaN"}, "WRONG_MAX_PRICE:0.50"),
    ],
)
async def test_refused_purchases(
    ask_text: AskText, provider: SandboxProvider, params: dict[str, str], answer: str
) -> None:
    """Each refused purchase gets its token, and no number is sold."""
    assert await ask_text("getNumber", **{"service": "tg", "country": "10", **params}) == answer
    assert provider.ledger == []
    assert provider.accounts["alice"].balance == Decimal(5)


async def test_no_balance(ask_text: AskText, provider: SandboxProvider) -> None:
    """A purchase with too low a balance is refused."""
    provider.accounts["alice"].balance = Decimal("0.49")

    assert await ask_text("getNumber", service="tg", country="10") == "NO_BALANCE"
    assert '"tg_0":40' in await ask_text("getNumbersStatus")


async def test_sold_out(ask_text: AskText, provider: SandboxProvider) -> None:
    """The last number is sold once."""
    provider.set_stock("tg", 1)
    await buy(ask_text, provider)

    assert await ask_text("getNumber", service="tg", country="10") == "NO_NUMBERS"


async def test_sold_out_until_restocked(ask_text: AskText, provider: SandboxProvider) -> None:
    """A restock restores the counts that sell_out removed, without the numbers sold before."""
    await ask_text("getNumber", service="tg", country="10")
    provider.sell_out("tg")
    provider.sell_out("tg")
    assert await ask_text("getNumber", service="tg", country="10") == "NO_NUMBERS"
    assert (await ask_text("getNumber", service="vk", country="10")).startswith("ACCESS_NUMBER")
    provider.restock("tg")
    assert sum(item.count for item in provider.stock.items("10", "tg")) == 39


async def test_another_dialect_with_its_countries(
    ask_text: AskText, provider: SandboxProvider, clock: Clock
) -> None:
    """A change of the dialect and its countries keeps accounts and numbers."""
    here = (await ask_text("getNumber", service="tg", country="10")).split(":")[1]
    provider.sell_out("tg")
    provider.become(WORLDWIDE)
    assert await ask_text("getNumber", service="tg", country="6") == "NO_NUMBERS"
    provider.restock("tg")
    there = (await ask_text("getNumber", service="tg", country="6")).split(":")[1]
    provider.become(SMS3T)
    assert provider.stock.countries() == ["10"]
    provider.deliver(there, "4711")
    assert await ask_text("getStatus", id=there) == "STATUS_OK:4711"
    other = (await ask_text("getNumber", service="tg", country="10")).split(":")[1]
    provider.become(WORLDWIDE)
    abroad = (await ask_text("getNumber", service="tg", country="6")).split(":")[1]
    provider.become(SMS3T)
    clock.now += 130
    for number_id in (here, other, abroad):
        assert await ask_text("setStatus", id=number_id, status="8") == "ACCESS_CANCEL"


async def test_the_cheapest_operator_is_chosen(ask_text: AskText, provider: SandboxProvider) -> None:
    """A purchase takes the cheapest of the given operators that has numbers."""
    provider.set_stock("tg", 5, price="0.10", operator="viettel")
    provider.set_stock("tg", 5, price="0.20", operator="mobifone")
    provider.set_stock("tg", 0, price="0.30", operator="vinaphone")

    assert (await buy(ask_text, provider, operator="any")).operator == "viettel"
    assert (await buy(ask_text, provider, operator="mobifone,vinaphone")).operator == "mobifone"


async def test_price_limit_is_inclusive(ask_text: AskText, provider: SandboxProvider) -> None:
    """A price equal to the limit is accepted, and a higher one is not."""
    assert (await buy(ask_text, provider, maxPrice="0.5")).price == Decimal("0.50")
    provider.set_stock("tg", 0)
    provider.set_stock("tg", 5, price="0.60", operator="viettel")

    assert await ask_text("getNumber", service="tg", country="10", maxPrice="0.5") == "NO_NUMBERS"


async def test_excepted_prefixes(ask_text: AskText, provider: SandboxProvider) -> None:
    """A sold number has no excepted prefix; if all prefixes are excepted, the purchase is refused."""
    prefixes = [f"8452{digit}" for digit in range(9)]
    number = await buy(ask_text, provider, operator="vietnamobile", phoneException=",".join(prefixes))
    assert not number.phone.startswith(tuple(prefixes))

    everything = ",".join(f"84{first}{digit}" for first in (52, 56, 58, 92) for digit in range(10))
    answer = await ask_text(
        "getNumber", service="tg", country="10", operator="vietnamobile", phoneException=everything
    )
    assert answer == "NO_NUMBERS"
