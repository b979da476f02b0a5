"""The request budget: so many a second for each API key and for the host; what people tap goes first.

Then come the polls, and last what nobody waits for, out of what the others leave over.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from bot.errors import Blocked, Throttled

KEY_BURST: Final = 5
"""Requests a key may make at once after a rest."""

RESERVE: Final = 0.5
"""The part of a full bucket that is left untouched by what nobody waits for."""

_ROUNDING: Final = 1e-6
"""Seconds too few to wait for."""

_IDLE: Final = 300.0
"""Seconds after which a rested key is forgotten."""


@dataclass(slots=True)
class Bucket:
    """A token bucket. Times are seconds of one monotonic clock.

    Attributes:
        rate: tokens a second.
        burst: tokens it holds when full.
        paused_until: no token is given before then.
        polls_until: a poll that was put off comes back by then.
        line: held by the tap whose turn it is; the others queue for it.
    """

    rate: float
    burst: float
    full_at: float = 0.0
    paused_until: float = 0.0
    polls_until: float = 0.0
    line: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wait(self, now: float) -> float:
        """Return the seconds until a token is free; 0 if one is."""
        missing = self.full_at - now - (self.burst - 1) / self.rate
        wait = max(missing, self.paused_until - now)
        return wait if wait > _ROUNDING else 0.0

    def take(self, now: float, tokens: int = 1) -> None:
        """Take tokens."""
        self.full_at = max(self.full_at, now) + tokens / self.rate

    def spare_wait(self, now: float, tokens: int) -> float:
        """Return the seconds until so many tokens are to spare; 0 if they are.

        Where the reserve would leave less than is asked for, they are once the bucket is full.
        """
        beyond = self.burst - min(self.burst, tokens + self.burst * RESERVE)
        wait = max(self.full_at - now - beyond / self.rate, self.paused_until - now, self.polls_until - now)
        if wait <= _ROUNDING and self.line.locked():
            return 1 / self.rate
        return wait if wait > _ROUNDING else 0.0

    def pause(self, until: float) -> None:
        """Give no token before then."""
        self.paused_until = max(self.paused_until, until)


@dataclass(slots=True)
class Budget:
    """Hands out requests. A tap waits its turn; a poll and what is spare are told when to come back.

    Attributes:
        key_rate: requests a second for one API key.
        host_rate: requests a second for all of them.
        clock: a monotonic clock, in seconds.
    """

    key_rate: float
    host_rate: float
    clock: Callable[[], float] = time.monotonic
    _keys: dict[SecretStr, Bucket] = field(default_factory=dict)
    _host: Bucket = field(init=False)
    _swept_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._swept_at = self.clock()
        self._host = Bucket(self.host_rate, max(1.0, self.host_rate))

    async def tap(self, key: SecretStr) -> None:
        """Take a request for something a person waits for.

        Raises:
            Throttled: the provider has asked to leave this key alone.
            Blocked: the host turned requests away a moment ago.
        """
        for bucket in (self._key(key), self._host):  # the host's line is only for those it keeps waiting
            async with bucket.line:
                while wait := bucket.wait(self.clock()):
                    self._refuse_pause(key)
                    await asyncio.sleep(wait)
                bucket.take(self.clock())

    def poll(self, key: SecretStr) -> float:
        """Take a request for a poll and return 0, or return the seconds after which one may be free."""
        now = self.clock()
        key_bucket = self._key(key)
        wait = max(self._host.wait(now), key_bucket.wait(now))
        if wait == 0 and self._host.line.locked():
            wait = 1 / self._host.rate
        if wait == 0 and key_bucket.line.locked():
            wait = 1 / key_bucket.rate
        if wait == 0:
            self._host.take(now)
            key_bucket.take(now)
        else:
            host_is_busy = self._host.wait(now) > 0 or self._host.line.locked()
            bucket = self._host if host_is_busy else key_bucket
            # A moment longer, so that the poll is there first.
            bucket.polls_until = max(bucket.polls_until, now + wait + 1 / bucket.rate)
        return wait

    def spare(self, key: SecretStr, requests: int = 1) -> float:
        """Take requests that nobody waits for and return 0, or return the seconds to wait and take nothing.

        They are given only while no tap stands in line and no poll was put off, at the key or at the host,
        and only if half of what either may ask at once is left untouched for taps and polls. Whether a poll
        is due is for the caller to see.
        """
        now = self.clock()
        buckets = (self._host, self._key(key))
        wait = max(bucket.spare_wait(now, requests) for bucket in buckets)
        if wait == 0:
            for bucket in buckets:
                bucket.take(now, requests)
        return wait

    def host_wait(self) -> float:
        """Return the seconds until the host may be asked at all."""
        return self._host.wait(self.clock())

    def note(self, key: SecretStr, error: Throttled | Blocked) -> None:
        """Leave the key, or for a block page the whole host, alone for as long as the provider wants."""
        bucket = self._host if isinstance(error, Blocked) else self._key(key)
        bucket.pause(self.clock() + error.retry_after)

    def _refuse_pause(self, key: SecretStr) -> None:
        """Keep nobody waiting for the end of a pause."""
        now = self.clock()
        if (rest := self._host.paused_until - now) > 1:
            raise Blocked(rest)
        if (rest := self._key(key).paused_until - now) > 1:
            raise Throttled(rest)

    def _key(self, key: SecretStr) -> Bucket:
        bucket = self._keys.get(key)
        if bucket is None:
            self._forget_rested()
            bucket = self._keys[key] = Bucket(self.key_rate, KEY_BURST)
        return bucket

    def _forget_rested(self) -> None:
        now = self.clock()
        if now < self._swept_at + _IDLE:
            return
        self._swept_at = now
        self._keys = {
            key: bucket
            for key, bucket in self._keys.items()
            if bucket.line.locked() or max(bucket.full_at, bucket.paused_until) > now - _IDLE
        }
