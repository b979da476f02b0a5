"""The provider's actions, one method each; every request goes through one funnel."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Final, Self

import aiohttp
from aiohttp import ClientRequest, ClientResponse
from pydantic import SecretStr

from bot import errors
from bot.domain import Closed, CodeShown, Offer, Status, Waiting
from bot.provider import tables, wire
from bot.provider.budget import Budget
from bot.provider.refusals import money

READ_TIMEOUT: Final = 15.0
"""Seconds for an answer that may be asked for again."""
PURCHASE_TIMEOUT: Final = 30.0
"""Seconds for a purchase: too short a limit makes its outcome unknown."""
CONNECT_TIMEOUT: Final = 10.0
"""Seconds to reach the provider; after a failure here nothing was sent."""

_WAITING: Final = frozenset(
    {
        "STATUS_WAIT_CODE",
        "STATUS_WAIT_READY",
        "STATUS_WAIT_SCREEN",
        "STATUS_ACCESS",
        "STATUS_ACCESS_SCREEN",
        "STATUS_WAITING",
    }
)
_WAITING_AGAIN: Final = frozenset({"STATUS_WAIT_RETRY", "STATUS_WAIT_RESEND"})
_CLOSED: Final = frozenset({"STATUS_CANCEL", "STATUS_FINISH", "STATUS_REVOKE", "ACCESS_CANCEL"})
_CANCELLED: Final = frozenset({"ACCESS_CANCEL", "ACCESS_CANCEL_ALREADY", "STATUS_CANCEL", "ALREADY_CANCELED"})
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
_NOT_DIGITS: Final = re.compile(r"\D")


class SetTo(IntEnum):
    """The statuses that can be set."""

    SMS_SENT = 1
    RESEND = 3
    COMPLETE = 6
    CANCEL = 8


_ACKNOWLEDGED: Final[dict[SetTo, frozenset[str]]] = {
    SetTo.SMS_SENT: frozenset({"ACCESS_READY"}),
    SetTo.RESEND: frozenset({"ACCESS_RETRY_GET"}),
    SetTo.COMPLETE: frozenset({"ACCESS_ACTIVATION"}),
    SetTo.CANCEL: _CANCELLED,
}
"""Only the word that belongs to the request counts: at some, a failed cancel answers ACCESS_READY."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to buy.

    Attributes:
        operators: none means any.
        max_price: the most it may cost, for providers that take a limit.
        prefixes: prefixes the number must not have, as the provider writes them.
    """

    service: str
    country: str
    operators: tuple[str, ...] = ()
    max_price: Decimal | None = None
    prefixes: str | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A bought number.

    Attributes:
        phone: digits; None if the answer held the id but no readable number.
    """

    id: str
    phone: str | None


