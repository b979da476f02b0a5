"""Parsing of response bodies: a token line or JSON, in every form that providers use.

These providers use the HTTP status and the content type inconsistently. The body is parsed first, and the
status decides only if the body has no known token.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

from bot import errors
from bot.provider import values
from bot.provider.refusals import error_for

MAX_BODY: Final = 2 * 1024 * 1024
"""Bytes; about twice the largest known answer, a worldwide price table."""

_TOKEN: Final = re.compile(r"(SERVER ERROR|[A-Z][A-Z0-9_]*)[ \t]*(?::(.*))?|(1)", re.DOTALL)
"""A token line. A few providers answer just 1."""
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,8})?")
NUMBER: Final = "NUMBER"
"""Name of the token for an answer that is only a number, as some balances are; the number is its tail."""
NULL: Final = "NULL"
"""Name of the token for the JSON value null, which stands for an empty list at some providers."""
_STATUS_PREFIXES: Final = ("ACCESS_", "STATUS_", "FULL_SMS", "NO_ACTIVATIONS", "ASLEEP")
"""Prefixes of tokens that are valid under any HTTP status, so that no bought number is discarded."""
_QUOTES: Final = ("'", '"')
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<surrogate>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\.",
    re.DOTALL,
)
"""A JSON escape; ``surrogate`` is a lone UTF-16 surrogate."""
_PAGE_PREFIXES: Final = ("<", "error code:")
"""Prefixes of pages that a proxy in front of the provider sends."""
_AT_EDGE: Final = re.compile(r"error code: 10[0-9]{2}\b|<title>attention required! \| cloudflare</title>")
"""A block page that is sent without asking the provider."""
_CHALLENGE: Final = re.compile(
    r"just a moment\.\.\.|checking your browser|_cf_chl_opt|cf-browser-verification"
)
"""A page on which a browser must show that it is one; also sent without asking the provider."""
_PAGE_HEAD: Final = 2000
"""Characters of a page in which its title stands."""
_BLOCK_PAUSE: Final = 60.0
_EDGE_PAUSE: Final = 10.0
"""Seconds for which a host is left alone after a block page; blocks at the edge are known to be short."""
_JSON_ERROR_FIELDS: Final = ("title", "error", "msg", "message", "code")
_FAILURE_STATUSES: Final = frozenset({"false", "error", "fail", "failed", "0"})
_HTTP_BAD_REQUEST: Final = 400
_HTTP_UNAUTHORIZED: Final = 401
_HTTP_FORBIDDEN: Final = 403
_HTTP_UNPROCESSABLE: Final = 422
_HTTP_THROTTLED: Final = 429
_HTTP_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Token:
    """A token line: the name before the first colon and the text after it."""

    name: str
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A JSON object or list that is not an error. Fractions are Decimal."""

    value: dict[str, Any] | list[Any]


Answer = Token | Table


def read(
    body: bytes, *, status: int = 200, retry_after: float | None = None, challenged: bool = False
) -> Answer:
    """Return the token or the table of a response.

    Args:
        body: the whole response body.
        status: the HTTP status.
        retry_after: seconds of the Retry-After header.
        challenged: a header says that the response is a challenge of a proxy.

    Raises:
        errors.ProviderError: the response is an error or cannot be parsed.
    """
    text = _strip(body.decode("utf-8", errors="replace"))
    if challenged:
        raise errors.NotSent("a challenge")
    if text[:1] in ("{", "["):
        return _read_json(text, status, retry_after)
    if text[:1] in _QUOTES:
        text = _unquote(text)
    token = _token(text)
    name, _, tail = text.partition(":")
    if error := _error(token or Token(name, tail), retry_after=retry_after):
        raise error
    if token is None or (status >= _HTTP_BAD_REQUEST and not token.name.startswith(_STATUS_PREFIXES)):
        _raise_by_status(status, retry_after, text)
    return token


def _strip(text: str) -> str:
    return text.strip("\ufeff\0 \t\r\n")


def _unquote(text: str) -> str:
    """Return the content of a JSON or PHP string."""
    quote = text[0]
    if quote == '"':
        try:
            return _strip(str(json.loads(_replace_lone_surrogates(text))))
        except (ValueError, RecursionError):
            pass  # not JSON: only the quotes are removed
    return _strip(text[1:-1] if text[-1] == quote and len(text) > 1 else text[1:])


def _replace_lone_surrogates(text: str) -> str:
    """Return JSON text without lone surrogates, which can be neither stored nor sent."""
    if r"\ud" not in text.lower():
        return text
    return _ESCAPE.sub(lambda escape: r"\ufffd" if escape["surrogate"] else escape[0], text)


