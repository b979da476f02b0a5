"""The life of a number at the sandbox provider, spoken over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal

import aiohttp
import pytest

from bot.sandbox.provider import (
    HEROSMS,
    SMS3T,
    WORLDWIDE,
    ClosedNumberError,
    Number,
    NumberState,
    ProviderServer,
    SandboxProvider,
)

Ask = Callable[..., Awaitable[str]]


class Clock:
    """A clock that stands still until it is moved."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Return the seconds at which it stands."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give the time by which the provider lives."""
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> SandboxProvider:
    """Sell forty tg at 0.50 to two customers with 5 each."""
    provider = SandboxProvider(clock=clock)
    provider.open_account("alice", "5")
    provider.open_account("bob", "5")
    provider.set_stock("tg", 40, price="0.50")
    return provider


@pytest.fixture
async def ask(provider: SandboxProvider) -> AsyncIterator[Ask]:
    """Serve the provider and give a function that asks it."""
    async with ProviderServer(provider) as server, aiohttp.ClientSession() as session:

        async def ask(action: str, *, key: str = "alice", **params: str) -> str:
            query = {"api_key": key, "action": action, **params}
            async with session.get(server.url, params=query) as response:
                assert response.status == 200
                return await response.text()

        yield ask


async def buy(ask: Ask, provider: SandboxProvider, **params: str) -> Number:
    """Buy a tg number, and return it as the provider has it."""
    answer = await ask("getNumber", **{"service": "tg", "country": "10", **params})
    token, number_id, phone = answer.split(":")
    number = provider.numbers[number_id]
    assert (token, phone) == ("ACCESS_NUMBER", number.phone)
    return number


async def test_purchase(ask: Ask, provider: SandboxProvider) -> None:
    """A purchase takes the money, takes the number off the item and is entered in the ledger."""
    number = await buy(ask, provider, operator="viettel")

    assert await ask("getBalance") == "ACCESS_BALANCE:4.50"
    assert '"tg_0":39' in await ask("getNumbersStatus", country="10")
    assert '"tg_0":9' in await ask("getNumbersStatus", country="10", operator="viettel")
    assert await ask("getStatus", id=number.id) == "STATUS_WAIT_CODE"
    (purchase,) = provider.ledger
    assert (purchase.id, purchase.operator, purchase.price) == (number.id, "viettel", Decimal("0.50"))


async def test_number_is_from_its_operator(ask: Ask, provider: SandboxProvider) -> None:
    """A Vietnamese number has the calling code, nine more digits and the operator's first digits."""
    number = await buy(ask, provider, operator="vietnamobile")

    assert len(number.phone) == 11
    assert number.phone.startswith(("8452", "8456", "8458", "8492"))


async def test_codes_until_completed(ask: Ask, provider: SandboxProvider) -> None:
    """Codes come one after the other, the old one is told while waiting, and completion keeps the money."""
    number = await buy(ask, provider)

    provider.deliver(number.id, "12:34")
    assert await ask("getStatus", id=number.id) == "STATUS_OK:12:34"
    assert await ask("setStatus", id=number.id, status="3") == "ACCESS_RETRY_GET"
    assert await ask("getStatus", id=number.id) == "STATUS_WAIT_RETRY:12:34"
    provider.deliver(number.id, "0007")
    assert await ask("getStatus", id=number.id) == "STATUS_OK:0007"
    assert await ask("setStatus", id=number.id, status="6") == "ACCESS_ACTIVATION"

    assert await ask("getStatus", id=number.id) == "STATUS_CANCEL"
    assert number.state is NumberState.FINISHED
    assert number.messages == ["12:34", "0007"]
    assert provider.accounts["alice"].balance == Decimal("4.50")


async def test_only_the_last_code_is_told(ask: Ask, provider: SandboxProvider) -> None:
    """Of two SMS between two looks only the second is seen."""
    number = await buy(ask, provider)
    provider.deliver(number.id, "1")
    provider.deliver(number.id, "2")

    assert await ask("getStatus", id=number.id) == "STATUS_OK:2"


async def test_ready(ask: Ask, provider: SandboxProvider) -> None:
    """Status 1 is noted and changes nothing else."""
    number = await buy(ask, provider)

    assert await ask("setStatus", id=number.id, status="1") == "ACCESS_READY"
    assert number.ready
    assert await ask("getStatus", id=number.id) == "STATUS_WAIT_CODE"


