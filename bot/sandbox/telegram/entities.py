"""Formatted text: parsed by Telegram's own parser if it is installed, else by the fallback parser."""

import json
from functools import cache
from typing import Any, Protocol

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.fallback_html import FallbackHtmlParser
from bot.sandbox.telegram.objects import Json

_NAMES = {
    "Bold": "bold",
    "Italic": "italic",
    "Underline": "underline",
    "Strikethrough": "strikethrough",
    "Spoiler": "spoiler",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre",
    "TextUrl": "text_link",
    "CustomEmoji": "custom_emoji",
    "BlockQuote": "blockquote",
    "ExpandableBlockQuote": "expandable_blockquote",
    "DateTime": "date_time",
    "BotCommand": "bot_command",
    "Mention": "mention",
    "Hashtag": "hashtag",
    "Cashtag": "cashtag",
    "Url": "url",
    "EmailAddress": "email",
    "PhoneNumber": "phone_number",
}
_OPAQUE = {"code", "pre", "text_link", "date_time"}


class TextParser(Protocol):
    """A parser of formatted text."""

    def parse(self, html: str) -> tuple[str, list[Json]]:
        """Return the plain text and its entities.

        Raises:
            ValueError: The markup is broken.
        """

    def detect(self, text: str) -> list[Json]:
        """Return the commands, links and mentions in a plain text."""


class TdlibParser:
    """Telegram's own parser, from TDLib."""

    def __init__(self) -> None:
        import tdjson  # noqa: PLC0415 - a development dependency: the demo runs without it

        self._execute_bytes = tdjson.td_execute
        self._execute({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})

    def _execute(self, request: Json) -> Json:
        answer = self._execute_bytes(json.dumps(request).encode())
        result: Json = json.loads(answer or b"{}")
        return result

    def parse(self, html: str) -> tuple[str, list[Json]]:
        """Return the plain text and its entities.

        Raises:
            ValueError: The markup is broken; the error has Telegram's text.
        """
        parse_mode = {"@type": "textParseModeHTML"}
        answer = self._execute({"@type": "parseTextEntities", "text": html, "parse_mode": parse_mode})
        if answer.get("@type") == "error":
            raise ValueError(str(answer["message"]).removeprefix("Can't parse entities: "))
        return str(answer["text"]), [_translate(entity) for entity in answer["entities"]]

    def detect(self, text: str) -> list[Json]:
        """Return the commands, links and mentions in a plain text."""
        answer = self._execute({"@type": "getTextEntities", "text": text})
        return [_translate(entity) for entity in answer.get("entities", [])]


def _translate(entity: Json) -> Json:
    kind: Json = entity["type"]
    name = _NAMES.get(kind["@type"].removeprefix("textEntityType"), "custom")
    translated: Json = {"type": name, "offset": entity["offset"], "length": entity["length"]}
    match name:
        case "pre" if kind.get("language"):
            translated["language"] = kind["language"]
        case "text_link":
            translated["url"] = kind["url"]
        case "custom_emoji":
            translated["custom_emoji_id"] = str(kind["custom_emoji_id"])
        case "date_time":
            translated["unix_time"] = kind["unix_time"]
            if kind.get("formatting_type"):
                translated["date_time_format"] = _date_format(kind["formatting_type"])
    return translated


def _date_format(formatting: Json) -> str:
    if formatting["@type"] == "dateTimeFormattingTypeRelative":
        return "r"

    def letter(part: str, short: str) -> str:
        precision = formatting.get(part, {}).get("@type", "")
        return {"Short": short, "Long": short.upper()}.get(
            precision.removeprefix("dateTimePartPrecision"), ""
        )

    day = "w" if formatting.get("show_day_of_week") else ""
    return day + letter("date_precision", "d") + letter("time_precision", "t")


@cache
def parser() -> TextParser:
    """Return Telegram's parser if it is installed, else the fallback."""
    try:
        return TdlibParser()
    except ImportError:
        return FallbackHtmlParser()


def utf16_length(text: str) -> int:
    """Return the length of a text in UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def formatted(text: str, parse_mode: str | None) -> tuple[str, list[Json]]:
    """Return the plain text and its entities.

    Raises:
        RefusedCall: The markup is broken, or the parse mode is unknown.
    """
    found: list[Json] = []
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request("unsupported parse_mode")
        try:
            text, found = parser().parse(text)
        except ValueError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    text, found = _trim(text, found)
    return text, _merge(found, parser().detect(text))


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Remove the white space around a text and move its entities, as Telegram does."""
    cut = len(text) - len(text.lstrip())
    text = text.strip()
    length = utf16_length(text)
    kept: list[Json] = []
    for entity in entities:
        start = max(0, entity["offset"] - cut)
        end = min(length, entity["offset"] - cut + entity["length"])
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return text, kept


def _merge(entities: list[Json], detected: list[Json]) -> list[Json]:
    def free(found: dict[str, Any]) -> bool:
        return not any(
            entity["type"] in _OPAQUE
            and found["offset"] < entity["offset"] + entity["length"]
            and entity["offset"] < found["offset"] + found["length"]
            for entity in entities
        )

    merged = entities + [found for found in detected if free(found)]
    return sorted(merged, key=lambda entity: (entity["offset"], -entity["length"]))
