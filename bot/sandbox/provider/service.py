"""The sandbox provider: the rules of numbers, and control over stock, accounts, SMS and faults."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from decimal import Decimal

from bot.sandbox.provider import stock_data
from bot.sandbox.provider.dialects import Dialect
from bot.sandbox.provider.family import SMS3T
from bot.sandbox.provider.faults import FaultKind, ProviderFault, take_faults
from bot.sandbox.provider.numbers import NumberRules
from bot.sandbox.provider.records import ClosedNumberError, NumberState, ProviderAccount, RecordedRequest
from bot.sandbox.provider.stock import Stock, StockItem

_REQUESTS_KEPT = 100_000


class SandboxProvider(NumberRules):
    """A provider in memory, without I/O; `ProviderServer` serves it over HTTP.

    Attributes:
        requests: The latest requests, oldest first.
        faults: The faults that can still happen.
        delays: The delays of responses that have begun; each ends when its event is set.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        cancel_after: float = 120,
        lifetime: float = 1200,
        dialect: Dialect = SMS3T,
        seed: int = 1,
    ) -> None:
        super().__init__(
            clock=clock, cancel_after=cancel_after, lifetime=lifetime, dialect=dialect, seed=seed
        )
        self.requests: deque[RecordedRequest] = deque(maxlen=_REQUESTS_KEPT)
        self.faults: list[ProviderFault] = []
        self.delays: set[asyncio.Event] = set()
        self._seed = seed
        self._sold_out: dict[str, list[tuple[StockItem, int]]] = {}
        self._price_factor = Decimal(1)
        stock_data.fill(self.stock, dialect.countries, seed)

    def open_account(self, key: str, balance: Decimal | str = "10") -> ProviderAccount:
        """Create an account with an API key and a balance, and return it."""
        account = self._accounts[key] = ProviderAccount(key, Decimal(balance))
        self._changed()
        return account

    def close_account(self, key: str) -> None:
        """Remove an account: its key gets BAD_KEY from now on, and its numbers stay.

        Raises:
            KeyError: There is no such account.
        """
        del self._accounts[key]
        self._changed()

    def set_stock(
        self,
        service: str,
        count: int,
        *,
        price: Decimal | str | None = None,
        country: str = "10",
        operator: str | None = None,
    ) -> None:
        """Set the stock of a service.

        Args:
            service: The service's code; a new one is added at the end of the list.
            count: The new count.
            price: The new price; None keeps the old one.
            country: The country's id.
            operator: The operator; None divides the count between all operators of the country.
        """
        new_price = None if price is None else Decimal(price)
        self.stock.put(country, service, count, price=new_price, operator=operator)
        self._changed()

    def sell_out(self, service: str) -> None:
        """Set the count of a service to 0 in all countries, until `restock`."""
        sold_out = self._sold_out.setdefault(service, [])
        for country in self.stock.countries():
            for item in self.stock.items(country, service):
                sold_out.append((item, item.count))
                item.count = 0
        self._changed()

    def restock(self, service: str) -> None:
        """Add the counts that `sell_out` removed."""
        for item, count in self._sold_out.pop(service, []):
            item.count += count
        self._changed()

    def raise_prices(self, factor: Decimal) -> None:
        """Multiply all prices by a factor, which replaces the one before."""
        for country in self.stock.countries():
            for service in self.stock.services(country):
                for item in self.stock.items(country, service):
                    item.price = round(item.price / self._price_factor * factor, 2)
        self._price_factor = factor
        self._changed()

    def become(self, dialect: Dialect) -> None:
        """Switch to another dialect and its initial stock; accounts and numbers stay."""
        self.dialect = dialect
        self.stock = Stock()
        stock_data.fill(self.stock, dialect.countries, self._seed)
        for service in self._sold_out:
            self._sold_out[service] = []
            self.sell_out(service)
        factor, self._price_factor = self._price_factor, Decimal(1)
        self.raise_prices(factor)
        self._changed()

    def deliver(self, number_id: str, text: str) -> None:
        """Deliver an SMS to a number; ``getStatus`` returns the text as the code.

        Raises:
            KeyError: No number has this id.
            ClosedNumberError: The activation has ended.
        """
        number = self.numbers[number_id]
        if not number.state.is_open:
            raise ClosedNumberError(f"number {number_id} is {number.state}")
        self.charge(number)
        number.messages.append(text)
        number.state = NumberState.RECEIVED
        self._changed()

    async def wait_for(
        self,
        condition: Callable[["SandboxProvider"], bool],
        timeout: float = 30,  # noqa: ASYNC109  # a parameter is shorter in tests than a context manager
    ) -> None:
        """Wait until a condition is true; it is checked after every visible change.

        Raises:
            TimeoutError: It was not true within ``timeout`` seconds.
        """
        changed = asyncio.Event()
        unsubscribe = self.on_change(changed.set)
        try:
            async with asyncio.timeout(timeout):
                while not condition(self):
                    changed.clear()
                    await changed.wait()
        finally:
            unsubscribe()

    def fail(
        self,
        kind: FaultKind,
        *,
        action: str | None = None,
        key: str | None = None,
        times: int | None = 1,
        chance: float = 1.0,
        seconds: float = 0,
        body: str | bytes | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> ProviderFault:
        """Add a fault and return it; the arguments are those of `ProviderFault`."""
        fault = ProviderFault(kind, action, key, times, chance, seconds, body, status, retry_after)
        self.faults.append(fault)
        return fault

    def heal(self, fault: ProviderFault | None = None) -> None:
        """Remove one fault, or all; one that was removed before is ignored. Delays in progress end."""
        self.faults[:] = [other for other in self.faults if fault is not None and other is not fault]
        self.end_delays()

    def end_delays(self) -> None:
        """Let the delayed responses come at once."""
        for ended in self.delays:
            ended.set()

    def record(self, method: str, params: Mapping[str, str]) -> tuple[float, ProviderFault | None]:
        """Record a request, and return its delay in seconds and the fault that it meets, if any."""
        action, key = params.get("action", ""), params.get("api_key", "")
        self.requests.append(RecordedRequest(self._clock(), method, action, dict(params)))
        self._changed()
        return take_faults(self.faults, action, key, self._rng)
