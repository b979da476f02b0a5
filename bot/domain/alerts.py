"""An availability alert."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Alert:
    """A user's request to be notified when numbers are available. Times are UTC seconds.

    Attributes:
        operators: empty means any.
        provider: the id of the provider that sells them.
        price_limit: the highest price of a number; None means any price.
        notified_at: when the user was last notified.
        key_id: the user's bound API key, or None if there is none for this provider.
        reachable: the bot can write to the user.
    """

    id: int
    user_id: int
    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]
    price_limit: Decimal | None
    created_at: int
    ends_at: int
    provider: str
    notified_at: int | None = None
    key_id: int | None = None
    reachable: bool = True
