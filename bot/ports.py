"""Protocols that lower layers call and higher layers implement."""

from collections.abc import Callable, Coroutine
from typing import Protocol

from bot.domain import Activation, Code, Notice, User


class PollSchedule(Protocol):
    """Schedule of the status checks."""

    def add(self, activation: Activation) -> None:
        """Schedule the next status check of an open activation; remove an ended one."""

    def note_waiting(self, id_: int) -> None:
        """Note that the provider has just said that it waits for the code of a number."""

    def is_watched(self, id_: int) -> bool:
        """Return whether the provider has said lately that it waits, so that no code can have been missed."""


Spawn = Callable[[Coroutine[object, object, object]], object]
"""Starts a background task that an orderly stop waits for."""


class DeliveryQueue(Protocol):
    """Queue of the users with pending deliveries."""

    def notify(self, user_id: int) -> None:
        """Queue a user whose codes, notices or cards are to be sent; returns at once."""


class Messenger(Protocol):
    """Sends, edits and deletes messages in chats.

    Every method raises ChatGone, TryLater or MessageRefused if Telegram did not carry it out.
    """

    def code_parts(self, user: User, activation: Activation, code: Code) -> int:
        """Return how many messages a code needs: one, or several if its text is long."""

    async def code(self, user: User, activation: Activation, code: Code, part: int) -> int:
        """Send one of the messages of a code, counted from 0; return its id."""

    async def code_buttons(self, user: User, activation: Activation, code: Code, message_id: int) -> None:
        """Draw the buttons under a sent code again; do nothing if Telegram refuses to edit the message."""

    async def notice(self, user: User, activation: Activation | None, notice: Notice) -> int:
        """Send a notice; return the id of the message."""

    async def card(self, user: User, activation: Activation) -> int:
        """Edit the message with the card, or send a new one; return the id of the message."""

    async def delete(self, user_id: int, message_id: int) -> None:
        """Delete a message."""

    async def ping(self) -> None:
        """Make a call that changes nothing, to see whether Telegram answers."""
