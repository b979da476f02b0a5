"""Reads an answer's body: a token line or JSON, in every wrapping providers put around it.

Neither the HTTP status nor the content type tells a success from an error at these providers, so the body is
read first; the status decides only where the body says nothing.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

from bot import errors
from bot.provider import values
from bot.provider.refusals import refusal

MAX_BODY: Final = 2 * 1024 * 1024
"""Bytes; the largest real answer, a worldwide price table, has about half of it."""

_TOKEN: Final = re.compile(r"(SERVER ERROR|1|[A-Z][A-Z0-9_]*)[ \t]*(?::(.*))?", re.DOTALL)
"""A token line; a bare 1 is how a few providers say yes."""
_SPOKEN: Final = ("ACCESS_", "STATUS_", "FULL_SMS", "NO_ACTIVATIONS")
"""How a token begins that means something under any HTTP status: a bought number is never thrown away."""
_QUOTES: Final = ("'", '"')
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\.",
    re.DOTALL,
)
"""An escape of JSON; ``half`` is one half of a character that has two."""
_EDGE: Final = ("<", "error code:")
"""How the pages begin that stand in front of a provider and turn requests away."""
_JSON_ERROR_FIELDS: Final = ("title", "error", "msg", "message", "code")
_FAILED: Final = frozenset({"false", "error", "fail", "failed", "0"})
_HTTP_BAD_REQUEST: Final = 400
_HTTP_UNAUTHORIZED: Final = 401
_HTTP_FORBIDDEN: Final = 403
_HTTP_UNPROCESSABLE: Final = 422
_HTTP_THROTTLED: Final = 429
_HTTP_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Token:
    """A token line: the name before the first colon, and what follows it."""

    name: str
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A JSON object or list that is not an error. Fractions are Decimal."""

    value: dict[str, Any] | list[Any]


Answer = Token | Table


def read(body: bytes, *, status: int = 200, retry_after: float | None = None) -> Answer:
    """Return the token or the table an answer holds.

    Args:
        body: the whole answer.
        status: its HTTP status.
        retry_after: seconds, from the header of that name.

    Raises:
        errors.ProviderError: the answer is an error of the provider, or cannot be read.
    """
    text = _strip(body.decode("utf-8", errors="replace"))
    if text[:1] in ("{", "["):
        return _read_json(text, status, retry_after)
    if text[:1] in _QUOTES:
        text = _unquote(text)
    token = _token(text)
    name, _, tail = text.partition(":")
    if error := _refusal(token or Token(name, tail), retry_after=retry_after):
        raise error
    if token is None or (status >= _HTTP_BAD_REQUEST and not token.name.startswith(_SPOKEN)):
        _fail_by_status(status, retry_after, text)
    return token


def _strip(text: str) -> str:
    return text.strip("\ufeff\0 \t\r\n")


def _unquote(text: str) -> str:
    """Return the text inside the quotes a JSON or PHP string wraps around a token line."""
    quote = text[0]
    if quote == '"':
        try:
            return _strip(str(json.loads(_without_halves(text))))
        except (ValueError, RecursionError):
            pass  # quotes around something that is no JSON
    return _strip(text[1:-1] if text[-1] == quote and len(text) > 1 else text[1:])


def _without_halves(text: str) -> str:
    """Return JSON without escaped halves of characters: nothing that holds one can be stored or sent."""
    if r"\ud" not in text.lower():
        return text
    return _ESCAPE.sub(lambda escape: r"\ufffd" if escape["half"] else escape[0], text)


def _token(text: str) -> Token | None:
    match = _TOKEN.fullmatch(text)
    return Token(match[1].replace(" ", "_"), match[2] or "") if match else None


def _refusal(
    token: Token, info: dict[str, Any] | None = None, retry_after: float | None = None
) -> errors.ProviderError | None:
    """Return the error a token or a sentence stands for; sentences are known by their words as a token."""
    name = token.name.strip().upper().replace(" ", "_")
    return refusal(name, token.tail.strip(), info, retry_after)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _read_json(text: str, status: int, retry_after: float | None) -> Answer:
    try:
        value = json.loads(_without_halves(text), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError):
        _fail_by_status(status, retry_after, text)
    if isinstance(value, dict):
        if token := _token_in(value, retry_after) or _envelope(value, text, status, retry_after):
            return token
        if "activationId" in value:
            return Table(value)
    if status >= _HTTP_BAD_REQUEST:
        _fail_by_status(status, retry_after, text)
    return Table(value)


def _token_in(value: dict[str, Any], retry_after: float | None) -> Token | None:
    """Return the token line that an answer in the JSON style of a few providers stands for."""
    word = value.get("status")
    token = _token(word.strip()) if isinstance(word, str) else None
    if token is None:
        return None
    if error := _refusal(token, _info(value), retry_after):
        raise error
    if not token.name.startswith(_SPOKEN):
        return None
    if token.tail:
        return token
    if token.name == "ACCESS_NUMBER":
        phone = value.get("phone", value.get("phoneNumber"))
        return Token(token.name, f"{values.text(value.get('activationId'))}:{values.text(phone)}")
    return Token(token.name, values.text(value.get("code")) or values.text(value.get("balance")))


def _envelope(value: dict[str, Any], text: str, status: int, retry_after: float | None) -> Token | None:
    """Return None for a JSON object that is no error, or the one token that is an empty list.

    Raises:
        errors.ProviderError: it is one.
    """
    failed = str(value.get("status")).lower() in _FAILED
    spoken = {name: words for name in _JSON_ERROR_FIELDS if (words := _words(value.get(name)))}
    if not (failed or "title" in spoken or "error" in spoken or status >= _HTTP_BAD_REQUEST):
        return None
    for words in spoken.values():
        name, _, tail = words.partition(":")
        if error := _refusal(Token(name, tail), _info(value), retry_after):
            raise error
        if name.strip().upper() == "NO_ACTIVATIONS":
            return Token("NO_ACTIVATIONS")
    if "activationId" not in value:
        _fail_by_status(status, retry_after, text)
    return None


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _info(value: dict[str, Any]) -> dict[str, Any] | None:
    info = value.get("info")
    return info if isinstance(info, dict) else None


def _fail_by_status(status: int, retry_after: float | None, text: str) -> NoReturn:
    """Raise what the HTTP status says where the body says nothing known."""
    page = text[:20].lower().startswith(_EDGE)
    if page and status in (_HTTP_FORBIDDEN, _HTTP_THROTTLED):
        raise errors.Blocked(max(60.0, retry_after or 0.0))
    if status == _HTTP_UNAUTHORIZED and not page:
        raise errors.KeyRefused
    if status == _HTTP_UNPROCESSABLE and not page:
        raise errors.BadRequest
    if status == _HTTP_THROTTLED:
        raise errors.Throttled(max(5.0, retry_after or 0.0))
    if status >= _HTTP_SERVER_ERROR:
        raise errors.ServerTrouble(f"HTTP {status}")
    raise errors.Unreadable(f"HTTP {status}, {'a page' if page else f'{len(text)} characters'}")
