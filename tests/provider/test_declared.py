"""What a profile declares: how each provider is asked, and what its answers mean."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from bot import errors
from bot.domain import CodeShown, Waiting
from bot.provider import profile_files
from bot.provider.budget import Budget
from bot.provider.client import ProviderClient, StatusChange
from bot.provider.profiles import Profile
from bot.provider.purchases import PurchasedNumber, PurchaseRequest
from bot.sandbox.provider import SMS_ACTIVATE, SMSBOWER, FaultKind, ProviderFault, SandboxProvider

if TYPE_CHECKING:
    from tests.provider.conftest import Connect, RawServer

KNOWN = profile_files.load()
PLAIN = Profile(id="plain", name="Plain", url="")
ANYTHING = replace(PLAIN, bad_action="anything")
OTHER = SecretStr("other")
ORDER = PurchaseRequest("tg", "10")
Call = Callable[[ProviderClient, SecretStr], Awaitable[Any]]

READS: dict[str, Call] = {
    "getNumbersStatus": lambda client, key: client.counts(key, "10"),
    "getPrices": lambda client, key: client.offers(key, country="10"),
    "getCountries": lambda client, key: client.countries(key),
    "getServicesList": lambda client, key: client.services(key, "10"),
    "getOperators": lambda client, key: client.operators(key, "10"),
    "getActiveActivations": lambda client, key: client.active(key),
}


@pytest.fixture
def method() -> str:
    """Return no HTTP method to choose: that of the profile counts."""
    return "get"


@pytest.fixture(autouse=True)
def _all_actions(provider: SandboxProvider) -> None:
    provider.dialect = SMS_ACTIVATE
    provider.open_account(OTHER.get_secret_value())


def asked(provider: SandboxProvider) -> list[str]:
    """Return the actions of all requests."""
    return [request.action for request in provider.requests]


def bad_action(provider: SandboxProvider, key: SecretStr, action: str | None = None) -> ProviderFault:
    """Let the provider answer BAD_ACTION to a key."""
    return provider.fail(
        FaultKind.BODY, body="BAD_ACTION", key=key.get_secret_value(), action=action, times=None
    )


def answer(body: str, *headers: str, status: int = 200) -> bytes:
    """Return an HTTP response as raw bytes."""
    raw = body.encode()
    head = "\r\n".join([f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(raw)}", *headers])
    return head.encode() + b"\r\n\r\n" + raw


def query(request: bytes) -> dict[str, str]:
    """Return the parameters of a GET request."""
    target = request.split(b" ", 2)[1].decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


@pytest.mark.parametrize("name", READS)
async def test_what_a_provider_lacks_is_never_asked(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr, name: str
) -> None:
    """An action that the profile lacks is refused without a request."""
    async with connect(url, replace(PLAIN, lacks=frozenset({name}))) as client:
        for _ in range(2):
            with pytest.raises(errors.UnsupportedAction):
                await READS[name](client, key)
    assert len(provider.requests) == 0


@pytest.mark.parametrize("name", READS)
async def test_what_a_provider_has_is_never_absent(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr, name: str
) -> None:
    """However often a key is answered with BAD_ACTION, another key's request is sent (M3)."""
    for meaning in ("absent", "anything", "trouble"):
        async with connect(url, replace(PLAIN, bad_action=meaning)) as client:
            await client.balance(key)
            await client.balance(OTHER)
            fault = bad_action(provider, key, name)
            for _ in range(4):
                with pytest.raises((errors.UnsupportedAction, errors.ServerTrouble)):
                    await READS[name](client, key)
                await client.balance(key)
            await READS[name](client, OTHER)
            provider.heal(fault)


@pytest.mark.parametrize("name", [*READS, "getStatus"])
async def test_a_wrong_key_is_found_at_any_action(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr, name: str
) -> None:
    """Where BAD_ACTION may mean anything, a key that never worked is refused at its first request (M3)."""
    bad_action(provider, key)
    call = READS.get(name) or (lambda client, key: client.status(key, "1"))
    async with connect(url, ANYTHING) as client:
        with pytest.raises(errors.KeyRefused):
            await call(client, key)
        assert asked(provider) == [name, "getBalance", "getBalance"]


