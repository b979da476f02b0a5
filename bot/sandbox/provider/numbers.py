"""The rules of a number's life: purchase, status changes, expiry, and the money for each."""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal

from bot.sandbox.provider.dialects import Dialect, OperatorRule
from bot.sandbox.provider.errors import RefusalReason, RefusedRequest
from bot.sandbox.provider.phone_numbers import draw_phone
from bot.sandbox.provider.records import LedgerEntry, Number, NumberState, ProviderAccount
from bot.sandbox.provider.stock import ANY, Stock, StockItem


class NumberRules:
    """Accounts, stock and sold numbers; each use first expires the numbers whose time is over.

    Attributes:
        dialect: The format of the responses; it may be replaced at any time.
        cancel_after: Seconds after a purchase until a cancel is allowed.
        lifetime: Seconds after which a number expires.
        stock: The numbers on sale.
        ledger: All purchases, oldest first.
    """

    def __init__(
        self, *, clock: Callable[[], float], cancel_after: float, lifetime: float, dialect: Dialect, seed: int
    ) -> None:
        self.dialect = dialect
        self.cancel_after = cancel_after
        self.lifetime = lifetime
        self.stock = Stock()
        self.ledger: list[LedgerEntry] = []
        self._clock = clock
        self._rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
        self._serial = self._rng.randrange(10**8)
        self._listeners: list[Callable[[], None]] = []
        self._accounts: dict[str, ProviderAccount] = {}
        self._numbers: dict[str, Number] = {}
        self._open: dict[str, Number] = {}  # in the order of purchase, which is the order of expiry

    @property
    def accounts(self) -> dict[str, ProviderAccount]:
        """The accounts by key, with the refunds of expired numbers."""
        self._expire()
        return self._accounts

    @property
    def numbers(self) -> dict[str, Number]:
        """All sold numbers by activation id, oldest first, in their current states."""
        self._expire()
        return self._numbers

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call the callback after every visible change; the returned function removes it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def buy(
        self,
        account: ProviderAccount,
        service: str,
        country: str,
        *,
        operators: Sequence[str] = (),
        avoid: Sequence[str] = (),
        max_price: Decimal | None = None,
    ) -> Number:
        """Sell the cheapest number; at the same price, one of the operator with the most numbers.

        Args:
            account: The account that pays.
            service: The service's code.
            country: The country's id.
            operators: The operators to choose from; empty for all.
            avoid: Prefixes that the number must not have.
            max_price: The highest price allowed.

        Raises:
            RefusedRequest: No number was sold.
        """
        self._expire()
        items = self._items_for_sale(service, country, operators)
        if max_price is not None and items:
            lowest = min(item.price for item in items)
            if max_price < lowest:
                raise RefusedRequest(RefusalReason.WRONG_MAX_PRICE, f"{lowest:f}")
            items = [item for item in items if item.price <= max_price]
        for item in sorted(items, key=lambda item: (item.price, -item.count)):
            phone = draw_phone(self._rng, country, item.operator, avoid=avoid) if item.count else None
            if phone is not None:
                break
        else:
            raise RefusedRequest(RefusalReason.NO_NUMBERS)
        if account.balance < item.price:
            raise RefusedRequest(RefusalReason.NO_BALANCE)
        item.count -= 1
        number = Number(
            id=self._next_id(),
            key=account.key,
            service=service,
            country=country,
            operator=item.operator,
            phone=phone,
            price=item.price,
            bought_at=self._clock(),
        )
        if not self.dialect.charges_late:
            self.charge(number)
        self._numbers[number.id] = self._open[number.id] = number
        self.ledger.append(
            LedgerEntry(number.bought_at, account.key, number.id, service, country, item.operator, item.price)
        )
        self._changed()
        return number

    def find(self, account: ProviderAccount, number_id: str) -> Number:
        """Return a number of this account.

        Raises:
            RefusedRequest: The account has no number with this id.
        """
        number = self.numbers.get(number_id)
        if number is None or number.key != account.key:
            raise RefusedRequest(RefusalReason.NO_ACTIVATION)
        return number

    def active(self, account: ProviderAccount) -> list[Number]:
        """Return the account's open numbers, oldest first."""
        self._expire()
        return [number for number in self._open.values() if number.key == account.key]

    def charge(self, number: Number) -> None:
        """Take the price of a number, once."""
        if not number.paid and (account := self._accounts.get(number.key)):
            account.balance -= number.price
        number.paid = True

    def announce(self, number: Number) -> None:
        """Mark the number as ready for an SMS (status 1).

        Raises:
            RefusedRequest: The number does not wait for its first SMS.
        """
        self._require(number, NumberState.WAITING)
        number.ready = True
        self._changed()

    def resend(self, number: Number) -> None:
        """Wait for another SMS (status 3).

        Raises:
            RefusedRequest: No SMS has arrived since the purchase or the last resend.
        """
        self._require(number, NumberState.RECEIVED)
        number.state = NumberState.WAITING_AGAIN
        self._changed()

    def finish(self, number: Number) -> None:
        """Complete the activation (status 6); before the first SMS this cancels it in some dialects.

        Raises:
            RefusedRequest: The activation has ended, or the dialect requires a code.
        """
        self._require(number, NumberState.WAITING, NumberState.RECEIVED, NumberState.WAITING_AGAIN)
        if number.state is NumberState.WAITING:
            if not self.dialect.finishes_without_code:
                raise RefusedRequest(RefusalReason.BAD_STATUS)
            self.cancel(number)
        elif number.state is NumberState.WAITING_AGAIN and self.dialect.finish_reopens:
            number.state = NumberState.WAITING
            self._changed()
        else:
            self._close(number, NumberState.FINISHED)
            self._changed()

    def cancel(self, number: Number) -> None:
        """Cancel the activation and refund the price (status 8).

        Raises:
            RefusedRequest: It is too early, a code has arrived, or the activation has ended.
        """
        if number.state.is_open and number.messages:
            raise RefusedRequest(RefusalReason.OTP_RECEIVED)
        self._require(number, NumberState.WAITING)
        if self._clock() < number.bought_at + self.cancel_after:
            raise RefusedRequest(RefusalReason.EARLY_CANCEL_DENIED, f"{self.cancel_after:.0f}")
        self._close(number, NumberState.CANCELLED)
        self._changed()

    def _items_for_sale(self, service: str, country: str, operators: Sequence[str]) -> list[StockItem]:
        if not self.stock.knows_service(service):
            raise RefusedRequest(RefusalReason.BAD_SERVICE)
        if self.dialect.checks_country and not self.stock.knows_country(country):
            raise RefusedRequest(RefusalReason.BAD_COUNTRY)
        rule = self.dialect.operator_rule
        if rule is OperatorRule.IGNORED or ANY in operators:
            operators = ()
        if rule is OperatorRule.CHECKED and not set(operators) <= set(self.stock.operators(country)):
            raise RefusedRequest(RefusalReason.BAD_OPERATOR)
        items = self.stock.items(country, service, operators)
        if rule is OperatorRule.PREFERRED and not any(item.count for item in items):
            return self.stock.items(country, service)
        return items

    def _require(self, number: Number, *states: NumberState) -> None:
        if not number.state.is_open:
            raise RefusedRequest(RefusalReason.ACTIVATION_NOT_ACTIVE)
        if number.state not in states:
            raise RefusedRequest(RefusalReason.BAD_STATUS)

    def _next_id(self) -> str:
        # The ids have gaps, as on a server with other customers.
        self._serial += self._rng.randint(1, 97)
        return str(3 * 10 ** (self.dialect.id_digits - 1) + self._serial)

    def _expire(self) -> None:
        deadline = self._clock() - self.lifetime
        late = []
        for number in self._open.values():
            if number.bought_at > deadline:
                break
            late.append(number)
        for number in late:
            self._close(number, NumberState.FINISHED if number.messages else NumberState.EXPIRED)
        if late:
            self._changed()

    def _close(self, number: Number, state: NumberState) -> None:
        number.state = state
        del self._open[number.id]
        if state is NumberState.FINISHED:
            return
        self.stock.put_back(number.country, number.service, number.operator)
        if number.paid and (account := self._accounts.get(number.key)):
            account.balance += number.price

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
