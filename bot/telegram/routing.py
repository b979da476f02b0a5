"""Registration of screen methods as handlers, and the filters that several modules use."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from aiogram.types import Message, TelegramObject


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
