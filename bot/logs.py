"""Logging setup that removes secrets from log lines."""

import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

from typing_extensions import override

_VERBOSE_LIBRARIES: Final = ("aiosqlite", "asyncio")
"""Libraries that log values or too many lines at DEBUG."""


_QUOTING: Final = frozenset({"aiogram", "aiohttp", "json", "pydantic", "pydantic_core"})
"""Packages whose errors print what they could not read, such as messages of users."""
_QUOTING_BUILTINS: Final = (UnicodeError,)
_CONTENT: Final = re.compile(r"(Content|Caused from error): .*", re.DOTALL)
"""What aiogram adds to a line about an answer that it cannot decode."""
WITHOUT_TEXTS: Final = "without_texts"
"""A key of `extra`: the line shows the classes of its errors, but not their texts."""

_KEY_IN_URL: Final = re.compile(r"(api_key=)[^&\s\"'>)]+")


class _RedactingFormatter(logging.Formatter):
    """A formatter that replaces secrets; a second safeguard, since secrets should not be logged at all."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = secrets

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Its errors are formatted here, so that no text of them is cached in the record."""
        if record.name.partition(".")[0] in _QUOTING:
            record = logging.makeLogRecord(
                record.__dict__ | {"msg": _CONTENT.sub(r"\1: [removed]", _message(record)), "args": None}
            )
        elif isinstance(record.args, tuple):
            args = tuple(_text(each) if isinstance(each, BaseException) else each for each in record.args)
            record = logging.makeLogRecord(record.__dict__ | {"args": args})
        line = super().format(_without_error(record))
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            texts = not getattr(record, WITHOUT_TEXTS, False)
            line = "\n".join((line, *_traceback(record.exc_info[1], texts=texts)))
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return _KEY_IN_URL.sub(r"\1[secret]", line)


def _message(record: logging.LogRecord) -> str:
    """Return the message of a record with the texts of quoting errors removed."""
    args = record.args
    if isinstance(args, tuple):
        args = tuple(_text(each) if isinstance(each, BaseException) else each for each in args)
    return str(record.msg) % args if args else str(record.msg)


def _without_error(record: logging.LogRecord) -> logging.LogRecord:
    return logging.makeLogRecord(record.__dict__ | {"exc_info": None, "exc_text": None})


def _text(error: BaseException, *, texts: bool = True) -> str:
    """Return the text of an error, or its class if the text may hold what somebody has written."""
    quotes = type(error).__module__.partition(".")[0] in _QUOTING or isinstance(error, _QUOTING_BUILTINS)
    return str(error) if texts and not quotes else f"[{type(error).__name__}]"


def _traceback(
    error: BaseException, *, texts: bool, indent: str = "", seen: frozenset[int] = frozenset()
) -> Iterator[str]:
    """Yield the lines of an error and of its causes, without the texts of errors that quote."""
    seen |= {id(error)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in seen:
        yield from _traceback(cause, texts=texts, indent=indent, seen=seen)
        yield f"{indent}This led to:"
    frames: TracebackType | None = error.__traceback__
    yield f"{indent}Traceback (most recent call last):"
    for frame in traceback.format_tb(frames):
        yield from (f"{indent}{line}" for line in frame.splitlines())
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    yield from (f"{indent}{line}" for line in f"{name}: {_text(error, texts=texts)}".splitlines())
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _traceback(each, texts=texts, indent=indent + "  | ", seen=seen)


def configure(level: str, secrets: list[str]) -> None:
    """Log to stderr at this level and above.

    Args:
        level: the name of a logging level.
        secrets: texts to remove, such as the bot token.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_RedactingFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _VERBOSE_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiogram.event").setLevel(logging.WARNING)
