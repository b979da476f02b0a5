"""Purchase requests, and the bought numbers in the answers to them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from bot.provider import wire
from bot.provider.tables import clean_name
from bot.provider.values import cost, currency, flag, is_id, seconds_between, text, unquoted

_BOUGHT: Final = frozenset({"ACCESS_NUMBER", "ASLEEP"})
"""Tokens of a bought number; one that is asleep cannot receive an SMS yet."""

_PHONE: Final = re.compile(r"\+?[0-9 ()-]{5,32}")
_NOT_DIGITS: Final = re.compile(r"[^0-9]")
_MAX_PHONE_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class PurchaseRequest:
    """Parameters of a purchase.

    Attributes:
        operators: allowed operators; empty means any.
        max_price: price limit, for providers that support one.
        prefixes: excluded phone prefixes, comma separated.
    """

    service: str
    country: str
    operators: tuple[str, ...] = ()
    max_price: Decimal | None = None
    prefixes: str | None = None


@dataclass(frozen=True, slots=True)
class PurchasedNumber:
    """A bought number.

    Attributes:
        phone: digits; None if the answer has an id but no readable number.
        charged: what the provider charged.
        currency: the currency of the charge (ISO 4217).
        lifetime: seconds from the purchase until the end.
        cancel_after: seconds from the purchase until a cancel is allowed.
        can_resend: whether another code can be requested.
        operator: the operator of the number.

    A field is None if the answer does not say it.
    """

    id: str
    phone: str | None
    charged: Decimal | None = None
    currency: str | None = None
    lifetime: int | None = None
    cancel_after: int | None = None
    can_resend: bool | None = None
    operator: str | None = None


def purchased_number(answer: wire.Answer) -> PurchasedNumber | None:
    """Return the number of an answer, or None. An id without a readable phone number counts."""
    if isinstance(answer, wire.Token):
        if answer.name not in _BOUGHT:
            return None
        id_, colon, rest = unquoted(answer.tail).partition(":")
        if not colon:
            return None  # the answer is cut, so the id may be incomplete
        phone, _, _ = rest.partition(":")
        id_ = unquoted(id_)
        return PurchasedNumber(id_, _phone(unquoted(phone))) if is_id(id_) else None
    return _from_table(answer.value) if isinstance(answer.value, dict) else None


def _from_table(row: Mapping[str, Any]) -> PurchasedNumber | None:
    """Return the number of an answer to ``getNumberV2``."""
    id_, bought_at = text(row.get("activationId")), row.get("activationTime")
    if not is_id(id_):
        return None
    operator = clean_name(row.get("activationOperator")).lower()
    return PurchasedNumber(
        id_,
        _phone(text(row.get("phoneNumber"))),
        charged=cost(row.get("activationCost")),
        currency=currency(row.get("currency")),
        lifetime=seconds_between(bought_at, row.get("activationEndTime") or row.get("activationEnd")),
        cancel_after=seconds_between(bought_at, row.get("activationCancel")),
        can_resend=flag(row.get("canGetAnotherSms")),
        operator=None if operator in ("", "any") else operator,
    )


def _phone(raw: str) -> str | None:
    """Return the digits of a phone number, or None if it is masked or not a phone number."""
    digits = _NOT_DIGITS.sub("", raw) if _PHONE.fullmatch(raw) else ""
    return digits if 0 < len(digits) <= _MAX_PHONE_DIGITS else None
