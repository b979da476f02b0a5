"""Values of the history: list entries and pages, sums of prices, and success rates."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from statistics import median

from bot.domain.activations import Ending, State


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessFigures:
    """Success figures of a set of purchases. The price of a number is what was charged, if that is known.

    Attributes:
        bought: numbers that received a code or ended without one; open numbers without a code do not count.
        with_code: how many of them received a code.
        waits: seconds from the purchase to the first code, for each number with a code.
        spent: sum of the known prices of the numbers with a code.
        unpriced: how many numbers with a code have no known price.
        estimated: how many numbers with a code count with the price that was shown.
    """

    bought: int
    with_code: int
    waits: tuple[int, ...]
    spent: Decimal
    unpriced: int
    estimated: int

    @property
    def usual_wait(self) -> int | None:
        """Median of the waits in seconds, or None without any code."""
        return round(median(self.waits)) if self.waits else None

    @property
    def hit_rate(self) -> float:
        """Share of the numbers that received a code, from 0 to 1."""
        return self.with_code / self.bought if self.bought else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(SuccessFigures):
    """Success figures of one combination of service, country and operators.

    Attributes:
        operators: the requested operators; empty means any.
    """

    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]


class Result(StrEnum):
    """Filter of the history by the result of a purchase."""

    ALL = "a"
    CODE = "c"
    NO_CODE = "n"
    NOT_BOUGHT = "x"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of the history. Times are UTC seconds.

    Attributes:
        last_text: the newest message text; None without one, or if the user has codes deleted.
        cost: what was charged, or the shown price; None if neither is known.
    """

    id: int
    service_name: str
    phone: str | None
    state: State
    ending: Ending | None
    ordered_at: int
    with_code: bool
    last_text: str | None = None
    cost: Decimal | None = None
    taken_over: bool = False
    note: str | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the history.

    Attributes:
        page: its number from 0; the last page if a later one was requested.
        pages: how many pages there are.
        count: how many entries all pages have together.
        service_name: name of the service in the filter, or None without one.
    """

    entries: tuple[HistoryEntry, ...]
    page: int
    pages: int
    count: int
    service_name: str | None


@dataclass(frozen=True, slots=True)
class PurchasedService:
    """A service that a user has bought, with the number of purchases."""

    service: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class PriceSum:
    """Sum of the prices of some numbers. The price of a number is what was charged, if that is known.

    Attributes:
        count: how many numbers.
        amount: sum of the known prices.
        unpriced: how many of the numbers have no known price.
        estimated: how many of the numbers count with the price that was shown.
    """

    count: int = 0
    amount: Decimal = field(default=Decimal(0))
    unpriced: int = 0
    estimated: int = 0


@dataclass(frozen=True, slots=True)
class Spending:
    """Prices of the numbers with a code, today and this month, and of the open numbers without one."""

    day: PriceSum
    month: PriceSum
    still_open: PriceSum
