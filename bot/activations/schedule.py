"""Poll schedule: a heap of the open activations by the time of their next status check."""

import asyncio
import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.activations.poll_entry import PollEntry
from bot.activations.wall_clock import TOLERANCE, WallClock
from bot.domain import Activation, State, in_last_minutes, last_minutes_from
from bot.provider.gateway import ApiKey

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
OVERTIME_INTERVAL: Final = 30.0
"""Seconds between checks of a number that the provider keeps open after the deadline."""
DOUBT_INTERVAL: Final = 60.0
"""Seconds between checks of a number that the provider says it does not know."""
REFUSED_KEY_INTERVAL: Final = 90.0
"""Seconds between checks with an API key that the provider refuses."""
WATCHED_FOR: Final = 300.0
"""Seconds after an answer that the provider waits within which an end without a code is believed."""
MAX_UNKNOWN_ANSWERS: Final = 3
"""Consecutive answers "unknown activation" after which the checks become slower."""


@dataclass(slots=True)
class Schedule:
    """Open activations by the time of their next check.

    Attributes:
        interval: seconds between two checks of a number that waits for its code.
        now: the wall clock in UTC seconds, for the times that are stored with an activation.
        steady: a clock that is never corrected, in seconds, for the time between two checks.
        changed: set when an entry was added, moved or removed.
    """

    interval: float
    now: Callable[[], float]
    steady: Callable[[], float]
    chance: random.Random = field(default_factory=random.Random)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _wall: WallClock = field(init=False)
    _entries: dict[int, PollEntry] = field(default_factory=dict)
    _heap: list[tuple[float, float, int]] = field(default_factory=list)
    _reminders: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._wall = WallClock(self.now, self.steady)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, activation: Activation, *, immediately: bool = False) -> None:
        """Schedule the next check of an open activation; remove an ended one.

        Args:
            activation: the activation as it is stored now.
            immediately: make the check due now, as at the start of the bot.
        """
        now = self.steady()
        entry = self._entries.get(activation.id)
        if not activation.open and not activation.not_found:
            self.remove(activation.id)
            return
        if entry is None:
            entry = self._entries[activation.id] = PollEntry(activation, now, now, list_due=immediately)
            entry.waiting_at = None if immediately else now
        elif _code_may_follow(entry.activation, activation):
            entry.quick_since = now
            entry.failures = 0
            entry.refused_key = None
        if activation.held and not entry.activation.held:
            entry.list_due = entry.list_due or activation.phone is None
            entry.waiting_at = now
            if entry.activation.state is State.ORDERING:
                entry.offset = self._wall.offset
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

    def note_waiting(self, id_: int) -> None:
        """Note that the provider has just said that it waits for the code of a number."""
        if (entry := self._entries.get(id_)) is not None:
            entry.waiting_at = self.steady()

    def is_watched(self, id_: int) -> bool:
        """Return whether the provider has said lately that it waits, so that no code can have been missed."""
        entry = self._entries.get(id_)
        at = None if entry is None else entry.waiting_at
        return at is not None and self.steady() - at <= WATCHED_FOR

    def take_due(self) -> PollEntry | None:
        """Return the most overdue entry and mark it busy, or None if no check is due."""
        now = self.steady()
        while self._heap and self._heap[0][0] <= now:
            _, due, id_ = heapq.heappop(self._heap)
            entry = self._entries.get(id_)
            if entry is not None and not entry.busy and entry.due == due:
                entry.busy = True
                return entry
        return None

    def next_at(self) -> float | None:
        """Return when the next check or reminder is due (steady clock), or None if there is nothing to do."""
        return min((heap[0][0] for heap in (self._heap, self._reminders) if heap), default=None)

    def take_reminder(self) -> Activation | None:
        """Return an activation whose last minutes have begun, each once; None if there is no other."""
        now = self.steady()
        while self._reminders and self._reminders[0][0] <= now:
            _, id_ = heapq.heappop(self._reminders)
            entry = self._entries.get(id_)
            if entry is not None and in_last_minutes(entry.activation, self.wall_time(entry)):
                return entry.activation
        return None

    def defer(self, entry: PollEntry, seconds: float) -> None:
        """Return an entry that must wait for the request budget; it keeps its place among the due ones."""
        entry.busy = False
        entry.not_before = self.steady() + seconds
        self._push(entry)

    def retry_refused(self, key: ApiKey) -> None:
        """Make the checks due that an API key was refused at, because another request with it has worked."""
        for entry in self._entries.values():
            if entry.refused_key == key and not entry.busy:
                self.reschedule(entry, 0.0)

    def utc_now(self) -> float:
        """Return UTC seconds by the wall clock, without corrections of it that may not last."""
        return self.steady() + self._wall.offset

    def note_date(self, date: float, asked_at: float) -> None:
        """Correct `utc_now` if the wall clock differs by minutes from the date of an answer.

        Args:
            date: the date in UTC seconds, without their fraction.
            asked_at: when the request was sent, by the steady clock.
        """
        if self._wall.note_date(date, asked_at):
            self.changed.set()

    def follow_clock(self) -> dict[int, float]:
        """Follow the wall clock; return id → seconds by which the stored times of a number are behind it.

        After a correction of the clock, these are the numbers that were bought before it in this run of the
        bot: their stored times are those of the wrong clock.
        """
        if not self._wall.follow():
            return {}
        shifts: dict[int, float] = {}
        for entry in self._entries.values():
            if entry.offset is not None and abs(self._wall.offset - entry.offset) > TOLERANCE:
                shifts[entry.activation.id] = self._wall.offset - entry.offset
            self._schedule_reminder(entry)
            if not entry.busy:
                self.reschedule(entry)
        return shifts

    def times_shifted(self, id_: int, seconds: float) -> None:
        """Note that seconds were added to the stored times of a number."""
        entry = self._entries.get(id_)
        if entry is not None and entry.offset is not None:
            entry.offset += seconds
            if not entry.busy:
                self.reschedule(entry)

    def wall_time(self, entry: PollEntry) -> float:
        """Return the time by the clock that the stored times of an activation are from (UTC seconds)."""
        return self.steady() + (self._wall.offset if entry.offset is None else entry.offset)

    def overdue(self, entry: PollEntry) -> float:
        """Return the seconds since the end of the time of an activation; negative before."""
        ends_at = entry.activation.ends_at
        return -math.inf if ends_at is None else self.wall_time(entry) - ends_at

    def reschedule(self, entry: PollEntry, seconds: float | None = None) -> None:
        """Return an entry after its check; the next one is due after `seconds`, by default after `_pause`."""
        entry.busy = False
        if entry.activation.id not in self._entries:
            return
        now = self.steady()
        entry.due = now + (self._pause(entry) if seconds is None else seconds)
        entry.not_before = 0.0
        activation = entry.activation
        if activation.complete_scheduled and not entry.failures:
            entry.due = now
        if activation.cancel_scheduled and activation.cancel_from is not None and not entry.failures:
            entry.due = min(entry.due, max(now, self._steady_at(entry, activation.cancel_from)))
        if (overdue := self.overdue(entry)) < 0:
            entry.due = min(entry.due, now - overdue)
        self._push(entry)

    def in_overtime(self, entry: PollEntry) -> bool:
        """Return whether the provider has said lately that it still waits, although the time is over."""
        return self.overdue(entry) >= 0 and self.steady() < entry.waiting_until

    def _steady_at(self, entry: PollEntry, moment: float) -> float:
        """Return the time of the steady clock at a stored time of an activation (UTC seconds)."""
        return self.steady() + moment - self.wall_time(entry)

    def _schedule_reminder(self, entry: PollEntry) -> None:
        stored = last_minutes_from(entry.activation)
        if stored is None:
            return
        at = self._steady_at(entry, stored)
        if entry.reminder is None or abs(at - entry.reminder) > TOLERANCE:
            entry.reminder = at
            heapq.heappush(self._reminders, (at, entry.activation.id))
            self.changed.set()

    def _pause(self, entry: PollEntry) -> float:
        """Return the seconds until the next check."""
        if not entry.activation.held:
            return UNCLEAR_PAUSES[min(entry.attempts, len(UNCLEAR_PAUSES) - 1)]
        if entry.refused_key is not None:
            return self._jittered(REFUSED_KEY_INTERVAL)
        if entry.failures:
            backoff = self.interval * 2.0 ** (min(entry.failures, 16) - 1)
            return min(backoff, MAX_BACKOFF)
        if entry.unknown_answers >= MAX_UNKNOWN_ANSWERS:
            return self._jittered(max(DOUBT_INTERVAL, self.interval))
        if self.in_overtime(entry) and entry.final_checks > 1:
            return self._jittered(max(OVERTIME_INTERVAL, self.interval))
        if entry.final_checks and self.overdue(entry) >= 0:
            remaining = FINAL_CHECK_DELAY - self.overdue(entry)
            return max(remaining, min(self.interval, FINAL_CHECK_DELAY))
        activation = entry.activation
        if activation.codes and not activation.resent:
            pause = max(CODE_INTERVAL, self.interval)
        elif self.steady() - entry.quick_since > QUICK_FOR:
            pause = self.interval * SLOW_FACTOR
        else:
            pause = self.interval
        return self._jittered(pause)

    def _jittered(self, seconds: float) -> float:
        return seconds * self.chance.uniform(1 - JITTER, 1 + JITTER)

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
