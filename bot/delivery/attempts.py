"""Failed attempts of the deliveries of one chat, and how long each of them waits for the next one.

All times are seconds of the event loop.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.domain import Activation
from bot.storage.outbox import Delivery, DeliveryKey

MIN_BACKOFF: Final = 1.0
MAX_BACKOFF: Final = 60.0
REFUSED_PAUSES: Final[Sequence[float]] = (5 * 60, 3600)
"""Pauses after Telegram has refused a message; the last one repeats."""
LOST_PAUSES: Final[Sequence[float]] = (2 * 60, 10 * 60, 3600)
"""Pauses after the second lost answer to a message and later ones; the last one repeats."""
NOT_FOUND_PAUSES: Final[Sequence[float]] = (60, 3600)
"""Pauses after Telegram did not find a chat; after the last one the user counts as unreachable."""


def backoff(failures: int) -> float:
    """Return the seconds to wait after so many consecutive failures."""
    seconds: float = min(MIN_BACKOFF * 2 ** min(failures - 1, 10), MAX_BACKOFF)
    return seconds


def nth(pauses: Sequence[float], number: int) -> float:
    """Return the pause after failure `number`, from 1; the last pause repeats."""
    return pauses[min(number, len(pauses)) - 1]


@dataclass(slots=True)
class Attempt:
    """A delivery that has failed at least once, or is in progress.

    Attributes:
        not_before: time of the next attempt.
        sent: ids of the messages of a code that were sent.
        failures: failures since the last message that was sent.
        refusals: times Telegram has refused a message.
        first_refusal: time of the first refusal.
        losses: lost answers to the message that is sent now.
        lost_at: time of the last lost answer.
    """

    not_before: float = 0.0
    sent: list[int] = field(default_factory=list)
    failures: int = 0
    refusals: int = 0
    first_refusal: float = 0.0
    losses: int = 0
    lost_at: float = 0.0

    def message_sent(self, message_id: int) -> None:
        """Note that a message of this delivery was sent."""
        self.sent.append(message_id)
        self.failures = self.losses = 0

    def wait(self, now: float, seconds: float | None = None) -> None:
        """Note a failure; wait for so many seconds, or by the back-off."""
        self.failures += 1
        self.not_before = now + (seconds or backoff(self.failures))

    def refused(self, now: float, *, long: bool = True) -> None:
        """Note that Telegram has refused a message; wait long, or by the back-off."""
        self.refusals += 1
        self.first_refusal = self.first_refusal or now
        self.not_before = now + (nth(REFUSED_PAUSES, self.refusals) if long else backoff(self.refusals))

    def answer_lost(self, now: float) -> None:
        """Note that a message may have been sent; the second time, the message waits much longer."""
        self.losses += 1
        self.lost_at = now
        self.not_before = now + (MIN_BACKOFF if self.losses == 1 else nth(LOST_PAUSES, self.losses - 1))


@dataclass(slots=True)
class Sent:
    """A delivery that was sent and is not marked as delivered yet.

    Attributes:
        activation: the activation as it was sent; None for a notice without one.
        message_ids: the messages in the chat.
        failures: failed attempts to mark it.
        not_before: time of the next attempt to mark it.
    """

    delivery: Delivery
    activation: Activation | None
    message_ids: Sequence[int]
    failures: int = 0
    not_before: float = 0.0

    def wait(self, now: float) -> None:
        """Note that it could not be marked."""
        self.failures += 1
        self.not_before = now + backoff(self.failures)


@dataclass(slots=True)
class ChatState:
    """State of a chat whose deliveries are in progress.

    Attributes:
        wake: set when the user was queued again.
        resumed: the user has written or unblocked the bot, so a refusal in progress is outdated.
        attempts: the deliveries that have failed.
        sent: the deliveries that only have to be marked.
        failures: consecutive failures of the database.
        not_found: how often Telegram did not find the chat.
        sent_at: when a message was last sent.
        retry_at: when a chat that was not found is tried again; None if it is not waited for.
    """

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    resumed: bool = False
    attempts: dict[DeliveryKey, Attempt] = field(default_factory=dict)
    sent: dict[DeliveryKey, Sent] = field(default_factory=dict)
    failures: int = 0
    not_found: int = 0
    sent_at: float = 0.0
    retry_at: float | None = None

    def skipped(self, now: float) -> set[DeliveryKey]:
        """Return the deliveries that must wait.

        A message whose answers were lost need not wait any longer after another message of the chat was sent.
        """
        waiting = {
            key
            for key, attempt in self.attempts.items()
            if attempt.not_before > now and not (attempt.losses > 1 and self.sent_at > attempt.lost_at)
        }
        return waiting | self.sent.keys()

    def wait_until_found(self, now: float) -> None:
        """Note that Telegram did not find the chat; it is tried again after each of the pauses."""
        if self.not_found < len(NOT_FOUND_PAUSES):
            self.retry_at = now + NOT_FOUND_PAUSES[self.not_found]
            self.not_found += 1

    def forget_done(self, now: float) -> None:
        """Remove attempts that are due although nothing is pending: their deliveries are gone."""
        self.attempts = {key: each for key, each in self.attempts.items() if each.not_before > now}

    def next_at(self) -> float | None:
        """Return the time of the next attempt of anything, or None if nothing is waiting."""
        times = [each.not_before for each in self.attempts.values()]
        times += [each.not_before for each in self.sent.values()]
        if self.retry_at is not None:
            times.append(self.retry_at)
        return min(times, default=None)
