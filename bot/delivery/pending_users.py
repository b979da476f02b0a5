"""Queue of the users with pending deliveries."""

import asyncio


class PendingUsers:
    """FIFO of the users with pending deliveries.

    It is separate from the outbox, because the parts that the outbox depends on need it.
    """

    def __init__(self) -> None:
        self._queue: asyncio.Queue[int] = asyncio.Queue()

    def notify(self, user_id: int) -> None:
        """Queue a user; returns at once."""
        self._queue.put_nowait(user_id)

    async def next(self) -> int:
        """Wait for the next user and remove them from the queue."""
        return await self._queue.get()
