"""The stored form of a refusal of a purchase."""

import math
from decimal import Decimal

from bot import errors


def stored_form(error: errors.ProviderError, limit: Decimal | None) -> str:
    """Return the stored form of a refusal: the error's name, and its details after colons if it has any.

    `limit` is the price limit that was sent; it is a detail of a refusal that it may have caused.
    """
    detail: object = None
    if isinstance(error, errors.Banned | errors.ServiceBanned):
        detail = error.until
    elif isinstance(error, errors.PriceTooLow):
        detail = error.minimum if limit is None else f"{error.minimum or ''}:{limit}"
    elif isinstance(error, errors.NoNumbers):
        detail = limit
    elif isinstance(error, errors.Throttled | errors.BlockedAtEdge):
        detail = math.ceil(error.retry_after)
    name = type(error).__name__
    return name if detail is None else f"{name}:{detail}"
