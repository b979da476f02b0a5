"""A small parser of Telegram's HTML, for machines without TDLib."""

import re
from html import unescape
from typing import Any

_TOKEN = re.compile(
    r"<(/?)([a-zA-Z0-9-]*)((?:\s+[\w-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*>|<|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);"
)
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_COMMAND = re.compile(r"(?<![\w/@])/([a-zA-Z0-9_]{1,64})(@\w{3,32})?\b")
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,!?:;)]")
_MENTION = re.compile(r"(?<![\w@])@\w{3,32}\b")
_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
}
_OTHER = {"a", "blockquote", "tg-emoji", "tg-time"}
_DATE_FORMAT = re.compile(r"r|[wdDtT]+")
_MAX_UNIX_TIME = 2**31


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class FallbackHtmlParser:
    """Parses the part of Telegram's HTML that bots use."""

    def parse(self, html: str) -> tuple[str, list[dict[str, Any]]]:
        """Return the plain text and its entities.

        Raises:
            ValueError: The markup is broken.
        """
        plain: list[str] = []
        offset = position = 0
        stack: list[tuple[str, dict[str, str], int]] = []
        entities: list[dict[str, Any]] = []
        for token in _TOKEN.finditer(html):
            piece = html[position : token.start()]
            position = token.end()
            plain.append(piece)
            offset += _units(piece)
            at = len(html[: token.start()].encode())
            if token.group().startswith("&"):
                plain.append(unescape(token.group()))
                offset += _units(plain[-1])
            elif token.group(1):
                entities += self._close(stack, token.group(2).lower(), offset, at)
            else:
                stack.append(self._open(token, offset, at))
        if stack:
            raise ValueError(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
        plain.append(html[position:])
        return "".join(plain), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))

    def _open(self, token: re.Match[str], offset: int, at: int) -> tuple[str, dict[str, str], int]:
        name = (token.group(2) or "").lower()
        if name not in _SIMPLE and name not in _OTHER:
            raise ValueError(f'Unsupported start tag "{name}" at byte offset {at}')
        attributes = {
            found.group(1).lower(): unescape(found.group(2) or found.group(3) or found.group(4) or "")
            for found in _ATTRIBUTE.finditer(token.group(3) or "")
        }
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise ValueError(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        return name, attributes, offset

    def _close(
        self,
        stack: list[tuple[str, dict[str, str], int]],
        name: str,
        offset: int,
        at: int,
    ) -> list[dict[str, Any]]:
        if not stack:
            raise ValueError(f"Unexpected end tag at byte offset {at}")
        opened, attributes, start = stack.pop()
        if name and name != opened:
            raise ValueError(
                f'Unmatched end tag at byte offset {at}, expected "</{opened}>", found "</{name}>"',
            )
        kind = self._entity(opened, attributes)
        if kind is None or offset == start:
            return []
        return [{**kind, "offset": start, "length": offset - start}]

    def _entity(self, name: str, attributes: dict[str, str]) -> dict[str, Any] | None:
        match name:
            case "a":
                return {"type": "text_link", "url": attributes["href"]} if attributes.get("href") else None
            case "blockquote":
                return {"type": "expandable_blockquote" if "expandable" in attributes else "blockquote"}
            case "tg-emoji":
                return {"type": "custom_emoji", "custom_emoji_id": attributes.get("emoji-id", "")}
            case "tg-time":
                return self._time(attributes)
            case _:
                return {"type": _SIMPLE[name]}

    def _time(self, attributes: dict[str, str]) -> dict[str, Any] | None:
        form = attributes.get("format", "")
        if form and not _DATE_FORMAT.fullmatch(form):
            raise ValueError("Invalid date format used")
        unix = attributes.get("unix", "")
        if not unix.isdigit() or not 0 < int(unix) < _MAX_UNIX_TIME:
            return None
        entity: dict[str, Any] = {"type": "date_time", "unix_time": int(unix)}
        if form:
            parts = ("r", "w", "dD", "tT")
            entity["date_time_format"] = "".join(next((x for x in form if x in part), "") for part in parts)
        return entity

    def detect(self, text: str) -> list[dict[str, Any]]:
        """Return the commands, links and mentions in a plain text."""
        return [
            {"type": kind, "offset": _units(text[: found.start()]), "length": _units(found.group())}
            for kind, pattern in (("bot_command", _COMMAND), ("url", _URL), ("mention", _MENTION))
            for found in pattern.finditer(text)
        ]
