"""Asking the provider: once for what many want, several things at a time, and no longer than is worth it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from bot import errors

T = TypeVar("T")
Name = tuple[str, ...]


@dataclass(slots=True)
class _Shared(Generic[T]):
    """One answer that is the same for everybody, asked for once even when many want it at the same time."""

    value: T | None = None
    asked_at: float = 0.0
    fresh_until: float = 0.0
    failure: errors.Unavailable | None = None
    failures: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def _is_fresh(shared: _Shared[T], now: float, since: float | None) -> bool:
    asked_lately = since is None or shared.asked_at > since
    return now < shared.fresh_until and asked_lately


class SharedCache:
    """The answers that are shared between users, by name; one name always holds one type."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._answers: dict[Name, _Shared[Any]] = {}

    async def get(
        self, name: Name, kept: float, ask: Callable[[], Awaitable[T]], *, since: float | None = None
    ) -> T:
        """Return a shared answer, asking for it if it is older than `kept` seconds, or older than `since`.

        Those who wait while it is asked for share its failure too, unless that is about one API key.
        """
        shared: _Shared[T] = self._answers.setdefault(name, _Shared())
        failures = shared.failures
        async with shared.lock:
            if _is_fresh(shared, self._clock(), since):
                return cast("T", shared.value)  # what is fresh was an answer, if only that there is none
            if shared.failures != failures and shared.failure is not None:
                raise shared.failure
            try:
                value = await ask()
            except errors.Unavailable as error:
                shared.failure, shared.failures = error, shared.failures + 1
                raise
            shared.asked_at = self._clock()
            shared.value, shared.fresh_until = value, shared.asked_at + kept
            return value

    def is_fresh(self, name: Name, since: float) -> bool:
        """Return whether there is an answer that is still good and was asked for after a moment."""
        shared = self._answers.get(name)
        return shared is not None and _is_fresh(shared, self._clock(), since)

    def peek(self, name: Name) -> Any:
        """Return the last answer, however old, or None if there was none."""
        shared = self._answers.get(name)
        return shared.value if shared else None

    def expire_within(self, name: Name, kept: float) -> None:
        """Keep an answer for at most so many seconds from now."""
        if shared := self._answers.get(name):
            shared.fresh_until = min(shared.fresh_until, self._clock() + kept)

    def discard(self, name: Name) -> None:
        """Ask anew the next time."""
        self._answers.pop(name, None)
