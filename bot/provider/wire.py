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
from bot.provider.refusals import refusal

MAX_BODY: Final = 2 * 1024 * 1024
"""Bytes; the largest real answer, a worldwide price table, has about half of it."""

_TOKEN = re.compile(r"(SERVER ERROR|[A-Z][A-Z0-9_]*)[ \t]*(?::(.*))?", re.DOTALL)
_SPOKEN: Final = ("ACCESS_", "STATUS_", "FULL_SMS", "NO_ACTIVATIONS")
"""How a token begins that means something under any HTTP status: a bought number is never thrown away."""
_QUOTES: Final = ("'", '"')
_JSON_ERROR_FIELDS: Final = ("title", "error", "msg", "message", "code")
_FAILED: Final = frozenset({"false", "error", "fail", "failed", "0"})
_HTTP_BAD_REQUEST: Final = 400
_HTTP_UNAUTHORIZED: Final = 401
_HTTP_FORBIDDEN: Final = 403
_HTTP_NOT_FOUND: Final = frozenset({404, 405, 501})
_HTTP_THROTTLED: Final = 429
_HTTP_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Token:
    """A token line: the name before the first colon, and what follows it."""

    name: str
    tail: str


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
    match = _TOKEN.fullmatch(text)
    if match is None:
        if error := refusal(text[:80].upper().replace(" ", "_"), "", retry_after=retry_after):
            raise error
        _fail_by_status(status, retry_after, text)
    name, tail = match[1].replace(" ", "_"), match[2] or ""
    if error := refusal(name, tail.strip(), retry_after=retry_after):
        raise error
    if status >= _HTTP_BAD_REQUEST and not name.startswith(_SPOKEN):
        _fail_by_status(status, retry_after, text)
    return Token(name, tail)


def unquoted(tail: str) -> str:
    """Return a token's tail without the blank and the quotes some pages print around it."""
    tail = tail.strip()
    if len(tail) > 1 and tail[0] in _QUOTES and tail[0] == tail[-1]:
        return tail[1:-1]
    return tail


def _strip(text: str) -> str:
    return text.strip("\ufeff\0 \t\r\n")


def _unquote(text: str) -> str:
    """Return the text inside the quotes a JSON or PHP string wraps around a token line."""
    quote = text[0]
    if quote == '"':
        try:
            loaded = json.loads(text)
        except (ValueError, RecursionError):
            loaded = None
        if isinstance(loaded, str):
            return _strip(loaded)
    return _strip(text[1:-1] if text[-1] == quote and len(text) > 1 else text[1:])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _read_json(text: str, status: int, retry_after: float | None) -> Answer:
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _fail_by_status(status, retry_after, "cut or malformed JSON")
    if isinstance(value, dict):
        _raise_envelope(value, status, retry_after)
        if isinstance(word := value.get("status"), str) and _TOKEN.fullmatch(word):
            return _token_from_json(word, value)
    return Table(value)


def _token_from_json(word: str, value: dict[str, Any]) -> Answer:
    """Return the token line that an answer in the JSON style of a few providers stands for."""
    if error := refusal(word, ""):
        raise error
    if not word.startswith(_SPOKEN):
        return Table(value)
    fields = ("activationId", "phone") if word == "ACCESS_NUMBER" else ("code", "balance")
    return Token(word, ":".join(str(value[name]) for name in fields if value.get(name) is not None))


def _raise_envelope(value: dict[str, Any], status: int, retry_after: float | None) -> None:
    """Raise the error that a JSON object stands for, if it stands for one."""
    failed = str(value.get("status")).lower() in _FAILED
    spoken = [value[name] for name in _JSON_ERROR_FIELDS if isinstance(value.get(name), str)]
    named = isinstance(value.get("title"), str) or isinstance(value.get("error"), str)
    if not spoken or not (failed or named or status >= _HTTP_BAD_REQUEST):
        return
    info = value.get("info")
    known = info if isinstance(info, dict) else {}
    for words in spoken:
        name, _, tail = words.strip().partition(":")
        if error := refusal(name.strip().upper().replace(" ", "_"), tail.strip(), known, retry_after):
            raise error
        if name.upper() == "NO_ACTIVATIONS":
            return
    _fail_by_status(status, retry_after, "an error in JSON with an unknown word")


def _fail_by_status(status: int, retry_after: float | None, text: str) -> NoReturn:
    """Raise what the HTTP status says where the body says nothing known."""
    html = text.startswith("<")
    if status == _HTTP_UNAUTHORIZED and not html:
        raise errors.KeyRefused
    if html and status in (_HTTP_FORBIDDEN, _HTTP_THROTTLED):
        raise errors.Blocked(max(60.0, retry_after or 0.0))
    if status == _HTTP_THROTTLED:
        raise errors.Throttled(max(5.0, retry_after or 0.0))
    if status in _HTTP_NOT_FOUND:
        raise errors.UnsupportedAction
    if status >= _HTTP_SERVER_ERROR:
        raise errors.ServerTrouble(f"HTTP {status}")
    raise errors.Unreadable(f"HTTP {status}, {'HTML' if html else f'{len(text)} characters'}")
