"""Purchases that the provider has refused lately for want of numbers."""

from collections.abc import Callable, Sequence
from typing import Final

from bot.lru import LruDict

DOUBT_FOR: Final = 60.0
"""Seconds for which a refusal makes the provider's counts doubtful."""
MAX_ENTRIES: Final = 2000
"""Services in a country that are remembered."""
ANY: Final = ""
"""Stands for a purchase at any operator."""


class SoldOut:
    """Remembers which operators of a service in a country were refused, and when."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._refused = LruDict[tuple[str, str], dict[str, float]](MAX_ENTRIES)

    def add(self, country: str, service: str, operators: Sequence[str]) -> None:
        """Note a refusal now; no operators mean any."""
        place = (country, service)
        refused = self._refused.get(place) or self._refused.put(place, {})
        refused.update(dict.fromkeys(operators or (ANY,), self._clock()))

    def operators(self, country: str, service: str) -> frozenset[str]:
        """Return the operators that were refused lately; `ANY` is among them if any operator was."""
        now = self._clock()
        refused = self._refused.get((country, service)) or {}
        return frozenset(operator for operator, at in refused.items() if now - at < DOUBT_FOR)

    def covers(self, country: str, service: str, operators: Sequence[str]) -> bool:
        """Return whether a purchase at all of these operators, or at any, was refused lately."""
        refused = self.operators(country, service)
        return ANY in refused or (bool(operators) and refused.issuperset(operators))