async def _send_once(
    request: ClientRequest, handler: Callable[[ClientRequest], Awaitable[ClientResponse]]
) -> ClientResponse:
    """Keep aiohttp from sending a GET again by itself when the connection breaks: it could buy twice."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise errors.NoAnswer(type(error).__name__) from None


class Provider:
    """A client of the handler API at one address.

    Reads share a pool of connections. A purchase opens its own, so that a connection which the provider
    closed in the meantime cannot make the outcome of a purchase unclear.
    """

    def __init__(
        self,
        url: str,
        budget: Budget,
        *,
        method: str = "post",
        referral: str | None = None,
        read_timeout: float = READ_TIMEOUT,
        purchase_timeout: float = PURCHASE_TIMEOUT,
    ) -> None:
        self._url = url
        self._budget = budget
        self._method = method.upper()
        self._referral = referral
        self._read_timeout = read_timeout
        self._purchase_timeout = purchase_timeout
        self._reads = self._session(aiohttp.TCPConnector(limit=200, keepalive_timeout=15))
        self._purchases = self._session(aiohttp.TCPConnector(force_close=True))
        self._absent: dict[str, float] = {}

    @staticmethod
    def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), middlewares=(_send_once,)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._reads.close()
        await self._purchases.close()

    async def balance(self, key: SecretStr) -> Decimal:
        """Return the balance, in a currency the provider does not name."""
        answer = await self._ask(key, "getBalance")
        amount = None
        if isinstance(answer, wire.Token):
            if answer.name == "ACCESS_BALANCE":
                amount = money(wire.unquoted(answer.tail))
        elif isinstance(answer.value, dict):
            amount = money(answer.value.get("balance"))
        if amount is None:
            raise errors.Unreadable("no balance")
        return amount

    async def counts(self, key: SecretStr, country: str, operators: tuple[str, ...] = ()) -> dict[str, int]:
        """Return service code → numbers free in a country, in the provider's order."""
        params = {"country": country} | _operator_param(operators)
        return tables.counts(_table(await self._ask(key, "getNumbersStatus", params)))

    async def offers(
        self, key: SecretStr, *, country: str | None = None, service: str | None = None
    ) -> list[Offer]:
        """Return the offers of a country, of a service, or of one in the other."""
        params = {name: value for name, value in (("service", service), ("country", country)) if value}
        table = _table(await self._ask(key, "getPrices", params))
        return tables.offers(table, country=country, service=service)

    async def countries(self, key: SecretStr) -> dict[str, str]:
        """Return country id → name."""
        return tables.countries(_table(await self._ask(key, "getCountries")))

    async def services(self, key: SecretStr, country: str) -> dict[str, str]:
        """Return service code → name."""
        params = {"country": country, "lang": "en"}
        return tables.services(_table(await self._ask(key, "getServicesList", params)))

    async def operators(self, key: SecretStr, country: str) -> list[str]:
        """Return the operator codes of a country."""
        return tables.operators(_table(await self._ask(key, "getOperators", {"country": country})), country)

    async def active(self, key: SecretStr) -> list[tables.Listed]:
        """Return the activations the provider holds open for this key."""
        answer = await self._ask(key, "getActiveActivations")
        if isinstance(answer, wire.Token) and answer.name == "NO_ACTIVATIONS":
            return []
        return tables.active(_table(answer))

    async def buy(self, key: SecretStr, order: Order) -> Purchase:
        """Buy one number. The request is sent once, whatever happens.

        Raises:
            errors.Refused: nothing was bought.
            errors.NotSent: nothing was bought.
            errors.Unavailable: any other of these leaves it open whether a number was bought.
        """
        params = {"service": order.service, "country": order.country} | _operator_param(order.operators)
        if self._referral:
            params["ref"] = self._referral
        if order.max_price is not None:
            params["maxPrice"] = f"{order.max_price:f}"
        if order.prefixes:
            params["phoneException"] = order.prefixes
        answer = await self._ask(key, "getNumber", params, purchase=True)
        purchase = _purchase(answer)
        if purchase is None:
            raise errors.Unreadable("no number")
        return purchase

    async def set_status(
        self, key: SecretStr, activation_id: str, status: SetTo, *, forward: str | None = None
    ) -> None:
        """Set an activation's status; returns only if the provider acknowledged just that.

        Args:
            key: the API key it was bought with.
            activation_id: the provider's id.
            status: what to set.
            forward: a phone number to redirect to, if it was bought for that.

        Raises:
            errors.CodeCameFirst: a cancel was answered with a code.
            errors.StepRefused: the provider acknowledged something else.
        """
        params = {"id": activation_id, "status": str(int(status))}
        if forward:
            params["forward"] = forward
        answer = await self._ask(key, "setStatus", params)
        if isinstance(answer, wire.Token):
            if answer.name in _ACKNOWLEDGED[status]:
                return
            if answer.name == "STATUS_OK":
                raise errors.CodeCameFirst(wire.unquoted(answer.tail) or None)
            if answer.name.startswith(("ACCESS_", "STATUS_")):
                raise errors.StepRefused(answer.name)
        elif (
            status is not SetTo.CANCEL
            and isinstance(answer.value, dict)
            and answer.value.get("status") == "success"
        ):
            return
        raise errors.Unreadable("no acknowledgement")

    async def status(self, key: SecretStr, activation_id: str, *, paid: bool = False) -> Status:
        """Return how an activation stands.

        Args:
            key: the API key it was bought with.
            activation_id: the provider's id.
            paid: the request was already taken from the budget.
        """
        answer = await self._ask(key, "getStatus", {"id": activation_id}, paid=paid)
        if isinstance(answer, wire.Token):
            if answer.name in ("STATUS_OK", "FULL_SMS"):
                return CodeShown(wire.unquoted(answer.tail))
            if answer.name in _WAITING:
                return Waiting()
            if answer.name in _WAITING_AGAIN:
                return Waiting(again=True, previous=wire.unquoted(answer.tail) or None)
            if answer.name in _CLOSED:
                return Closed()
        raise errors.Unreadable("no status")

    async def _ask(
        self,
        key: SecretStr,
        action: str,
        params: Mapping[str, str] | None = None,
        *,
        purchase: bool = False,
        paid: bool = False,
    ) -> wire.Answer:
        """Send one request and return its answer; every failure is an error of the tree."""
        if self._absent.get(action, 0.0) > self._budget.clock():
            raise errors.UnsupportedAction(action)
        if not paid:
            await self._budget.tap(key)
        fields = {"api_key": key.get_secret_value(), "action": action, **(params or {})}
        session = self._purchases if purchase else self._reads
        timeout = aiohttp.ClientTimeout(
            total=self._purchase_timeout if purchase else self._read_timeout, sock_connect=CONNECT_TIMEOUT
        )
        posted = self._method == "POST"
        try:
            async with session.request(
                self._method,
                self._url,
                params=None if posted else fields,
                data=fields if posted else None,
                headers={"Accept-Encoding": "identity"},
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                body = await _read_limited(response)
                return wire.read(body, status=response.status, retry_after=_retry_after(response))
        except (errors.Throttled, errors.Blocked) as error:
            self._budget.note(key, error)
            raise
        except errors.UnsupportedAction:
            if action in _OPTIONAL:
                self._absent[action] = self._budget.clock() + _ABSENT_FOR
            raise
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise errors.NotSent(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise errors.NoAnswer(type(error).__name__) from None


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
    """Return the seconds of a Retry-After header, at most an hour; its form as a date is not used here."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), 3600.0) if value.isascii() and value.isdigit() else None


def _operator_param(operators: tuple[str, ...]) -> dict[str, str]:
    return {"operator": ",".join(operators)} if operators else {}


def _table(answer: wire.Answer) -> object:
    if isinstance(answer, wire.Table):
        return answer.value
    raise errors.Unreadable("a token instead of a table")


def _purchase(answer: wire.Answer) -> Purchase | None:
    """Return the bought number; an id without a readable number is a bought number all the same."""
    if isinstance(answer, wire.Token):
        if answer.name != "ACCESS_NUMBER":
            return None
        id_, _, phone = wire.unquoted(answer.tail).partition(":")
    elif isinstance(answer.value, dict):
        id_ = str(answer.value.get("activationId") or "")
        phone = str(answer.value.get("phoneNumber") or "")
    else:
        return None
    digits = _NOT_DIGITS.sub("", phone)
    id_ = wire.unquoted(id_)
    return Purchase(id_, digits or None) if id_ else None
