"""What the sandbox tests share: a fixed clock, an HTTP client of the provider, and the chat id of Ann."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.sandbox.provider import Number, SandboxProvider

ANN = 7
TG = {"service": "tg", "country": "10"}


class Clock:
    """A clock that tests move."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Return the current time, in seconds."""
        return self.now


@dataclass
class Reply:
    """A response of the provider."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The text as JSON, for any content type."""
        return json.loads(self.text)


Ask = Callable[..., Awaitable[Reply]]
AskText = Callable[..., Awaitable[str]]


class ProviderClient:
    """An HTTP client of the provider that sends its parameters in the query string."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def ask(self, action: str, *, key: str = "alice", method: str = "GET", **params: str) -> Reply:
        """Send a request, and return the response."""
        query = {"api_key": key, "action": action, **params}
        async with self._session.request(method, self._url, params=query) as response:
            body = await response.read()
            return Reply(response.status, body.decode(), dict(response.headers))

    async def ask_text(self, action: str, *, key: str = "alice", **params: str) -> str:
        """Send a request, and return the text of the response, which must have the status 200."""
        reply = await self.ask(action, key=key, **params)
        assert reply.status == 200
        return reply.text


async def buy(ask_text: AskText, provider: SandboxProvider, **params: str) -> Number:
    """Buy a tg number, and return the provider's record."""
    answer = await ask_text("getNumber", **{**TG, **params})
    token, number_id, phone = answer.split(":")
    number = provider.numbers[number_id]
    assert (token, phone) == ("ACCESS_NUMBER", number.phone)
    return number
