"""Single-flight LRU cache of the provider's answers, shared between users."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

from bot import errors
from bot.lru import LruDict

MAX_ENTRIES: Final = 2000
"""Answers in memory. A worldwide provider has about 200 countries, with up to ten answers each."""
T = TypeVar("T")
Name = tuple[str, ...]


@dataclass(slots=True)
class _Entry(Generic[T]):
    """A cached answer. Times are seconds of the cache's clock.

    Attributes:
        error: the last error.
        failures: how many requests have failed.
        lock: held while the answer is requested.
    """

    value: T | None = None
    stored_at: float = 0.0
    fresh_until: float = 0.0
    error: errors.Unavailable | None = None
    failures: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def is_fresh(self, now: float, newer_than: float | None) -> bool:
        """Return whether it has not expired and was stored after a time, if one is given."""
        return now < self.fresh_until and (newer_than is None or self.stored_at > newer_than)


class SharedCache:
    """Answers by name. A name always stands for the same type."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries = LruDict[Name, _Entry[Any]](MAX_ENTRIES, lambda entry: entry.lock.locked())

    async def get(
        self,
        name: Name,
        ttl: float,
        load: Callable[[], Awaitable[T]],
        *,
        newer_than: float | None = None,
    ) -> T:
        """Return the cached answer if it is fresh; otherwise load it and keep it for `ttl` seconds.

        Concurrent callers wait for one load. They share its error too if the provider is unavailable; an
        error that may concern one API key only goes to its caller, and the next caller loads again.

        Args:
            name: name of the answer.
            ttl: seconds for which a loaded answer is fresh.
            load: requests the answer.
            newer_than: load again if the cached answer was stored at this time or before.
        """
        entry: _Entry[T] = self._entries.get(name) or self._entries.put(name, _Entry())
        failures = entry.failures
        async with entry.lock:
            if entry.is_fresh(self._clock(), newer_than):
                return cast("T", entry.value)  # None can be a valid answer
            if entry.failures != failures and entry.error is not None:
                raise entry.error
            try:
                value = await load()
            except errors.Blocked:
                raise
            except errors.Unavailable as error:
                entry.error, entry.failures = error, entry.failures + 1
                raise
            entry.stored_at = self._clock()
            entry.value, entry.fresh_until = value, entry.stored_at + ttl
            return value

    def is_fresh(self, name: Name, newer_than: float) -> bool:
        """Return whether a fresh answer is cached that was stored after a time."""
        entry = self._entries.get(name)
        return entry is not None and entry.is_fresh(self._clock(), newer_than)

    def peek(self, name: Name) -> Any:
        """Return the cached answer, fresh or not, or None without one."""
        entry = self._entries.get(name)
        return entry.value if entry else None

    def expire_within(self, name: Name, seconds: float) -> None:
        """Let an answer expire after at most so many seconds."""
        if entry := self._entries.get(name):
            entry.fresh_until = min(entry.fresh_until, self._clock() + seconds)

    def discard(self, name: Name) -> None:
        """Delete an answer."""
        self._entries.discard(name)
