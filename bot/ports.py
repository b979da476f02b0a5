"""The protocols that lower layers call and higher layers implement."""

from collections.abc import Callable, Coroutine
from typing import Protocol

from bot.domain import Activation, Code, Notice, User


class PollSchedule(Protocol):
    """Whoever asks the provider on time."""

    def add(self, activation: Activation) -> None:
        """Ask about this activation from now on, as its state wants it."""


Spawn = Callable[[Coroutine[object, object, object]], object]
"""Starts a task that the program waits for before it ends."""


class DeliveryQueue(Protocol):
    """Whoever brings things to the chats."""

    def notify(self, user_id: int) -> None:
        """Bring this user what is waiting for them."""


class Messenger(Protocol):
    """Puts things into a chat.

    Every method raises ChatGone, TryLater or MessageRefused if the message did not get there.
    """

    async def code(self, user: User, activation: Activation, code: Code) -> list[int]:
        """Send a code as one new message, or more where it is long; return their ids."""

    async def notice(self, user: User, activation: Activation | None, notice: Notice) -> None:
        """Send a notice as a new message."""

    async def card(self, user: User, activation: Activation) -> int:
        """Draw the card into its message or a new one; return the message's id."""

    async def delete(self, user_id: int, message_id: int) -> None:
        """Delete a message."""
