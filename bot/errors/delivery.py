"""Errors of messages to a chat."""

from dataclasses import dataclass

from bot.errors.root import BotError


class DeliveryError(BotError):
    """A message did not reach the chat."""


class ChatGone(DeliveryError):
    """The user blocked the bot."""


class ChatNotFound(ChatGone):
    """Telegram says that there is no such chat or no right to write to it; this can be temporary."""


@dataclass(eq=False)
class TryLater(DeliveryError):
    """Telegram is overloaded or unreachable.

    Attributes:
        seconds: seconds to wait; None if Telegram does not state it.
    """

    seconds: float | None = None


class AnswerLost(TryLater):
    """There is no readable answer; the message may have been sent."""


class EditLater(TryLater):
    """An edit of a message must wait; new messages need not."""


class MessageRefused(DeliveryError):
    """Telegram rejects this message; a retry would fail too."""
