"""Purchase requests, and the bought numbers in the answers to them."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.provider import wire
from bot.provider.values import cost, is_id, text, unquoted

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
        charged: what the provider charged; None if the answer does not say it.
    """

    id: str
    phone: str | None
    charged: Decimal | None = None


def purchased_number(answer: wire.Answer) -> PurchasedNumber | None:
    """Return the number of an answer, or None. An id without a readable phone number counts."""
    charged = None
    if isinstance(answer, wire.Token):
        if answer.name != "ACCESS_NUMBER":
            return None
        id_, colon, rest = unquoted(answer.tail).partition(":")
        if not colon:
            return None  # the answer is cut, so the id may be incomplete
        phone, _, _ = rest.partition(":")
    elif isinstance(answer.value, dict):
        id_, phone = text(answer.value.get("activationId")), text(answer.value.get("phoneNumber"))
        charged = cost(answer.value.get("activationCost"))
    else:
        return None
    id_ = unquoted(id_)
    return PurchasedNumber(id_, _phone(unquoted(phone)), charged) if is_id(id_) else None


def _phone(raw: str) -> str | None:
    """Return the digits of a phone number, or None if it is masked or not a phone number."""
    digits = _NOT_DIGITS.sub("", raw) if _PHONE.fullmatch(raw) else ""
    return digits if 0 < len(digits) <= _MAX_PHONE_DIGITS else None
