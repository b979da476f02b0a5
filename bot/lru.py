"""Dictionary that forgets its least recently used entries."""

from collections.abc import Callable, Hashable, ItemsView
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def _never(_: object) -> bool:
    return False


class LruDict(Generic[K, V]):
    """A dictionary of at most so many entries, so that invented names fill no memory."""

    def __init__(self, max_entries: int, in_use: Callable[[V], bool] = _never) -> None:
        """Set the size.

        Args:
            max_entries: the most entries to keep.
            in_use: whether a value must not be removed now.
        """
        self._max_entries = max_entries
        self._in_use = in_use
        self._entries: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> ItemsView[K, V]:
        """Return the entries, the least recently used one first."""
        return self._entries.items()

    def get(self, key: K) -> V | None:
        """Return a value, or None if there is none."""
        value = self._entries.pop(key, None)
        if value is not None:
            self._entries[key] = value  # the last entry is the most recently used one
        return value

    def put(self, key: K, value: V) -> V:
        """Store a value and return it; the least recently used one that is not in use makes room for it."""
        self._entries.pop(key, None)
        self._entries[key] = value
        if len(self._entries) > self._max_entries:
            unused = (name for name, each in self._entries.items() if name != key and not self._in_use(each))
            self.discard(next(unused, key))
        return value

    def discard(self, key: K) -> None:
        """Remove a value if it is stored."""
        self._entries.pop(key, None)
