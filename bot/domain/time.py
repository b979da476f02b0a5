"""Calendar arithmetic on UTC seconds."""

from typing import Final

DAY: Final = 24 * 3600


def start_of_day(moment: float) -> int:
    """Return the start of the UTC day of a time, both in UTC seconds."""
    return int(moment) // DAY * DAY
