"""HTTP transport to the provider: one attempt per request, and every failure is a ProviderError."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import aiohttp
from aiohttp import ClientRequest, ClientResponse
from pydantic import SecretStr

from bot import errors
from bot.provider import wire
from bot.provider.budget import Budget
from bot.provider.refusals import MAX_RETRY_AFTER

READ_TIMEOUT: Final = 15.0
"""Timeout of a request that may be retried, in seconds."""
PURCHASE_TIMEOUT: Final = 30.0
"""Timeout of a purchase, in seconds. It is long because a timeout makes the outcome unknown."""
CONNECT_TIMEOUT: Final = 10.0
"""Timeout of DNS, TCP and TLS together, in seconds. After a failure here nothing was sent."""

PURCHASE: Final = "getNumber"
_OPTIONAL_ACTIONS: Final = frozenset(
    {
        "getNumbersStatus",
        "getPrices",
        "getCountries",
        "getServicesList",
        "getOperators",
        "getActiveActivations",
    }
)
"""Actions that some providers do not support; an unsupported action is not sent again for a while."""
_UNSUPPORTED_FOR: Final = 3600.0
"""Seconds; limited, because some providers report a temporary failure with the same token."""
_HTTP_UNSUPPORTED: Final = frozenset({404, 405, 501})
_BEFORE_SENDING: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


class Transport:
    """HTTP client of one provider address.

    Reads share a connection pool. Each purchase opens a new connection: on a reused one, which the provider
    may be closing, its outcome could be unknown.
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
        self._use_post = method.upper() == "POST"
        self._read_timeout = aiohttp.ClientTimeout(total=read_timeout, connect=connect_timeout)
        self._purchase_timeout = aiohttp.ClientTimeout(total=purchase_timeout, connect=connect_timeout)
        self._read_session = _session(aiohttp.TCPConnector(limit=200, keepalive_timeout=15))
        self._purchase_session = _session(aiohttp.TCPConnector(limit=200, force_close=True))
        self._unsupported_until: dict[str, float] = {}
        self._supported: set[str] = set()

    async def close(self) -> None:
        """Close all connections."""
        await self._read_session.close()
        await self._purchase_session.close()

    async def request(
        self, key: SecretStr, action: str, params: Mapping[str, str] | None = None, *, budgeted: bool = False
    ) -> wire.Answer:
        """Send one request once and return its answer.

        Args:
            key: the API key.
            action: the provider's name of the action.
            params: parameters of the action.
            budgeted: the token was already taken from the rate budget.

        Raises:
            errors.ProviderError: the request failed.
        """
        if self._unsupported_until.get(action, 0.0) > self._budget.clock():
            raise errors.UnsupportedAction(action)
        if not budgeted:
            await self._acquire(key, action)
        fields = {"api_key": key.get_secret_value(), "action": action, **(params or {})}
        try:
            answer = await self._send(action, fields)
        except (errors.Throttled, errors.Blocked) as error:
            self._budget.pause(key, error)
            raise
        except errors.UnsupportedAction:
            if action in _OPTIONAL_ACTIONS and action not in self._supported:
                self._unsupported_until[action] = self._budget.clock() + _UNSUPPORTED_FOR
            raise
        self._supported.add(action)
        return answer

    async def _acquire(self, key: SecretStr, action: str) -> None:
        try:
            await (self._budget.acquire_first(key) if action == PURCHASE else self._budget.acquire(key))
        except errors.Blocked as pause:
            if action == PURCHASE:
                raise errors.NotSent("the host is paused") from pause
            raise

    async def _send(self, action: str, fields: Mapping[str, str]) -> wire.Answer:
        purchase = action == PURCHASE
        session = self._purchase_session if purchase else self._read_session
        if session.closed:
            raise errors.NotSent("closed")
        try:
            async with session.request(
                "POST" if self._use_post else "GET",
                self._url,
                params=None if self._use_post else fields,
                data=fields if self._use_post else None,
                headers={"Accept-Encoding": "identity"},
                allow_redirects=False,
                timeout=self._purchase_timeout if purchase else self._read_timeout,
            ) as response:
                return await _read_response(response, optional=action in _OPTIONAL_ACTIONS)
        except _BEFORE_SENDING as error:
            raise errors.NotSent(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise errors.NoAnswer(type(error).__name__) from None


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(_no_resend,)
    )


async def _no_resend(
    request: ClientRequest, handler: Callable[[ClientRequest], Awaitable[ClientResponse]]
) -> ClientResponse:
    """Stop aiohttp from resending a GET after a broken connection: a purchase could be made twice."""
    try:
        return await handler(request)
    except _BEFORE_SENDING:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise errors.NoAnswer(type(error).__name__) from None


async def _read_response(response: ClientResponse, *, optional: bool) -> wire.Answer:
    body = await _read_body(response)
    try:
        return wire.read(body, status=response.status, retry_after=_retry_after(response))
    except (errors.Unreadable, errors.ServerTrouble):
        if optional and response.status in _HTTP_UNSUPPORTED:
            raise errors.UnsupportedAction(f"HTTP {response.status}") from None
        raise


async def _read_body(response: ClientResponse) -> bytes:
    if 300 <= response.status < 400:  # noqa: PLR2004  # 3xx
        raise errors.Unreadable("redirect")
    if (response.content_length or 0) > wire.MAX_BODY:
        raise errors.Unreadable("body too long")
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > wire.MAX_BODY:
            raise errors.Unreadable("body too long")
    return bytes(body)


def _retry_after(response: ClientResponse) -> float | None:
    """Return the seconds of a Retry-After header, or None; the date form is ignored."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), MAX_RETRY_AFTER) if value.isascii() and value.isdigit() else None
