"""The words of the product as values: activations, codes, offers, and the rules between their states."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where an activation stands."""

    ORDERING = "ordering"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    WAITING = "waiting"
    RECEIVED = "received"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


HELD: Final = frozenset({State.WAITING, State.RECEIVED})
"""A number is ours at the provider."""

UNCLEAR: Final = frozenset({State.ORDERING, State.UNKNOWN})
"""A number may or may not be ours."""

OPEN: Final = HELD | UNCLEAR
"""What counts against the limit of numbers held at once."""

MOVES: Final[dict[State, frozenset[State]]] = {
    State.ORDERING: frozenset({State.WAITING, State.REFUSED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.WAITING, State.REFUSED, State.EXPIRED}),
    State.WAITING: frozenset({State.RECEIVED, State.CANCELLED, State.COMPLETED, State.EXPIRED}),
    State.RECEIVED: frozenset({State.WAITING, State.COMPLETED}),
    State.REFUSED: frozenset(),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}
"""The allowed moves; everything else is a mistake."""


class Ending(StrEnum):
    """Why an activation ended: what we know of it, not what the provider may have meant."""

    USER = "user"
    PROVIDER = "provider"
    TIME = "time"
    FORGOTTEN = "forgotten"
    UNCLEAR = "unclear"
    KEY = "key"


class Step(StrEnum):
    """What a person can do with a number they hold."""

    SMS_SENT = "sms_sent"
    RESEND = "resend"
    COMPLETE = "complete"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Code:
    """What arrived: the digits, or the whole text where the provider gives that."""

    ordinal: int
    text: str
    received_at: int
    late: bool = False
    """It came after the activation's time was over."""
    earlier: bool = False
    """It was seen only behind the wait for the next one."""


@dataclass(frozen=True, slots=True)
class Activation:
    """One number bought for one service, from the tap to its end. Times are UTC seconds."""

    id: int
    token: str
    user_id: int
    key_id: int
    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]
    price: Decimal | None
    state: State
    ordered_at: int
    provider_id: str | None = None
    phone: str | None = None
    bought_at: int | None = None
    ends_at: int | None = None
    cancel_from: int | None = None
    cancel_scheduled: bool = False
    cancel_sent_at: int | None = None
    complete_scheduled: bool = False
    """The bot is to complete it by itself, once."""
    sms_sent_at: int | None = None
    resent: bool = False
    """Another code was asked for and has not come yet."""
    waiting_seen: bool = False
    """Since then the provider was seen waiting, so the same text again is a new code."""
    ended_at: int | None = None
    ending: Ending | None = None
    refusal: str | None = None
    hide_codes_at: int | None = None
    """From then on its card no longer shows the codes, once it has ended."""
    balance_before: Decimal | None = None
    listed_before: tuple[str, ...] | None = None
    balance_after: Decimal | None = None
    """What the provider showed when the number had ended without a code."""
    card_message_id: int | None = None
    card_version: int = 1
    favourite: bool = False
    """The user keeps what it was bought for among their favourites."""
    codes: tuple[Code, ...] = field(default=())

    @property
    def held(self) -> bool:
        """Whether the number is ours at the provider."""
        return self.state in HELD

    @property
    def open(self) -> bool:
        """Whether it counts against the limit of numbers held at once."""
        return self.state in OPEN

    def hides_codes(self, now: float) -> bool:
        """Return whether its codes are no longer to be shown, as its owner wants it (UTC seconds)."""
        return not self.open and self.hide_codes_at is not None and now >= self.hide_codes_at

    @property
    def sold_out(self) -> bool:
        """Whether the purchase was refused because there were no numbers."""
        return self.state is State.REFUSED and self.refusal == "NoNumbers"

    @property
    def last_code(self) -> Code | None:
        """The newest code, if any has come."""
        return self.codes[-1] if self.codes else None


LAST_MINUTES: Final = 180
"""Seconds before the end in which the card of a number without a code says that time is running out."""


def last_minutes_from(activation: Activation) -> int | None:
    """Return when the last minutes of a number begin (UTC seconds); a short-lived one has none."""
    if activation.bought_at is None or activation.ends_at is None:
        return None
    lives_long = activation.ends_at - activation.bought_at > 2 * LAST_MINUTES
    return activation.ends_at - LAST_MINUTES if lives_long else None


def in_last_minutes(activation: Activation, now: float) -> bool:
    """Return whether little time is left for a first code that its owner still waits for."""
    begin = last_minutes_from(activation)
    waits = activation.state is State.WAITING and not activation.codes and not activation.cancel_scheduled
    return waits and begin is not None and begin <= now < (activation.ends_at or 0)


def can_auto_complete(activation: Activation) -> bool:
    """Return whether the bot may complete a number: its one code is in and can be read."""
    only = activation.codes[0] if len(activation.codes) == 1 else None
    return activation.state is State.RECEIVED and only is not None and bool(only.text.strip())
