"""Registration of screen methods as handlers, and the filters that several modules use."""

from collections.abc import Awaitable, Callable
from functools import cache, wraps
from typing import Any

from aiogram import Bot
from aiogram.filters import BaseFilter, Command
from aiogram.types import Message, TelegramObject

from bot import data
from bot.catalog.fuzzy import normalized


async def is_plain_text(message: Message) -> bool:
    """Return whether a message has text that is no command. As a coroutine it needs no thread."""
    return bool(message.text and not message.text.startswith("/"))


def handler(method: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return a screen's method as a handler.

    aiogram passes the event as the first argument. Screens do not use it: the context has the user, the
    language and the reply, and aiogram passes `callback_data` and `command` by name.
    """

    @wraps(method)
    async def handle(_event: TelegramObject, **values: Any) -> None:
        await method(**values)

    return handle


class Opens(BaseFilter):
    """Passes a command, and a message that is nothing but a word for it in any language."""

    def __init__(self, command: str, *old_names: str) -> None:
        self._command = command
        self._filter = Command(command, *old_names)

    async def __call__(self, message: Message, bot: Bot) -> bool | dict[str, Any]:
        """Return whether the message asks for the screen of the command. A reply answers a question."""
        word = "" if message.reply_to_message else normalized(message.text or "")
        if _commands_by_word().get(word) == self._command:
            return True
        return await self._filter(message, bot)


@cache
def _commands_by_word() -> dict[str, str]:
    return {normalized(word): command for command, words in data.menu_words().items() for word in words}
