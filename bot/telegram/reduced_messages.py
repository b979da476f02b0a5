"""Reduces a message to the fields that the bot needs, so that aiogram can decode it whatever else it has."""

from typing import Any, Final

_CONTENT: Final = ("text", "caption")
_SENDERS: Final = ("from", "via_bot")


def reduced_message(message: Any) -> dict[str, Any]:
    """Return the needed fields of a message, as JSON. Their values may still be invalid.

    Raises:
        LookupError, TypeError: a field is missing, or this is no message.
    """
    kept: dict[str, Any] = {name: message[name] for name in ("message_id", "date")}
    kept["chat"] = {name: message["chat"][name] for name in ("id", "type")}
    kept |= {name: message[name] for name in _CONTENT if isinstance(message.get(name), str)}
    for name in _SENDERS:
        if isinstance(sender := message.get(name), dict):
            kept[name] = {"first_name": "", **{key: sender[key] for key in ("id", "is_bot")}}
            if isinstance(language := sender.get("language_code"), str):
                kept[name]["language_code"] = language
    return kept


def has_content(message: dict[str, Any]) -> bool:
    """Return whether a reduced message has a text or a caption."""
    return any(name in message for name in _CONTENT)
