"""Rate budget per API key and per host.

Requests have three priorities: those of a waiting user, polls, and background requests that use only spare
budget. Polls have a guaranteed share, so that no flood of requests stops the status checks.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from bot.errors import Blocked, BlockedAtEdge, Throttled
from bot.provider.pauses import ActionClass, Pauses

KEY_BURST: Final = 5
"""Requests that a key may make at once after a pause in use."""

_BACKGROUND_RESERVE: Final = 0.5
"""Share of a full bucket that background requests leave for users and polls."""

POLL_SHARE: Final = 0.25
"""Share of the rates that polls get even while requests of users are queued."""

_ROUNDING: Final = 1e-6
"""Seconds; a shorter wait counts as none."""

_IDLE: Final = 300.0
"""Seconds after which the bucket of an unused key is removed."""


@dataclass(slots=True)
class Bucket:
    """A token bucket. Times are seconds of one monotonic clock.

    Attributes:
        rate: tokens per second.
        burst: tokens in a full bucket.
        full_at: when the bucket is full again.
        poll_expected_by: a deferred poll tries again before this time.
        polls_full_at: when the share of the polls is full again; it holds at most one token.
        queue: FIFO lock of the users' requests; its holder waits for the next token.
    """

    rate: float
    burst: float
    full_at: float = 0.0
    poll_expected_by: float = 0.0
    polls_full_at: float = 0.0
    queue: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wait(self, now: float) -> float:
        """Return the seconds until a token is free; 0 if one is free now."""
        missing = self.full_at - now - (self.burst - 1) / self.rate
        return missing if missing > _ROUNDING else 0.0

    def poll_wait(self, now: float) -> float:
        """Return the seconds until a poll may take a token: a spare one, or one of the polls' share."""
        wait = self.wait(now)
        if self.queue.locked():
            wait = max(wait, 1 / self.rate)
        share = self.polls_full_at - now
        wait = min(wait, share)
        return wait if wait > _ROUNDING else 0.0

    def take_for_poll(self, now: float) -> None:
        """Remove a token for a poll; also from the polls' share, if that has one."""
        self.take(now)
        if self.polls_full_at - now <= _ROUNDING:
            self.polls_full_at = now + 1 / (self.rate * POLL_SHARE)

    def take(self, now: float, tokens: int = 1) -> None:
        """Remove tokens without checking that they are there."""
        self.full_at = max(self.full_at, now) + tokens / self.rate

    def background_wait(self, now: float, tokens: int) -> float:
        """Return the seconds until a background request may take tokens; 0 if it may now.

        A bucket too small for the tokens and the reserve gives them when it is full.
        """
        unreserved = self.burst - min(self.burst, tokens + self.burst * _BACKGROUND_RESERVE)
        wait = max(
            self.full_at - now - unreserved / self.rate,
            self.poll_expected_by - now,
        )
        if wait <= _ROUNDING and self.queue.locked():
            return 1 / self.rate
        return wait if wait > _ROUNDING else 0.0


