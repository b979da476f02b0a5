"""Parsing of bodies: any body under any HTTP status is a token, a table or an error."""

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from bot import errors
from bot.provider import wire
from bot.provider.refusals import error_for
from bot.provider.wire import Table, Token

ANSWERS = Path(__file__).parent / "answers"
TABLE = Table

READ: dict[str, Any] = {
    "daisysms/not-enough.txt": errors.NoBalance(),
    "daisysms/too-many.txt": errors.LimitReached(),
    "grizzly/getActiveActivations.json": TABLE,
    "grizzly/getPricesV3.json": TABLE,
    "herosms/bad-key.json": errors.KeyRefused(),
    "herosms/banned.json": errors.Banned("2026-03-08 20:00"),
    "herosms/cancel-late.json": errors.AlreadyEnded(),
    "herosms/code-came.json": errors.CodeCameFirst("1234"),
    "herosms/early-cancel.json": errors.TooEarly(120.0),
    "herosms/getActiveActivations.json": TABLE,
    "herosms/getNumberV2.json": TABLE,
    "herosms/getPrices-bad-service.json": errors.BadService(),
    "herosms/getPrices-cut.json": errors.Unreadable(),
    "herosms/missing-parameter.json": errors.BadRequest(),
    "herosms/no-balance.json": errors.NoBalance(),
    "herosms/not-found.json": errors.UnknownActivation(),
    "herosms/rate-limit.json": errors.Throttled(9.0),
    "herosms/server-error.json": errors.ServerTrouble(),
    "herosms/wrong-max-price.json": errors.PriceTooLow(Decimal("0.35")),
    "malformed/blank.txt": errors.Unreadable(),
    "malformed/edge.txt": errors.Unreadable(),
    "malformed/empty.txt": errors.Unreadable(),
    "malformed/exponent.json": errors.Unreadable(),
    "malformed/half-a-character.json": Table({"tg\ufffd": 5, r"\ud83d": 6, "\U0001f600": 7}),
    "malformed/half-a-character.txt": Token("STATUS_OK", "code \ufffd 5"),
    "malformed/half-a-quote.txt": Token("ACCESS_BALANCE", "5"),
    "malformed/laravel.json": TABLE,
    "malformed/latin1.txt": errors.Unreadable(),
    "malformed/nan.json": errors.Unreadable(),
    "malformed/null.json": Token("NULL"),
    "malformed/number.json": Token("NUMBER", "5"),
    "malformed/numbers.json": TABLE,
    "malformed/page.txt": errors.Unreadable(),
    "malformed/quotes-in-quotes.txt": Token("STATUS_OK", 'say "hi"'),
    "malformed/sentence.txt": errors.Unreadable(),
    "malformed/single-quotes.txt": Token("STATUS_OK", "77"),
    "malformed/unknown-word.txt": Token("STATUS_SOMETHING_NEW", "5"),
    "onlinesim/error.json": errors.KeyRefused(),
    "polarsms/bad-key.json": errors.KeyRefused(),
    "polarsms/getNumber-without-id.json": Token("ACCESS_NUMBER", ":+15550104477"),
    "polarsms/getNumber.json": Token("ACCESS_NUMBER", "12345:+15550104477"),
    "polarsms/getStatus-waiting.json": Token("STATUS_WAIT_CODE"),
    "polarsms/getStatus.json": Token("STATUS_OK", "123456"),
    "privatesms/getPrices.json": TABLE,
    "privatesms/server-error.txt": errors.ServerTrouble(),
    "sms3t/getNumbersStatus-empty.json": Table([]),
    "sms3t/getNumbersStatus.json": TABLE,
    "sms3t/getPrices.json": TABLE,
    "sms_activate/getActiveActivations-empty.json": Token("NO_ACTIVATIONS"),
    "sms_activate/getActiveActivations-none.txt": Token("NO_ACTIVATIONS"),
    "sms_activate/getActiveActivations.json": TABLE,
    "sms_activate/getBalance-bom.txt": Token("ACCESS_BALANCE", "17.154"),
    "sms_activate/getBalance-quoted.txt": Token("ACCESS_BALANCE", " '50'"),
    "sms_activate/getBalance.txt": Token("ACCESS_BALANCE", "17.154"),
    "sms_activate/getCountries.json": TABLE,
    "sms_activate/getNumber-banned.txt": errors.Banned("2026-3-14 08-15-00"),
    "sms_activate/getNumber-forwarding-unpaid.txt": errors.NoBalance(),
    "sms_activate/getNumber-limit-price.txt": errors.PriceTooLow(Decimal("1.25")),
    "sms_activate/getNumber.txt": Token("ACCESS_NUMBER", "3936040355:6285872391152"),
    "sms_activate/getNumbersStatus.json": TABLE,
    "sms_activate/getOperators-unknown.txt": errors.BadOperator(),
    "sms_activate/getOperators.json": TABLE,
    "sms_activate/getPrices.json": TABLE,
    "sms_activate/getPricesVerification.json": TABLE,
    "sms_activate/getServicesList.json": TABLE,
    "sms_activate/getStatus-again.txt": Token("STATUS_WAIT_RETRY", "02468"),
    "sms_activate/getStatus-closed.txt": Token("STATUS_CANCEL"),
    "sms_activate/getStatus-code-like-an-error.txt": Token("STATUS_OK", "NO_BALANCE"),
    "sms_activate/getStatus-code-missing.txt": Token("STATUS_OK"),
    "sms_activate/getStatus-code-quoted.txt": Token("STATUS_OK", " 'G-204861'"),
    "sms_activate/getStatus-code-with-colon.txt": Token("STATUS_OK", "Yo.ur c.ode is: 123456"),
    "sms_activate/getStatus-code.txt": Token("STATUS_OK", "02468"),
    "sms_activate/getStatus-resend.txt": Token("STATUS_WAIT_RESEND"),
    "sms_activate/getStatus-waiting.txt": Token("STATUS_WAIT_CODE"),
    "sms_activate/setStatus-1.txt": Token("ACCESS_READY"),
    "sms_activate/setStatus-3.txt": Token("ACCESS_RETRY_GET"),
    "sms_activate/setStatus-6.txt": Token("ACCESS_ACTIVATION"),
    "sms_activate/setStatus-8.txt": Token("ACCESS_CANCEL"),
    "sms_activate/setStatus-early.txt": errors.TooEarly(),
    "smsbower/getCountries.json": TABLE,
    "smsbower/getOperators-empty.json": TABLE,
    "smsbower/getOperators.json": TABLE,
    "smsbower/getPrices-bad-country.json": errors.BadCountry(),
    "smsbower/getPricesV2.json": TABLE,
    "smsbower/getPricesV3.json": TABLE,
    "smsbower/no-access.json": errors.KeyRefused(),
    "smsbower/no-post.json": errors.Unreadable(),
    "smshub/getCurrentActivations.json": TABLE,
    "smshub/no-activations.json": Token("NO_ACTIVATIONS"),
    "smsverified/getNumber.txt": Token("ACCESS_NUMBER", "9007199254740993:+4915123456789"),
    "smsverified/getNumbersStatus.json": TABLE,
    "tiger/bad-key.txt": errors.KeyRefused(),
    "tiger/getActiveActivations-empty.json": TABLE,
    "tiger/getBalance.json": Table({"balance": "4.6820", "currency": 840}),
    "tiger/getCountries.json": TABLE,
    "tiger/getPrices.json": TABLE,
    "tiger/getPricesV2.json": TABLE,
    "tiger/getStatus-cancelled.txt": Token("ACCESS_CANCEL"),
    "tiger/throttled.txt": errors.Throttled(5.0),
    "vak/wrong-key.txt": errors.UnsupportedAction(),
}
"""The result of each recorded answer under HTTP 200; other tests check the content of a ``TABLE``."""

