"""The provider: its rentals, and what a test, a demo or a benchmark may do to it and see of it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from decimal import Decimal

from bot.sandbox.provider import stock_data
from bot.sandbox.provider.dialects import SMS3T, Dialect
from bot.sandbox.provider.faults import FaultKind, ProviderFault, take_faults
from bot.sandbox.provider.numbers import NumberRules
from bot.sandbox.provider.records import ClosedNumberError, NumberState, ProviderAccount, RecordedRequest
from bot.sandbox.provider.stock import Stock, StockItem

_REQUESTS_KEPT = 100_000


class SandboxProvider(NumberRules):
    """A provider in memory, without any I/O.

    Attributes:
        requests: The latest requests, oldest first.
        faults: The orders to misbehave that are not used up.
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
        self._seed = seed
        self._sold_out: dict[str, list[tuple[StockItem, int]]] = {}
        stock_data.fill(self.stock, dialect.countries, seed)

    def open_account(self, key: str, balance: Decimal | str = "10") -> ProviderAccount:
        """Make ``key`` valid, with this much money on it, and return its account."""
        account = self._accounts[key] = ProviderAccount(key, Decimal(balance))
        self._changed()
        return account

    def close_account(self, key: str) -> None:
        """Revoke ``key``: from now on it is BAD_KEY; its numbers stay.

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
        """Put ``count`` numbers on sale.

        Args:
            service: The service's code; a new one is added at the end of the list.
            count: How many numbers there are from now on.
            price: What one costs; None leaves the price as it is.
            country: The country's id.
            operator: Whose numbers they are; None spreads them evenly over all operators of the country.
        """
        asked = None if price is None else Decimal(price)
        self.stock.put(country, service, count, price=asked, operator=operator)
        self._changed()

    def sell_out(self, service: str) -> None:
        """Take every number of a service off the items, in all countries, until `restock`."""
        sold_out = self._sold_out.setdefault(service, [])
        for country in self.stock.countries():
            for item in self.stock.items(country, service):
                sold_out.append((item, item.count))
                item.count = 0
        self._changed()

    def restock(self, service: str) -> None:
        """Put back what `sell_out` took away."""
        for item, count in self._sold_out.pop(service, []):
            item.count += count
        self._changed()

    def become(self, dialect: Dialect) -> None:
        """Speak another dialect from now on, with its countries on sale; accounts and numbers stay."""
        self.dialect = dialect
        self.stock = Stock()
        stock_data.fill(self.stock, dialect.countries, self._seed)
        for service in self._sold_out:
            self._sold_out[service] = []
            self.sell_out(service)
        self._changed()

    def deliver(self, number_id: str, text: str) -> None:
        """Let an SMS arrive; ``text`` is the code as the provider shows it.

        Raises:
            KeyError: There was never such a number.
            ClosedNumberError: Its activation is over.
        """
        number = self.numbers[number_id]
        if not number.state.is_open:
            raise ClosedNumberError(f"number {number_id} is {number.state}")
        number.messages.append(text)
        number.state = NumberState.RECEIVED
        self._changed()

    async def wait_for(
        self,
        condition: Callable[["SandboxProvider"], bool],
        timeout: float = 30,  # noqa: ASYNC109  # the caller's tests read better with it
    ) -> None:
        """Wait until ``condition`` holds; it is looked at after every visible change.

        Raises:
            TimeoutError: It did not hold within ``timeout`` seconds.
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
        """Order a misbehaviour, and return it; the arguments are those of `ProviderFault`."""
        fault = ProviderFault(kind, action, key, times, chance, seconds, body, status, retry_after)
        self.faults.append(fault)
        return fault

    def heal(self, fault: ProviderFault | None = None) -> None:
        """Withdraw one order to misbehave, or all of them; one that is used up already is no error."""
        self.faults[:] = [other for other in self.faults if fault is not None and other is not fault]

    def record(self, method: str, params: Mapping[str, str]) -> tuple[float, ProviderFault | None]:
        """Take note of a request, and return how long it waits and which fault it meets, if any."""
        action, key = params.get("action", ""), params.get("api_key", "")
        self.requests.append(RecordedRequest(self._clock(), method, action, dict(params)))
        self._changed()
        return take_faults(self.faults, action, key, self._rng)
