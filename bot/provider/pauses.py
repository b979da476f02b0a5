"""Pauses that the provider asks for: by API key or for the whole host, and by class of action."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from pydantic import SecretStr

MAX_CHECK_PAUSE: Final = 90.0
"""Longest pause of status checks in seconds, whatever the provider asks for: a number lives 20 minutes."""
BLOCK_WINDOW: Final = 120.0
"""Seconds within which two accepted keys must meet a block page before the whole host is paused."""
PROBE_TIMEOUT: Final = 20.0
"""Seconds after which another request may be the probe, if the first one has no result."""
_PROBE_POLL: Final = 0.25
"""Seconds between two looks at a probe in progress."""


class ActionClass(Enum):
    """Actions that share a pause."""

    CHECKS = auto()
    LISTS = auto()
    BALANCE = auto()
    PURCHASE = auto()


_CLASSES: Final = {
    "getStatus": ActionClass.CHECKS,
    "setStatus": ActionClass.CHECKS,
    "getActiveActivations": ActionClass.CHECKS,
    "getBalance": ActionClass.BALANCE,
    "getNumber": ActionClass.PURCHASE,
    "getNumberV2": ActionClass.PURCHASE,
}


def class_of(action: str) -> ActionClass:
    """Return the class of an action of the provider's API."""
    return _CLASSES.get(action, ActionClass.LISTS)


@dataclass(slots=True)
class _Pause:
    """A pause. Times are seconds of a monotonic clock.

    Attributes:
        until: no request is sent before.
        probing_until: after the pause, one request is in progress; the others wait for its result until then.
    """

    until: float
    probing_until: float = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds to the next try; 0 if a request may be sent now."""
        if now < self.until:
            return self.until - now
        return _PROBE_POLL if now < self.probing_until else 0.0


@dataclass(slots=True)
class Pauses:
    """The pauses of the host and of API keys. After a pause, one request shows whether it is over."""

    _pauses: dict[tuple[SecretStr | None, ActionClass], _Pause] = field(default_factory=dict)
    _blocked_at: dict[SecretStr, float] = field(default_factory=dict)

    def pause_key(self, key: SecretStr, action_class: ActionClass, now: float, seconds: float) -> None:
        """Pause a class of actions for a key. A pause never becomes shorter."""
        self._pause((key, action_class), now, seconds)

    def pause_host(self, now: float, seconds: float) -> None:
        """Pause all actions of all keys."""
        for action_class in ActionClass:
            self._pause((None, action_class), now, seconds)

    def note_block(self, key: SecretStr, action_class: ActionClass, now: float, seconds: float) -> None:
        """Note that an accepted key has met a block page; pause the host if another one has met it too."""
        self._blocked_at = {
            other: at for other, at in self._blocked_at.items() if now - at < BLOCK_WINDOW and other != key
        }
        if self._blocked_at:
            self._pause((None, action_class), now, seconds)
        self._blocked_at[key] = now

    def wait(self, key: SecretStr, action_class: ActionClass, now: float) -> float:
        """Return the seconds until a request with a key may be sent; 0 if it may now."""
        return max(self.host_wait(action_class, now), self._wait((key, action_class), now))

    def host_wait(self, action_class: ActionClass, now: float) -> float:
        """Return the seconds until a request with any key may be sent; 0 if it may now."""
        return self._wait((None, action_class), now)

    def remaining(self, key: SecretStr | None, action_class: ActionClass, now: float) -> float:
        """Return the rest of the pause of a key, or of the host, in seconds."""
        pause = self._pauses.get((key, action_class))
        return 0.0 if pause is None else max(0.0, pause.until - now)

    def begin(self, key: SecretStr, action_class: ActionClass, now: float) -> None:
        """Note that a request is sent; it is the probe of a pause that is over."""
        for name in ((key, action_class), (None, action_class)):
            if (pause := self._pauses.get(name)) is not None:
                pause.probing_until = now + PROBE_TIMEOUT

    def end(self, key: SecretStr, action_class: ActionClass, now: float, *, answered: bool) -> None:
        """Note the result of a request: an answer ends the pauses that are over, a failure the probe."""
        for name in ((key, action_class), (None, action_class)):
            pause = self._pauses.get(name)
            if pause is None or now < pause.until:
                continue
            if answered:
                del self._pauses[name]
            else:
                pause.probing_until = 0.0

    def remove_idle(self, before: float) -> None:
        """Remove the pauses that were over before a time."""
        self._pauses = {name: pause for name, pause in self._pauses.items() if pause.until > before}

    def _pause(self, name: tuple[SecretStr | None, ActionClass], now: float, seconds: float) -> None:
        if name[1] is ActionClass.CHECKS:
            seconds = min(seconds, MAX_CHECK_PAUSE)
        known = self._pauses.get(name)
        until = now + seconds
        self._pauses[name] = _Pause(until if known is None else max(known.until, until))

    def _wait(self, name: tuple[SecretStr | None, ActionClass], now: float) -> float:
        pause = self._pauses.get(name)
        return 0.0 if pause is None else pause.wait(now)