async def test_a_wrong_key_is_refused_when_it_is_bound(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """Two BAD_ACTION answers refuse a new key; one was a failure of the server (M11)."""
    async with connect(url, ANYTHING) as client:
        fault = bad_action(provider, key)
        with pytest.raises(errors.KeyRefused):
            await client.balance(key)
        fault.times = 1
        assert await client.balance(key) == 10


async def test_where_bad_action_is_a_failure_no_key_is_refused(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """At Tiger BAD_ACTION is trouble, also for a new key, a status check and a purchase (M11)."""
    bad_action(provider, key)
    async with connect(url, replace(KNOWN["tiger"], lacks=frozenset())) as client:
        for call in (
            client.balance(key),
            client.status(key, "1"),
            client.buy(key, ORDER),
            client.active(key),
        ):
            with pytest.raises(errors.ServerTrouble):
                await call
        assert asked(provider) == ["getBalance", "getStatus", "getNumber", "getActiveActivations"]


async def test_a_key_that_worked_is_refused_after_minutes(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """A key that worked is refused after three BAD_ACTION balances over two minutes without a good answer."""
    now = 1000.0
    async with connect(url, ANYTHING, budget=Budget(1000, 1000, clock=lambda: now)) as client:
        await client.balance(key)
        fault = bad_action(provider, key)
        for now in (1001.0, 1060.0):  # noqa: B007  # the clock reads it
            with pytest.raises(errors.ServerTrouble):
                await client.status(key, "1")
        provider.heal(fault)
        await client.balance(key)
        provider.faults.append(fault)
        for now in (1100.0, 1160.0, 1219.0):  # noqa: B007  # the clock reads it
            with pytest.raises(errors.ServerTrouble):
                await client.balance(key)
        now = 1221.0
        with pytest.raises(errors.KeyRefused):
            await client.status(key, "1")


async def test_an_unknown_number(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """At vak BAD_ACTION to a status check means an unknown number, if the key works (M10)."""
    bad_action(provider, key, "getStatus")
    async with connect(url, ANYTHING) as client:
        with pytest.raises(errors.UnknownActivation):
            await client.status(key, "1")
        provider.fail(FaultKind.STATUS, action="getBalance")
        with pytest.raises(errors.ServerTrouble):
            await client.status(key, "1")


async def test_a_purchase_with_bad_action_is_unclear_and_asks_nothing(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """Where BAD_ACTION may mean anything, it is no definite refusal of a purchase."""
    bad_action(provider, key)
    async with connect(url, ANYTHING) as client:
        with pytest.raises(errors.ServerTrouble):
            await client.buy(key, ORDER)
    assert asked(provider) == ["getNumber"]


async def test_parameters_ride_along(connect: "Connect", raw: "RawServer", key: SecretStr) -> None:
    """The parameters of a profile are in every request, and its names of actions are used (M5)."""
    raw.keeps = True
    raw.answer = answer("[]")
    async with connect(raw.url, KNOWN["svn"]) as client:
        for call in READS.values():
            if call is not READS["getNumbersStatus"]:
                await call(client, key)
    sent = [query(request) for request in raw.requests]
    assert {each["lang"] for each in sent} == {"en"}
    assert [each["action"] for each in sent] == [
        "getPrices",
        "getCountryAndOperators",
        "getServicesAndCost",
        "getCountryAndOperators",
        "getCurrentActivationsList",
    ]


@pytest.mark.parametrize(
    ("profile", "sent"),
    [
        (KNOWN["herosms"], {"action": "getNumberV2", "maxPrice": "0.5", "phoneException": "7918"}),
        (KNOWN["smsbower"], {"action": "getNumberV2", "maxPrice": "0.5", "phoneException": "7918"}),
        (KNOWN["vak"], {"action": "getNumber", "maxPrice": "0.5"}),
        (KNOWN["daisyio"], {"action": "getNumber", "max_price": "0.5"}),
        (KNOWN["smsman"], {"action": "getNumber", "maxPrice": "0.5", "currency": "USD"}),
        (KNOWN["smspool"], {"action": "getNumber", "max_price": "0.5", "setting": "smspool"}),
        (replace(PLAIN, max_price=""), {"action": "getNumber"}),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
async def test_the_parameters_of_a_purchase(
    connect: "Connect", raw: "RawServer", key: SecretStr, profile: Profile, sent: dict[str, str]
) -> None:
    """A purchase is one request with the names of the profile, and only what the provider takes."""
    raw.answer = answer("NO_NUMBERS")
    async with connect(raw.url, profile) as client:
        with pytest.raises(errors.NoNumbers):
            await client.buy(key, replace(ORDER, max_price=Decimal("0.5"), prefixes="7918"))
    (request,) = raw.requests
    common = {"api_key": key.get_secret_value(), "service": "tg", "country": "10"}
    assert query(request) == common | sent


async def test_no_other_operator_is_bought(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """Where operators cannot be chosen, a purchase of a chosen one is refused without a request (M7)."""
    async with connect(url, KNOWN["grizzly"]) as client:
        with pytest.raises(errors.BadOperator):
            await client.buy(key, replace(ORDER, operators=("viettel",)))
        assert len(provider.requests) == 0


@pytest.mark.parametrize(
    ("profile", "sent"),
    [
        (PLAIN, ["1", "3", "6", "8"]),
        (KNOWN["herosms"], ["-", "3", "6", "8"]),
        (KNOWN["smsman"], ["-", "3", "6", "-1"]),
        (KNOWN["daisyio"], ["-", "-", "6", "8"]),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
async def test_statuses(
    connect: "Connect", raw: "RawServer", key: SecretStr, profile: Profile, sent: list[str]
) -> None:
    """Each status has the number of the profile; one that is not taken is refused without a request."""
    raw.keeps, raw.answer, seen = True, answer("BAD_STATUS"), []
    async with connect(raw.url, profile) as client:
        for change in StatusChange:
            before = len(raw.requests)
            with pytest.raises(errors.StepRefused):
                await client.set_status(key, "1", change)
            seen += [query(request)["status"] for request in raw.requests[before:]] or ["-"]
    assert seen == sent


V2 = [
    (
        "herosms",
        (
            '{"activationId":5,"phoneNumber":"84912345678","activationCost":0.4,"currency":840,"status":4,'
            '"canGetAnotherSms":true,"activationTime":"2026-09-08T10:00:00+00:00",'
            '"activationEndTime":"2026-09-08T10:45:00+00:00","activationOperator":"viettel"}'
        ),
        PurchasedNumber("5", "84912345678", Decimal("0.4"), "USD", 2700, None, True, "viettel"),
    ),
    (
        "smsbower",
        (
            '{"activationId":"5","phoneNumber":"84912345678","activationCost":"0.40","canGetAnotherSms":"0",'
            '"activationTime":"2026-08-24 10:00:00","activationOperator":"any"}'
        ),
        PurchasedNumber("5", "84912345678", Decimal("0.40"), can_resend=False),
    ),
    (
        "grizzly",
        (
            '{"activationId":"5","phoneNumber":"84912345678","activationCost":0.4,"currency":"840",'
            '"activationTime":"2026-09-15 10:00:00","activationCancel":"2026-09-15 10:05:00",'
            '"activationEnd":"2026-09-15 10:20:00"}'
        ),
        PurchasedNumber("5", "84912345678", Decimal("0.4"), "USD", 1200, 300),
    ),
    ("herosms", "ACCESS_NUMBER:5:84912345678", PurchasedNumber("5", "84912345678")),
    (
        "herosms",
        (
            '{"activationId":5,"phoneNumber":"7958*****12","activationTime":"2026-09-08T10:00:00+00:00",'
            '"activationEndTime":"2026-09-08 10:45:00","canGetAnotherSms":"soon","currency":"dollars"}'
        ),
        PurchasedNumber("5", None),
    ),
    (
        "grizzly",
        (
            '{"activationId":5,"phoneNumber":"84912345678","activationTime":"2026-09-15 10:00:00",'
            '"activationCancel":"2026-09-15 10:00:30","activationEnd":"2026-09-17 10:00:00"}'
        ),
        PurchasedNumber("5", "84912345678"),
    ),
]


@pytest.mark.parametrize(("name", "body", "expected"), V2)
async def test_what_getnumberv2_tells(
    connect: "Connect", raw: "RawServer", key: SecretStr, name: str, body: str, expected: PurchasedNumber
) -> None:
    """The answer tells the charge, the times as differences, another SMS and the operator, or nothing."""
    raw.answer = answer(body)
    async with connect(raw.url, KNOWN[name]) as client:
        assert await client.buy(key, ORDER) == expected
    assert len(raw.requests) == 1


async def test_a_provider_without_getnumberv2_sold_nothing(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """BAD_ACTION to the declared getNumberV2 is a refusal; the next tap buys with getNumber."""
    async with connect(url, replace(PLAIN, number_v2=True)) as client:
        await client.balance(key)
        with pytest.raises(errors.PurchaseUnsupported):
            await client.buy(key, ORDER)
        assert provider.ledger == []
        assert (await client.buy(key, ORDER)).phone
    assert asked(provider) == ["getBalance", "getNumberV2", "getNumber"]


@pytest.mark.parametrize("profile", [PLAIN, ANYTHING], ids=lambda profile: profile.bad_action)
async def test_an_undefined_answer_to_getnumberv2_is_unclear(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr, profile: Profile
) -> None:
    """BAD_ACTION to a key that has not worked yet, or that may mean anything, refuses no purchase."""
    async with connect(url, replace(profile, number_v2=True)) as client:
        if profile is ANYTHING:
            await client.balance(key)
        for _ in range(2):
            with pytest.raises((errors.UnsupportedAction, errors.ServerTrouble)):
                await client.buy(key, ORDER)
    assert "getNumber" not in asked(provider)


async def test_a_number_that_is_asleep(connect: "Connect", raw: "RawServer", key: SecretStr) -> None:
    """ASLEEP is a number that cannot receive yet."""
    raw.keeps, raw.answer = True, answer("ASLEEP:5:12025550123:1790000000")
    async with connect(raw.url, KNOWN["daisyio"]) as client:
        assert await client.buy(key, ORDER) == PurchasedNumber("5", "12025550123")
        assert await client.status(key, "5") == Waiting()


async def test_headers(connect: "Connect", raw: "RawServer", key: SecretStr) -> None:
    """DaisySMS.io tells the price and the text of an SMS in headers."""
    raw.keeps = True
    async with connect(raw.url, KNOWN["daisyio"]) as client:
        raw.answer = answer("ACCESS_NUMBER:5:12025550123", "X-Price: 0.31")
        assert await client.buy(key, ORDER) == PurchasedNumber("5", "12025550123", Decimal("0.31"))
        raw.answer = answer("STATUS_OK:1234", "X-Text: Your code: 1234")
        assert await client.status(key, "5") == CodeShown("1234", "Your code: 1234")
        assert query(raw.requests[-1])["text"] == "1"
        raw.answer = answer("STATUS_OK:1234", "X-Text: ")
        assert await client.status(key, "5") == CodeShown("1234")


@pytest.mark.parametrize(
    ("name", "action", "body", "text"),
    [
        (
            "herosms",
            "getStatusV2",
            '{"verificationType":"sms","data":{"text":"Code 1","code":"1"}}',
            "Code 1",
        ),
        ("herosms", "getStatusV2", "STATUS_WAIT_CODE", None),
        ("tiger", "getStatusV2", '{"verificationType":0,"sms":{"text":"Code 1"}}', "Code 1"),
        ("tiger", "getStatusV2", '{"verificationType":0,"sms":null}', None),
        ("smsverified", "getFullSms", "FULL_SMS:Code: 1", "Code: 1"),
        ("smsverified", "getFullSms", "STATUS_WAIT_CODE", None),
        ("vak", "", "", None),
    ],
)
async def test_the_whole_text(
    connect: "Connect", raw: "RawServer", key: SecretStr, name: str, action: str, body: str, text: str | None
) -> None:
    """The action of the profile tells the whole text of an SMS."""
    raw.answer = answer(body)
    async with connect(raw.url, KNOWN[name]) as client:
        assert await client.message(key, "5") == text
    assert [query(request)["action"] for request in raw.requests] == [action] * bool(action)


async def test_a_refused_method_is_named_in_the_log(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr, caplog: pytest.LogCaptureFixture
) -> None:
    """HTTP 405 is named in the log once, with the method (M4)."""
    provider.dialect = SMSBOWER
    async with connect(url, replace(KNOWN["smsbower"], method="post")) as client:
        for _ in range(2):
            with pytest.raises(errors.Unreadable):
                await client.balance(key)
    (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert line == "SMSBower answers POST with HTTP 405; set PROVIDER_METHOD, or method in its profile"


async def test_a_challenge_holds_nobody_off(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """A challenge page means that nothing was done; neither its key nor another one is paused (M12)."""
    page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
    async with connect(url, KNOWN["vak"]) as client:
        for each in (key, OTHER):
            await client.balance(each)
            provider.fail(FaultKind.BODY, body=page, status=403, times=2)
            for call in (client.offers(each, country="10"), client.buy(each, ORDER)):
                with pytest.raises(errors.NotSent):
                    await call
            await client.offers(each, country="10")
            assert (await client.buy(each, ORDER)).phone


async def test_a_challenge_is_known_by_its_header(
    connect: "Connect", raw: "RawServer", key: SecretStr
) -> None:
    """The header of Cloudflare names a challenge, whatever the page says."""
    raw.answer = answer("<html>Hello</html>", "CF-Mitigated: challenge", status=403)
    async with connect(raw.url, KNOWN["daisyio"]) as client:
        with pytest.raises(errors.NotSent):
            await client.buy(key, ORDER)


@pytest.mark.parametrize("status", [400, 403])
async def test_a_block_at_the_edge_leaves_the_host_alone(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr, status: int
) -> None:
    """After error code 1020 no key sends anything for ten seconds; a purchase bought nothing (M13)."""
    now = 1000.0
    async with connect(url, PLAIN, budget=Budget(1000, 1000, clock=lambda: now)) as client:
        await client.balance(key)
        provider.fail(FaultKind.BODY, body="error code: 1020", status=status)
        with pytest.raises(errors.BlockedAtEdge) as refused:
            await client.buy(key, ORDER)
        assert refused.value.retry_after == 10
        sent = len(provider.requests)
        for call in (client.balance(OTHER), client.buy(OTHER, ORDER), client.status(OTHER, "1")):
            with pytest.raises((errors.Throttled, errors.Blocked)):
                await call
        assert len(provider.requests) == sent
        now = 1010.0
        assert await client.balance(OTHER) == 10


async def test_an_edge_block_of_an_unknown_key_concerns_no_other(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """A key that never worked may have caused the block itself."""
    provider.fail(FaultKind.BODY, body="error code: 1020", status=403, key="1' or '1'='1")
    async with connect(url, PLAIN) as client:
        with pytest.raises(errors.Blocked):
            await client.balance(SecretStr("1' or '1'='1"))
        assert await client.balance(key) == 10


async def test_null_is_an_empty_list(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """Grizzly's null is a list without numbers; as another answer it is unreadable (M16)."""
    provider.fail(FaultKind.BODY, body="null", times=3)
    async with connect(url, PLAIN) as client:
        assert await client.active(key) == []
        with pytest.raises(errors.Unreadable):
            await client.offers(key, country="10")
        with pytest.raises(errors.Unreadable):
            await client.buy(key, ORDER)
