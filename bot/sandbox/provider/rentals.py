"""The rules of renting: who pays, which number is sold, and what may happen to it until its end."""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal

from bot.sandbox.provider.dialects import Dialect, OperatorRule
from bot.sandbox.provider.phones import draw_phone
from bot.sandbox.provider.records import Account, Number, Purchase, State
from bot.sandbox.provider.refusals import Reason, Refusal
from bot.sandbox.provider.stock import ANY, Shelf, Stock


class Rentals:
    """Money, stock and numbers; time passes when the clock says so, and is looked at on each use.

    Attributes:
        dialect: How answers are written; may be replaced at any time.
        cancel_after: Seconds after a purchase before which a cancel is refused.
        lifetime: Seconds after which a number expires.
        stock: What is on the shelves.
        ledger: Every purchase there ever was.
    """

    def __init__(
        self, *, clock: Callable[[], float], cancel_after: float, lifetime: float, dialect: Dialect, seed: int
    ) -> None:
        self.dialect = dialect
        self.cancel_after = cancel_after
        self.lifetime = lifetime
        self.stock = Stock()
        self.ledger: list[Purchase] = []
        self._clock = clock
        self._rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
        self._serial = self._rng.randrange(10**8)
        self._listeners: list[Callable[[], None]] = []
        self._accounts: dict[str, Account] = {}
        self._numbers: dict[str, Number] = {}
        self._open: dict[str, Number] = {}  # in the order of their purchase, which is that of their expiry

    @property
    def accounts(self) -> dict[str, Account]:
        """The accounts by key, with all refunds due by now."""
        self._expire()
        return self._accounts

    @property
    def numbers(self) -> dict[str, Number]:
        """Every number ever sold by activation id, oldest first, in the states they have by now."""
        self._expire()
        return self._numbers

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after every visible change, and return a function that ends this."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def buy(
        self,
        account: Account,
        service: str,
        country: str,
        *,
        operators: Sequence[str] = (),
        avoid: Sequence[str] = (),
        max_price: Decimal | None = None,
    ) -> Number:
        """Sell a number: the cheapest one, and of equally cheap ones that of the fullest shelf.

        Args:
            account: Who pays.
            service: The service's code.
            country: The country's id.
            operators: Whose numbers will do; none for anybody's.
            avoid: Prefixes with which the number must not begin.
            max_price: What it may cost at most.

        Raises:
            Refusal: Nothing was sold.
        """
        self._expire()
        shelves = self._shelves_for_sale(service, country, operators)
        if max_price is not None and shelves:
            lowest = min(shelf.price for shelf in shelves)
            if max_price < lowest:
                raise Refusal(Reason.WRONG_MAX_PRICE, f"{lowest:f}")
            shelves = [shelf for shelf in shelves if shelf.price <= max_price]
        for shelf in sorted(shelves, key=lambda shelf: (shelf.price, -shelf.count)):
            phone = draw_phone(self._rng, country, shelf.operator, avoid=avoid) if shelf.count else None
            if phone is not None:
                break
        else:
            raise Refusal(Reason.NO_NUMBERS)
        if account.balance < shelf.price:
            raise Refusal(Reason.NO_BALANCE)
        account.balance -= shelf.price
        shelf.count -= 1
        number = Number(
            id=self._next_id(),
            key=account.key,
            service=service,
            country=country,
            operator=shelf.operator,
            phone=phone,
            price=shelf.price,
            bought_at=self._clock(),
        )
        self._numbers[number.id] = self._open[number.id] = number
        self.ledger.append(
            Purchase(number.bought_at, account.key, number.id, service, country, shelf.operator, shelf.price)
        )
        self._changed()
        return number

    def find(self, account: Account, number_id: str) -> Number:
        """Return a number of this account.

        Raises:
            Refusal: There is none with this id, or it is someone else's.
        """
        number = self.numbers.get(number_id)
        if number is None or number.key != account.key:
            raise Refusal(Reason.NO_ACTIVATION)
        return number

    def active(self, account: Account) -> list[Number]:
        """Return the account's open numbers, oldest first."""
        self._expire()
        return [number for number in self._open.values() if number.key == account.key]

    def announce(self, number: Number) -> None:
        """Note that the SMS is on its way (status 1).

        Raises:
            Refusal: It is no longer waiting for its first SMS.
        """
        self._require(number, State.WAITING)
        number.ready = True
        self._changed()

    def resend(self, number: Number) -> None:
        """Wait for one more SMS (status 3).

        Raises:
            Refusal: No SMS has come since the last time.
        """
        self._require(number, State.RECEIVED)
        number.state = State.WAITING_AGAIN
        self._changed()

    def finish(self, number: Number) -> None:
        """Complete the activation (status 6); before the first SMS this deletes the number, if at all.

        Raises:
            Refusal: It is over already, or there is no code and the dialect insists on one.
        """
        self._require(number, State.WAITING, State.RECEIVED, State.WAITING_AGAIN)
        if number.state is State.WAITING:
            if not self.dialect.finishes_without_code:
                raise Refusal(Reason.BAD_STATUS)
            self.cancel(number)
        elif number.state is State.WAITING_AGAIN and self.dialect.finish_reopens:
            number.state = State.WAITING
            self._changed()
        else:
            self._close(number, State.FINISHED)
            self._changed()

    def cancel(self, number: Number) -> None:
        """Cancel the activation and give the money back (status 8).

        Raises:
            Refusal: It is too early, a code has come, or the activation is over.
        """
        if number.state.is_open and number.messages:
            raise Refusal(Reason.OTP_RECEIVED)
        self._require(number, State.WAITING)
        if self._clock() < number.bought_at + self.cancel_after:
            raise Refusal(Reason.EARLY_CANCEL_DENIED, f"{self.cancel_after:.0f}")
        self._close(number, State.CANCELLED)
        self._changed()

    def _shelves_for_sale(self, service: str, country: str, operators: Sequence[str]) -> list[Shelf]:
        if not self.stock.knows_service(service):
            raise Refusal(Reason.BAD_SERVICE)
        if self.dialect.checks_country and not self.stock.knows_country(country):
            raise Refusal(Reason.BAD_COUNTRY)
        rule = self.dialect.operator_rule
        if rule is OperatorRule.IGNORED or ANY in operators:
            operators = ()
        if rule is OperatorRule.CHECKED and not set(operators) <= set(self.stock.operators(country)):
            raise Refusal(Reason.BAD_OPERATOR)
        shelves = self.stock.shelves(country, service, operators)
        if rule is OperatorRule.PREFERRED and not any(shelf.count for shelf in shelves):
            return self.stock.shelves(country, service)
        return shelves

    def _require(self, number: Number, *states: State) -> None:
        if not number.state.is_open:
            raise Refusal(Reason.ACTIVATION_NOT_ACTIVE)
        if number.state not in states:
            raise Refusal(Reason.BAD_STATUS)

    def _next_id(self) -> str:
        # Ids grow by uneven steps, as on a server that has other customers too.
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
            self._close(number, State.FINISHED if number.messages else State.EXPIRED)
        if late:
            self._changed()

    def _close(self, number: Number, state: State) -> None:
        number.state = state
        del self._open[number.id]
        if state is State.FINISHED:
            return
        self.stock.put_back(number.country, number.service, number.operator)
        if account := self._accounts.get(number.key):
            account.balance += number.price

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
