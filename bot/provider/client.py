"""The provider's actions, one method each; every request goes through one funnel."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Final, Self

from pydantic import SecretStr

from bot import errors
from bot.domain import Closed, CodeShown, ListedActivation, Offer, Status, Waiting
from bot.provider import tables, transport, wire
from bot.provider.budget import Budget
from bot.provider.values import money, text, unquoted

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
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PHONE: Final = re.compile(r"\+?[0-9 ()-]{5,32}")
_NOT_DIGITS: Final = re.compile(r"[^0-9]")
_LONGEST_PHONE: Final = 20


class StatusChange(IntEnum):
    """The statuses that can be set."""

    SMS_SENT = 1
    RESEND = 3
    COMPLETE = 6
    CANCEL = 8


_ACKNOWLEDGED: Final[dict[StatusChange, frozenset[str]]] = {
    StatusChange.SMS_SENT: frozenset({"ACCESS_READY"}),
    StatusChange.RESEND: frozenset({"ACCESS_RETRY_GET"}),
    StatusChange.COMPLETE: frozenset({"ACCESS_ACTIVATION"}),
    StatusChange.CANCEL: _CANCELLED,
}
"""Only the word that belongs to the request counts: at some, a failed cancel answers ACCESS_READY."""
_YES: Final = "1"
"""What a few answer instead of that word; it is not enough for a cancel."""


@dataclass(frozen=True, slots=True)
class PurchaseRequest:
    """What to buy.

    Attributes:
        operators: none means any.
        max_price: the most it may cost, for providers that take a limit.
        prefixes: prefixes the number must not have, as the provider writes them.
        forward: whether calls are to be redirected; None leaves it to the provider.
    """

    service: str
    country: str
    operators: tuple[str, ...] = ()
    max_price: Decimal | None = None
    prefixes: str | None = None
    forward: bool | None = None


@dataclass(frozen=True, slots=True)
class PurchasedNumber:
    """A bought number.

    Attributes:
        phone: digits; None if the answer held the id but no readable number.
    """

    id: str
    phone: str | None


class ProviderClient:
    """A client of the handler API at one address."""

    def __init__(
        self,
        url: str,
        budget: Budget,
        *,
        method: str = "post",
        referral: str | None = None,
        read_timeout: float = transport.READ_TIMEOUT,
        purchase_timeout: float = transport.PURCHASE_TIMEOUT,
        connect_timeout: float = transport.CONNECT_TIMEOUT,
    ) -> None:
        self._referral = referral
        self._transport = transport.Transport(
            url,
            budget,
            method=method,
            read_timeout=read_timeout,
            purchase_timeout=purchase_timeout,
            connect_timeout=connect_timeout,
        )
        self._ask = self._transport.ask

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def balance(self, key: SecretStr) -> Decimal:
        """Return the balance, in a currency the provider does not name."""
        answer = await self._ask(key, "getBalance")
        amount = None
        if isinstance(answer, wire.Token):
            if answer.name == "ACCESS_BALANCE":
                amount = money(unquoted(answer.tail))
        elif isinstance(answer.value, dict):
            amount = money(answer.value.get("balance"))
        if amount is None:
            raise errors.Unreadable("no balance")
        return amount

    async def counts(
        self, key: SecretStr, country: str, operators: tuple[str, ...] = (), *, budgeted: bool = False
    ) -> dict[str, int]:
        """Return service code → numbers free in a country, in the provider's order.

        Args:
            key: the API key.
            country: the country's id.
            operators: whose numbers; none for all of them.
            budgeted: the request was already taken from the budget.
        """
        params = {"country": country} | _operator_param(operators)
        return tables.counts(_table(await self._ask(key, "getNumbersStatus", params, budgeted=budgeted)))

    async def offers(
        self,
        key: SecretStr,
        *,
        country: str | None = None,
        service: str | None = None,
        budgeted: bool = False,
    ) -> list[Offer]:
        """Return the offers of a country, of a service, or of one in the other.

        Args:
            key: the API key.
            country: the country's id, or None for all.
            service: the service's code, or None for all.
            budgeted: the request was already taken from the budget.
        """
        params = {name: value for name, value in (("service", service), ("country", country)) if value}
        table = _table(await self._ask(key, "getPrices", params, budgeted=budgeted))
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

    async def active(self, key: SecretStr) -> list[ListedActivation]:
        """Return the activations the provider holds open for this key."""
        answer = await self._ask(key, "getActiveActivations")
        if isinstance(answer, wire.Token) and answer.name == "NO_ACTIVATIONS":
            return []
        return tables.active(_table(answer))

    async def buy(self, key: SecretStr, order: PurchaseRequest) -> PurchasedNumber:
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
        if order.forward is not None:
            params["forward"] = str(int(order.forward))
        answer = await self._ask(key, transport.PURCHASE, params)
        purchase = _purchase(answer)
        if purchase is None:
            raise errors.Unreadable("no number")
        return purchase

    async def set_status(
        self, key: SecretStr, activation_id: str, status: StatusChange, *, forward: str | None = None
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
            if answer.name in _ACKNOWLEDGED[status] or (
                answer.name == _YES and status is not StatusChange.CANCEL
            ):
                return
            if answer.name == "STATUS_OK":
                raise errors.CodeCameFirst(unquoted(answer.tail) or None)
            if answer.name.startswith(("ACCESS_", "STATUS_")):
                raise errors.StepRefused(answer.name)
        elif (
            status is not StatusChange.CANCEL
            and isinstance(answer.value, dict)
            and answer.value.get("status") == "success"
        ):
            return
        raise errors.Unreadable("no acknowledgement")

    async def status(self, key: SecretStr, activation_id: str, *, budgeted: bool = False) -> Status:
        """Return how an activation stands.

        Args:
            key: the API key it was bought with.
            activation_id: the provider's id.
            budgeted: the request was already taken from the budget.
        """
        answer = await self._ask(key, "getStatus", {"id": activation_id}, budgeted=budgeted)
        if isinstance(answer, wire.Token):
            if answer.name in ("STATUS_OK", "FULL_SMS"):
                return CodeShown(unquoted(answer.tail))
            if answer.name in _WAITING:
                return Waiting()
            if answer.name in _WAITING_AGAIN:
                return Waiting(again=True, previous=unquoted(answer.tail) or None)
            if answer.name in _CLOSED:
                return Closed()
        raise errors.Unreadable("no status")


def _operator_param(operators: tuple[str, ...]) -> dict[str, str]:
    return {"operator": ",".join(operators)} if operators else {}


def _table(answer: wire.Answer) -> object:
    if isinstance(answer, wire.Table):
        return answer.value
    raise errors.Unreadable("a token instead of a table")


def _purchase(answer: wire.Answer) -> PurchasedNumber | None:
    """Return the bought number; an id without a readable number is a bought number all the same."""
    if isinstance(answer, wire.Token):
        if answer.name != "ACCESS_NUMBER":
            return None
        id_, colon, rest = unquoted(answer.tail).partition(":")
        if not colon:
            return None  # cut in the middle, so the id may not be whole
        phone, _, _ = rest.partition(":")
    elif isinstance(answer.value, dict):
        id_, phone = text(answer.value.get("activationId")), text(answer.value.get("phoneNumber"))
    else:
        return None
    id_ = unquoted(id_)
    return PurchasedNumber(id_, _phone(unquoted(phone))) if _ID.fullmatch(id_) else None


def _phone(written: str) -> str | None:
    """Return a phone number's digits, or None if it is masked or none at all."""
    digits = _NOT_DIGITS.sub("", written) if _PHONE.fullmatch(written) else ""
    return digits if 0 < len(digits) <= _LONGEST_PHONE else None
