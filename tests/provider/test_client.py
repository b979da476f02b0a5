"""The provider client: parameters and answers of every action by POST and GET, and no resent purchase."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from pydantic import SecretStr

from bot import errors
from bot.domain import Closed, CodeShown, Offer, Status, Waiting
from bot.provider import wire
from bot.provider.budget import Budget
from bot.provider.client import ProviderClient, StatusChange
from bot.provider.purchases import PurchasedNumber, PurchaseRequest
from bot.sandbox.provider import (
    DAISYSMS,
    HEROSMS,
    SMS3T,
    SMS_ACTIVATE,
    SMSBOWER,
    TIGER,
    WORLDWIDE,
    Dialect,
    FaultKind,
    NumberState,
    ProviderServer,
    SandboxProvider,
    Wrapping,
)

if TYPE_CHECKING:
    from tests.provider.conftest import Connect, RawServer

ANSWERS = Path(__file__).parent / "answers"
ORDER = PurchaseRequest("tg", "10")
Call = Callable[[ProviderClient, SecretStr], Awaitable[Any]]

CALLS: dict[str, tuple[Call, dict[str, str]]] = {
    "getBalance": (lambda client, key: client.balance(key), {}),
    "getNumbersStatus": (
        lambda client, key: client.counts(key, "10", ("viettel", "o!")),
        {"country": "10", "operator": "viettel,o!"},
    ),
    "getNumbersStatus, any operator": (lambda client, key: client.counts(key, "0"), {"country": "0"}),
    "getPrices": (lambda client, key: client.offers(key), {}),
    "getPrices of a country": (lambda client, key: client.offers(key, country="0"), {"country": "0"}),
    "getPrices of a service": (lambda client, key: client.offers(key, service="tg"), {"service": "tg"}),
    "getPrices of both": (
        lambda client, key: client.offers(key, country="10", service="tg"),
        {"country": "10", "service": "tg"},
    ),
    "getNumber": (
        lambda client, key: client.buy(key, ORDER),
        {"service": "tg", "country": "10", "ref": "me"},
    ),
    "getNumber with all": (
        lambda client, key: client.buy(
            key,
            PurchaseRequest("tg", "10", ("viettel", "o!"), Decimal("0.50"), prefixes="+7 918&=%,7900111"),
        ),
        {
            "service": "tg",
            "country": "10",
            "operator": "viettel,o!",
            "maxPrice": "0.50",
            "phoneException": "+7 918&=%,7900111",
            "ref": "me",
        },
    ),
    "getNumber with a round price": (
        lambda client, key: client.buy(key, PurchaseRequest("tg", "10", max_price=Decimal("1E+2"))),
        {"service": "tg", "country": "10", "maxPrice": "100", "ref": "me"},
    ),
    "setStatus 1": (
        lambda client, key: client.set_status(key, "1", StatusChange.SMS_SENT),
        {"id": "1", "status": "1"},
    ),
    "setStatus 3": (
        lambda client, key: client.set_status(key, "1", StatusChange.RESEND),
        {"id": "1", "status": "3"},
    ),
    "setStatus 6": (
        lambda client, key: client.set_status(key, "1", StatusChange.COMPLETE),
        {"id": "1", "status": "6"},
    ),
    "setStatus 8": (
        lambda client, key: client.set_status(key, "1", StatusChange.CANCEL),
        {"id": "1", "status": "8"},
    ),
    "getStatus": (lambda client, key: client.status(key, "9007199254740993"), {"id": "9007199254740993"}),
    "getCountries": (lambda client, key: client.countries(key), {}),
    "getServicesList": (lambda client, key: client.services(key, "10"), {"country": "10", "lang": "en"}),
    "getOperators": (lambda client, key: client.operators(key, "10"), {"country": "10"}),
    "getActiveActivations": (lambda client, key: client.active(key), {}),
}
"""Every action with its expected parameters."""

OPTIONAL = [
    "getNumbersStatus",
    "getPrices",
    "getCountries",
    "getServicesList",
    "getOperators",
    "getActiveActivations",
]
UNKNOWN_OUTCOME = [
    (FaultKind.CUT, errors.NoAnswer),
    (FaultKind.COMMIT_THEN_CUT, errors.NoAnswer),
    (FaultKind.HALF_BODY, errors.NoAnswer),
    (FaultKind.HANG, errors.NoAnswer),
    (FaultKind.COMMIT_THEN_HANG, errors.NoAnswer),
    (FaultKind.COMMIT_THEN_BODY, errors.Unreadable),
    (FaultKind.HTML, errors.Unreadable),
    (FaultKind.EMPTY, errors.Unreadable),
    (FaultKind.BODY, errors.Unreadable),
    (FaultKind.REDIRECT, errors.Unreadable),
    (FaultKind.HUGE, errors.Unreadable),
    (FaultKind.ENDLESS, errors.Unreadable),
    (FaultKind.STATUS, errors.ServerTrouble),
]


def http(body: bytes, *headers: str, status: int = 200) -> bytes:
    """Return an HTTP response as raw bytes."""
    head = "\r\n".join([f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


def request_count(provider: SandboxProvider, action: str) -> int:
    """Return the number of requests for an action."""
    return sum(request.action == action for request in provider.requests)


def fields(request: bytes) -> tuple[str, dict[str, str]]:
    """Return the method and the parameters of a raw request."""
    head, _, body = request.decode().partition("\r\n\r\n")
    verb, target, _ = head.split("\r\n")[0].split(" ")
    query = urlsplit(target).query
    assert not (query and body)
    return verb, {name: value for name, (value,) in parse_qs(query or body, strict_parsing=True).items()}


@pytest.mark.parametrize("name", CALLS)
async def test_parameters(
    connect: "Connect", raw: "RawServer", key: SecretStr, method: str, name: str
) -> None:
    """Each action sends its parameters and the key: in the body by POST, in the URL by GET."""
    call, params = CALLS[name]
    raw.answer = http(b"")
    async with connect(raw.url, referral="me") as client:
        with pytest.raises(errors.Unreadable):
            await call(client, key)

    (request,) = raw.requests
    assert fields(request) == (
        method.upper(),
        {"api_key": key.get_secret_value(), "action": name.split(" ", maxsplit=1)[0].strip(","), **params},
    )


async def test_a_query_in_the_address_is_kept(connect: "Connect", raw: "RawServer", key: SecretStr) -> None:
    """A query string in the configured address is kept."""
    raw.answer = http(b"ACCESS_BALANCE:1")
    async with connect(f"{raw.url}?site=2") as client:
        assert await client.balance(key) == 1

    assert b"?site=2" in raw.requests[0]


@pytest.mark.parametrize(
    "dialect", [SMS3T, SMS_ACTIVATE, HEROSMS, SMSBOWER, TIGER, DAISYSMS], ids=lambda dialect: dialect.name
)
@pytest.mark.parametrize("wrapping", Wrapping)
async def test_a_whole_activation(
    client: ProviderClient,
    provider: SandboxProvider,
    key: SecretStr,
    method: str,
    dialect: Dialect,
    wrapping: Wrapping,
) -> None:
    """In every dialect a number is bought, receives two codes and is completed."""
    provider.dialect = replace(dialect, wrapping=wrapping)
    if method.upper() not in dialect.methods:
        with pytest.raises(errors.Unreadable):
            await client.balance(key)
        return
    country = "187" if dialect is DAISYSMS else "10"
    provider.set_stock("tg", 5, price="0.5", country=country)

    assert await client.balance(key) == 10
    offers = await client.offers(key, country=country, service="tg")
    assert offers == [Offer(country, "tg", Decimal("0.5"), 5)]
    bought = await client.buy(key, PurchaseRequest("tg", country))
    number = provider.numbers[bought.id]
    charged = number.price if dialect.price_header else None
    assert bought == PurchasedNumber(number.id, number.phone, charged)
    assert await client.balance(key) == Decimal("9.5")
    assert await client.status(key, bought.id) == Waiting()
    provider.deliver(bought.id, "Code: 12:34")
    assert await client.status(key, bought.id) == CodeShown("Code: 12:34")
    if "3" in dialect.statuses:
        await client.set_status(key, bought.id, StatusChange.RESEND)
        old = "Code: 12:34" if dialect.repeats_last_code else None
        assert await client.status(key, bought.id) == Waiting(again=True, previous=old)
        provider.deliver(bought.id, "5678")
        assert await client.status(key, bought.id) == CodeShown("5678")
    await client.set_status(key, bought.id, StatusChange.COMPLETE)
    assert number.state is NumberState.FINISHED
    assert await client.status(key, bought.id) == Closed()


async def test_cancel(client: ProviderClient, provider: SandboxProvider, key: SecretStr) -> None:
    """A number is cancelled and refunded after the SMS was reported as sent; then it is closed."""
    bought = await client.buy(key, ORDER)

    await client.set_status(key, bought.id, StatusChange.SMS_SENT)
    assert provider.numbers[bought.id].ready
    await client.set_status(key, bought.id, StatusChange.CANCEL)

    assert provider.numbers[bought.id].state is NumberState.CANCELLED
    assert await client.status(key, bought.id) == Closed()
    assert await client.balance(key) == 10


@pytest.mark.parametrize(
    ("dialect", "error"),
    [(SMS3T, errors.StepRefused), (HEROSMS, errors.CodeCameFirst), (DAISYSMS, errors.StepRefused)],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_a_cancel_after_the_code(
    client: ProviderClient,
    provider: SandboxProvider,
    key: SecretStr,
    dialect: Dialect,
    error: type[errors.StepRefused],
) -> None:
    """A refused cancel is an error in every dialect."""
    provider.dialect = dialect
    bought = await client.buy(key, ORDER)
    provider.deliver(bought.id, "1234")

    with pytest.raises(error):
        await client.set_status(key, bought.id, StatusChange.CANCEL)


async def test_a_cancel_that_comes_too_early(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr
) -> None:
    """The error of an early cancel has the earliest time, if the provider states it."""
    provider.dialect, provider.cancel_after = HEROSMS, 120
    bought = await client.buy(key, ORDER)

    with pytest.raises(errors.TooEarly) as refused:
        await client.set_status(key, bought.id, StatusChange.CANCEL)
    assert refused.value.minimum == 120


async def test_lists(client: ProviderClient, provider: SandboxProvider, key: SecretStr) -> None:
    """Countries, services, operators, counts and active activations are parsed."""
    provider.dialect = SMS_ACTIVATE
    assert await client.active(key) == []
    bought = await client.buy(key, PurchaseRequest("tg", "10", ("viettel",)))

    assert await client.countries(key) == {"10": "Vietnam"}
    assert (await client.services(key, "10"))["tg"] == "Telegram"
    assert await client.operators(key, "10") == ["mobifone", "vietnamobile", "viettel", "vinaphone"]
    assert (await client.counts(key, "10", ("viettel", "mobifone")))["tg"] < (await client.counts(key, "10"))[
        "tg"
    ]
    (listed,) = await client.active(key)
    assert (listed.id, listed.service, listed.country) == (bought.id, "tg", "10")
    with pytest.raises(errors.BadOperator):
        await client.operators(key, "99")


async def test_a_worldwide_price_table(connect: "Connect", key: SecretStr) -> None:
    """One answer has the prices of all services in all countries."""
    provider = SandboxProvider(dialect=WORLDWIDE)
    provider.open_account(key.get_secret_value())
    async with ProviderServer(provider) as server, connect(server.url) as client:
        offers = await client.offers(key)

    assert len(offers) > 5000
    assert {offer.country for offer in offers} == set(WORLDWIDE.countries)


@pytest.mark.parametrize("body", ["463.02", '"463.02"', "1", "0", "-0.5"])
async def test_a_bare_balance(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str
) -> None:
    """A number alone is a balance."""
    provider.fail(FaultKind.BODY, body=body)
    assert await client.balance(key) == Decimal(body.strip('"'))


@pytest.mark.parametrize(
    ("name", "balance"),
    [
        ("sms_activate/getBalance.txt", "17.154"),
        ("sms_activate/getBalance-quoted.txt", "50"),
        ("sms_activate/getBalance-bom.txt", "17.154"),
        ("tiger/getBalance.json", "4.682"),
    ],
)
async def test_balances(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, name: str, balance: str
) -> None:
    """A balance is parsed as an exact decimal."""
    provider.fail(FaultKind.BODY, body=(ANSWERS / name).read_bytes())

    assert await client.balance(key) == Decimal(balance)


@pytest.mark.parametrize(
    "body",
    [
        "ACCESS_BALANCE",
        "ACCESS_BALANCE:",
        "ACCESS_BALANCE:NaN",
        "ACCESS_BALANCE:1e400",
        "ACCESS_BALANCE:1e-999",
        "ACCESS_READY",
        "[]",
        '{"balance":null}',
        '{"balance":true}',
    ],
)
async def test_no_balance(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str
) -> None:
    """An answer without a readable amount is unreadable."""
    provider.fail(FaultKind.BODY, body=body)

    with pytest.raises(errors.Unreadable):
        await client.balance(key)


@pytest.mark.parametrize(
    ("body", "purchase"),
    [
        ("ACCESS_NUMBER:3936040355:6285872391152", PurchasedNumber("3936040355", "6285872391152")),
        (
            "ACCESS_NUMBER:9007199254740993:+4915123456789",
            PurchasedNumber("9007199254740993", "4915123456789"),
        ),
        ("ACCESS_NUMBER:12:+1 (555) 010-4477", PurchasedNumber("12", "15550104477")),
        ("ACCESS_NUMBER: '12':'84912345678'", PurchasedNumber("12", "84912345678")),
        ("ACCESS_NUMBER: '12:84912345678'", PurchasedNumber("12", "84912345678")),
        ("ACCESS_NUMBER:12:84912345678:1.5", PurchasedNumber("12", "84912345678")),
        (
            "ACCESS_NUMBER:f81d4fae-7dec-11d0:84912345678",
            PurchasedNumber("f81d4fae-7dec-11d0", "84912345678"),
        ),
        ("ACCESS_NUMBER:12:79********1", PurchasedNumber("12", None)),
        ("ACCESS_NUMBER:12:84912345678\n<br>Warning 5", PurchasedNumber("12", None)),
        ("ACCESS_NUMBER:12:" + "9" * 25, PurchasedNumber("12", None)),
        ("ACCESS_NUMBER:12:٨٤٩١٢٣٤٥٦", PurchasedNumber("12", None)),
        ("ACCESS_NUMBER:12:null", PurchasedNumber("12", None)),
        ("ACCESS_NUMBER:12:", PurchasedNumber("12", None)),
        (
            '{"status":"ACCESS_NUMBER","activationId":12345,"phone":"+15550104477"}',
            PurchasedNumber("12345", "15550104477"),
        ),
        (
            '{"status":"ACCESS_NUMBER","activationId":"5","phoneNumber":15550104477}',
            PurchasedNumber("5", "15550104477"),
        ),
        (
            '{"activationId":635468024,"phoneNumber":"79584123456","currency":840}',
            PurchasedNumber("635468024", "79584123456", currency="USD"),
        ),
        (
            '{"activationId":6,"phoneNumber":79584123456,"activationCost":"12.50"}',
            PurchasedNumber("6", "79584123456", Decimal("12.50")),
        ),
        (
            '{"activationId":6,"phoneNumber":79584123456,"activationCost":0}',
            PurchasedNumber("6", "79584123456"),
        ),
        ('{"activationId":"635468024","phoneNumber":null}', PurchasedNumber("635468024", None)),
    ],
)
async def test_purchases(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str, purchase: PurchasedNumber
) -> None:
    """An id is a purchase under any HTTP status; a masked or invalid phone number becomes None."""
    for status in (200, 401, 500):
        provider.fail(FaultKind.BODY, body=body, status=status)
        assert await client.buy(key, ORDER) == purchase


@pytest.mark.parametrize(
    "body",
    [
        "ACCESS_NUMBER",
        "ACCESS_NUMBER:12",
        "ACCESS_NUMBER:",
        "ACCESS_NUMBER::84912345678",
        "ACCESS_NUMBER:<br>:84912345678",
        "ACCESS_NUMBER:1 2:84912345678",
        "ACCESS_NUMBER:" + "1" * 65 + ":84912345678",
        "ACCESS_READY",
        "STATUS_OK:5",
        "1",
        "[]",
        "{}",
        '{"status":"success"}',
        '{"status":"ACCESS_NUMBER","phone":"+15550104477"}',
        '{"activationId":true,"phoneNumber":"84912345678"}',
        '{"activationId":{"a":1},"phoneNumber":"84912345678"}',
    ],
)
async def test_no_purchase(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str
) -> None:
    """Without a readable id it is unknown whether a number was bought."""
    provider.fail(FaultKind.BODY, body=body)

    with pytest.raises(errors.Unreadable):
        await client.buy(key, ORDER)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("STATUS_WAIT_CODE", Waiting()),
        ("STATUS_WAIT_READY", Waiting()),
        ("STATUS_WAIT_SCREEN", Waiting()),
        ("STATUS_ACCESS", Waiting()),
        ("STATUS_ACCESS_SCREEN", Waiting()),
        ("STATUS_WAITING", Waiting()),
        ("STATUS_WAIT_RETRY:02468", Waiting(again=True, previous="02468")),
        ("STATUS_WAIT_RETRY: '02468'", Waiting(again=True, previous="02468")),
        ("STATUS_WAIT_RETRY:", Waiting(again=True)),
        ("STATUS_WAIT_RETRY", Waiting(again=True)),
        ("STATUS_WAIT_RESEND ", Waiting(again=True)),
        ("STATUS_OK:02468", CodeShown("02468")),
        ("STATUS_OK: '02468'", CodeShown("02468")),
        ("STATUS_OK:12:34", CodeShown("12:34")),
        ("STATUS_OK:NO_BALANCE", CodeShown("NO_BALANCE")),
        ("STATUS_OK:line 1\r\nline 2: <b>", CodeShown("line 1\r\nline 2: <b>")),
        ("STATUS_OK:", CodeShown("")),
        ("STATUS_OK", CodeShown("")),
        ("FULL_SMS:BAD_KEY: 5", CodeShown("BAD_KEY: 5")),
        ('{"status":"STATUS_OK","code":"0123"}', CodeShown("0123")),
        ('{"status":"STATUS_OK","code":5}', CodeShown("5")),
        ('{"status":"STATUS_OK:7"}', CodeShown("7")),
        ('{"status":"STATUS_WAIT_CODE"}', Waiting()),
        ("STATUS_CANCEL", Closed()),
        ("STATUS_FINISH", Closed()),
        ("STATUS_REVOKE", Closed()),
        ("ACCESS_CANCEL", Closed()),
    ],
)
async def test_statuses(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str, status: Status
) -> None:
    """Each status token is parsed as waiting, as a code, or as closed."""
    provider.fail(FaultKind.BODY, body=body)

    assert await client.status(key, "1") == status


@pytest.mark.parametrize(
    "body", ["STATUS_SOMETHING_NEW", "ACCESS_READY", "1", "{}", "[]", '{"status":"success"}']
)
async def test_no_status(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str
) -> None:
    """A token that is not a status is unreadable."""
    provider.fail(FaultKind.BODY, body=body)

    with pytest.raises(errors.Unreadable):
        await client.status(key, "1")


ACKS = {
    StatusChange.SMS_SENT: {"ACCESS_READY", "1", '{"status":"success"}'},
    StatusChange.RESEND: {"ACCESS_RETRY_GET", "1", '{"status":"success"}'},
    StatusChange.COMPLETE: {"ACCESS_ACTIVATION", "1", '{"status":"success"}'},
    StatusChange.CANCEL: {"ACCESS_CANCEL", "ACCESS_CANCEL_ALREADY", "STATUS_CANCEL", "ALREADY_CANCELED"},
}


@pytest.mark.parametrize("step", StatusChange)
async def test_acknowledgements(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, step: StatusChange
) -> None:
    """Only the token that belongs to a status change acknowledges it."""
    for body in set.union(*ACKS.values()):
        provider.fail(FaultKind.BODY, body=body)
        if body in ACKS[step]:
            await client.set_status(key, "1", step)
        else:
            with pytest.raises((errors.StepRefused, errors.Unreadable)):
                await client.set_status(key, "1", step)


@pytest.mark.parametrize(
    ("body", "text"), [("STATUS_OK:0123", "0123"), ("STATUS_OK", None), ("OTP_RECEIVED", None)]
)
async def test_a_cancel_answered_with_the_code(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str, text: str | None
) -> None:
    """The error of a cancel that was answered with a code has the code, if the answer shows it."""
    provider.fail(FaultKind.BODY, body=body)

    with pytest.raises(errors.CodeCameFirst) as refused:
        await client.set_status(key, "1", StatusChange.CANCEL)
    assert refused.value.text == text


@pytest.mark.parametrize("body", ["SOMETHING_NEW", "{}", "[]", '{"status":"success","x":1}'])
async def test_a_cancel_is_not_taken_for_granted(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str
) -> None:
    """An answer to a cancel without an acknowledgement is unreadable."""
    provider.fail(FaultKind.BODY, body=body)

    with pytest.raises(errors.Unreadable):
        await client.set_status(key, "1", StatusChange.CANCEL)


@pytest.mark.parametrize("body", ["NO_ACTIVATIONS", '{"status":"fail","msg":"no_activations"}', "[]"])
async def test_nothing_active(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, body: str
) -> None:
    """NO_ACTIVATIONS is an empty list, not an error."""
    provider.fail(FaultKind.BODY, body=body)

    assert await client.active(key) == []


@pytest.mark.parametrize("name", ["getNumbersStatus", "getPrices", "getCountries", "getOperators"])
async def test_a_token_is_no_table(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, name: str
) -> None:
    """A token instead of a table is unreadable."""
    provider.fail(FaultKind.BODY, body="ACCESS_READY")

    with pytest.raises(errors.Unreadable):
        await CALLS[name][0](client, key)


@pytest.mark.parametrize(("kind", "error"), UNKNOWN_OUTCOME)
async def test_a_purchase_is_sent_once(
    connect: "Connect",
    url: str,
    provider: SandboxProvider,
    key: SecretStr,
    kind: FaultKind,
    error: type[errors.Unavailable],
) -> None:
    """A purchase that fails is sent once, and its outcome is unknown."""
    provider.fail(kind, action="getNumber")
    async with connect(url, purchase_timeout=0.6) as client:
        await client.balance(key)
        with pytest.raises(errors.Unavailable) as trouble:
            await client.buy(key, ORDER)

        assert type(trouble.value) is error
        assert request_count(provider, "getNumber") == 1
        assert (await client.buy(key, ORDER)).phone
    assert request_count(provider, "getNumber") == 2


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.COMMIT_THEN_CUT, FaultKind.HALF_BODY])
@pytest.mark.parametrize("status", [StatusChange.RESEND, StatusChange.CANCEL])
async def test_a_status_is_set_once(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, kind: FaultKind, status: StatusChange
) -> None:
    """A status change is not resent either: a resend may cost money."""
    bought = await client.buy(key, ORDER)
    provider.fail(kind, action="setStatus")

    with pytest.raises(errors.NoAnswer):
        await client.set_status(key, bought.id, status)
    assert request_count(provider, "setStatus") == 1


async def test_a_purchase_opens_its_own_connection(
    connect: "Connect", raw: "RawServer", key: SecretStr
) -> None:
    """A purchase opens a new connection: the provider may be closing a used one."""
    raw.keeps = True
    raw.answer = http(b"ACCESS_BALANCE:5")
    async with connect(raw.url) as client:
        await client.balance(key)
        await client.balance(key)
        assert raw.connections == 1
        raw.answer = http(b"ACCESS_NUMBER:1:84912345678")
        await client.buy(key, ORDER)
        await client.buy(key, ORDER)

    assert raw.connections == 3
    assert len(raw.requests) == 4


async def test_a_kept_connection_that_is_closed_at_the_next_request(
    connect: "Connect", raw: "RawServer", key: SecretStr
) -> None:
    """A read is sent once more, on a fresh connection, when the provider closes its connection."""
    raw.keeps = True
    raw.answer = http(b"ACCESS_BALANCE:5")
    async with connect(raw.url) as client:
        await client.balance(key)
        raw.answer = None
        with pytest.raises(errors.NoAnswer):
            await client.balance(key)

    assert len(raw.requests) == 3
    assert raw.connections == 2


READS = [*OPTIONAL, "getBalance", "getStatus"]


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.COMMIT_THEN_CUT, FaultKind.HALF_BODY])
async def test_a_dropped_read_is_sent_once_more(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, name: str, kind: FaultKind
) -> None:
    """Every read survives one dropped connection, and no more than one."""
    provider.dialect = SMS_ACTIVATE
    call, _ = CALLS[name]
    bought = await client.buy(key, ORDER)

    async def read() -> None:
        if name == "getStatus":
            await client.status(key, bought.id)
        else:
            await call(client, key)

    provider.fail(kind, action=name)
    await read()
    assert request_count(provider, name) == 2
    provider.fail(kind, action=name, times=2)
    with pytest.raises(errors.NoAnswer):
        await read()
    assert request_count(provider, name) == 4


async def test_a_kept_connection_that_was_closed(
    connect: "Connect", raw: "RawServer", key: SecretStr
) -> None:
    """An idle connection that the provider closed is not used again."""
    raw.keeps = True
    raw.answer = http(b"ACCESS_BALANCE:5")
    async with connect(raw.url) as client:
        await client.balance(key)
        raw.hang_up()
        async with asyncio.timeout(5):
            while raw.connections == 1:
                with suppress(errors.NoAnswer):
                    await client.balance(key)

    assert raw.connections == 2


async def test_redirects_are_not_followed(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr, raw: "RawServer"
) -> None:
    """Redirects are not followed, so the key goes to no other host."""
    for status in (301, 302, 303, 307, 308):
        provider.fail(FaultKind.REDIRECT, body=raw.url, status=status)
    async with connect(url) as client:
        for _ in range(5):
            with pytest.raises(errors.Unreadable):
                await client.balance(key)

    assert raw.connections == 0
    assert request_count(provider, "getBalance") == 5


async def test_a_redirect_says_nothing(connect: "Connect", raw: "RawServer", key: SecretStr) -> None:
    """The body of a redirect is ignored."""
    raw.answer = http(b"ACCESS_BALANCE:5", "Location: /", status=302)
    async with connect(raw.url) as client:
        with pytest.raises(errors.Unreadable):
            await client.balance(key)


def bomb() -> bytes:
    """Return four megabytes of spaces, compressed to a few kilobytes."""
    return gzip.compress(b" " * (2 * wire.MAX_BODY))


TOO_LONG = {
    "announced": f"HTTP/1.1 200 OK\r\nContent-Length: {wire.MAX_BODY + 1}\r\n\r\n".encode(),
    "announced in the millions": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
    "until the end": b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (wire.MAX_BODY + 1),
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + (b"10000\r\n" + b" " * 0x10000 + b"\r\n") * 33,
    "compressed": http(bomb(), "Content-Encoding: gzip"),
    "deflated": http(zlib.compress(b" " * (2 * wire.MAX_BODY)), "Content-Encoding: deflate"),
}


@pytest.mark.parametrize("answer", TOO_LONG.values(), ids=TOO_LONG)
async def test_long_answers_are_refused(
    connect: "Connect", raw: "RawServer", key: SecretStr, answer: bytes
) -> None:
    """An answer over two megabytes is refused before its end is read, in every transfer encoding."""
    raw.keeps = True
    raw.answer = answer
    async with connect(raw.url) as client:
        for call in (client.balance(key), client.buy(key, ORDER)):
            async with asyncio.timeout(5):
                with pytest.raises(errors.Unreadable):
                    await call

    assert len(raw.requests) == 2


async def test_the_longest_answer(connect: "Connect", raw: "RawServer", key: SecretStr) -> None:
    """An answer of exactly two megabytes is read, compressed or not."""
    raw.keeps = True
    body = b"ACCESS_BALANCE:5".ljust(wire.MAX_BODY)
    async with connect(raw.url) as client:
        for raw.answer in (http(body), http(gzip.compress(body), "Content-Encoding: gzip")):
            assert await client.balance(key) == 5


UNKNOWN_ACTION = [("BAD_ACTION", 200), ('{"title":"BAD_ACTION","details":"","info":{}}', 404)]
NO_EVIDENCE = [
    ("<html>404</html>", 404),
    ("", 404),
    ("", 405),
    ('{"status":0,"message":"Not supported","data":[]}', 405),
    ("", 501),
    ("<html>Bad Gateway</html>", 502),
    ("<html>Login</html>", 200),
]


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize(("body", "status"), UNKNOWN_ACTION)
async def test_absent_actions_are_remembered(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr, name: str, body: str, status: int
) -> None:
    """An unknown action is not sent again for an hour, if the same key got a good answer in between."""
    now = 1000.0
    provider.dialect = SMS_ACTIVATE
    provider.fail(FaultKind.BODY, action=name, body=body, status=status, times=4)
    call, _ = CALLS[name]
    if name == "getActiveActivations":
        call = ask_for_list_unless_absent

    async def ask() -> int:
        nonlocal now
        now += 1  # for the rate budget
        with pytest.raises(errors.UnsupportedAction):
            await call(client, key)
        return request_count(provider, name)

    async with connect(url, budget=Budget(1000, 1000, clock=lambda: now)) as client:
        await client.balance(key)
        assert [await ask(), await ask(), await ask()] == [1, 2, 3]
        await client.balance(key)
        assert await ask() == 4
        now = 4598.0
        assert await ask() == 4
        now = 4605.0
        await call(client, key)
    assert request_count(provider, name) == 5


async def ask_for_list_unless_absent(client: ProviderClient, key: SecretStr) -> object:
    """Ask for the list of active numbers as a caller does that can do without it."""
    return await client.active(key, unless_absent=True)


async def test_the_list_of_active_numbers_can_always_be_asked(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr
) -> None:
    """Who needs the list as evidence asks also a provider that seems to have none."""
    for _ in range(3):
        await client.balance(key)
        with pytest.raises(errors.UnsupportedAction):
            await client.active(key)
    provider.dialect = SMS_ACTIVATE
    assert await client.active(key) == []


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize(("body", "status"), NO_EVIDENCE)
async def test_a_page_does_not_show_that_an_action_is_absent(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, name: str, body: str, status: int
) -> None:
    """A web page, an empty answer, or HTTP 404, 405 or 501 says nothing about an action."""
    provider.dialect = SMS_ACTIVATE
    await client.balance(key)
    call = ask_for_list_unless_absent if name == "getActiveActivations" else CALLS[name][0]
    provider.fail(FaultKind.BODY, action=name, body=body, status=status, times=5)
    for _ in range(5):
        with pytest.raises((errors.Unreadable, errors.ServerTrouble)):
            await call(client, key)
    await call(client, key)


async def test_a_good_answer_to_another_key_shows_nothing(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr
) -> None:
    """One key that is answered with BAD_ACTION while others work makes no action absent for them."""
    provider.dialect = SMS_ACTIVATE
    other = SecretStr("other")
    provider.open_account("other")
    for each in (key, other):
        await client.balance(each)
    provider.fail(FaultKind.BODY, body="BAD_ACTION", key=key.get_secret_value(), times=None)
    for _ in range(3):
        with pytest.raises(errors.UnsupportedAction):
            await client.countries(key)
        await client.balance(other)
    assert await client.countries(other) == {"10": "Vietnam"}


async def test_a_key_that_was_never_accepted_shows_nothing(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr
) -> None:
    """What a wrong key is answered concerns no other key: no absent action, no pause of the host."""
    provider.dialect = SMS_ACTIVATE
    wrong = SecretStr("1'or'1'='1")
    await client.balance(key)
    for kind, body, status in [
        (FaultKind.BODY, "BAD_ACTION", 200),
        (FaultKind.HTML, None, 403),
        (FaultKind.THROTTLE, None, 429),
    ]:
        provider.fail(
            kind, key=wrong.get_secret_value(), body=body, status=status, retry_after=3600, times=None
        )
        for name in OPTIONAL:
            with pytest.raises(errors.ProviderError):
                await CALLS[name][0](client, wrong)
        provider.heal()
    for name in OPTIONAL:
        await CALLS[name][0](client, key)


@pytest.mark.parametrize("name", OPTIONAL)
async def test_an_action_that_once_worked_is_not_absent(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, name: str
) -> None:
    """An action that worked before is sent again after BAD_ACTION, which then means another failure."""
    provider.dialect = SMS_ACTIVATE
    call, _ = CALLS[name]
    await call(client, key)
    provider.fail(FaultKind.BODY, body="BAD_ACTION")
    with pytest.raises(errors.UnsupportedAction):
        await call(client, key)

    await call(client, key)


async def test_the_rest_is_always_asked(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr
) -> None:
    """Actions that every provider supports are always sent again."""
    provider.fail(FaultKind.BODY, body="BAD_ACTION", times=4)
    for call in (client.balance(key), client.buy(key, ORDER), client.status(key, "1")):
        with pytest.raises(errors.UnsupportedAction):
            await call
    with pytest.raises(errors.UnsupportedAction):
        await client.set_status(key, "1", StatusChange.CANCEL)

    assert await client.balance(key) == 10
    assert (await client.buy(key, ORDER)).phone


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_wrong_address_or_method_is_not_a_missing_action(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr, status: int
) -> None:
    """HTTP 404 and 405 for an action that every provider supports do not mean a wrong key."""
    provider.fail(FaultKind.STATUS, body="No", status=status)

    with pytest.raises((errors.Unreadable, errors.ServerTrouble)):
        await client.balance(key)


async def test_providers_that_lack_actions(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr
) -> None:
    """A provider without lists is asked for each list twice."""
    assert provider.dialect is SMS3T
    for _ in range(4):
        await client.balance(key)
        for name in ("getCountries", "getServicesList", "getOperators"):
            with pytest.raises(errors.UnsupportedAction):
                await CALLS[name][0](client, key)

    assert len(provider.requests) == 4 + 2 * 3


@pytest.mark.parametrize(("asked_for", "rest"), [(None, 5), (2, 5), (40, 40), (100_000, 3600)])
async def test_throttled(
    connect: "Connect",
    url: str,
    provider: SandboxProvider,
    key: SecretStr,
    asked_for: int | None,
    rest: float,
) -> None:
    """After 429 an action of a key is paused for the requested time, at least five seconds; no others are."""
    provider.open_account("other")
    provider.fail(FaultKind.THROTTLE, retry_after=asked_for)
    now = 1000.0
    budget = Budget(1000, 1000, clock=lambda: now)
    async with connect(url, budget=budget) as client:
        with pytest.raises(errors.Throttled) as refused:
            await client.balance(key)
        assert refused.value.retry_after == rest
        with pytest.raises(errors.Throttled) as refused:
            await client.balance(key)
        assert refused.value.retry_after == rest
        assert len(provider.requests) == 1
        assert budget.try_poll(key) == 0
        assert (await client.buy(key, ORDER)).phone
        assert await client.balance(SecretStr("other")) == 10
        now += rest
        assert await client.balance(key) < 10


@pytest.mark.parametrize(
    ("kind", "status"), [(FaultKind.THROTTLE, None), (FaultKind.HTML, 403), (FaultKind.HTML, 429)]
)
async def test_a_paused_purchase_says_how_long(
    connect: "Connect",
    url: str,
    provider: SandboxProvider,
    key: SecretStr,
    kind: FaultKind,
    status: int | None,
) -> None:
    """In a pause of purchases nothing is sent, and the refusal has the rest of the pause."""
    now = 1000.0
    provider.open_account("other")
    async with connect(url, budget=Budget(1000, 1000, clock=lambda: now)) as client:
        for each in (key, SecretStr("other")):
            await client.balance(each)
            provider.fail(kind, action="getNumber", status=status, retry_after=1800)
            with pytest.raises((errors.Throttled, errors.Blocked)):
                await client.buy(each, ORDER)
        now += 600
        refusal = errors.Throttled if kind is FaultKind.THROTTLE else errors.BlockedAtEdge
        with pytest.raises(refusal) as refused:
            await client.buy(key, ORDER)
        assert vars(refused.value)["retry_after"] == 1200
    assert request_count(provider, "getNumber") == 2


async def test_an_invalid_retry_after_is_ignored(connect: "Connect", raw: "RawServer") -> None:
    """A Retry-After that is not a number of seconds is ignored."""
    raw.keeps = True
    async with connect(raw.url) as client:
        for value in ("Wed, 21 Oct 2026 07:28:00 GMT", "-5", "1.5", "²", "soon", ""):
            raw.answer = http(b"", f"Retry-After: {value}", status=429)
            with pytest.raises(errors.Throttled) as refused:
                await client.balance(SecretStr(value))
            assert refused.value.retry_after == 5


async def test_blocked(connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr) -> None:
    """A block page stops the key that met it, and the host once a second accepted key has met it."""
    other, third = SecretStr("other"), SecretStr("third")
    for each in (other, third):
        provider.open_account(each.get_secret_value())
    now = 1000.0
    async with connect(url, budget=Budget(1000, 1000, clock=lambda: now)) as client:
        for each in (key, other, third):
            await client.balance(each)
        for each in (key, other):
            provider.fail(FaultKind.HTML, status=403, key=each.get_secret_value())
        with pytest.raises(errors.Blocked) as blocked:
            await client.balance(key)
        assert blocked.value.retry_after == 60
        assert await client.balance(third) == 10
        with pytest.raises(errors.Blocked):
            await client.balance(other)
        sent = len(provider.requests)
        with pytest.raises(errors.Blocked):
            await client.balance(third)
        assert len(provider.requests) == sent
        now += 60
        assert await client.balance(third) == 10


async def test_the_budget_is_taken_once(
    connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr
) -> None:
    """Each request takes a token from the budget, unless it is marked as budgeted."""
    bought = []
    budget = Budget(1, 1000, clock=lambda: 1000.0)
    async with connect(url, budget=budget) as client:
        bought.append(await client.buy(key, ORDER))
        for _ in range(20):
            await client.status(key, bought[0].id, budgeted=True)
        for _ in range(4):
            await client.status(key, bought[0].id)
        assert budget.try_poll(key) == 0  # the reserved share of the polls
        assert budget.try_poll(key) > 0
    assert len(provider.requests) == 25


async def test_slow_answers(connect: "Connect", url: str, provider: SandboxProvider, key: SecretStr) -> None:
    """A purchase has a longer timeout than a read."""
    provider.fail(FaultKind.HANG, action="getBalance")
    provider.fail(FaultKind.DELAY, action="getNumber", seconds=0.15)
    async with connect(url, read_timeout=0.05) as client:
        with pytest.raises(errors.NoAnswer):
            await client.balance(key)
        assert (await client.buy(key, ORDER)).phone


async def test_an_answer_that_drips(connect: "Connect", raw: "RawServer", key: SecretStr) -> None:
    """The timeout covers the whole answer, not only its beginning."""
    raw.keeps = True
    raw.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nACCESS_BAL"
    async with connect(raw.url, read_timeout=0.1) as client:
        with pytest.raises(errors.NoAnswer):
            await client.balance(key)


GARBAGE = {
    "nothing": b"",
    "no HTTP": b"ACCESS_NUMBER:1:84912345678",
    "a telnet server": b"220 mail.example.org ESMTP\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\x50",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "a bad length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nACCESS_BALANCE:5",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nACCESS",
    "a bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nACCESS\r\n0\r\n\r\n",
    "half the chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nACCESS\r\n",
    "no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\nACCESS",
    "half a gzip": http(gzip.compress(b"ACCESS_BALANCE:5" * 50)[:20], "Content-Encoding: gzip"),
    "half a deflate": http(zlib.compress(b"ACCESS_BALANCE:5" * 50)[:12], "Content-Encoding: deflate"),
    "an encoding nobody has": http(b"ACCESS", "Content-Encoding: br"),
    "a bad status": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status of 999": b"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n",
    "a long line": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
    "a bad header": b"HTTP/1.1 200 OK\r\n\x00: \xff\r\n\r\n",
    "a bad cookie": http(b"", "Set-Cookie: \x01;;=;"),
    "continue for ever": b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    "another protocol": b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "an odd character set": http(b"ACCESS", "Content-Type: text/html; charset=klingon"),
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE)
async def test_garbage_in_place_of_http(
    connect: "Connect", raw: "RawServer", key: SecretStr, answer: bytes
) -> None:
    """Invalid HTTP is NoAnswer or Unreadable; a purchase is sent once, a read at most twice."""
    raw.answer = answer
    for name, most in (("getBalance", 2), ("getNumber", 1), ("setStatus 8", 1), ("getActiveActivations", 2)):
        raw.requests.clear()
        async with connect(raw.url) as client:
            with pytest.raises(
                (errors.NoAnswer, errors.Unreadable, errors.ServerTrouble, errors.StepRefused)
            ):
                await CALLS[name][0](client, key)
        assert 1 <= len(raw.requests) <= most


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(max_size=80), min_size=1, max_size=4), st.sampled_from([200, 400, 403, 404, 429, 500])
)
@example([b"{}", b"[]", b'""', b"1", b"null"], 200)
@example([b'{"status":"ACCESS_NUMBER"}', b'{"activationId":[]}', b'[[{"id":{}}]]', b'{"data":[[]]}'], 200)
def test_any_bytes_for_any_action(
    connect: "Connect", key: SecretStr, bodies: list[bytes], status: int
) -> None:
    """Any answer to any action gives a value or a ProviderError after one request."""

    async def ask_all() -> None:
        provider = SandboxProvider()
        async with ProviderServer(provider) as server:
            for body in bodies:
                provider.fail(FaultKind.BODY, body=body, status=status, times=None)
                for call, _ in CALLS.values():
                    async with connect(server.url) as client, asyncio.timeout(5):
                        with suppress(errors.ProviderError):
                            await call(client, key)
                provider.heal()
        assert len(provider.requests) == len(bodies) * len(CALLS)

    asyncio.run(ask_all())
