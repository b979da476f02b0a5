"""LRU cache of decrypted API keys."""

from collections.abc import Iterable
from typing import Final

from bot.lru import LruDict
from bot.provider.gateway import ApiKey

MAX_KEYS: Final = 10_000


class KeyCache:
    """Decrypted API keys by key id; the least recently used one is removed from a full cache.

    Attributes:
        version: incremented by each removal. A key that was read before a removal must not be added after it.
    """

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self.version = 0
        self._entries = LruDict[int, tuple[int, ApiKey]](max_keys)

    def get(self, key_id: int) -> ApiKey | None:
        """Return a key, or None if it is not cached."""
        entry = self._entries.get(key_id)
        return None if entry is None else entry[1]

    def add(self, key_id: int, user_id: int, key: ApiKey) -> None:
        """Add a key of a user."""
        self._entries.put(key_id, (user_id, key))

    def remove(self, key_ids: Iterable[int]) -> None:
        """Remove keys by their ids. Missing ones are ignored."""
        self.version += 1
        for key_id in key_ids:
            self._entries.discard(key_id)

    def remove_user(self, user_id: int) -> None:
        """Remove all keys of a user."""
        self.remove([key_id for key_id, (owner, _) in self._entries.items() if owner == user_id])
