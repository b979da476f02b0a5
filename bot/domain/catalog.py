"""What can be bought: countries, services, operators, offers and quotes."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Country:
    """A country by the provider's id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Service:
    """The site or app a code is for, by the provider's short code."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Operator:
    """A mobile carrier by the provider's code; no operator chosen means any."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A service in a country, with the price and the count the provider shows; None where it does not."""

    country: str
    service: str
    price: Decimal | None
    count: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A service a person can choose, with what is known of its price and count."""

    service: Service
    offer: Offer


@dataclass(frozen=True, slots=True)
class Quote:
    """A confirmation page: what one tap on its button may buy, once."""

    token: str
    user_id: int
    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]
    price: Decimal | None
    drawn_at: int
