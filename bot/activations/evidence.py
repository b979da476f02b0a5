"""Evidence for reconciliation: the balance and the list of numbers of an account from before a purchase."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeVar

from bot import errors
from bot.accounts.accounts import Accounts
from bot.domain import User
from bot.lru import LruDict

MAX_AGE: Final = 30
"""Seconds for which a reading is used; an older one is replaced before the purchase."""
SHOWN_FOR: Final = 2
"""Seconds for which the balance of a reading may be shown again, if no purchase came between."""
TIMEOUT: Final = 5.0
"""Seconds that a reading may take; the purchase does not depend on it."""
_MAX_READINGS: Final = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an account held before a purchase; None stands for what could not be read.

    Attributes:
        balance: the balance at the provider.
        listed: the provider's ids of the listed numbers.
    """

    balance: Decimal | None
    listed: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class _Reading:
    """The two requests of a reading, and when they began (seconds of the steady clock)."""

    balance: asyncio.Task[Decimal | errors.BotError]
    listed: asyncio.Task[tuple[str, ...] | errors.BotError]
    began_at: float

    def is_usable(self, now: float, max_age: float) -> bool:
        """Return whether it is new enough, and no request has failed that could succeed now."""
        return now - self.began_at <= max_age and not (
            _may_succeed(self.balance) or _may_succeed(self.listed)
        )


@dataclass(eq=False, slots=True, kw_only=True)
class EvidenceReader:
    """Reads the evidence when a quote is loaded, so that nothing but the purchase follows the tap.

    Attributes:
        track_task: makes an orderly stop wait for a task.
        steady: a clock in seconds that is never corrected.
    """

    accounts: Accounts
    track_task: Callable[[asyncio.Task[Any]], None]
    steady: Callable[[], float]
    _readings: LruDict[int, _Reading] = field(default_factory=lambda: LruDict(_MAX_READINGS), init=False)

    async def balance(self, user: User) -> Decimal:
        """Return the balance of a new reading, or of one that began a moment ago.

        Raises:
            KeyMissing: no API key is bound for this provider.
            ProviderError: the request failed.
        """
        if user.key_id is None:
            raise errors.KeyMissing
        balance = await asyncio.shield(self._usable(user.id, user.key_id, SHOWN_FOR).balance)
        if isinstance(balance, errors.BotError):
            raise balance
        return balance

    def prepare(self, user_id: int, key_id: int) -> None:
        """Begin a new reading if the last one is not usable."""
        self._usable(user_id, key_id)

    async def before_purchase(self, user_id: int, key_id: int) -> Evidence:
        """Return the evidence of the last reading, or of a new one if that is not usable. It is used once."""
        reading = self._usable(user_id, key_id)
        self._readings.discard(key_id)
        balance, listed = await asyncio.shield(asyncio.gather(reading.balance, reading.listed))
        return Evidence(
            None if isinstance(balance, errors.BotError) else balance,
            None if isinstance(listed, errors.BotError) else listed,
        )

    def _usable(self, user_id: int, key_id: int, max_age: float = MAX_AGE) -> _Reading:
        """Return the last reading if it is usable, or begin a new one."""
        reading = self._readings.get(key_id)
        if reading is not None and reading.is_usable(self.steady(), max_age):
            return reading
        return self._readings.put(
            key_id,
            _Reading(
                self._start(self.accounts.balance_of_key(user_id, key_id)),
                self._start(self._list(key_id)),
                self.steady(),
            ),
        )

    async def _list(self, key_id: int) -> tuple[str, ...]:
        key = await self.accounts.key(key_id)
        rows = await key.gateway.client.active(key.secret, unless_absent=True)
        return tuple(row.id for row in rows)

    def _start(self, request: Coroutine[Any, Any, T]) -> asyncio.Task[T | errors.BotError]:
        task = asyncio.create_task(_result_or_error(request))
        self.track_task(task)
        return task


async def _result_or_error(request: Coroutine[Any, Any, T]) -> T | errors.BotError:
    """Return the result of a request, or its error: nobody may be waiting for it."""
    try:
        async with asyncio.timeout(TIMEOUT):
            return await request
    except errors.BotError as error:
        return error
    except TimeoutError:
        return errors.NoAnswer()


def _may_succeed(request: asyncio.Task[T | errors.BotError]) -> bool:
    """Return whether a request has failed for another reason than that the provider does not support it."""
    if not request.done():
        return False
    error = None if request.cancelled() else request.result()
    return isinstance(error, errors.BotError | None) and not isinstance(error, errors.UnsupportedAction)
