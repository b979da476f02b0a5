"""What the provider remembers: accounts, numbers, purchases and the requests it has seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class NumberState(StrEnum):
    """Where a number stands between its purchase and its end."""

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
    """A customer of the provider, known by the key; tests may set the balance."""

    key: str = field(repr=False)
    balance: Decimal


@dataclass(slots=True, eq=False)
class Number:
    """A phone number rented for one service; ``ready`` once the customer said the SMS is on its way.

    ``phone`` holds digits with the country code, ``bought_at`` seconds of the provider's clock. ``shown`` is
    how many of the messages had come when the customer last asked how it stands.
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


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A line of the ledger: one number was sold, whatever became of it."""

    time: float
    key: str = field(repr=False)
    id: str
    service: str
    country: str
    operator: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it came in, before the provider thought about it."""

    time: float
    method: str
    action: str
    params: Mapping[str, str] = field(repr=False)


class ClosedNumberError(Exception):
    """An SMS was sent to a number whose activation is over."""