REFUSALS: dict[type[errors.ProviderError], str] = {
    errors.KeyRefused: "BAD_KEY NO_KEY WRONG_API_KEY ERROR_WRONG_KEY API_KEY_NOT_VALID NO_ACCESS",
    errors.NoNumbers: "NO_NUMBERS NO_NUMBER NO_PROVIDERS",
    errors.NoBalance: (
        "NO_BALANCE NO_MONEY NO_MEANS LOW_BALANCE BAD_BALANCE NOT_ENOUGH_MONEY NO_BALANCE_FORWARD "
        "NO_YULA_MAIL MAIL_RULE"
    ),
    errors.BadService: "BAD_SERVICE WRONG_SERVICE SERVICE_IS_INCORRECT",
    errors.BadCountry: "BAD_COUNTRY WRONG_COUNTRY COUNTRY_IS_INCORRECT",
    errors.BadOperator: "BAD_OPERATOR WRONG_OPERATOR OPERATORS_NOT_FOUND",
    errors.BadPrefixes: "WRONG_EXCEPTION_PHONE",
    errors.BadRequest: (
        "BAD_FORWARD BAD_VALUES BAD_MULTIPLE BAD_PROVIDER_IDS BAD_EXCEPT_PROVIDER_IDS BAD_ACTIVATION_TYPE "
        "BAD_FIXED_PRICE BAD_LANG BAD_CURRENCY CURRENCY_CHANGE_UNAVAILABLE UNPROCESSABLE_ENTITY WRONG_DATE "
        "WRONG_ADDITIONAL_SERVICE WRONG_SECURITY REPEAT_ADDITIONAL_SERVICE"
    ),
    errors.PriceTooLow: "WRONG_MAX_PRICE MAX_PRICE_EXCEEDED BAD_MAX_PRICE",
    errors.Banned: "BANNED",
    errors.LimitReached: "CHANNELS_LIMIT TOO_MANY_ACTIVE_RENTALS",
    errors.NotForSale: (
        "ACCOUNT_INACTIVE SERVICE_NOT_AVAILABLE NOT_AVAILABLE WHATSAPP_NOT_AVAILABLE "
        "THE_SERVICE_IS_PROHIBITED_FOR_SALE_BY_ADMINISTRATION "
        "RENEW_ACTIVATION_NOT_AVAILABLE NEW_ACTIVATION_IMPOSSIBLE SIM_OFFLINE"
    ),
    errors.RegionRefused: "SERVICE_UNAVAILABLE_REGION",
    errors.Throttled: "RATE_LIMIT REQUEST_LIMIT TOO_MANY_REQUESTS",
    errors.AlreadyBought: "ORDER_ALREADY_EXISTS",
    errors.UnknownActivation: (
        "NO_ACTIVATION WRONG_ACTIVATION_ID INVALID_ACTIVATION_ID NOT_FOUND ACTIVATION_NOT_FOUND BAD_ID"
    ),
    errors.StepRefused: "BAD_STATUS INCORRECT_STATUS INCORECT_STATUS",
    errors.TooEarly: "EARLY_CANCEL_DENIED CANNOT_BEFORE_2_MIN",
    errors.CodeCameFirst: "OTP_RECEIVED NEW_OTP_RECEIVED",
    errors.AlreadyEnded: "FREE_CANCELLATION_EXPIRED ACTIVATION_NOT_ACTIVE",
    errors.UnsupportedAction: "BAD_ACTION NO_ACTION",
    errors.ServerTrouble: (
        "ERROR_SQL SQL_ERROR ERROR_SQL42 SERVER_ERROR NO_CONNECTION ERROR_API UNKNOWN_ERROR "
        "SERVICE_UNAVAILABLE"
    ),
}
WORDS = [(word, error) for error, words in REFUSALS.items() for word in words.split()]
WRAPPINGS = {
    "plain": "{}",
    "byte order mark": "\ufeff{}",
    "line break": "{}\r\n",
    "blanks": "  {}\t",
    "nought": "{}\0",
    "JSON string": '"{}"',
    "single quotes": "'{}'",
    "all at once": '\ufeff \r\n"{} "\r\n',
}
ENVELOPES = [
    '{"title":"{}","details":"Why it is so","info":{}}',
    '{"title":"{}","details":"Why it is so","info":[]}',
    '{"status":"false","msg":"{}"}',
    '{"status":0,"message":"{}","data":[]}',
    '{"status":false,"message":"{}"}',
    '{"error":"{}"}',
    '{"status":"error","error":"{}"}',
    '{"status":"error","message":"{}"}',
    '{"status":"error","msg":"{}"}',
    '{"status":"fail","code":"{}"}',
]
STATUSES = [200, 400, 401, 402, 403, 404, 405, 409, 422, 429, 500, 502, 503]


