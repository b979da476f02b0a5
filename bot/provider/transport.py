"""HTTP transport to the provider. Every failure is a ProviderError.

A read whose connection is dropped is sent once more on a fresh connection; everything else is sent once.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import ClientRequest, ClientResponse
from pydantic import SecretStr

from bot import errors
from bot.provider import wire
from bot.provider.absent_actions import AbsentActions
from bot.provider.budget import Budget
from bot.provider.pauses import ActionClass, class_of
from bot.provider.profiles import OPTIONAL_ACTIONS, Profile
from bot.provider.refusals import MAX_RETRY_AFTER

READ_TIMEOUT: Final = 15.0
"""Timeout of a request that may be retried, in seconds."""
PURCHASE_TIMEOUT: Final = 30.0
"""Timeout of a purchase, in seconds. It is long because a timeout makes the outcome unknown."""
CONNECT_TIMEOUT: Final = 10.0
"""Timeout of DNS, TCP and TLS together, in seconds. After a failure here nothing was sent."""

PURCHASE: Final = "getNumber"
PURCHASE_V2: Final = "getNumberV2"
PURCHASES: Final = frozenset({PURCHASE, PURCHASE_V2})
_NEED_KEY: Final = PURCHASES | {"getBalance", "getStatus", "setStatus", "getActiveActivations"}
"""Actions that no provider carries out without a valid API key."""
_READS: Final = OPTIONAL_ACTIONS | {"getBalance", "getStatus", "getStatusV2", "getFullSms"}
"""Actions that change nothing, so they may be sent again."""
_BEFORE_SENDING: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


_WRONG_METHOD: Final = 405

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with the headers of its response."""

    answer: wire.Answer
    headers: Mapping[str, str]


class _DroppedError(Exception):
    """The connection broke after the request was sent, before the whole answer was there."""


class Transport:
    """HTTP client of one provider address.

    Reads share a connection pool. Each purchase opens a new connection: on a reused one, which the provider
    may be closing, its outcome could be unknown.

    Attributes:
        on_key_accepted: called with an API key that works again after the provider refused a status check.
    """

    def __init__(
        self,
        profile: Profile,
        budget: Budget,
        *,
        read_timeout: float,
        purchase_timeout: float,
        connect_timeout: float,
    ) -> None:
        self._profile = profile
        self._url = profile.url
        self._budget = budget
        self._read_timeout = aiohttp.ClientTimeout(total=read_timeout, connect=connect_timeout)
        self._purchase_timeout = aiohttp.ClientTimeout(total=purchase_timeout, connect=connect_timeout)
        self._read_session = _session(aiohttp.TCPConnector(limit=200, keepalive_timeout=15))
        self._fresh_session = _session(aiohttp.TCPConnector(limit=200, force_close=True))
        self._absent = AbsentActions(budget.clock) if profile.lacks is None else None
        self._is_method_warned = False
        self._refused_keys: set[SecretStr] = set()
        self.on_key_accepted: Callable[[SecretStr], None] = lambda _key: None

    async def close(self) -> None:
        """Close all connections."""
        await self._read_session.close()
        await self._fresh_session.close()

    async def request(
        self,
        key: SecretStr,
        action: str,
        params: Mapping[str, str] | None = None,
        *,
        budgeted: bool = False,
        even_if_absent: bool = False,
    ) -> Reply:
        """Send one request and return its reply.

        Args:
            key: the API key.
            action: the action's name at sms-activate.
            params: parameters of the action.
            budgeted: the token was already taken from the rate budget.
            even_if_absent: send it also if the provider does not seem to have the action.

        Raises:
            errors.ProviderError: the request failed.
        """
        if action in (self._profile.lacks or ()):
            raise errors.UnsupportedAction(action)
        if self._absent is not None and not even_if_absent and self._absent.is_absent(action):
            raise errors.UnsupportedAction(action)
        if not budgeted:
            await self._acquire(key, action)
        name = self._profile.renamed.get(action, action)
        fields = {
            "api_key": key.get_secret_value(),
            "action": name,
            **self._profile.params,
            **(params or {}),
        }
        answered = False
        try:
            reply = await self._send(key, action, fields)
            answered = True
        except (errors.Throttled, errors.Blocked) as error:
            self._budget.pause(key, error, class_of(action))
            raise
        except errors.UnsupportedAction:
            answered = True
            if self._absent is not None and action in OPTIONAL_ACTIONS and self._budget.is_accepted(key):
                self._absent.note_unknown(key, action)
            raise
        except errors.Refused as refusal:
            answered = True
            if isinstance(refusal, errors.KeyRefused) and class_of(action) is ActionClass.CHECKS:
                self._refused_keys.add(key)  # a stored key: only those are used for checks
            raise
        finally:
            self._budget.finish(key, class_of(action), answered=answered)
        self._note_accepted(key, action)
        return reply

    def _note_accepted(self, key: SecretStr, action: str) -> None:
        if action in _NEED_KEY:
            self._budget.accept(key)
            if key in self._refused_keys:
                self._refused_keys.discard(key)
                self.on_key_accepted(key)
        if self._absent is not None and self._budget.is_accepted(key):
            self._absent.note_worked(key, action)

    async def _acquire(self, key: SecretStr, action: str) -> None:
        try:
            if action in PURCHASES:
                await self._budget.acquire_first(key, class_of(action))
            else:
                await self._budget.acquire(key, class_of(action))
        except errors.Blocked as pause:
            if action in PURCHASES:
                raise errors.BlockedAtEdge(pause.retry_after) from None  # nothing was bought
            raise

    async def _send(self, key: SecretStr, action: str, fields: Mapping[str, str]) -> Reply:
        try:
            return await self._send_once(action, fields, fresh=action in PURCHASES)
        except _DroppedError as error:
            if action not in _READS:
                raise errors.NoAnswer(*error.args) from None
        self._budget.charge(key)
        try:
            return await self._send_once(action, fields, fresh=True)
        except _DroppedError as error:
            raise errors.NoAnswer(*error.args) from None

    async def _send_once(self, action: str, fields: Mapping[str, str], *, fresh: bool) -> Reply:
        """Send a request on a pooled connection, or on a fresh one."""
        purchase, use_post = action in PURCHASES, self._profile.method == "post"
        session = self._fresh_session if fresh else self._read_session
        if session.closed:
            raise errors.NotSent("closed")
        try:
            async with session.request(
                self._profile.method.upper(),
                self._url,
                params=None if use_post else fields,
                data=fields if use_post else None,
                headers={"Accept-Encoding": "identity"},
                allow_redirects=False,
                timeout=self._purchase_timeout if purchase else self._read_timeout,
            ) as response:
                if response.status == _WRONG_METHOD:
                    self._warn_of_method()
                return Reply(await _read_response(response), response.headers)
        except _BEFORE_SENDING as error:
            raise errors.NotSent(type(error).__name__) from None
        except (aiohttp.ClientPayloadError, ConnectionError) as error:
            raise _DroppedError(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise errors.NoAnswer(type(error).__name__) from None

    def _warn_of_method(self) -> None:
        if not self._is_method_warned:
            self._is_method_warned = True
            log.warning(
                "%s answers %s with HTTP 405; set PROVIDER_METHOD, or method in its profile",
                self._profile.name,
                self._profile.method.upper(),
            )


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
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError, ConnectionError) as error:
        raise _DroppedError(type(error).__name__) from None


async def _read_response(response: ClientResponse) -> wire.Answer:
    body = await _read_body(response)
    return wire.read(
        body,
        status=response.status,
        retry_after=_retry_after(response),
        challenged=response.headers.get("cf-mitigated") == "challenge",
    )


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
