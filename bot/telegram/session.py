"""The HTTP session of the Bot API. Its errors hold nothing of an answer."""

import json
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramServerError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientConnectorError, ClientError, ClientTimeout, ConnectionTimeoutError
from typing_extensions import override

from bot.telegram.reduced_messages import reduced_message
from bot.telegram.telegram_errors import NotConnected


class BotSession(AiohttpSession):
    """A session that removes the answer from errors: aiogram's and aiohttp's own errors print it.

    Args:
        steady: a clock in seconds that is never corrected.
        note_date: called with the date of each answer (UTC seconds) and the time of its request (`steady`).
        options: the options of aiogram's session.
    """

    def __init__(
        self, steady: Callable[[], float], note_date: Callable[[float, float], None], **options: Any
    ) -> None:
        super().__init__(**options)
        self._steady = steady
        self._note_date = note_date

    @override
    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Call a method.

        Raises:
            TelegramAPIError: Telegram refuses the call, or cannot be reached.
            ClientDecodeError: the answer is no answer of the Bot API.
        """
        session = await self.create_session()
        url = self.api.api_url(bot.token, method.__api_method__)
        form = self.build_form_data(bot, method)
        limit = ClientTimeout(self.timeout if timeout is None else timeout)
        asked_at = self._steady()
        try:
            async with session.post(url, data=form, timeout=limit) as answer:
                content = await answer.text()
        except (ClientError, OSError, UnicodeDecodeError) as error:
            sent = not isinstance(error, ClientConnectorError | ConnectionTimeoutError)
            failure = (TelegramNetworkError if sent else NotConnected)(method, type(error).__name__)
        else:
            response = self.check_response(bot, method, answer.status, content)
            if (date := date_of(answer.headers)) is not None:
                self._note_date(date, asked_at)
            return cast("TelegramType", response.result)
        raise failure  # outside of `except`, so it has no context to print

    @override
    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """Return a decoded answer, reduced to its main fields if aiogram cannot decode a sent message."""
        try:
            return super().check_response(bot, method, status_code, content)
        except TelegramAPIError:
            raise
        except (AiogramError, TypeError):  # TypeError: a refusal without a description
            reduced = _reduced(content) if status_code == HTTPStatus.OK else None
        if reduced is not None:
            try:
                return super().check_response(bot, method, status_code, reduced)
            except AiogramError:
                pass
        raise _unreadable(method, status_code)


def date_of(headers: Mapping[str, str]) -> float | None:
    """Return the date of an answer in UTC seconds; None if it has none, or comes from a cache."""
    if "Age" in headers:
        return None
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _unreadable(method: TelegramMethod[TelegramType], status: int) -> AiogramError:
    """Return the error of an answer that cannot be read, such as the page of a gateway."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TelegramServerError(method, f"HTTP {status}")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TelegramEntityTooLarge(method, f"HTTP {status}")
    return ClientDecodeError(f"the answer cannot be read, HTTP {status}", ValueError("not shown"), None)


def _reduced(content: str) -> str | None:
    """Return the answer to a sent message with its required fields only; None if it is something else.

    The message was sent, so a failure to decode it must not send it again.
    """
    try:
        answer: Any = json.loads(content)
        result = reduced_message(answer["result"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return json.dumps({"ok": answer.get("ok") is True, "result": result})
