"""Client of the provider's handler API, one method per action."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from enum import IntEnum
from typing import Final, Self

from pydantic import SecretStr

from bot import errors
from bot.domain import ListedActivation, Offer, Status
from bot.provider import tables, transport, wire
from bot.provider.bad_actions import BadActions
from bot.provider.budget import Budget
from bot.provider.profiles import Profile
from bot.provider.purchases import PurchasedNumber, PurchaseRequest, purchased_number
from bot.provider.statuses import shown_message, shown_status
from bot.provider.values import cost, money, unquoted

_MESSAGE_ACTIONS: Final = frozenset({"getFullSms", "getStatusV2"})
_CANCELLED: Final = frozenset({"ACCESS_CANCEL", "ACCESS_CANCEL_ALREADY", "STATUS_CANCEL", "ALREADY_CANCELED"})


class StatusChange(IntEnum):
    """Status codes of ``setStatus``; the one of a cancel differs at some providers."""

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
    """Client of the handler API of one provider.

    Attributes:
        profile: the facts of the provider.
    """

    def __init__(
        self,
        profile: Profile,
        budget: Budget,
        *,
        referral: str | None = None,
        read_timeout: float = transport.READ_TIMEOUT,
        purchase_timeout: float = transport.PURCHASE_TIMEOUT,
        connect_timeout: float = transport.CONNECT_TIMEOUT,
    ) -> None:
        self.profile = profile
        self._budget = budget
        self._referral = referral
        self._takes_v2 = profile.number_v2
        self.transport = transport.Transport(
            profile,
            budget,
            read_timeout=read_timeout,
            purchase_timeout=purchase_timeout,
            connect_timeout=connect_timeout,
        )
        self._bad_actions = BadActions(profile.bad_action, budget, self.transport)

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
            if answer.name in ("ACCESS_BALANCE", wire.NUMBER):
                amount = money(unquoted(answer.tail))
            elif answer.name == _GENERIC_ACKNOWLEDGEMENT:
                amount = Decimal(1)  # the same characters
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
        if isinstance(answer, wire.Token) and answer.name in ("NO_ACTIVATIONS", wire.NULL):
            return []
        return tables.active(_table(answer))

    async def buy(self, key: SecretStr, purchase: PurchaseRequest) -> PurchasedNumber:
        """Buy one number. One request is sent, and never retried.

        Raises:
            errors.Refused: nothing was bought.
            errors.NotSent: nothing was bought.
            errors.Unavailable: except for NotSent, it is unknown whether a number was bought.
        """
        profile = self.profile
        if purchase.operators and not profile.operators:
            raise errors.BadOperator
        params = {"service": purchase.service, "country": purchase.country}
        params |= _operator_param(purchase.operators)
        if self._referral:
            params["ref"] = self._referral
        if purchase.max_price is not None and profile.max_price:
            params[profile.max_price] = f"{purchase.max_price:f}"
        if purchase.prefixes and profile.prefixes:
            params["phoneException"] = purchase.prefixes
        action = transport.PURCHASE_V2 if self._takes_v2 else transport.PURCHASE
        try:
            reply = await self._reply(key, action, params)
        except errors.UnsupportedAction:
            if not self._takes_v2 or not self._budget.is_accepted(key):
                raise
            self._takes_v2 = False  # the next tap buys with getNumber
            raise errors.PurchaseUnsupported from None
        number = purchased_number(reply.answer)
        if number is None:
            raise errors.Unreadable("no number")
        if number.charged is None:
            number = replace(number, charged=cost(reply.headers.get("X-Price")))
        return number

    async def set_status(self, key: SecretStr, activation_id: str, status: StatusChange) -> None:
        """Set the status of an activation. Only the token that belongs to the status is a success.

        A status that the provider does not take is refused without a request.

        Args:
            key: the API key that the number was bought with.
            activation_id: the provider's id.
            status: the new status.

        Raises:
            errors.CodeCameFirst: the provider answered with a code.
            errors.StepRefused: the provider acknowledged another status.
        """
        refused = {
            StatusChange.SMS_SENT: not self.profile.sms_sent,
            StatusChange.RESEND: not self.profile.resend,
        }
        if refused.get(status):
            raise errors.StepRefused("not taken")
        value = self.profile.cancel_status if status is StatusChange.CANCEL else int(status)
        params = {"id": activation_id, "status": str(value)}
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
        params = {"id": activation_id} | ({"text": "1"} if self.profile.text_told == "header" else {})
        return shown_status(await self._reply(key, "getStatus", params, budgeted=budgeted))

    async def message(self, key: SecretStr, activation_id: str) -> str | None:
        """Return the whole text of the last SMS from the action that has it; None without one.

        A status or the list has the text at other providers.
        """
        action = self.profile.text_told
        if action not in _MESSAGE_ACTIONS:
            return None
        return shown_message(await self._request(key, action, {"id": activation_id}))

    async def _request(
        self,
        key: SecretStr,
        action: str,
        params: Mapping[str, str] | None = None,
        *,
        budgeted: bool = False,
        even_if_absent: bool = False,
    ) -> wire.Answer:
        reply = await self._reply(key, action, params, budgeted=budgeted, even_if_absent=even_if_absent)
        return reply.answer

    async def _reply(
        self,
        key: SecretStr,
        action: str,
        params: Mapping[str, str] | None = None,
        *,
        budgeted: bool = False,
        even_if_absent: bool = False,
    ) -> transport.Reply:
        """Send a request; BAD_ACTION is raised as what it means at this provider."""
        try:
            reply = await self.transport.request(
                key, action, params, budgeted=budgeted, even_if_absent=even_if_absent
            )
        except errors.UnsupportedAction as error:
            if action in (self.profile.lacks or ()):
                raise
            return await self._bad_actions.explain(key, action, error)
        self._bad_actions.note_worked(key)
        return reply


def _operator_param(operators: tuple[str, ...]) -> dict[str, str]:
    return {"operator": ",".join(operators)} if operators else {}


def _table(answer: wire.Answer) -> object:
    if isinstance(answer, wire.Table):
        return answer.value
    raise errors.Unreadable("a token instead of a table")
