"""Actions that a provider does not have, concluded from its answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

ABSENT_FOR: Final = 3600.0
"""Seconds for which an absent action is not requested; limited, because the conclusion may be wrong."""


@dataclass(slots=True)
class AbsentActions:
    """Concludes from "unknown action" answers that an action is absent; never from an error page.

    Some providers report any failure with the token for an unknown action, so one answer shows nothing: the
    same API key must get it twice, and a good answer to another action between.
    """

    clock: Callable[[], float]
    _absent_until: dict[str, float] = field(default_factory=dict)
    _doubted: dict[tuple[SecretStr, str], bool] = field(default_factory=dict)
    _worked: set[str] = field(default_factory=set)

    def is_absent(self, action: str) -> bool:
        """Return whether the provider does not have the action, as far as is known."""
        return self._absent_until.get(action, 0.0) > self.clock()

    def note_worked(self, key: SecretStr, action: str) -> None:
        """Note that the provider has carried out an action for a key."""
        self._worked.add(action)
        self._absent_until.pop(action, None)
        self._doubted = {
            (other, name): worked_since or other == key
            for (other, name), worked_since in self._doubted.items()
            if name != action
        }

    def note_unknown(self, key: SecretStr, action: str) -> None:
        """Note the answer that an action is unknown. An action that has worked before is not absent."""
        if action in self._worked:
            return
        if self._doubted.get((key, action)):
            self._absent_until[action] = self.clock() + ABSENT_FOR
            self._doubted = {pair: since for pair, since in self._doubted.items() if pair[1] != action}
        else:
            self._doubted[key, action] = False
