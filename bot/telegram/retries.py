"""Repeats a call of the Bot API after a temporary failure."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from aiogram.exceptions import AiogramError

from bot.telegram import telegram_errors

PATIENCE: Final = 30.0
"""Seconds within which the last attempt begins."""
PAUSES: Final = (1.0, 2.0, 4.0, 8.0)
"""Seconds before the next attempts of a call that may be done twice, such as an edit."""
SEND_PAUSES: Final = (2.0, 8.0)
"""The same for a new message. They are few, because a message whose answer was lost is sent again."""

T = TypeVar("T")


async def with_retries(
    call: Callable[[], Awaitable[T]],
    *,
    is_new_message: bool = False,
    patience: float = PATIENCE,
    on_wait: Callable[[], Awaitable[object]] | None = None,
) -> T:
    """Return the result of a call. If Telegram tells how long to wait, that is the pause.

    Args:
        call: makes one attempt.
        is_new_message: a call that is done twice sends two messages, so it is repeated less often.
        patience: seconds within which the last attempt begins.
        on_wait: called before the first pause.

    Raises:
        AiogramError: Telegram refuses the call, or the attempts are used up.
    """
    end = time.monotonic() + patience
    left = list(SEND_PAUSES if is_new_message else PAUSES)
    while True:
        try:
            return await call()
        except AiogramError as error:
            pause = telegram_errors.seconds_to_wait(error)
            if pause is None and left:
                pause = left.pop(0)
            if not telegram_errors.is_temporary(error) or pause is None or time.monotonic() + pause > end:
                raise
        if on_wait is not None:
            await on_wait()
            on_wait = None
        await asyncio.sleep(pause)
