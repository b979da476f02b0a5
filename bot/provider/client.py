"""Client of the provider's handler API, one method per action."""

from decimal import Decimal
from enum import IntEnum
from typing import Final, Self

from pydantic import SecretStr

from bot import errors
from bot.domain import Closed, CodeShown, ListedActivation, Offer, Status, Waiting
from bot.provider import tables, transport, wire
from bot.provider.budget import Budget
from bot.provider.purchases import PurchasedNumber, PurchaseRequest, purchased_number
from bot.provider.values import money, unquoted

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


class StatusChange(IntEnum):
    """Status codes of ``setStatus``."""

    SMS_SENT = 1
    RESEND = 3
    COMPLETE = 6
    CANCEL = 8


_ACKNOWLEDGEMENTS: Final[dict[StatusChange, frozenset[str]]] = {
    StatusChange.SMS_SENT: frozenset({"ACCESS_READY"}),
    StatusChange.RESEND: frozenset({"ACCESS_RETRY_GET"}),
    StatusChange.COMPLETE: frozenset({"ACCESS_ACTIVATION"}),
    StatusChange.CANCEL: _CANCELLED,
}
"""Tokens that acknowledge each status. Some providers answer a failed cancel with ACCESS_READY."""
_GENERIC_ACKNOWLEDGEMENT: Final = "1"
"""Answer of a few providers to any status; not accepted for a cancel."""


class ProviderClient:
    """Client of the handler API at one address."""

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
        self.transport = transport.Transport(
            url,
            budget,
            method=method,
            read_timeout=read_timeout,
            purchase_timeout=purchase_timeout,
            connect_timeout=connect_timeout,
        )
        self._request = self.transport.request

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self.transport.close()

    async def balance(self, key: SecretStr) -> Decimal:
        """Return the balance. The provider does not name the currency."""
        answer = await self._request(key, "getBalance")
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
        """Return service code → count of free numbers in a country, in the provider's purchase.

        Args:
            key: the API key.
            country: the country's id.
            operators: operators to count; empty counts all.
            budgeted: the token was already taken from the rate budget.
        """
        params = {"country": country} | _operator_param(operators)
        return tables.counts(_table(await self._request(key, "getNumbersStatus", params, budgeted=budgeted)))

    async def offers(
        self,
        key: SecretStr,
        *,
        country: str | None = None,
        service: str | None = None,
        budgeted: bool = False,
    ) -> list[Offer]:
        """Return offers, filtered by country and service.

        Args:
            key: the API key.
            country: the country's id, or None for all.
            service: the service's code, or None for all.
            budgeted: the token was already taken from the rate budget.
        """
        params = {name: value for name, value in (("service", service), ("country", country)) if value}
        table = _table(await self._request(key, "getPrices", params, budgeted=budgeted))
        return tables.offers(table, country=country, service=service)

    async def countries(self, key: SecretStr) -> dict[str, str]:
        """Return country id → name."""
        return tables.countries(_table(await self._request(key, "getCountries")))

    async def services(self, key: SecretStr, country: str) -> dict[str, str]:
        """Return service code → name."""
        params = {"country": country, "lang": "en"}
        return tables.services(_table(await self._request(key, "getServicesList", params)))

    async def operators(self, key: SecretStr, country: str) -> list[str]:
        """Return the operator codes of a country, without ``any``."""
        return tables.operators(
            _table(await self._request(key, "getOperators", {"country": country})), country
        )

    async def active(self, key: SecretStr, *, unless_absent: bool = False) -> list[ListedActivation]:
        """Return the open activations of this key.

        Args:
            key: the API key.
            unless_absent: do not ask a provider that does not seem to have the list.
        """
        answer = await self._request(key, "getActiveActivations", even_if_absent=not unless_absent)
        if isinstance(answer, wire.Token) and answer.name == "NO_ACTIVATIONS":
            return []
        return tables.active(_table(answer))

    async def buy(self, key: SecretStr, purchase: PurchaseRequest) -> PurchasedNumber:
        """Buy one number. The request is never retried.

        Raises:
            errors.Refused: nothing was bought.
            errors.NotSent: nothing was bought.
            errors.Unavailable: except for NotSent, it is unknown whether a number was bought.
        """
        params = {"service": purchase.service, "country": purchase.country} | _operator_param(
            purchase.operators
        )
        if self._referral:
            params["ref"] = self._referral
        if purchase.max_price is not None:
            params["maxPrice"] = f"{purchase.max_price:f}"
        if purchase.prefixes:
            params["phoneException"] = purchase.prefixes
        answer = await self._request(key, transport.PURCHASE, params)
        number = purchased_number(answer)
        if number is None:
            raise errors.Unreadable("no number")
        return number

    async def set_status(self, key: SecretStr, activation_id: str, status: StatusChange) -> None:
        """Set the status of an activation. Only the token that belongs to the status is a success.

        Args:
            key: the API key that the number was bought with.
            activation_id: the provider's id.
            status: the new status.

        Raises:
            errors.CodeCameFirst: the provider answered with a code.
            errors.StepRefused: the provider acknowledged another status.
        """
        params = {"id": activation_id, "status": str(int(status))}
        answer = await self._request(key, "setStatus", params)
        if isinstance(answer, wire.Token):
            if answer.name in _ACKNOWLEDGEMENTS[status] or (
                answer.name == _GENERIC_ACKNOWLEDGEMENT and status is not StatusChange.CANCEL
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
        """Return the status of an activation.

        Args:
            key: the API key that the number was bought with.
            activation_id: the provider's id.
            budgeted: the token was already taken from the rate budget.
        """
        answer = await self._request(key, "getStatus", {"id": activation_id}, budgeted=budgeted)
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
