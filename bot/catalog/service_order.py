"""The order of services in a list."""

from collections.abc import Sequence

from bot import data
from bot.domain import Choice


def in_order(choices: Sequence[Choice], recent: Sequence[str]) -> list[Choice]:
    """Return services in the order of a list: the user's recent ones, then by count, “any other” last.

    Services without numbers come after those with numbers.
    """

    def rank(choice: Choice) -> tuple[bool, bool, int, int]:
        code, count = choice.service.code, choice.offer.count
        place = recent.index(code) if code in recent else len(recent)
        return code == data.ANY_OTHER and code not in recent, count == 0, place, -(count or 0)

    return sorted(choices, key=rank)
