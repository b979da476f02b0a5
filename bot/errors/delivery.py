"""A message did not reach the chat."""

from dataclasses import dataclass

from bot.errors.root import BotError


class DeliveryError(BotError):
    """A message did not reach the chat."""


class ChatGone(DeliveryError):
    """The user blocked the bot, or the chat is no more."""


@dataclass(eq=False)
class TryLater(DeliveryError):
    """Telegram is busy or out of reach.

    Attributes:
        seconds: how long to wait where Telegram says so, else None.
    """

    seconds: float | None = None


class MessageRefused(DeliveryError):
    """Telegram does not take this message, and would not take it again."""
