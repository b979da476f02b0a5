"""When each open activation is asked about next: a heap ordered by time, with the rules of the cadence."""

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.domain import Activation, in_last_minutes, last_minutes_from

CODE_INTERVAL: Final = 30.0
"""Seconds between looks once a code is in and no other was asked for."""
QUICK_FOR: Final = 300.0
"""Seconds after the purchase, "SMS sent" or a resend in which looks are not slowed down."""
SLOWER: Final = 2.0
JITTER: Final = 0.2
LONGEST_BACKOFF: Final = 60.0
UNCLEAR_STEPS: Final = (10.0, 20.0, 30.0, 60.0)
"""Seconds between attempts to clear up a purchase; the last one repeats."""
LAST_LOOK_AFTER: Final = 60.0
"""Seconds between the look at the deadline and the very last one."""


@dataclass(slots=True)
class PollEntry:
    """An open activation in the schedule. Times are UTC seconds.

    Attributes:
        due: when to ask next.
        ready: not before then, where the budget has put it off.
        quick_since: when something last happened that a code may follow soon.
        failures: bad answers in a row.
        unknown: answers in a row that say the provider does not know it.
        last_looks: good answers since its time was over.
        attempts: how often an unclear purchase was looked into.
        busy: a request is under way.
        reminder: when its card is to be drawn anew because little time is left.
    """

    activation: Activation
    due: float
    quick_since: float
    ready: float = 0.0
    failures: int = 0
    unknown: int = 0
    last_looks: int = 0
    attempts: int = 0
    busy: bool = False
    reminder: int | None = None

    @property
    def over(self) -> float:
        """When its time is over."""
        return self.activation.ends_at or float("inf")


@dataclass(slots=True)
class Schedule:
    """The open activations by the time they are due.

    Attributes:
        interval: seconds between two looks at an activation that waits for its code.
        now: UTC seconds.
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

    def add(self, activation: Activation, *, at_once: bool = False) -> None:
        """Ask about an activation from now on, as its state wants it; an ended one no more.

        Args:
            activation: as it is now in the journal.
            at_once: the first time without waiting an interval, as at start.
        """
        now = self.now()
        entry = self._entries.get(activation.id)
        if not activation.open:
            self._entries.pop(activation.id, None)
            self.changed.set()
            return
        if entry is None:
            entry = self._entries[activation.id] = PollEntry(activation, now, now)
        elif _news(entry.activation, activation):
            entry.quick_since = now
            entry.failures = 0
        entry.activation = activation
        self._note_reminder(entry)
        if at_once:
            entry.due = now
            self._push(entry)
        elif not entry.busy:
            self.reschedule(entry)

    def take_due(self) -> PollEntry | None:
        """Return the activation that is most overdue and mark it busy, or None if none is due."""
        now = self.now()
        while self._heap and self._heap[0][0] <= now:
            _, due, id_ = heapq.heappop(self._heap)
            entry = self._entries.get(id_)
            if entry is not None and not entry.busy and entry.due == due:
                entry.busy = True
                return entry
        return None

    def next_at(self) -> float | None:
        """Return when the next one is due (UTC seconds), or None if nothing is followed."""
        return min((heap[0][0] for heap in (self._heap, self._reminders) if heap), default=None)

    def take_reminder(self) -> Activation | None:
        """Return an activation whose card is to say now that little time is left; each comes once."""
        now = self.now()
        while self._reminders and self._reminders[0][0] <= now:
            _, id_ = heapq.heappop(self._reminders)
            entry = self._entries.get(id_)
            if entry is not None and in_last_minutes(entry.activation, now):
                return entry.activation
        return None

    def defer(self, entry: PollEntry, seconds: float) -> None:
        """Give back one that the budget does not allow yet; it keeps its place among those that are due."""
        entry.busy = False
        entry.ready = self.now() + seconds
        self._push(entry)

    def reschedule(self, entry: PollEntry, seconds: float | None = None) -> None:
        """Set when to ask next, by the cadence or after so many seconds."""
        entry.busy = False
        if entry.activation.id not in self._entries:
            return
        now = self.now()
        entry.due = now + (self._pause(entry) if seconds is None else seconds)
        entry.ready = 0.0
        activation = entry.activation
        if activation.complete_scheduled and not entry.failures:
            entry.due = now
        if activation.cancel_scheduled and activation.cancel_from is not None and not entry.failures:
            entry.due = min(entry.due, max(now, activation.cancel_from))
        if now < entry.over:
            entry.due = min(entry.due, entry.over)
        self._push(entry)

    def _note_reminder(self, entry: PollEntry) -> None:
        at = last_minutes_from(entry.activation)
        if at is not None and at != entry.reminder:
            entry.reminder = at
            heapq.heappush(self._reminders, (at, entry.activation.id))
            self.changed.set()

    def _pause(self, entry: PollEntry) -> float:
        if not entry.activation.held:
            return UNCLEAR_STEPS[min(entry.attempts, len(UNCLEAR_STEPS) - 1)]
        if entry.failures:
            backoff = self.interval * 2.0 ** (min(entry.failures, 16) - 1)
            return min(backoff, LONGEST_BACKOFF)
        if entry.last_looks:
            return max(entry.over + LAST_LOOK_AFTER - self.now(), min(self.interval, LAST_LOOK_AFTER))
        activation = entry.activation
        if activation.codes and not activation.resent:
            pause = max(CODE_INTERVAL, self.interval)
        elif self.now() - entry.quick_since > QUICK_FOR:
            pause = self.interval * SLOWER
        else:
            pause = self.interval
        return pause * self.chance.uniform(1 - JITTER, 1 + JITTER)

    def _push(self, entry: PollEntry) -> None:
        heapq.heappush(self._heap, (max(entry.due, entry.ready), entry.due, entry.activation.id))
        self.changed.set()


def _news(before: Activation, after: Activation) -> bool:
    """Return whether something happened that a code may follow soon, or that mends what went wrong."""
    return (
        before.state is not after.state
        or before.sms_sent_at != after.sms_sent_at
        or before.resent != after.resent
        or before.key_id != after.key_id
    )
