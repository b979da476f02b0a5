"""The stock: how many numbers each operator has for a service in a country, and the prices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.data import country_operators

ANY = "any"
_DEFAULT_PRICE = Decimal("0.20")


@dataclass(slots=True)
class StockItem:
    """The count and price of one operator for one service in one country."""

    operator: str
    count: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class StockOffer:
    """The total count and the lowest available price of several items, as lists show them."""

    count: int
    price: Decimal


def summarise(items: Sequence[StockItem]) -> StockOffer:
    """Return the total of one or more items."""
    available = [item for item in items if item.count] or items
    return StockOffer(sum(item.count for item in items), min(item.price for item in available))


class Stock:
    """All items of the provider, in the order of their creation."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, dict[str, StockItem]]] = {}
        self._services: set[str] = set()
        self._operators = country_operators()

    def operators(self, country: str) -> list[str]:
        """Return the operator codes of a country, or ``["any"]`` if none are known."""
        return self._operators.get(country, [ANY])

    def countries(self) -> list[str]:
        """Return the ids of all countries, also those that are sold out."""
        return list(self._items)

    def services(self, country: str) -> list[str]:
        """Return the codes of the services of a country, also those that are sold out."""
        return list(self._items.get(country, {}))

    def knows_service(self, service: str) -> bool:
        """Return whether any country has the service."""
        return service in self._services

    def knows_country(self, country: str) -> bool:
        """Return whether the country has any service."""
        return country in self._items

    def items(self, country: str, service: str, operators: Sequence[str] = ()) -> list[StockItem]:
        """Return the items of a service, of all operators or only of the given ones."""
        found = self._items.get(country, {}).get(service, {}).values()
        return [item for item in found if not operators or item.operator in operators]

    def offers(
        self, country: str, *, service: str | None = None, operators: Sequence[str] = ()
    ) -> Iterator[tuple[str, list[StockItem]]]:
        """Yield each service of a country, or only the given one, with its items."""
        for code in self.services(country):
            if service in (None, code) and (items := self.items(country, code, operators)):
                yield code, items

    def put(
        self, country: str, service: str, count: int, *, price: Decimal | None, operator: str | None
    ) -> None:
        """Set the count and price of a service.

        Args:
            country: The country's id.
            service: The service's code.
            count: The new count.
            price: The new price; None keeps the old one.
            operator: The operator; None divides the count between all operators of the country.
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
        """Add one number to the item from which it was sold, if that still exists."""
        for item in self.items(country, service, (operator,)):
            item.count += 1
