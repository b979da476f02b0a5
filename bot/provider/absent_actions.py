"""Actions that a provider does not have, concluded from its answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

ABSENT_FOR: Final = 3600.0
"""Seconds for which an absent action is not requested; limited, because the conclusion may be wrong."""
MIN_ANSWERS: Final = 3
MIN_SPREAD: Final = 120.0
"""How many answers over how many seconds show that an action is absent while nothing else works."""
WORKS_WITHIN: Final = 60.0
"""Seconds; one answer is enough if another action has worked within this time."""


@dataclass(slots=True)
class AbsentActions:
    """Concludes from "unknown action" answers that an action is absent; never from an error page.

    Some providers report any failure with the token for an unknown action.
    """

    clock: Callable[[], float]
    _absent_until: dict[str, float] = field(default_factory=dict)
    _answers: dict[str, list[float]] = field(default_factory=dict)
    _worked_at: dict[str, float] = field(default_factory=dict)

    def is_absent(self, action: str) -> bool:
        """Return whether the provider does not have the action, as far as is known."""
        return self._absent_until.get(action, 0.0) > self.clock()

    def note_worked(self, action: str) -> None:
        """Note that the provider has carried out an action."""
        self._worked_at[action] = self.clock()
        self._answers.pop(action, None)
        self._absent_until.pop(action, None)

    def note_unknown(self, action: str) -> None:
        """Note the answer that an action is unknown. An action that has worked before is not absent."""
        if action in self._worked_at:
            return
        now = self.clock()
        answers = self._answers.setdefault(action, [])
        answers.append(now)
        del answers[1:-MIN_ANSWERS]  # the first one and the last ones tell enough
        others_work = any(now - at < WORKS_WITHIN for at in self._worked_at.values())
        if others_work or (len(answers) >= MIN_ANSWERS and now - answers[0] >= MIN_SPREAD):
            self._absent_until[action] = now + ABSENT_FOR
