"""The shelves: how many numbers of a service lie there per country and operator, and at which price."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.data import country_operators

ANY = "any"
_DEFAULT_PRICE = Decimal("0.20")


@dataclass(slots=True)
class Shelf:
    """The numbers of one operator for one service in one country."""

    operator: str
    count: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """What a list shows of some shelves: all numbers together, and the lowest price at which one is had."""

    count: int
    price: Decimal


def summarise(shelves: Sequence[Shelf]) -> Offer:
    """Return the offer these shelves (at least one) make together."""
    filled = [shelf for shelf in shelves if shelf.count] or shelves
    return Offer(sum(shelf.count for shelf in shelves), min(shelf.price for shelf in filled))


class Stock:
    """All shelves of the provider, in the order in which they were put up."""

    def __init__(self) -> None:
        self._shelves: dict[str, dict[str, dict[str, Shelf]]] = {}
        self._services: set[str] = set()
        self._operators = country_operators()

    def operators(self, country: str) -> list[str]:
        """Return the operator codes of a country, ``["any"]`` where none are known."""
        return self._operators.get(country, [ANY])

    def countries(self) -> list[str]:
        """Return the ids of the countries in which something is or was on sale."""
        return list(self._shelves)

    def services(self, country: str) -> list[str]:
        """Return the codes of the services of a country, sold out ones included."""
        return list(self._shelves.get(country, {}))

    def knows_service(self, service: str) -> bool:
        """Return whether the service is on sale anywhere."""
        return service in self._services

    def knows_country(self, country: str) -> bool:
        """Return whether anything is on sale in the country."""
        return country in self._shelves

    def shelves(self, country: str, service: str, operators: Sequence[str] = ()) -> list[Shelf]:
        """Return the shelves of a service, only those of the ``operators`` if there are any."""
        found = self._shelves.get(country, {}).get(service, {}).values()
        return [shelf for shelf in found if not operators or shelf.operator in operators]

    def offers(
        self, country: str, *, service: str | None = None, operators: Sequence[str] = ()
    ) -> Iterator[tuple[str, list[Shelf]]]:
        """Yield each service of a country, or only the one asked for, with its shelves."""
        for code in self.services(country):
            if service in (None, code) and (shelves := self.shelves(country, code, operators)):
                yield code, shelves

    def put(
        self, country: str, service: str, count: int, *, price: Decimal | None, operator: str | None
    ) -> None:
        """Fill the shelves of a service.

        Args:
            country: The country's id.
            service: The service's code.
            count: How many numbers there are from now on.
            price: What one costs; None leaves the price as it is.
            operator: Whose numbers they are; None spreads them evenly over all operators of the country.
        """
        operators = self.operators(country) if operator is None else [operator]
        each, left_over = divmod(count, len(operators))
        shelves = self._shelves.setdefault(country, {}).setdefault(service, {})
        self._services.add(service)
        for place, name in enumerate(operators):
            shelf = shelves.setdefault(name, Shelf(name, 0, _DEFAULT_PRICE))
            shelf.count = each + (place < left_over)
            if price is not None:
                shelf.price = price

    def put_back(self, country: str, service: str, operator: str) -> None:
        """Return one number to the shelf from which it was sold, if that is still there."""
        for shelf in self.shelves(country, service, (operator,)):
            shelf.count += 1
