"""An availability alert."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Alert:
    """A user's wish to be told when there are numbers. Times are UTC seconds.

    Attributes:
        operators: none means any.
        price_limit: the most a number may cost; None means any price.
        key_id: the user's bound key, if there is one.
        reachable: the user has not blocked the bot.
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
    notified_at: int | None = None
    key_id: int | None = None
    reachable: bool = True