@dataclass(slots=True)
class Budget:
    """Token buckets of the host and of each API key; a request takes a token from both.

    Attributes:
        key_rate: requests per second for one API key.
        host_rate: requests per second for all keys together.
        clock: returns monotonic seconds.
    """

    key_rate: float
    host_rate: float
    clock: Callable[[], float] = time.monotonic
    _key_buckets: dict[SecretStr, Bucket] = field(default_factory=dict)
    _pauses: Pauses = field(default_factory=Pauses)
    _accepted: set[SecretStr] = field(default_factory=set)
    _host: Bucket = field(init=False)
    _cleaned_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._cleaned_at = self.clock()
        self._host = Bucket(self.host_rate, max(1.0, self.host_rate))

    async def acquire(self, key: SecretStr, action_class: ActionClass) -> None:
        """Wait for a token for a request that a user waits for. Callers are served in FIFO order.

        Raises:
            Throttled: the key is paused for more than a second.
            Blocked: the host is paused for more than a second.
        """
        # The key comes first, so that a queue for one key does not hold the host's lock.
        for bucket in (self._key_bucket(key), self._host):
            async with bucket.queue:
                while wait := bucket.wait(self.clock()):
                    self._raise_if_paused(key, action_class)
                    await asyncio.sleep(wait)
                bucket.take(self.clock())
        while wait := self._pauses.wait(key, action_class, self.clock()):
            self._raise_if_paused(key, action_class)
            await asyncio.sleep(wait)
        self._pauses.begin(key, action_class, self.clock())

    def charge(self, key: SecretStr) -> None:
        """Take a token for a request that is repeated at once, without waiting for it."""
        now = self.clock()
        self._host.take(now)
        self._key_bucket(key).take(now)

    async def acquire_first(self, key: SecretStr, action_class: ActionClass) -> None:
        """Wait for the next token of the key and of the host, before all requests that are queued for one.

        The tokens are reserved at once, so the rates are kept and the queued requests wait longer.

        Raises:
            Throttled: the key is paused for more than a second.
            Blocked: the host is paused for more than a second.
        """
        self._raise_if_paused(key, action_class)
        now, buckets = self.clock(), (self._host, self._key_bucket(key))
        wait = max(bucket.wait(now) for bucket in buckets)
        for bucket in buckets:
            bucket.take(now)
        if wait:
            await asyncio.sleep(wait)
        self._pauses.begin(key, action_class, self.clock())

    def try_poll(self, key: SecretStr) -> float:
        """Take a token for a poll and return 0, or return the seconds to wait before the next try."""
        now = self.clock()
        key_bucket = self._key_bucket(key)
        if pause := self._pauses.wait(key, ActionClass.CHECKS, now):
            return pause
        wait = max(self._host.poll_wait(now), key_bucket.poll_wait(now))
        if wait == 0:
            self._host.take_for_poll(now)
            key_bucket.take_for_poll(now)
            self._pauses.begin(key, ActionClass.CHECKS, now)
        else:
            bucket = self._host if self._host.poll_wait(now) > 0 else key_bucket
            # One token's time longer, so that the poll runs before a background request.
            bucket.poll_expected_by = max(bucket.poll_expected_by, now + wait + 1 / bucket.rate)
        return wait

    async def acquire_poll(self, key: SecretStr) -> None:
        """Wait for a token for a poll."""
        wait = self.try_poll(key)
        while wait:
            await asyncio.sleep(wait)
            wait = self.try_poll(key)

    def try_background(self, key: SecretStr, requests: int = 1) -> float:
        """Take tokens for background requests and return 0, or take none and return the seconds to wait.

        Tokens are given only while no user's request is queued and no poll is deferred, at the key and at the
        host, and only if half of either burst remains. The caller must check whether a poll is due.
        """
        now = self.clock()
        buckets = (self._host, self._key_bucket(key))
        wait = max(
            self._pauses.wait(key, ActionClass.LISTS, now),
            self._pauses.host_wait(ActionClass.CHECKS, now),
            *(bucket.background_wait(now, requests) for bucket in buckets),
        )
        if wait == 0:
            for bucket in buckets:
                bucket.take(now, requests)
        return wait

    def host_wait(self) -> float:
        """Return the seconds until the host has a token for a poll; 0 if it has one now."""
        now = self.clock()
        return max(self._host.poll_wait(now), self._pauses.host_wait(ActionClass.CHECKS, now))

    def accept(self, key: SecretStr) -> None:
        """Note that the provider has accepted a key, so that what the key meets may concern all keys."""
        self._accepted.add(key)

    def is_accepted(self, key: SecretStr) -> bool:
        """Return whether the provider has accepted a key since the start."""
        return key in self._accepted

    def pause(self, key: SecretStr, error: Throttled | Blocked, action_class: ActionClass) -> None:
        """Pause a class of actions of a key for the error's ``retry_after``.

        The whole host is paused only after a block page that two accepted keys have met, or that says that
        it concerns this server.
        """
        now = self.clock()
        self._pauses.pause_key(key, action_class, now, error.retry_after)
        if not isinstance(error, Blocked) or not self.is_accepted(key):
            return
        if isinstance(error, BlockedAtEdge):
            self._pauses.pause_host(now, error.retry_after)
        else:
            self._pauses.note_block(key, action_class, now, error.retry_after)

    def finish(self, key: SecretStr, action_class: ActionClass, *, answered: bool) -> None:
        """Note the end of a request; the answer to the first one after a pause lets the others go on."""
        self._pauses.end(key, action_class, self.clock(), answered=answered)

    def _raise_if_paused(self, key: SecretStr, action_class: ActionClass) -> None:
        """Raise instead of sleeping if the key or the host is paused for more than a second."""
        now = self.clock()
        if (rest := self._pauses.remaining(None, action_class, now)) > 1:
            raise Blocked(rest)
        if (rest := self._pauses.remaining(key, action_class, now)) > 1:
            raise Throttled(rest)

    def _key_bucket(self, key: SecretStr) -> Bucket:
        bucket = self._key_buckets.get(key)
        if bucket is None:
            self._remove_idle()
            bucket = self._key_buckets[key] = Bucket(self.key_rate, KEY_BURST)
        return bucket

    def _remove_idle(self) -> None:
        now = self.clock()
        if now < self._cleaned_at + _IDLE:
            return
        self._cleaned_at = now
        self._key_buckets = {
            key: bucket
            for key, bucket in self._key_buckets.items()
            if bucket.queue.locked() or bucket.full_at > now - _IDLE
        }
        self._pauses.remove_idle(now - _IDLE)
