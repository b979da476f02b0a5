"""Poll schedule: a heap of the open activations by the time of their next status check."""

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.domain import Activation, in_last_minutes, last_minutes_from

CODE_INTERVAL: Final = 30.0
"""Seconds between checks of a number that has a code and waits for no other."""
QUICK_FOR: Final = 300.0
"""Seconds after the purchase, "SMS sent" or a resend before checks become slower."""
SLOW_FACTOR: Final = 2.0
JITTER: Final = 0.2
MAX_BACKOFF: Final = 60.0
UNCLEAR_PAUSES: Final = (10.0, 20.0, 32.0, 20.0, 20.0, 60.0)
"""Seconds between attempts to reconcile a purchase; the last one repeats."""
FINAL_CHECK_DELAY: Final = 60.0
"""Seconds between the check at the deadline and the final one."""


@dataclass(slots=True)
class PollEntry:
    """An open activation in the schedule. Times are UTC seconds.

    Attributes:
        due: when its next check is due.
        not_before: the request budget allows the check only from then on.
        quick_since: the last event after which a code may come soon.
        failures: consecutive failed checks.
        unknown_answers: consecutive answers that the provider does not know the activation.
        final_checks: successful checks since the deadline.
        attempts: attempts to reconcile an unclear purchase.
        busy: a check is in progress.
        reminder: when its card is to be updated because the last minutes begin.
    """

    activation: Activation
    due: float
    quick_since: float
    not_before: float = 0.0
    failures: int = 0
    unknown_answers: int = 0
    final_checks: int = 0
    attempts: int = 0
    busy: bool = False
    reminder: int | None = None

    @property
    def deadline(self) -> float:
        """When its time is over; infinite for an unclear purchase."""
        return self.activation.ends_at or float("inf")


@dataclass(slots=True)
class Schedule:
    """Open activations by the time of their next check.

    Attributes:
        interval: seconds between two checks of a number that waits for its code.
        now: UTC seconds.
        changed: set when an entry was added, moved or removed.
    """

    interval: float
    now: Callable[[], float]
    chance: random.Random = field(default_factory=random.Random)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _entries: dict[int, PollEntry] = field(default_factory=dict)
    _heap: list[tuple[float, float, int]] = field(default_factory=list)
    _reminders: list[tuple[int, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, activation: Activation, *, immediately: bool = False) -> None:
        """Schedule the next check of an open activation; remove an ended one.

        Args:
            activation: the activation as it is stored now.
            immediately: make the check due now, as at the start of the bot.
        """
        now = self.now()
        entry = self._entries.get(activation.id)
        if not activation.open and not activation.not_found:
            self.remove(activation.id)
            return
        if entry is None:
            entry = self._entries[activation.id] = PollEntry(activation, now, now)
        elif _code_may_follow(entry.activation, activation):
            entry.quick_since = now
            entry.failures = 0
        entry.activation = activation
        self._schedule_reminder(entry)
        if immediately:
            entry.due = now
            self._push(entry)
        elif not entry.busy:
            self.reschedule(entry)

    def remove(self, id_: int) -> None:
        """Remove an activation that needs no further check."""
        self._entries.pop(id_, None)
        self.changed.set()

    def take_due(self) -> PollEntry | None:
        """Return the most overdue entry and mark it busy, or None if no check is due."""
        now = self.now()
        while self._heap and self._heap[0][0] <= now:
            _, due, id_ = heapq.heappop(self._heap)
            entry = self._entries.get(id_)
            if entry is not None and not entry.busy and entry.due == due:
                entry.busy = True
                return entry
        return None

    def next_at(self) -> float | None:
        """Return when the next check or reminder is due (UTC seconds), or None if there is nothing to do."""
        return min((heap[0][0] for heap in (self._heap, self._reminders) if heap), default=None)

    def take_reminder(self) -> Activation | None:
        """Return an activation whose last minutes have begun, each once; None if there is no other."""
        now = self.now()
        while self._reminders and self._reminders[0][0] <= now:
            _, id_ = heapq.heappop(self._reminders)
            entry = self._entries.get(id_)
            if entry is not None and in_last_minutes(entry.activation, now):
                return entry.activation
        return None

    def defer(self, entry: PollEntry, seconds: float) -> None:
        """Return an entry that must wait for the request budget; it keeps its place among the due ones."""
        entry.busy = False
        entry.not_before = self.now() + seconds
        self._push(entry)

    def reschedule(self, entry: PollEntry, seconds: float | None = None) -> None:
        """Return an entry after its check; the next one is due after `seconds`, by default after `_pause`."""
        entry.busy = False
        if entry.activation.id not in self._entries:
            return
        now = self.now()
        entry.due = now + (self._pause(entry) if seconds is None else seconds)
        entry.not_before = 0.0
        activation = entry.activation
        if activation.complete_scheduled and not entry.failures:
            entry.due = now
        if activation.cancel_scheduled and activation.cancel_from is not None and not entry.failures:
            entry.due = min(entry.due, max(now, activation.cancel_from))
        if now < entry.deadline:
            entry.due = min(entry.due, entry.deadline)
        self._push(entry)

    def _schedule_reminder(self, entry: PollEntry) -> None:
        at = last_minutes_from(entry.activation)
        if at is not None and at != entry.reminder:
            entry.reminder = at
            heapq.heappush(self._reminders, (at, entry.activation.id))
            self.changed.set()

    def _pause(self, entry: PollEntry) -> float:
        """Return the seconds until the next check."""
        if not entry.activation.held:
            return UNCLEAR_PAUSES[min(entry.attempts, len(UNCLEAR_PAUSES) - 1)]
        if entry.failures:
            backoff = self.interval * 2.0 ** (min(entry.failures, 16) - 1)
            return min(backoff, MAX_BACKOFF)
        if entry.final_checks:
            remaining = entry.deadline + FINAL_CHECK_DELAY - self.now()
            return max(remaining, min(self.interval, FINAL_CHECK_DELAY))
        activation = entry.activation
        if activation.codes and not activation.resent:
            pause = max(CODE_INTERVAL, self.interval)
        elif self.now() - entry.quick_since > QUICK_FOR:
            pause = self.interval * SLOW_FACTOR
        else:
            pause = self.interval
        return pause * self.chance.uniform(1 - JITTER, 1 + JITTER)

    def _push(self, entry: PollEntry) -> None:
        heapq.heappush(self._heap, (max(entry.due, entry.not_before), entry.due, entry.activation.id))
        self.changed.set()


def _code_may_follow(before: Activation, after: Activation) -> bool:
    """Return whether a change makes a code likely soon, or may end a series of failures."""
    return (
        before.state is not after.state
        or before.sms_sent_at != after.sms_sent_at
        or before.resent != after.resent
        or before.key_id != after.key_id
    )
