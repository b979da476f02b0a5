"""Errors of messages to a chat."""

from dataclasses import dataclass

from bot.errors.root import BotError


class DeliveryError(BotError):
    """A message did not reach the chat."""


class ChatGone(DeliveryError):
    """The user blocked the bot, or the chat does not exist."""


@dataclass(eq=False)
class TryLater(DeliveryError):
    """Telegram is overloaded or unreachable.

    Attributes:
        seconds: seconds to wait; None if Telegram does not state it.
    """

    seconds: float | None = None


class MessageRefused(DeliveryError):
    """Telegram rejects this message; a retry would fail too."""
