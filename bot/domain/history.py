"""A user's past purchases: list entries, sums and success rates."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from statistics import median

from bot.domain.activations import Ending, State


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessFigures:
    """What became of purchases.

    Attributes:
        bought: numbers that are settled: they brought a code, or ended without one.
        with_code: how many of them brought a code.
        waits: seconds from the purchase to the first code, of those that brought one.
        spent: the shown prices of those that brought a code, where a price was shown.
        unpriced: how many of those that brought a code had no shown price.
    """

    bought: int
    with_code: int
    waits: tuple[int, ...]
    spent: Decimal
    unpriced: int

    @property
    def usual_wait(self) -> int | None:
        """The median of the waits in seconds, or None if no code has come yet."""
        return round(median(self.waits)) if self.waits else None

    @property
    def hit_rate(self) -> float:
        """The part of the numbers that brought a code, from 0 to 1."""
        return self.with_code / self.bought if self.bought else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(SuccessFigures):
    """What became of the purchases of one thing.

    Attributes:
        operators: what was asked for; none means any.
    """

    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]


class Result(StrEnum):
    """What a number may have brought, to choose by."""

    ALL = "a"
    CODE = "c"
    NO_CODE = "n"
    NOT_BOUGHT = "x"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the history. Times are UTC seconds."""

    id: int
    service_name: str
    phone: str | None
    state: State
    ending: Ending | None
    ordered_at: int
    with_code: bool


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the history.

    Attributes:
        page: its number from 0, which is less than asked for where there are not so many.
        count: how many entries all pages have.
        service_name: of the service chosen by, if one is.
    """

    entries: tuple[HistoryEntry, ...]
    page: int
    pages: int
    count: int
    service_name: str | None


@dataclass(frozen=True, slots=True)
class PurchasedService:
    """A service of which a user has bought numbers, and how many."""

    service: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class PriceSum:
    """What some numbers come to by the prices shown for them.

    Attributes:
        count: how many numbers.
        amount: the prices that are known, added up.
        unpriced: how many of the numbers had no shown price.
    """

    count: int = 0
    amount: Decimal = field(default=Decimal(0))
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Spending:
    """What numbers that brought a code come to, and apart from them those that may still bring one."""

    day: PriceSum
    month: PriceSum
    still_open: PriceSum
