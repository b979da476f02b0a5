"""Values of the catalog: countries, services, operators, offers and quotes."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Country:
    """A country, with the provider's id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Service:
    """The site or app that sends the code, with the provider's short code."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Operator:
    """A mobile carrier, with the provider's code."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A service in a country, with the provider's price and count; None where the provider gives none.

    Attributes:
        price: the lowest price at which there are numbers.
        count: the numbers at all prices.
        several_prices: some of the numbers cost more.
    """

    country: str
    service: str
    price: Decimal | None
    count: int | None
    several_prices: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A service that can be chosen, with its offer."""

    service: Service
    offer: Offer


@dataclass(frozen=True, slots=True)
class Quote:
    """A stored confirmation page: what one tap on its button buys, once.

    Attributes:
        token: one-time token of the button.
        operators: empty means any.
        drawn_at: when it was drawn (UTC seconds).
        provider: the id of the provider that sells it.
        several_prices: the price is the lowest of several.
    """

    token: str
    user_id: int
    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]
    price: Decimal | None
    drawn_at: int
    provider: str
    several_prices: bool = False

    def shortage(self, balance: Decimal | None) -> Decimal | None:
        """Return by how much a balance is below the price; None if it is not, or if one is not known."""
        if balance is None or self.price is None or balance >= self.price:
            return None
        return self.price - balance