@pytest.mark.parametrize("status", ["8", "-1"])
async def test_cancel(ask: Ask, provider: SandboxProvider, clock: Clock, status: str) -> None:
    """A cancel is refused too early; later it gives back money and number, and ends the activation."""
    number = await buy(ask, provider)
    clock.now += 119
    assert await ask("setStatus", id=number.id, status=status) == "EARLY_CANCEL_DENIED"
    clock.now += 1
    assert await ask("setStatus", id=number.id, status=status) == "ACCESS_CANCEL"

    assert await ask("getStatus", id=number.id) == "STATUS_CANCEL"
    assert await ask("getBalance") == "ACCESS_BALANCE:5.00"
    assert '"tg_0":40' in await ask("getNumbersStatus")
    assert await ask("setStatus", id=number.id, status=status) == "BAD_STATUS"
    with pytest.raises(ClosedNumberError, match="is cancelled"):
        provider.deliver(number.id, "too late")


async def test_no_cancel_after_a_code(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """Once a code came, or another one is waited for, a cancel is refused."""
    number = await buy(ask, provider)
    clock.now += 200
    provider.deliver(number.id, "1")
    assert await ask("setStatus", id=number.id, status="8") == "BAD_STATUS"
    await ask("setStatus", id=number.id, status="3")

    assert await ask("setStatus", id=number.id, status="8") == "BAD_STATUS"
    assert number.state is NumberState.WAITING_AGAIN


async def test_transitions_that_do_not_exist(ask: Ask, provider: SandboxProvider) -> None:
    """What makes no sense in a state is BAD_STATUS and changes nothing."""
    number = await buy(ask, provider)
    assert await ask("setStatus", id=number.id, status="3") == "BAD_STATUS"
    assert await ask("setStatus", id=number.id, status="7") == "BAD_STATUS"
    assert await ask("setStatus", id=number.id) == "BAD_STATUS"
    provider.deliver(number.id, "1")
    assert await ask("setStatus", id=number.id, status="1") == "BAD_STATUS"
    await ask("setStatus", id=number.id, status="3")

    assert await ask("setStatus", id=number.id, status="3") == "BAD_STATUS"
    assert await ask("setStatus", id=number.id, status="6") == "ACCESS_ACTIVATION"
    assert await ask("setStatus", id=number.id, status="6") == "BAD_STATUS"


async def test_finish_without_a_code(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """Status 6 before the first SMS deletes the number and pays it back, no earlier than a cancel."""
    number = await buy(ask, provider)
    assert await ask("setStatus", id=number.id, status="6") == "EARLY_CANCEL_DENIED"
    clock.now += 120

    assert await ask("setStatus", id=number.id, status="6") == "ACCESS_ACTIVATION"
    assert number.state is NumberState.CANCELLED
    assert provider.accounts["alice"].balance == Decimal(5)


async def test_expiry_without_a_code(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """When its time is over, a number without a code is closed and paid back."""
    number = await buy(ask, provider)
    clock.now += 1199
    assert await ask("getStatus", id=number.id) == "STATUS_WAIT_CODE"
    clock.now += 1

    assert await ask("getStatus", id=number.id) == "STATUS_CANCEL"
    assert number.state is NumberState.EXPIRED
    assert await ask("getBalance") == "ACCESS_BALANCE:5.00"
    assert '"tg_0":40' in await ask("getNumbersStatus")


async def test_expiry_with_a_code(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """When its time is over, a number with a code counts as finished and stays paid."""
    number = await buy(ask, provider)
    provider.deliver(number.id, "1")
    await ask("setStatus", id=number.id, status="3")
    clock.now += 1200

    assert await ask("getStatus", id=number.id) == "STATUS_CANCEL"
    assert number.state is NumberState.FINISHED
    assert await ask("getBalance") == "ACCESS_BALANCE:4.50"


async def test_expiry_shows_without_a_request(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """Whoever looks at the numbers or accounts sees what time has done to them."""
    number = await buy(ask, provider)
    clock.now += 1200

    assert provider.accounts["alice"].balance == Decimal(5)
    assert provider.numbers[number.id].state is NumberState.EXPIRED


async def test_a_shorter_life_holds_at_once(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """The times may be changed while numbers are open."""
    number = await buy(ask, provider)
    clock.now += 30
    provider.lifetime = 30

    assert await ask("getStatus", id=number.id) == "STATUS_CANCEL"


async def test_numbers_of_others(ask: Ask, provider: SandboxProvider) -> None:
    """Another customer's activation, an unknown one and none at all are NO_ACTIVATION."""
    number = await buy(ask, provider)

    assert await ask("getStatus", key="bob", id=number.id) == "NO_ACTIVATION"
    assert await ask("setStatus", key="bob", id=number.id, status="8") == "NO_ACTIVATION"
    assert await ask("getStatus", id="1") == "NO_ACTIVATION"
    assert await ask("getStatus") == "NO_ACTIVATION"


async def test_keys(ask: Ask, provider: SandboxProvider) -> None:
    """A missing key, an unknown one and a revoked one are told apart from a good one."""
    number = await buy(ask, provider)
    assert await ask("getBalance", key="") == "NO_KEY"
    assert await ask("getBalance", key="eve") == "BAD_KEY"
    provider.close_account("alice")

    assert await ask("getStatus", id=number.id) == "BAD_KEY"
    provider.open_account("alice", "1")
    assert await ask("getStatus", id=number.id) == "STATUS_WAIT_CODE"


async def test_refund_to_a_closed_account(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """A number whose owner is gone expires without anybody being paid."""
    number = await buy(ask, provider)
    provider.close_account("alice")
    clock.now += 1200

    assert provider.numbers[number.id].state is NumberState.EXPIRED


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
    ask: Ask, provider: SandboxProvider, params: dict[str, str], answer: str
) -> None:
    """Each reason not to sell has its token, and nothing is sold."""
    assert await ask("getNumber", **{"service": "tg", "country": "10", **params}) == answer
    assert provider.ledger == []
    assert provider.accounts["alice"].balance == Decimal(5)


async def test_no_balance(ask: Ask, provider: SandboxProvider) -> None:
    """Who has not enough money gets no number."""
    provider.accounts["alice"].balance = Decimal("0.49")

    assert await ask("getNumber", service="tg", country="10") == "NO_BALANCE"
    assert '"tg_0":40' in await ask("getNumbersStatus")


async def test_sold_out(ask: Ask, provider: SandboxProvider) -> None:
    """The last number is sold once."""
    provider.set_stock("tg", 1)
    await buy(ask, provider)

    assert await ask("getNumber", service="tg", country="10") == "NO_NUMBERS"


async def test_sold_out_until_restocked(ask: Ask, provider: SandboxProvider) -> None:
    """A service is taken off all items and put back as it was; what was sold before is not lost."""
    await ask("getNumber", service="tg", country="10")
    provider.sell_out("tg")
    provider.sell_out("tg")
    assert await ask("getNumber", service="tg", country="10") == "NO_NUMBERS"
    assert (await ask("getNumber", service="vk", country="10")).startswith("ACCESS_NUMBER")
    provider.restock("tg")
    assert sum(item.count for item in provider.stock.items("10", "tg")) == 39


async def test_another_dialect_with_its_countries(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """A provider that goes worldwide and comes back keeps its customers and their numbers."""
    here = (await ask("getNumber", service="tg", country="10")).split(":")[1]
    provider.sell_out("tg")
    provider.become(WORLDWIDE)
    assert await ask("getNumber", service="tg", country="6") == "NO_NUMBERS"
    provider.restock("tg")
    there = (await ask("getNumber", service="tg", country="6")).split(":")[1]
    provider.become(SMS3T)
    assert provider.stock.countries() == ["10"]
    provider.deliver(there, "4711")
    assert await ask("getStatus", id=there) == "STATUS_OK:4711"
    other = (await ask("getNumber", service="tg", country="10")).split(":")[1]
    provider.become(WORLDWIDE)
    abroad = (await ask("getNumber", service="tg", country="6")).split(":")[1]
    provider.become(SMS3T)
    clock.now += 130
    for number_id in (here, other, abroad):
        assert await ask("setStatus", id=number_id, status="8") == "ACCESS_CANCEL"


async def test_the_cheapest_of_the_wanted_operators(ask: Ask, provider: SandboxProvider) -> None:
    """Of several operators the cheapest one that has numbers is taken."""
    provider.set_stock("tg", 5, price="0.10", operator="viettel")
    provider.set_stock("tg", 5, price="0.20", operator="mobifone")
    provider.set_stock("tg", 0, price="0.30", operator="vinaphone")

    assert (await buy(ask, provider, operator="any")).operator == "viettel"
    assert (await buy(ask, provider, operator="mobifone,vinaphone")).operator == "mobifone"


async def test_price_limit_is_inclusive(ask: Ask, provider: SandboxProvider) -> None:
    """A price equal to the limit is bought, and a dearer item is left alone."""
    assert (await buy(ask, provider, maxPrice="0.5")).price == Decimal("0.50")
    provider.set_stock("tg", 0)
    provider.set_stock("tg", 5, price="0.60", operator="viettel")

    assert await ask("getNumber", service="tg", country="10", maxPrice="0.5") == "NO_NUMBERS"


async def test_excepted_prefixes(ask: Ask, provider: SandboxProvider) -> None:
    """No number begins with an excepted prefix; if nothing else is left, there is none."""
    prefixes = [f"8452{digit}" for digit in range(9)]
    number = await buy(ask, provider, operator="vietnamobile", phoneException=",".join(prefixes))
    assert not number.phone.startswith(tuple(prefixes))

    everything = ",".join(f"84{first}{digit}" for first in (52, 56, 58, 92) for digit in range(10))
    answer = await ask(
        "getNumber", service="tg", country="10", operator="vietnamobile", phoneException=everything
    )
    assert answer == "NO_NUMBERS"


async def test_unknown_actions(ask: Ask) -> None:
    """An action the provider doesn't have, or none, is BAD_ACTION."""
    assert await ask("getCountries") == "BAD_ACTION"
    assert await ask("") == "BAD_ACTION"


async def test_methods_and_parameters_mix(provider: SandboxProvider) -> None:
    """Parameters count wherever they are: in the query string, in the form, or in both."""
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


async def test_a_server_comes_back_at_its_address(provider: SandboxProvider) -> None:
    """A server that was stopped and is started again has the same address, and the provider its memory."""
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


async def test_a_taken_port(provider: SandboxProvider) -> None:
    """A second server on the same port says so and leaves nothing behind."""
    async with ProviderServer(provider) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="address already in use"):
            await ProviderServer(provider, port=port).__aenter__()


async def test_wait_for_a_purchase(ask: Ask, provider: SandboxProvider) -> None:
    """Waiting ends with the change that was waited for, or with the time given."""
    provider.set_stock("tg", 1)
    buying = asyncio.ensure_future(ask("getNumber", service="tg", country="10"))
    await provider.wait_for(lambda provider: len(provider.ledger) == 1)
    await buying

    with pytest.raises(TimeoutError):
        await provider.wait_for(lambda provider: len(provider.ledger) == 2, timeout=0)


async def test_changes_are_told(ask: Ask, provider: SandboxProvider, clock: Clock) -> None:
    """A listener hears of requests, purchases, SMS and expiry until it unsubscribes."""
    heard: list[str] = []
    told = "nothing"
    unsubscribe = provider.on_change(lambda: heard.append(told))
    told = "purchase"
    number = await buy(ask, provider)
    told = "sms"
    provider.deliver(number.id, "1")
    told = "expiry"
    clock.now += 1200
    assert provider.numbers
    unsubscribe()
    told = "more"
    provider.set_stock("tg", 1)

    assert list(dict.fromkeys(heard)) == ["purchase", "sms", "expiry"]


def test_a_secret_is_not_shown(provider: SandboxProvider) -> None:
    """Keys are in no repr."""
    account = provider.open_account("a-secret-key")
    number = provider.buy(account, "tg", "10")
    provider.record("GET", {"api_key": "a-secret-key", "action": "getBalance"})

    assert "a-secret-key" not in repr((account, number, provider.ledger, provider.requests))


def test_the_same_seed_is_the_same_world() -> None:
    """Two providers of one seed sell the same numbers, those of another seed others."""

    def first_phone(seed: int) -> str:
        provider = SandboxProvider(seed=seed, dialect=HEROSMS)
        return provider.buy(provider.open_account("k"), "tg", "10").phone

    assert first_phone(1) == first_phone(1) != first_phone(2)
