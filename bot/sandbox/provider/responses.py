"""HTTP responses: tokens, JSON and errors in the format of the dialect."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.provider.dialects import Dialect, ErrorShape, Wrapping
from bot.sandbox.provider.errors import RefusalReason, RefusedRequest

JSON_TYPE = "application/json"

_HEROSMS_STATUS = {
    RefusalReason.BAD_KEY: 401,
    RefusalReason.NO_KEY: 401,
    RefusalReason.NO_BALANCE: 402,
    RefusalReason.NO_ACTIVATION: 404,
    RefusalReason.BAD_ACTION: 404,
    RefusalReason.BAD_STATUS: 400,
    RefusalReason.WRONG_MAX_PRICE: 400,
    RefusalReason.EARLY_CANCEL_DENIED: 409,
    RefusalReason.OTP_RECEIVED: 409,
    RefusalReason.ACTIVATION_NOT_ACTIVE: 409,
}
_UNPROCESSABLE = 422
_HEROSMS_INFO = {RefusalReason.EARLY_CANCEL_DENIED: "minActivationTime", RefusalReason.WRONG_MAX_PRICE: "min"}
_HEROSMS_PLAIN = {RefusalReason.NO_NUMBERS, RefusalReason.OPERATORS_NOT_FOUND}
_UNAUTHORISED = {RefusalReason.NO_KEY, RefusalReason.BAD_KEY}
_PRICE_REFUSALS = {
    (ErrorShape.HEROSMS, RefusalReason.BAD_SERVICE): {"status": "false", "msg": "service is incorrect"},
    (ErrorShape.HEROSMS, RefusalReason.BAD_COUNTRY): {"status": "false", "msg": "country is incorrect"},
    (ErrorShape.SMSBOWER, RefusalReason.BAD_SERVICE): {"error": "Bad service"},
    (ErrorShape.SMSBOWER, RefusalReason.BAD_COUNTRY): {"error": "Bad country"},
}


@dataclass(frozen=True, slots=True)
class ProviderResponse:
    """The response to a request, before it is sent."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def write_response(
    dialect: Dialect,
    content: object,
    *,
    status: int = 200,
    content_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProviderResponse:
    """Return a response with a ``str`` as text, or with anything else as JSON.

    The dialect sets the wrapping and, if it is not given, the content type.
    """
    if dialect.json_tokens and isinstance(content, str):
        content = _as_json(content)
    text = content if isinstance(content, str) else json.dumps(content, separators=(",", ":"))
    match dialect.wrapping:
        case Wrapping.BOM:
            text = f"\ufeff{text}"
        case Wrapping.QUOTED if isinstance(content, str):
            text = json.dumps(text, ensure_ascii=False)
        case Wrapping.CRLF:
            text = f"{text}\r\n"
        case Wrapping.SPACES:
            text = f"  {text} "
    return ProviderResponse(text.encode(), content_type or dialect.content_type, status, headers or {})


def write_refusal(dialect: Dialect, action: str, refusal: RefusedRequest) -> ProviderResponse:
    """Return the error response of an action."""
    reason = refusal.reason
    if action == "getPrices" and (known := _PRICE_REFUSALS.get((dialect.errors, reason))):
        return write_response(dialect, known, content_type=JSON_TYPE)
    if dialect.errors is ErrorShape.HEROSMS and reason not in _HEROSMS_PLAIN:
        return _herosms(dialect, refusal)
    if dialect.errors is ErrorShape.SMSBOWER and reason in _UNAUTHORISED:
        content = {"status": 0, "message": "No access", "data": []}
        return write_response(dialect, content, status=401, content_type=JSON_TYPE)
    if dialect.errors is ErrorShape.TIGER and reason in _UNAUTHORISED:
        return write_response(dialect, reason.value, status=401)
    if dialect.plain_refusals and reason in (RefusalReason.OTP_RECEIVED, RefusalReason.ACTIVATION_NOT_ACTIVE):
        reason = RefusalReason.BAD_STATUS
    if dialect.errors is ErrorShape.VAK and (
        reason in _UNAUTHORISED or (reason is RefusalReason.NO_ACTIVATION and action == "getStatus")
    ):
        reason = RefusalReason.BAD_ACTION
    if dialect.errors is ErrorShape.POLAR:
        name = "ACTIVATION_NOT_FOUND" if reason is RefusalReason.NO_ACTIVATION else reason.value
        return write_response(dialect, {"error": f"{name}:{refusal.detail}" if refusal.detail else name})
    status = _HEROSMS_STATUS.get(reason, 200) if dialect.errors is ErrorShape.STATUS else 200
    if reason is RefusalReason.WRONG_MAX_PRICE:
        return write_response(dialect, f"{reason}:{dialect.price_prefix}{refusal.detail}", status=status)
    word = dialect.early_cancel if reason is RefusalReason.EARLY_CANCEL_DENIED else reason.value
    return write_response(dialect, word, status=status)


def method_not_allowed(dialect: Dialect, method: str) -> ProviderResponse:
    """Return the response to an HTTP method that the dialect does not accept."""
    message = f"The {method} method is not supported for this route."
    content = {"status": 0, "message": message, "data": []}
    allowed = {"Allow": ", ".join(sorted(dialect.methods))}
    return write_response(dialect, content, status=405, content_type=JSON_TYPE, headers=allowed)


def too_many_requests(dialect: Dialect) -> ProviderResponse:
    """Return the HTTP 429 of the dialect."""
    if dialect.errors is ErrorShape.HEROSMS:
        content = {"title": "RATE_LIMIT", "details": "Too many requests", "info": {}}
        return write_response(dialect, content, status=429, content_type=JSON_TYPE)
    return write_response(dialect, "Too Many Requests", status=429, content_type="text/plain; charset=UTF-8")


def _as_json(token: str) -> dict[str, str]:
    """Return a token line as PolarSMS sends it."""
    name, _, tail = token.partition(":")
    match name:
        case "ACCESS_NUMBER":
            id_, _, phone = tail.partition(":")
            return {"status": name, "activationId": id_, "phone": phone}
        case "ACCESS_BALANCE":
            return {"status": name, "balance": tail}
        case _:
            return {"status": name, "code": tail} if tail else {"status": name}


def _herosms(dialect: Dialect, refusal: RefusedRequest) -> ProviderResponse:
    reason = refusal.reason
    title = "NOT_FOUND" if reason is RefusalReason.NO_ACTIVATION else reason.value
    status = _HEROSMS_STATUS.get(reason, _UNPROCESSABLE)
    details = title.replace("_", " ").capitalize()
    if status == _UNPROCESSABLE:
        title = RefusalReason.UNPROCESSABLE_ENTITY.value
    info = {_HEROSMS_INFO[reason]: json.loads(refusal.detail)} if reason in _HEROSMS_INFO else {}
    content = {"title": title, "details": details, "info": info}
    return write_response(dialect, content, status=status, content_type=JSON_TYPE)
