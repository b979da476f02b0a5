"""The items: how many numbers of a service lie there per country and operator, and at which price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.data import country_operators

ANY = "any"
_DEFAULT_PRICE = Decimal("0.20")


@dataclass(slots=True)
class StockItem:
    """The numbers of one operator for one service in one country."""

    operator: str
    count: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class StockOffer:
    """What a list shows of some items: all numbers together, and the lowest price at which one is had."""

    count: int
    price: Decimal


def summarise(items: Sequence[StockItem]) -> StockOffer:
    """Return the offer these items (at least one) make together."""
    filled = [item for item in items if item.count] or items
    return StockOffer(sum(item.count for item in items), min(item.price for item in filled))


class Stock:
    """All items of the provider, in the order in which they were put up."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, dict[str, StockItem]]] = {}
        self._services: set[str] = set()
        self._operators = country_operators()

    def operators(self, country: str) -> list[str]:
        """Return the operator codes of a country, ``["any"]`` where none are known."""
        return self._operators.get(country, [ANY])

    def countries(self) -> list[str]:
        """Return the ids of the countries in which something is or was on sale."""
        return list(self._items)

    def services(self, country: str) -> list[str]:
        """Return the codes of the services of a country, sold out ones included."""
        return list(self._items.get(country, {}))

    def knows_service(self, service: str) -> bool:
        """Return whether the service is on sale anywhere."""
        return service in self._services

    def knows_country(self, country: str) -> bool:
        """Return whether anything is on sale in the country."""
        return country in self._items

    def items(self, country: str, service: str, operators: Sequence[str] = ()) -> list[StockItem]:
        """Return the items of a service, only those of the ``operators`` if there are any."""
        found = self._items.get(country, {}).get(service, {}).values()
        return [item for item in found if not operators or item.operator in operators]

    def offers(
        self, country: str, *, service: str | None = None, operators: Sequence[str] = ()
    ) -> Iterator[tuple[str, list[StockItem]]]:
        """Yield each service of a country, or only the one asked for, with its items."""
        for code in self.services(country):
            if service in (None, code) and (items := self.items(country, code, operators)):
                yield code, items

    def put(
        self, country: str, service: str, count: int, *, price: Decimal | None, operator: str | None
    ) -> None:
        """Fill the items of a service.

        Args:
            country: The country's id.
            service: The service's code.
            count: How many numbers there are from now on.
            price: What one costs; None leaves the price as it is.
            operator: Whose numbers they are; None spreads them evenly over all operators of the country.
        """
        operators = self.operators(country) if operator is None else [operator]
        each, left_over = divmod(count, len(operators))
        items = self._items.setdefault(country, {}).setdefault(service, {})
        self._services.add(service)
        for place, name in enumerate(operators):
            item = items.setdefault(name, StockItem(name, 0, _DEFAULT_PRICE))
            item.count = each + (place < left_over)
            if price is not None:
                item.price = price

    def put_back(self, country: str, service: str, operator: str) -> None:
        """Return one number to the item from which it was sold, if that is still there."""
        for item in self.items(country, service, (operator,)):
            item.count += 1
