"""The state of the chat and the control panel as JSON, as the page receives it."""

import time
from dataclasses import asdict
from typing import Any

from bot.sandbox.page.panel import Panel
from bot.sandbox.telegram import Button, Message, Person, Telegram

SHOWN_MESSAGES = 300
PREVIEW = 120


def view(telegram: Telegram, person: Person, panel: Panel) -> dict[str, Any]:
    """Return everything that the page shows."""
    bot = telegram.me()
    return {
        "type": "state",
        "ahead": round(telegram.clock() - time.time()),
        "bot": {
            "name": bot["first_name"],
            "username": bot["username"],
            "description": telegram.description_for(person),
            "commands": telegram.commands_for(person),
        },
        "person": {
            "name": person.first_name,
            "language": person.language,
            "blocked": person.blocked,
        },
        "action": _action(telegram, person),
        "messages": [_message(message) for message in person.messages[-SHOWN_MESSAGES:]],
        "steps": [asdict(step) for step in panel.steps()],
        "phones": [asdict(phone) for phone in panel.phones()],
        "switches": [asdict(switch) for switch in panel.switches()],
    }


def file_url(message: Message) -> str | None:
    """Return the path of a message's file on the page's server, or None if it has no file."""
    return None if message.file is None else f"/files/{message.file.file_id}"


def _action(telegram: Telegram, person: Person) -> dict[str, Any] | None:
    if person.action is None:
        return None
    name, until = person.action
    seconds = until - telegram.clock()
    return {"name": name, "seconds": round(seconds, 1)} if seconds > 0 else None


def _message(message: Message) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": message.message_id,
        "own": not message.from_bot,
        "kind": message.kind,
        "date": message.date,
        "text": message.text,
        "entities": message.entities,
        "rows": [[_button(button) for button in row] for row in message.rows],
        "edited": message.edited,
        "via_bot": message.via_bot,
        "force_reply": message.force_reply,
    }
    if message.file is not None:
        shown["file"] = {
            "url": file_url(message),
            "name": message.file.name,
            "size": len(message.file.content),
        }
    if message.reply_to is not None:
        shown["reply_to"] = {
            "id": message.reply_to.message_id,
            "own": not message.reply_to.from_bot,
            "text": (message.reply_to.text or message.reply_to.kind)[:PREVIEW],
        }
    return shown


def _button(button: Button) -> dict[str, Any]:
    kinds = (
        ("callback", button.data),
        ("copy", button.copy_text),
        ("url", button.url),
        ("inline", button.switch_inline_here),
        ("inline", button.switch_inline),
    )
    kind, value = next((pair for pair in kinds if pair[1] is not None), ("none", None))
    # Telegram does not show the callback data to people either.
    shown_value = None if kind == "callback" else value
    return {"text": button.text, "kind": kind, "value": shown_value, "style": button.style}
