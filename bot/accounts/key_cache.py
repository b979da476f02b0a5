"""LRU cache of decrypted API keys."""

from collections.abc import Iterable
from typing import Final

from pydantic import SecretStr

MAX_KEYS: Final = 10_000


class KeyCache:
    """Decrypted API keys by key id; the least recently used one is removed from a full cache.

    Attributes:
        version: incremented by each removal. A key that was read before a removal must not be added after it.
    """

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self.version = 0
        self._max_keys = max_keys
        self._entries: dict[int, tuple[int, SecretStr]] = {}

    def get(self, key_id: int) -> SecretStr | None:
        """Return a key, or None if it is not cached."""
        entry = self._entries.pop(key_id, None)
        if entry is None:
            return None
        self._entries[key_id] = entry  # the last entry is the most recently used one
        return entry[1]

    def add(self, key_id: int, user_id: int, key: SecretStr) -> None:
        """Add a key of a user."""
        self._entries[key_id] = (user_id, key)
        if len(self._entries) > self._max_keys:
            del self._entries[next(iter(self._entries))]

    def remove(self, key_ids: Iterable[int]) -> None:
        """Remove keys by their ids. Missing ones are ignored."""
        self.version += 1
        for key_id in key_ids:
            self._entries.pop(key_id, None)

    def remove_user(self, user_id: int) -> None:
        """Remove all keys of a user."""
        self.remove([key_id for key_id, (owner, _) in self._entries.items() if owner == user_id])
