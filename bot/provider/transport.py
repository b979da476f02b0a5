"""The one way to the provider: sends a request once and gives its answer, or an error of the tree."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import aiohttp
from aiohttp import ClientRequest, ClientResponse
from pydantic import SecretStr

from bot import errors
from bot.provider import wire
from bot.provider.budget import Budget
from bot.provider.refusals import LONGEST_WAIT

READ_TIMEOUT: Final = 15.0
"""Seconds for an answer that may be asked for again."""
PURCHASE_TIMEOUT: Final = 30.0
"""Seconds for a purchase: too short a limit makes its outcome unknown."""
CONNECT_TIMEOUT: Final = 10.0
"""Seconds to reach the provider, name lookup and TLS included; after a failure here nothing was sent."""

PURCHASE: Final = "getNumber"
_OPTIONAL: Final = frozenset(
    {
        "getNumbersStatus",
        "getPrices",
        "getCountries",
        "getServicesList",
        "getOperators",
        "getActiveActivations",
    }
)
"""Actions that some providers lack; where one says so, it is not asked again for a while."""
_ABSENT_FOR: Final = 3600.0
"""Seconds; not for ever, because some providers answer a passing failure with the same word."""
_HTTP_ABSENT: Final = frozenset({404, 405, 501})
_BEFORE_SENDING: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


class Transport:
    """A client of one address.

    Reads share a pool of connections. A purchase opens its own, so that a connection which the provider
    closed in the meantime cannot make the outcome of a purchase unclear.
    """

    def __init__(
        self,
        url: str,
        budget: Budget,
        *,
        method: str,
        read_timeout: float,
        purchase_timeout: float,
        connect_timeout: float,
    ) -> None:
        self._url = url
        self._budget = budget
        self._posts = method.upper() == "POST"
        self._read_timeout = aiohttp.ClientTimeout(total=read_timeout, connect=connect_timeout)
        self._purchase_timeout = aiohttp.ClientTimeout(total=purchase_timeout, connect=connect_timeout)
        self._reads = _session(aiohttp.TCPConnector(limit=200, keepalive_timeout=15))
        self._purchases = _session(aiohttp.TCPConnector(limit=200, force_close=True))
        self._absent: dict[str, float] = {}
        self._present: set[str] = set()

    async def close(self) -> None:
        """Close all connections."""
        await self._reads.close()
        await self._purchases.close()

    async def ask(
        self, key: SecretStr, action: str, params: Mapping[str, str] | None = None, *, budgeted: bool = False
    ) -> wire.Answer:
        """Send one request, once, and return its answer.

        Args:
            key: the API key.
            action: what is asked for.
            params: the action's parameters.
            budgeted: the request was already taken from the budget.

        Raises:
            errors.ProviderError: whatever went wrong.
        """
        if self._absent.get(action, 0.0) > self._budget.clock():
            raise errors.UnsupportedAction(action)
        if not budgeted:
            await self._take_turn(key, action)
        fields = {"api_key": key.get_secret_value(), "action": action, **(params or {})}
        try:
            answer = await self._send(action, fields)
        except (errors.Throttled, errors.Blocked) as error:
            self._budget.note(key, error)
            raise
        except errors.UnsupportedAction:
            if action in _OPTIONAL and action not in self._present:
                self._absent[action] = self._budget.clock() + _ABSENT_FOR
            raise
        self._present.add(action)
        return answer

    async def _take_turn(self, key: SecretStr, action: str) -> None:
        try:
            await self._budget.tap(key)
        except errors.Blocked as pause:
            if action == PURCHASE:
                raise errors.NotSent("the host is left alone") from pause
            raise

    async def _send(self, action: str, fields: Mapping[str, str]) -> wire.Answer:
        purchase = action == PURCHASE
        session = self._purchases if purchase else self._reads
        if session.closed:
            raise errors.NotSent("closed")
        try:
            async with session.request(
                "POST" if self._posts else "GET",
                self._url,
                params=None if self._posts else fields,
                data=fields if self._posts else None,
                headers={"Accept-Encoding": "identity"},
                allow_redirects=False,
                timeout=self._purchase_timeout if purchase else self._read_timeout,
            ) as response:
                return await _answer(response, optional=action in _OPTIONAL)
        except _BEFORE_SENDING as error:
            raise errors.NotSent(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise errors.NoAnswer(type(error).__name__) from None


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(_send_once,)
    )


async def _send_once(
    request: ClientRequest, handler: Callable[[ClientRequest], Awaitable[ClientResponse]]
) -> ClientResponse:
    """Keep aiohttp from sending a GET again by itself when the connection breaks: it could buy twice."""
    try:
        return await handler(request)
    except _BEFORE_SENDING:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise errors.NoAnswer(type(error).__name__) from None


async def _answer(response: ClientResponse, *, optional: bool) -> wire.Answer:
    body = await _read_limited(response)
    try:
        return wire.read(body, status=response.status, retry_after=_retry_after(response))
    except (errors.Unreadable, errors.ServerTrouble):
        if optional and response.status in _HTTP_ABSENT:
            raise errors.UnsupportedAction(f"HTTP {response.status}") from None
        raise


async def _read_limited(response: ClientResponse) -> bytes:
    if 300 <= response.status < 400:  # noqa: PLR2004  # the class of redirects
        raise errors.Unreadable("a redirect")
    if (response.content_length or 0) > wire.MAX_BODY:
        raise errors.Unreadable("too long")
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > wire.MAX_BODY:
            raise errors.Unreadable("too long")
    return bytes(body)


def _retry_after(response: ClientResponse) -> float | None:
    """Return the seconds of a Retry-After header; its form as a date is not used here."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), LONGEST_WAIT) if value.isascii() and value.isdigit() else None