def _token(text: str) -> Token | None:
    if text == "null":
        return Token(NULL)
    if match := _TOKEN.fullmatch(text):
        return Token((match[1] or match[3]).replace(" ", "_"), match[2] or "")
    return Token(NUMBER, text) if _NUMBER.fullmatch(text) else None


def _error(
    token: Token, info: dict[str, Any] | None = None, retry_after: float | None = None
) -> errors.ProviderError | None:
    """Return the error of a token, or None. A sentence is matched as a token with underscores."""
    name = token.name.strip().upper().replace(" ", "_")
    return error_for(name, token.tail.strip(), info, retry_after)


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _read_json(text: str, status: int, retry_after: float | None) -> Answer:
    try:
        value = json.loads(
            _replace_lone_surrogates(text), parse_float=Decimal, parse_constant=_reject_constant
        )
    except (ValueError, ArithmeticError, RecursionError):
        _raise_by_status(status, retry_after, text)
    if isinstance(value, dict):
        if token := _status_token(value, retry_after) or _check_error_fields(
            value, text, status, retry_after
        ):
            return token
        if "activationId" in value:
            return Table(value)
    if status >= _HTTP_BAD_REQUEST:
        _raise_by_status(status, retry_after, text)
    return Table(value)


def _status_token(value: dict[str, Any], retry_after: float | None) -> Token | None:
    """Return the token in the ``status`` field of a JSON object, or None.

    Raises:
        errors.ProviderError: the token is an error.
    """
    token = _token(_string(value.get("status")))
    if token is None:
        return None
    if error := _error(token, _info(value), retry_after):
        raise error
    if not token.name.startswith(_STATUS_PREFIXES):
        return None
    if token.tail:
        return token
    if token.name == "ACCESS_NUMBER":
        phone = value.get("phone", value.get("phoneNumber"))
        return Token(token.name, f"{values.text(value.get('activationId'))}:{values.text(phone)}")
    return Token(token.name, values.text(value.get("code")) or values.text(value.get("balance")))


def _check_error_fields(
    value: dict[str, Any], text: str, status: int, retry_after: float | None
) -> Token | None:
    """Raise the error of a JSON object, if it is one.

    Returns:
        The token NO_ACTIVATIONS if the object has it; otherwise None.

    Raises:
        errors.ProviderError: the object is an error.
    """
    failed = str(value.get("status")).lower() in _FAILURE_STATUSES
    messages = {name: message for name in _JSON_ERROR_FIELDS if (message := _string(value.get(name)))}
    if not (failed or "title" in messages or "error" in messages or status >= _HTTP_BAD_REQUEST):
        return None
    for message in messages.values():
        name, _, tail = message.partition(":")
        if error := _error(Token(name, tail), _info(value), retry_after):
            raise error
        if name.strip().upper() == "NO_ACTIVATIONS":
            return Token("NO_ACTIVATIONS")
    if "activationId" not in value:
        _raise_by_status(status, retry_after, text)
    return None


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _info(value: dict[str, Any]) -> dict[str, Any] | None:
    info = value.get("info")
    return info if isinstance(info, dict) else None


def _raise_by_status(status: int, retry_after: float | None, text: str) -> NoReturn:
    """Raise the error of the HTTP status, for a body without a known token."""
    head = text[:_PAGE_HEAD].lower()
    page = head.startswith(_PAGE_PREFIXES)
    if page and status >= _HTTP_BAD_REQUEST:
        if _CHALLENGE.search(head):
            raise errors.NotSent("a challenge")
        if _AT_EDGE.search(head):
            raise errors.BlockedAtEdge(max(_EDGE_PAUSE, retry_after or 0.0))
    if page and status in (_HTTP_FORBIDDEN, _HTTP_THROTTLED):
        raise errors.Blocked(max(_BLOCK_PAUSE, retry_after or 0.0))
    if status == _HTTP_UNAUTHORIZED and not page:
        raise errors.KeyRefused
    if status == _HTTP_UNPROCESSABLE and not page:
        raise errors.BadRequest
    if status == _HTTP_THROTTLED:
        raise errors.Throttled(max(5.0, retry_after or 0.0))
    if status >= _HTTP_SERVER_ERROR:
        raise errors.ServerTrouble(f"HTTP {status}")
    raise errors.Unreadable(f"HTTP {status}, {'a page' if page else f'{len(text)} characters'}")