def outcome(body: bytes, status: int = 200, retry_after: float | None = None) -> Any:
    """Return the parsed value or the error of an answer."""
    try:
        return wire.read(body, status=status, retry_after=retry_after)
    except errors.ProviderError as error:
        return error


def facts(value: object) -> object:
    """Return a comparable form of a value; an error becomes its class and attributes."""
    return (type(value), vars(value)) if isinstance(value, errors.ProviderError) else value


def test_every_recorded_answer_is_expected() -> None:
    """Every recorded answer is used by a test."""
    found = {path.relative_to(ANSWERS).as_posix() for path in ANSWERS.rglob("*.*")}

    assert found == set(READ)


@pytest.mark.parametrize("name", READ)
def test_recorded_answers(name: str) -> None:
    """Each recorded answer has the expected value or error."""
    read, expected = outcome((ANSWERS / name).read_bytes()), READ[name]

    if expected is TABLE:
        assert isinstance(read, Table)
    else:
        assert facts(read) == facts(expected)


@pytest.mark.parametrize(("word", "error"), WORDS)
def test_refusals_as_text(word: str, error: type[errors.ProviderError]) -> None:
    """An error token gives its error in every wrapping and under every HTTP status."""
    for name, wrapping in WRAPPINGS.items():
        body = wrapping.format(word).encode()
        assert {type(outcome(body, status)) for status in STATUSES} == {error}, name


