"""Value classes of the catalog: the availability of a service, and alternatives to a sold-out one."""

from dataclasses import dataclass, field

from bot.domain import Country, Offer, Operator


@dataclass(slots=True)
class OperatorAvailability:
    """Availability of a service at the operators of a country, filled in while answers arrive.

    Attributes:
        name: the service's name.
        offer: price and count at any operator; None until it is loaded.
        operators: None until they are loaded.
        counts: operator code → free numbers; None where the provider gives no count.
    """

    country: str
    service: str
    name: str
    offer: Offer | None = None
    operators: list[Operator] | None = None
    counts: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Other operators and countries that have numbers of a service.

    Attributes:
        listed: all operators of the country, in the provider's order.
        operators: operators with numbers, with their counts, highest first; the provider gives no price by
            operator.
        countries: other countries with numbers, with their offers, cheapest first.
        complete: every request was answered in time, so nothing is missing.
        doubtful: the provider has just refused a purchase at any operator of the country, so it may not have
            the numbers of the operators.
    """

    listed: tuple[Operator, ...] = ()
    operators: tuple[tuple[Operator, int], ...] = ()
    countries: tuple[tuple[Country, Offer], ...] = ()
    complete: bool = True
    doubtful: bool = False

    def __bool__(self) -> bool:
        return bool(self.operators or self.countries)
