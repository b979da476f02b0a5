"""What is known of where there are numbers of a service, as values."""

from dataclasses import dataclass, field

from bot.domain import Country, Offer, Operator


@dataclass(slots=True)
class OperatorAvailability:
    """What is known of a service's operators by now; None where it is not, or the provider does not say."""

    country: str
    service: str
    name: str
    offer: Offer | None = None
    operators: list[Operator] | None = None
    counts: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Where else there are numbers of a service.

    Attributes:
        listed: all operators of the country, in the provider's order.
        operators: those that show numbers, with how many, the most first: they have no prices of their own.
        countries: the other countries that show numbers, with what they show, cheapest first.
        complete: everybody answered, so that what is not here has none.
    """

    listed: tuple[Operator, ...] = ()
    operators: tuple[tuple[Operator, int], ...] = ()
    countries: tuple[tuple[Country, Offer], ...] = ()
    complete: bool = True

    def __bool__(self) -> bool:
        return bool(self.operators or self.countries)
