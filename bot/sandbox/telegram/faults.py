"""Faults on demand: which calls of the Bot API fail, how, and how often."""

import random
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override


class TelegramFault(StrEnum):
    """The kinds of failure between the bot and Telegram.

    PAGE is the HTML page of a gateway; CUT_BODY does the call and sends half of its answer.
    """

    ERROR = "ERROR"
    PAGE = "PAGE"
    CUT_BODY = "CUT_BODY"
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
    """One fault to inject, and how many more calls it hits."""

    kind: TelegramFault
    method: str | None = None
    chat_id: int | None = None
    times: int | None = 1
    chance: float = 1.0
    seconds: float = 0
    status: int = 500
    retry_after: int = 1

    def matches(self, method: str, chat_id: object) -> bool:
        """Return whether a call can meet this failure."""
        if self.method is None and method == "getUpdates" and self.times is not None:
            # The bot polls all the time: the polling would use up a counted failure.
            return False
        return self.method in (None, method) and self.chat_id in (None, chat_id)


@dataclass(frozen=True, slots=True)
class Hit:
    """A call that has met a failure; its time is that of the failed answer, or of a delayed call."""

    time: float
    kind: TelegramFault
    method: str
    chat_id: object


class Faults:
    """The failures that can still happen.

    Attributes:
        hits: The failures that have happened, oldest first.
    """

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self._failures: list[Failure] = []
        self._random = random.Random(0)  # noqa: S311 - the same sequence in every run

    def add(self, failure: Failure) -> None:
        """Add a failure."""
        self._failures.append(failure)

    def clear(self) -> None:
        """Remove all failures."""
        self._failures.clear()

    def next(self, method: str, chat_id: object) -> Failure | None:
        """Return the failure that a call meets, if any, and count it."""
        for failure in self._failures:
            if not failure.matches(method, chat_id) or self._random.random() >= failure.chance:
                continue
            if failure.times is not None:
                failure.times -= 1
                if failure.times <= 0:
                    self._failures.remove(failure)
            return failure
        return None