@pytest.mark.parametrize(("word", "error"), WORDS)
def test_refusals_as_json(word: str, error: type[errors.ProviderError]) -> None:
    """An error token in JSON gives its error in any case, with spaces, and under every HTTP status."""
    for envelope in ENVELOPES:
        for spelling in [word, word.lower(), word.replace("_", " ").capitalize()]:
            body = envelope.replace("{}", spelling, 1).encode()
            assert {type(outcome(body, status)) for status in STATUSES} == {error}, body
    body = f'{{"status":"{word}"}}'.encode()
    assert {type(outcome(body, status)) for status in STATUSES} == {error}, body


@pytest.mark.parametrize("word", [word for word, _ in WORDS])
def test_only_whole_tokens(word: str) -> None:
    """An error token inside a longer text is not an error."""
    assert outcome(f"STATUS_OK:{word}".encode()) == Token("STATUS_OK", word)
    assert outcome(f"FULL_SMS:{word}:{word}".encode()) == Token("FULL_SMS", f"{word}:{word}")
    assert outcome(f"STATUS_{word}".encode()) == Token(f"STATUS_{word}")
    assert error_for(f"{word}X", "") is None
    assert error_for(f"X{word}", "") is None
    assert type(outcome(f"Notice: {word} in handler.php".encode())) is errors.Unreadable
    assert type(outcome(f"<b>{word}</b>".encode())) is errors.Unreadable
    table = json.dumps({"status": "success", "services": [{"code": "tg", "name": word}]})
    assert isinstance(outcome(table.encode()), Table)
    assert outcome(json.dumps({"status": "STATUS_OK", "code": word}).encode()) == Token("STATUS_OK", word)


@pytest.mark.parametrize("status", STATUSES)
def test_what_was_bought_counts_under_any_status(status: int) -> None:
    """A bought number and a code are valid under every HTTP status."""
    assert outcome(b"ACCESS_NUMBER:1:84912345678", status) == Token("ACCESS_NUMBER", "1:84912345678")
    assert outcome(b"STATUS_OK:55", status) == Token("STATUS_OK", "55")
    assert isinstance(outcome(b'{"activationId":1,"phoneNumber":"84912345678"}', status), Table)
    assert outcome(b'{"status":"ACCESS_NUMBER","activationId":1,"code":"x"}', status).name == "ACCESS_NUMBER"


@pytest.mark.parametrize(
    "body", [b"", b"gone wrong", b"SOMETHING_NEW", b"{}", b"[]", b'{"detail":"x"}', b'{"a']
)
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.Unreadable),
        (401, errors.KeyRefused),
        (403, errors.Unreadable),
        (404, errors.Unreadable),
        (405, errors.Unreadable),
        (422, errors.BadRequest),
        (429, errors.Throttled),
        (500, errors.ServerTrouble),
        (502, errors.ServerTrouble),
    ],
)
def test_the_status_speaks_where_the_body_does_not(
    body: bytes, status: int, error: type[errors.ProviderError]
) -> None:
    """A body without a known token gives the error of its HTTP status."""
    assert type(outcome(body, status)) is error


@pytest.mark.parametrize(
    "body", [b"<html>Attention Required!</html>", b"\xef\xbb\xbf \n<!doctype html>", b"error code: 520"]
)
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, errors.Unreadable),
        (400, errors.Unreadable),
        (401, errors.Unreadable),
        (403, errors.Blocked),
        (404, errors.Unreadable),
        (422, errors.Unreadable),
        (429, errors.Blocked),
        (502, errors.ServerTrouble),
        (503, errors.ServerTrouble),
    ],
)
def test_pages(body: bytes, status: int, error: type[errors.ProviderError]) -> None:
    """An HTML page is Blocked, ServerTrouble or Unreadable."""
    assert type(outcome(body, status)) is error


