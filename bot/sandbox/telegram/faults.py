"""Bad days on demand: errors, cut connections and silence, for some calls or for all."""

import random
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override


class TelegramFault(StrEnum):
    """What can go wrong between the bot and Telegram."""

    ERROR = "ERROR"
    RETRY_AFTER = "RETRY_AFTER"
    HANG = "HANG"
    CUT = "CUT"
    COMMIT_THEN_CUT = "COMMIT_THEN_CUT"
    DELAY = "DELAY"
    FORBIDDEN = "FORBIDDEN"

    @classmethod
    @override
    def _missing_(cls, value: object) -> "TelegramFault | None":
        name = str(value).upper().replace("-", "_")
        return cls.__members__.get(name)


@dataclass
class Failure:
    """One arranged failure, and how often it is still to happen."""

    kind: TelegramFault
    method: str | None = None
    chat_id: int | None = None
    times: int | None = 1
    chance: float = 1.0
    seconds: float = 0
    status: int = 500
    retry_after: int = 1

    def matches(self, method: str, chat_id: object) -> bool:
        """Tell whether a call is one that this failure is about."""
        if self.method is None and method == "getUpdates" and self.times is not None:
            # The bot polls all the time: a counted failure would be spent before it meets what it is for.
            return False
        return self.method in (None, method) and self.chat_id in (None, chat_id)


class Faults:
    """The failures that are arranged at the moment."""

    def __init__(self) -> None:
        self._failures: list[Failure] = []
        self._random = random.Random(0)  # noqa: S311 - the same bad luck in every run

    def add(self, failure: Failure) -> None:
        """Arrange one more failure."""
        self._failures.append(failure)

    def clear(self) -> None:
        """Let everything work again."""
        self._failures.clear()

    def next(self, method: str, chat_id: object) -> Failure | None:
        """Return the failure that a call meets, used up by one."""
        for failure in self._failures:
            if not failure.matches(method, chat_id) or self._random.random() >= failure.chance:
                continue
            if failure.times is not None:
                failure.times -= 1
                if failure.times <= 0:
                    self._failures.remove(failure)
            return failure
        return None
