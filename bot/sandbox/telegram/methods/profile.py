"""Methods about the bot itself: its names, its descriptions and its commands."""

import re
from typing import TYPE_CHECKING

from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.refusals import bad_request

if TYPE_CHECKING:
    from bot.sandbox.telegram.state import Telegram

MOST_COMMANDS = 100
LONGEST = {"command": 256, "name": 64, "description": 512, "short_description": 120}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")


def get_me(telegram: "Telegram", _params: Json) -> Json:
    """Say who the bot is."""
    return telegram.me() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(telegram: "Telegram", params: Json) -> Json:
    """Describe a chat."""
    about = {"accent_color_id": 0, "max_reaction_count": 11}
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        True,
    )
    return telegram.chat(params.get("chat_id")).to_json() | about | {"accepted_gift_types": gifts}


def set_my_commands(telegram: "Telegram", params: Json) -> bool:
    """Set the command menu of a scope and a language."""
    commands = params.get("commands") or []
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command.get("command", "").removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= LONGEST["command"]:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    telegram.profile.commands[_scope(params), _language(params)] = commands
    telegram.changed()
    return True


def get_my_commands(telegram: "Telegram", params: Json) -> list[Json]:
    """Return the command menu of a scope and a language."""
    return telegram.profile.commands.get((_scope(params), _language(params)), [])


def delete_my_commands(telegram: "Telegram", params: Json) -> bool:
    """Forget the command menu of a scope and a language."""
    telegram.profile.commands.pop((_scope(params), _language(params)), None)
    telegram.changed()
    return True


def set_my_name(telegram: "Telegram", params: Json) -> bool:
    """Set the name in one language."""
    return _set(telegram, telegram.profile.names, params, "name")


def set_my_description(telegram: "Telegram", params: Json) -> bool:
    """Set what an empty chat shows, in one language."""
    return _set(telegram, telegram.profile.descriptions, params, "description")


def set_my_short_description(telegram: "Telegram", params: Json) -> bool:
    """Set what the profile shows, in one language."""
    return _set(telegram, telegram.profile.short_descriptions, params, "short_description")


def get_my_name(telegram: "Telegram", params: Json) -> Json:
    """Return the name in a language."""
    names = telegram.profile.names
    return {"name": names.get(_language(params)) or names.get("") or telegram.me()["first_name"]}


def get_my_description(telegram: "Telegram", params: Json) -> Json:
    """Return the description in a language."""
    texts = telegram.profile.descriptions
    return {"description": texts.get(_language(params)) or texts.get("", "")}


def get_my_short_description(telegram: "Telegram", params: Json) -> Json:
    """Return the short description in a language."""
    texts = telegram.profile.short_descriptions
    return {"short_description": texts.get(_language(params)) or texts.get("", "")}


def set_chat_menu_button(telegram: "Telegram", params: Json) -> bool:
    """Set what the button beside the text field does."""
    telegram.profile.menu_button = params.get("menu_button") or {"type": "default"}
    telegram.changed()
    return True


def get_chat_menu_button(telegram: "Telegram", _params: Json) -> Json:
    """Return what the button beside the text field does."""
    return telegram.profile.menu_button


def _set(telegram: "Telegram", texts: dict[str, str], params: Json, name: str) -> bool:
    text = params.get(name) or ""
    if len(text) > LONGEST[name]:
        raise bad_request(f"BOT_{name.upper()}_INVALID" if name == "name" else f"bot {name} is too long")
    texts[_language(params)] = text
    telegram.changed()
    return True


def _scope(params: Json) -> str:
    scope = params.get("scope") or {"type": "default"}
    parts = (scope.get("type"), scope.get("chat_id"), scope.get("user_id"))
    return ":".join(str(part) for part in parts if part is not None)


def _language(params: Json) -> str:
    language = params.get("language_code") or ""
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return str(language)
