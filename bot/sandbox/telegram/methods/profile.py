"""Methods about the bot itself: getMe, its descriptions and its commands."""

import re

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.service import Telegram

MAX_COMMANDS = 100
MAX_LENGTH = {"command": 256, "description": 512, "short_description": 120}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")


def get_me(telegram: Telegram, _params: Json) -> Json:
    """Return the bot as a user."""
    return telegram.me() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(telegram: Telegram, params: Json) -> bool:
    """Set the command menu for a scope and a language."""
    commands = params.get("commands") or []
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command.get("command", "").removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= MAX_LENGTH["command"]:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    telegram.profile.commands[_scope(params), _language(params)] = commands
    telegram.changed()
    return True


def set_my_description(telegram: Telegram, params: Json) -> bool:
    """Set the description in an empty chat, for one language."""
    return _set(telegram, telegram.profile.descriptions, params, "description")


def set_my_short_description(telegram: Telegram, params: Json) -> bool:
    """Set the description in the bot's profile, for one language."""
    return _set(telegram, telegram.profile.short_descriptions, params, "short_description")


def _set(telegram: Telegram, texts: dict[str, str], params: Json, name: str) -> bool:
    text = params.get(name) or ""
    if len(text) > MAX_LENGTH[name]:
        raise bad_request(f"bot {name} is too long")
    texts[_language(params)] = text
    telegram.changed()
    return True


def _scope(params: Json) -> str:
    return str((params.get("scope") or {}).get("type") or "default")


def _language(params: Json) -> str:
    language = params.get("language_code") or ""
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return str(language)
