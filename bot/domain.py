"""The words of the product as values: activations, codes, offers, and the rules between their states."""

from collections.abc import Mapping
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


class NoticeKind(StrEnum):
    """What the chat is told besides codes, as a message of its own."""

    ENDED = "ended"
    """The activation ended without the user's doing."""
    CANCELLED = "cancelled"
    """The cancel the user wanted for later was done."""
    CANCEL_REFUSED = "cancel_refused"
    """The cancel the user wanted for later was refused."""
    FOUND = "found"
    """An unclear purchase turned out to have bought a number."""
    NOT_BOUGHT = "not_bought"
    """An unclear purchase turned out to have bought nothing."""
    KEY_REFUSED = "key_refused"
    """The provider no longer takes the API key of open activations."""
    LOW_BALANCE = "low_balance"
    """The balance has fallen under the user's threshold."""
    WATCH = "watch"
    """There are numbers of what the user watches."""


class Step(StrEnum):
    """What a person can do with a number they hold."""

    SMS_SENT = "sms_sent"
    RESEND = "resend"
    COMPLETE = "complete"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Country:
    """A country by the provider's id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Service:
    """The site or app a code is for, by the provider's short code."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Operator:
    """A mobile carrier by the provider's code; no operator chosen means any."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A service in a country, with the price and the count the provider shows; None where it does not."""

    country: str
    service: str
    price: Decimal | None
    count: int | None


@dataclass(frozen=True, slots=True)
class User:
    """A person in a private chat, by Telegram's id."""

    id: int
    language: str | None = None
    key_id: int | None = None
    country: str | None = None
    parked: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A confirmation page: what one tap on its button may buy, once."""

    token: str
    user_id: int
    service: str
    service_name: str
    country: str
    operators: tuple[str, ...]
    price: Decimal | None
    drawn_at: int


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
class Notice:
    """Something the chat is to be told.

    Attributes:
        details: what it is about besides an activation, by name.
    """

    id: int
    kind: NoticeKind
    details: Mapping[str, str] = field(default_factory=dict)


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
    cancel_wanted: bool = False
    cancel_sent_at: int | None = None
    complete_wanted: bool = False
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """The provider waits for an SMS.

    Attributes:
        again: it waits for a further one.
        previous: the code before, where the provider repeats it; not a new one.
    """

    again: bool = False
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class CodeShown:
    """The provider shows a code, new or not."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The provider says the activation is cancelled, completed or expired; it does not say which."""


Status = Waiting | CodeShown | Closed
"""The provider's answer to "how does this activation stand?"."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code the user has not been told yet."""

    text: str
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class WaitSeen:
    """After a request for another code, the provider was seen waiting for it."""


@dataclass(frozen=True, slots=True)
class Over:
    """The provider has closed the activation."""


News = NewCode | WaitSeen | Over


def read_status(activation: Activation, status: Status) -> News | None:
    """Return what a status tells that the activation does not hold yet, or None.

    A further code is new if its text differs from the last one, or if the provider was seen waiting in
    between: the same text may truly come again. The text behind a wait is the old code, so it is news only
    if it was never seen.
    """
    match status:
        case CodeShown(text):
            last = activation.last_code
            if last is None or last.text != text or (activation.resent and activation.waiting_seen):
                return NewCode(text)
            return None
        case Waiting(again, previous):
            if previous and all(code.text != previous for code in activation.codes):
                return NewCode(previous, earlier=True)
            asked_elsewhere = again and activation.state is State.RECEIVED
            if asked_elsewhere or (activation.resent and not activation.waiting_seen):
                return WaitSeen()
            return None
        case Closed():
            return Over()
