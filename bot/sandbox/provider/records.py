"""The provider's records: accounts, numbers, purchases and requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class NumberState(StrEnum):
    """The state of a number between its purchase and its end."""

    WAITING = "waiting"
    RECEIVED = "received"
    WAITING_AGAIN = "waiting again"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Return whether an SMS can still arrive."""
        return self in _OPEN


_OPEN = frozenset({NumberState.WAITING, NumberState.RECEIVED, NumberState.WAITING_AGAIN})


@dataclass(slots=True)
class ProviderAccount:
    """An account at the provider, identified by its API key; tests may set the balance."""

    key: str = field(repr=False)
    balance: Decimal


@dataclass(slots=True, eq=False)
class Number:
    """A phone number that was sold for one service.

    Attributes:
        phone: The digits, with the calling code.
        bought_at: The time of the purchase, in seconds of the provider's clock.
        messages: The SMS that have arrived.
        ready: Whether the customer has announced an SMS (status 1).
        shown: How many messages had arrived at the last ``getStatus``.
        paid: Whether the price was taken.
    """

    id: str
    key: str = field(repr=False)
    service: str
    country: str
    operator: str
    phone: str
    price: Decimal
    bought_at: float
    state: NumberState = NumberState.WAITING
    messages: list[str] = field(default_factory=list)
    ready: bool = False
    shown: int = 0
    paid: bool = False


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One purchase in the ledger; it stays there after a cancel."""

    time: float
    key: str = field(repr=False)
    id: str
    service: str
    country: str
    operator: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it was received."""

    time: float
    method: str
    action: str
    params: Mapping[str, str] = field(repr=False)


class ClosedNumberError(Exception):
    """An SMS was sent to a number whose activation has ended."""