@pytest.mark.parametrize("status", [400, 403, 429, 503])
@pytest.mark.parametrize(
    "body",
    [
        b"error code: 1020",
        b"Error code: 1015\n",
        b"<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title>",
    ],
)
def test_a_block_at_the_edge(body: bytes, status: int) -> None:
    """A page that says that the proxy blocks this server is Blocked for ten seconds under any HTTP status."""
    block = outcome(body, status)
    assert (type(block), block.retry_after) == (errors.BlockedAtEdge, 10)
    assert outcome(body, status, 30).retry_after == 30


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_challenge_reaches_no_provider(status: int) -> None:
    """A challenge page means that the provider has not seen the request; such words elsewhere do not."""
    for words in (
        "<title>Just a moment...</title>",
        "Checking your browser",
        "<script>window._cf_chl_opt={}",
    ):
        page = f"<!DOCTYPE html><html><head>{words}".encode()
        assert type(outcome(page, status)) is errors.NotSent
        assert type(outcome(page, 200)) is errors.Unreadable
        assert outcome(b"STATUS_OK:" + page, status) == Token("STATUS_OK", page.decode())
    with pytest.raises(errors.NotSent):
        wire.read(b"<html></html>", status=status, challenged=True)


@pytest.mark.parametrize(
    ("asked", "throttled", "blocked"),
    [(None, 5, 60), (0, 5, 60), (3, 5, 60), (30, 30, 60), (90, 90, 90), (3600, 3600, 3600)],
)
def test_waits(asked: float | None, throttled: float, blocked: float) -> None:
    """Retry-After is used, with a minimum of five seconds, or of a minute after a block."""
    assert outcome(b"", 429, asked).retry_after == throttled
    assert outcome(b"Too Many Requests", 429, asked).retry_after == throttled
    assert outcome(b'{"title":"RATE_LIMIT","info":{}}', 429, asked).retry_after == throttled
    assert outcome(b"<html>", 403, asked).retry_after == blocked


def test_waits_in_a_body_end() -> None:
    """A wait in a body is limited to an hour."""
    assert outcome(b'{"title":"RATE_LIMIT","info":{"retry_after":999999999}}').retry_after == 3600
    assert outcome(b'{"title":"EARLY_CANCEL_DENIED","info":{"minActivationTime":1e8}}').minimum == 3600
    assert outcome(b'{"title":"EARLY_CANCEL_DENIED","info":{"minActivationTime":-5}}').minimum is None


@pytest.mark.parametrize(
    ("body", "until"),
    [
        (b"BANNED", None),
        (b"BANNED:", None),
        (b"BANNED:'2026-3-14 08-15-00'", "2026-3-14 08-15-00"),
        (b"BANNED: 2026-03-14", "2026-03-14"),
        (b"BANNED:" + b"9" * 500, "9" * 40),
        (b'{"title":"BANNED","info":{"banned_until":1773000000}}', "1773000000"),
    ],
)
def test_ban(body: bytes, until: str | None) -> None:
    """A ban has the provider's text for its end, cut to a maximum length."""
    assert outcome(body).until == until


def test_the_ban_of_one_service() -> None:
    """HeroSMS' scope tells a ban of one service in one country from that of the account."""
    body = '{"title":"BANNED","info":{"scope":"%s","banned_until":"2026-09-01 12:00:00"}}'
    specific, whole = (outcome((body % scope).encode(), 403) for scope in ("specific", "global"))
    assert facts(specific) == facts(errors.ServiceBanned("2026-09-01 12:00:00"))
    assert facts(whole) == facts(errors.Banned("2026-09-01 12:00:00"))


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ({"data": [{"code": "1111"}, {"code": "2222", "text": "Code 2222"}]}, "2222"),
        ({"data": [{"code": None, "text": "Your link"}]}, "Your link"),
        ({"data": {"code": 12}}, "12"),
        ({"data": []}, None),
        ({"data": "1234"}, None),
        ({}, None),
    ],
)
def test_the_sms_in_a_refusal(info: dict[str, object], code: str | None) -> None:
    """The refusal of a cancel because of a new SMS has its code."""
    body = json.dumps({"title": "NEW_OTP_RECEIVED", "details": "", "info": info})
    assert facts(outcome(body.encode(), 409)) == facts(errors.CodeCameFirst(code))


