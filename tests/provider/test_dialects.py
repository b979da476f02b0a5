"""Each shipped profile against the sandbox provider in its dialect."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import SecretStr

from bot import errors
from bot.domain import Closed, CodeShown, Waiting
from bot.provider import profile_files
from bot.provider.budget import Budget
from bot.provider.client import ProviderClient, StatusChange
from bot.provider.profiles import Profile
from bot.provider.purchases import PurchaseRequest
from bot.sandbox.provider import FAMILY, FaultKind, NumberState, ProviderServer, SandboxProvider

KEY = SecretStr("0badc0ffee5ec2e70badc0ffee5ec2e7")
PROFILES = profile_files.load()
SMS = "Code: 12:34"
LISTS: dict[str, Callable[[ProviderClient, str], Awaitable[object]]] = {
    "getNumbersStatus": lambda client, country: client.counts(KEY, country),
    "getCountries": lambda client, _country: client.countries(KEY),
    "getServicesList": lambda client, country: client.services(KEY, country),
    "getOperators": lambda client, country: client.operators(KEY, country),
    "getActiveActivations": lambda client, _country: client.active(KEY),
}


class Clock:
    """A clock that the test moves."""

    now = 1_790_000_000.0

    def __call__(self) -> float:
        """Return the current time, in seconds."""
        return self.now


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> Profile:
    """Each shipped profile."""
    return PROFILES[request.param]


@pytest.fixture
def country(profile: Profile) -> str:
    """A country that the provider sells."""
    return profile.only_countries[0] if profile.only_countries else "10"


@pytest.fixture
def clock() -> Clock:
    """The clock of the provider."""
    return Clock()


@pytest.fixture
def provider(profile: Profile, country: str, clock: Clock) -> SandboxProvider:
    """The sandbox provider in the dialect of the profile, with five numbers of one service."""
    provider = SandboxProvider(clock=clock, cancel_after=profile.cancel_after, dialect=FAMILY[profile.id])
    provider.open_account(KEY.get_secret_value())
    provider.set_stock("tg", 5, price="0.5", country=country)
    return provider


@pytest.fixture
async def client(profile: Profile, provider: SandboxProvider) -> AsyncIterator[ProviderClient]:
    """The client of the profile."""
    async with (
        ProviderServer(provider) as server,
        ProviderClient(replace(profile, url=server.url), Budget(1000, 1000)) as client,
    ):
        yield client


def test_each_profile_has_its_dialect() -> None:
    """The dialects are named by the ids of the shipped profiles, in their order."""
    assert list(FAMILY) == list(PROFILES)


async def test_a_whole_activation(
    client: ProviderClient, provider: SandboxProvider, profile: Profile, country: str
) -> None:
    """A number is bought with one request, gets its code and another one, and is completed."""
    assert await client.balance(KEY) == 10
    (offer,) = await client.offers(KEY, country=country, service="tg")
    assert (offer.price, offer.count) == (Decimal("0.5"), None if profile.id == "privatesms" else 5)

    bought = await client.buy(KEY, PurchaseRequest("tg", country, max_price=Decimal(1)))
    (number,) = provider.numbers.values()
    assert (bought.id, bought.phone) == (number.id, number.phone)
    is_told = profile.number_v2 or profile.cost_told == "header"
    assert bought.charged == (Decimal("0.5") if is_told else None)
    assert await client.balance(KEY) == Decimal(10 if profile.charges == "code" else "9.5")
    assert await client.status(KEY, bought.id) == Waiting()
    if profile.sms_sent:
        await client.set_status(KEY, bought.id, StatusChange.SMS_SENT)

    provider.deliver(bought.id, SMS)
    text = SMS if profile.text_told == "header" else None
    assert await client.status(KEY, bought.id) == CodeShown(SMS, text)
    assert await client.balance(KEY) == Decimal("9.5")
    if profile.text_told in ("getFullSms", "getStatusV2"):
        assert await client.message(KEY, bought.id) == SMS
    if profile.resend:
        await client.set_status(KEY, bought.id, StatusChange.RESEND)
        waiting = await client.status(KEY, bought.id)
        assert waiting == Waiting(again=True, previous=SMS if provider.dialect.repeats_last_code else None)
        provider.deliver(bought.id, "5678")
        assert isinstance(await client.status(KEY, bought.id), CodeShown)
    await client.set_status(KEY, bought.id, StatusChange.COMPLETE)
    assert number.state is NumberState.FINISHED
    assert await client.status(KEY, bought.id) == Closed()
    purchases = [each.action for each in provider.requests if each.action.startswith("getNumber")]
    assert purchases == ["getNumberV2" if profile.number_v2 else "getNumber"]


async def test_cancel(
    client: ProviderClient, provider: SandboxProvider, profile: Profile, country: str, clock: Clock
) -> None:
    """A cancel is refused before its time and after the end; in between it gives the money back."""
    bought = await client.buy(KEY, PurchaseRequest("tg", country))
    if profile.cancel_after:
        with pytest.raises(errors.TooEarly) as refused:
            await client.set_status(KEY, bought.id, StatusChange.CANCEL)
        assert refused.value.minimum in (None, 120)
        clock.now += profile.cancel_after
    await client.set_status(KEY, bought.id, StatusChange.CANCEL)
    assert provider.numbers[bought.id].state is NumberState.CANCELLED
    assert await client.status(KEY, bought.id) == Closed()
    assert await client.balance(KEY) == 10
    with pytest.raises(errors.StepRefused):
        await client.set_status(KEY, bought.id, StatusChange.CANCEL)


async def test_lists(
    client: ProviderClient, provider: SandboxProvider, profile: Profile, country: str
) -> None:
    """Each list that the profile has is read, and the others are not asked."""
    lacks = profile.lacks or frozenset()
    for action in lacks & LISTS.keys():
        with pytest.raises(errors.UnsupportedAction):
            await LISTS[action](client, country)
    assert not provider.requests
    if "getCountries" not in lacks:
        assert (await client.countries(KEY))["10"] == "Vietnam"
    if "getServicesList" not in lacks:
        assert (await client.services(KEY, country))["tg"] == "Telegram"
    if "getNumbersStatus" not in lacks:
        assert (await client.counts(KEY, country))["tg"] == 5
    if "getOperators" not in lacks:
        assert "viettel" in await client.operators(KEY, country)
    if "getActiveActivations" not in lacks:
        assert await client.active(KEY) == []
        bought = await client.buy(KEY, PurchaseRequest("tg", country))
        provider.deliver(bought.id, SMS)
        (row,) = await client.active(KEY)
        assert row.id == bought.id
        if profile.cost_told == "list":
            assert (row.charged, row.currency, row.can_resend) == (Decimal("0.5"), "USD", True)
        if profile.text_told == "list":
            assert row.message == SMS


async def test_refusals(
    client: ProviderClient, provider: SandboxProvider, profile: Profile, country: str
) -> None:
    """A wrong key, an unknown number, a sold-out service and an empty account are told apart."""
    wrong = SecretStr("ffffffffffffffffffffffffffffffff")
    for call in (client.balance(wrong), client.status(wrong, "1")):
        with pytest.raises(errors.KeyRefused):
            await call
    with pytest.raises(errors.UnknownActivation):
        await client.status(KEY, "1")
    provider.sell_out("tg")
    with pytest.raises(errors.NoNumbers):
        await client.buy(KEY, PurchaseRequest("tg", country))
    provider.restock("tg")
    if profile.max_price:
        with pytest.raises(errors.PriceTooLow) as refused:
            await client.buy(KEY, PurchaseRequest("tg", country, max_price=Decimal("0.1")))
        assert refused.value.minimum == Decimal("0.5")
    provider.accounts[KEY.get_secret_value()].balance = Decimal(0)
    with pytest.raises(errors.NoBalance):
        await client.buy(KEY, PurchaseRequest("tg", country))


async def test_a_purchase_whose_answer_is_lost(
    client: ProviderClient, provider: SandboxProvider, profile: Profile, country: str
) -> None:
    """The balance shows a charge, except where the provider charges with the code (M2)."""
    before = await client.balance(KEY)
    provider.fail(FaultKind.COMMIT_THEN_CUT)
    with pytest.raises(errors.NoAnswer):
        await client.buy(KEY, PurchaseRequest("tg", country))
    assert len(provider.ledger) == 1
    assert (await client.balance(KEY) == before) is (profile.charges == "code")
