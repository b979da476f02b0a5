"""How an answer goes over the wire: tokens, JSON and refusals, each in the manner of the dialect."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.provider.dialects import Dialect, ErrorShape, Wrapping
from bot.sandbox.provider.refusals import Reason, Refusal

JSON_TYPE = "application/json"

_HEROSMS_STATUS = {
    Reason.BAD_KEY: 401,
    Reason.NO_KEY: 401,
    Reason.NO_BALANCE: 402,
    Reason.NO_ACTIVATION: 404,
    Reason.BAD_ACTION: 404,
    Reason.BAD_STATUS: 400,
    Reason.WRONG_MAX_PRICE: 400,
    Reason.EARLY_CANCEL_DENIED: 409,
    Reason.OTP_RECEIVED: 409,
    Reason.ACTIVATION_NOT_ACTIVE: 409,
}
_UNPROCESSABLE = 422
_HEROSMS_INFO = {Reason.EARLY_CANCEL_DENIED: "minActivationTime", Reason.WRONG_MAX_PRICE: "min"}
_HEROSMS_PLAIN = {Reason.NO_NUMBERS, Reason.OPERATORS_NOT_FOUND}
_UNAUTHORISED = {Reason.NO_KEY, Reason.BAD_KEY}
_PRICE_REFUSALS = {
    (ErrorShape.HEROSMS, Reason.BAD_SERVICE): {"status": "false", "msg": "service is incorrect"},
    (ErrorShape.HEROSMS, Reason.BAD_COUNTRY): {"status": "false", "msg": "country is incorrect"},
    (ErrorShape.SMSBOWER, Reason.BAD_SERVICE): {"error": "Bad service"},
    (ErrorShape.SMSBOWER, Reason.BAD_COUNTRY): {"error": "Bad country"},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back for a request."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def say(
    dialect: Dialect,
    content: object,
    *,
    status: int = 200,
    content_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Write an answer: a ``str`` goes as text, anything else as JSON.

    Returns:
        The answer in the dialect's wrapping and, unless told otherwise, with its content type.
    """
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
    return Answer(text.encode(), content_type or dialect.content_type, status, headers or {})


def say_no(dialect: Dialect, action: str, refusal: Refusal) -> Answer:
    """Write a refusal of ``action``."""
    reason = refusal.reason
    if action == "getPrices" and (known := _PRICE_REFUSALS.get((dialect.errors, reason))):
        return say(dialect, known, content_type=JSON_TYPE)
    if dialect.errors is ErrorShape.HEROSMS and reason not in _HEROSMS_PLAIN:
        return _herosms(dialect, refusal)
    if dialect.errors is ErrorShape.SMSBOWER and reason in _UNAUTHORISED:
        content = {"status": 0, "message": "No access", "data": []}
        return say(dialect, content, status=401, content_type=JSON_TYPE)
    if dialect.errors is ErrorShape.TIGER and reason in _UNAUTHORISED:
        return say(dialect, reason.value, status=401)
    if dialect.plain_refusals and reason in (Reason.OTP_RECEIVED, Reason.ACTIVATION_NOT_ACTIVE):
        reason = Reason.BAD_STATUS
    if reason is Reason.WRONG_MAX_PRICE:
        return say(dialect, f"{reason}:{refusal.detail}")
    return say(dialect, reason.value)


def refuse_method(dialect: Dialect, method: str) -> Answer:
    """Write the answer to an HTTP method that the dialect does not take."""
    message = f"The {method} method is not supported for this route."
    content = {"status": 0, "message": message, "data": []}
    allowed = {"Allow": ", ".join(sorted(dialect.methods))}
    return say(dialect, content, status=405, content_type=JSON_TYPE, headers=allowed)


def throttle(dialect: Dialect) -> Answer:
    """Write the body of an HTTP 429."""
    if dialect.errors is ErrorShape.HEROSMS:
        content = {"title": "RATE_LIMIT", "details": "Too many requests", "info": {}}
        return say(dialect, content, status=429, content_type=JSON_TYPE)
    return say(dialect, "Too Many Requests", status=429, content_type="text/plain; charset=UTF-8")


def _herosms(dialect: Dialect, refusal: Refusal) -> Answer:
    reason = refusal.reason
    title = "NOT_FOUND" if reason is Reason.NO_ACTIVATION else reason.value
    status = _HEROSMS_STATUS.get(reason, _UNPROCESSABLE)
    details = title.replace("_", " ").capitalize()
    if status == _UNPROCESSABLE:
        title = Reason.UNPROCESSABLE_ENTITY.value
    info = {_HEROSMS_INFO[reason]: json.loads(refusal.detail)} if reason in _HEROSMS_INFO else {}
    content = {"title": title, "details": details, "info": info}
    return say(dialect, content, status=status, content_type=JSON_TYPE)