def test_two_minutes() -> None:
    """The refusal that names two minutes tells them."""
    assert outcome(b"CANNOT_BEFORE_2_MIN").minimum == 120


@pytest.mark.parametrize(
    ("body", "minimum"),
    [
        (b"WRONG_MAX_PRICE", None),
        (b"WRONG_MAX_PRICE:0.35", "0.35"),
        (b"WRONG_MAX_PRICE: '0.35'", "0.35"),
        (b"WRONG_MAX_PRICE:cheap", None),
        (b"WRONG_MAX_PRICE:1e-99999999", None),
        (b'{"title":"WRONG_MAX_PRICE","info":{"min":"1.5"}}', "1.5"),
    ],
)
def test_price_too_low(body: bytes, minimum: str | None) -> None:
    """PriceTooLow has the lowest price if the provider states it."""
    assert outcome(body).minimum == (None if minimum is None else Decimal(minimum))


def test_success_beside_an_empty_error() -> None:
    """A table with an empty error field is still a table."""
    assert isinstance(outcome(b'{"status":"success","error":"","services":[]}'), Table)
    assert isinstance(outcome(b'{"status":"success","error":null,"title":null,"services":[]}'), Table)


HOSTILE = {
    "open lists": b"[" * 100_000,
    "open objects": b'{"a":' * 100_000,
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "long integer": b'{"a":1' + b"0" * 10_000 + b"}",
    "infinity": b'{"a":Infinity}',
    "negative infinity": b'{"a":-Infinity}',
    "exponent": b'{"a":1e9999999999999999999}',
    "control character": b'{"a":"\x01"}',
    "single quotes": b"{'a':1}",
    "two values": b'{"a":1}{"a":1}',
    "quotes": b'"' * 1_000_000,
    "a long word": b"A" * 1_000_000 + b"!",
    "many blanks": b"A" + b" " * 1_000_000 + b"!",
    "no UTF-8": b"\xff" * 1_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bodies(body: bytes) -> None:
    """Deeply nested, huge and broken bodies are Unreadable, and are rejected fast."""
    before = time.perf_counter()

    assert type(outcome(body)) is errors.Unreadable
    assert time.perf_counter() - before < 2


@given(st.binary(max_size=300), st.integers(200, 599), st.none() | st.floats(0, 3600))
@example(b"", 200, None)
@example(b'"', 200, None)
@example(b'"\\', 200, None)
@example(b'{"status":"1:2"}', 500, None)
def test_any_bytes(body: bytes, status: int, retry_after: float | None) -> None:
    """Any bytes under any HTTP status give a value or a ProviderError."""
    assert isinstance(outcome(body, status, retry_after), (Token, Table, errors.ProviderError))


@given(st.data())
def test_damaged_answers(data: st.DataObject) -> None:
    """A recorded answer with any part replaced gives a value or a ProviderError."""
    name = data.draw(st.sampled_from(sorted(READ)))
    body = (ANSWERS / name).read_bytes()
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    put = data.draw(st.binary(max_size=8) | st.sampled_from([b'"', b":", b"{}", b"null", b"-1", b"\\ud800"]))

    read = outcome(body[:start] + put + body[end:], data.draw(st.sampled_from(STATUSES)))

    assert isinstance(read, (Token, Table, errors.ProviderError))
    if isinstance(read, Table):
        json.dumps(read.value, default=str, ensure_ascii=False).encode()


FIELDS = ["status", "error", "title", "msg", "message", "code", "info", "activationId", "phone", "balance"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from([word for word, _ in WORDS]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(STATUSES))
def test_any_json(value: object, status: int) -> None:
    """Any JSON under any HTTP status gives a value or a ProviderError."""
    read = outcome(json.dumps(value).encode(), status)

    assert isinstance(read, (Token, Table, errors.ProviderError))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(lambda text: f"x{text}x"))
def test_any_sms_text(text: str) -> None:
    """A code is passed on unchanged."""
    assert outcome(f"STATUS_OK:{text}".encode()) == Token("STATUS_OK", text)
    assert outcome(json.dumps(f"STATUS_OK:{text}").encode()) == Token("STATUS_OK", text)
    assert outcome(json.dumps({"status": "STATUS_OK", "code": text}).encode()) == Token("STATUS_OK", text)
