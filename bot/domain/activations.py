"""Activations: their states, the allowed moves between states, their codes, and rules about them."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.domain.visible_text import visible


class State(StrEnum):
    """State of an activation."""

    ORDERING = "ordering"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    WAITING = "waiting"
    RECEIVED = "received"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


HELD: Final = frozenset({State.WAITING, State.RECEIVED})
"""The user has a number at the provider."""

UNCLEAR: Final = frozenset({State.ORDERING, State.UNKNOWN})
"""The user may have a number at the provider."""

OPEN: Final = HELD | UNCLEAR
"""States that count against the limit of active numbers."""

MOVES: Final[dict[State, frozenset[State]]] = {
    State.ORDERING: frozenset({State.WAITING, State.REFUSED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.WAITING, State.REFUSED, State.EXPIRED}),
    State.WAITING: frozenset({State.RECEIVED, State.CANCELLED, State.COMPLETED, State.EXPIRED}),
    State.RECEIVED: frozenset({State.WAITING, State.COMPLETED}),
    State.REFUSED: frozenset({State.WAITING, State.UNKNOWN}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}
"""State → the states it may change to; any other change is an error. Only a purchase of which no number could
be found leaves the state "refused", if its number turns up later."""

NOTHING_BOUGHT: Final = "NothingBought"
"""Refusal of an unclear purchase of which no number could be found."""

UNKNOWN_CODE: Final = "?"
"""Service or country of a number that was taken over from a list that does not name it."""

REOPENS: Final = frozenset({State.CANCELLED, State.EXPIRED})
"""Ended states that change back to waiting if the provider turns out to wait for the code still."""


class Ending(StrEnum):
    """Why an activation ended, as far as the bot knows."""

    USER = "user"
    PROVIDER = "provider"
    TIME = "time"
    FORGOTTEN = "forgotten"
    """The provider no longer knows the activation."""
    UNCLEAR = "unclear"
    """The purchase stayed unclear for the whole lifetime."""
    KEY = "key"
    """The provider refused the API key until the time was over."""
    NO_ANSWER = "no_answer"
    """The provider gave no readable answer when the time was over."""
    UNSEEN = "unseen"
    """The provider has ended it while the bot did not run, or got no answers; a code may have come."""


DOUBTFUL: Final = frozenset({Ending.FORGOTTEN, Ending.KEY, Ending.NO_ANSWER})
"""Endings that the provider did not confirm: a code may still be there, so the checks go on for a while."""


_SHOWN_DECIMALS: Final = 4


class Step(StrEnum):
    """What the user can do with a number they hold."""

    SMS_SENT = "sms_sent"
    RESEND = "resend"
    COMPLETE = "complete"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Code:
    """A received code, or the whole message text where the provider gives that. Times are UTC seconds.

    Attributes:
        ordinal: its position among the codes of the activation, from 1.
        text: as it was received.
        late: it came after the activation's time was over.
        earlier: it was only reported as the previous code while the provider waited for the next one.
        deleted: its text was deleted.
    """

    ordinal: int
    text: str
    received_at: int
    late: bool = False
    earlier: bool = False
    deleted: bool = False

    @property
    def shown(self) -> str:
        """The text as it is shown and copied: without invisible control characters."""
        return visible(self.text)


@dataclass(frozen=True, slots=True)
class Activation:
    """One number bought for one service, from the tap to its end. Times are UTC seconds.

    Attributes:
        token: the one-time token of the quote it was bought with.
        provider: the id of the provider it was bought at.
        operators: the requested operators; empty means any.
        price: the price that was shown; None if there was none.
        charged: what the provider charged; None if that is not known.
        provider_id: the provider's id of the activation.
        complete_scheduled: the bot completes it at the next check.
        resent: another code was requested and has not come yet.
        waiting_seen: the provider was seen waiting since that request, so the same text is a new code.
        refusal: why the purchase was refused or is unclear: an error's name, with a detail after a colon.
        details_deleted: its phone number and the texts of its codes were deleted because of their age.
        hide_codes_at: from then on the card of an ended activation does not show the codes.
        balance_before: balance at the provider just before the purchase.
        listed_before: ids of the provider's active numbers just before the purchase.
        unclear_at: when the purchase request ended without a clear answer.
        account: the fingerprint of the API key, compared within one provider; None for a row from before
            fingerprints were stored.
        balance_after: balance at the provider when the number had ended without a code.
        favourite: what it was bought for is a favourite of the user.
        unanswered_since: the provider has not answered status checks since then; None while it answers.
        taken_over: it was not bought by the bot, but taken over from the provider's list; `ordered_at` is the
            time of that, there is no `bought_at`, and `ends_at` is an upper bound.
    """

    id: int
    token: str
    user_id: int
    key_id: int
    provider: str
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
    sms_sent_at: int | None = None
    resent: bool = False
    waiting_seen: bool = False
    ended_at: int | None = None
    ending: Ending | None = None
    refusal: str | None = None
    details_deleted: bool = False
    hide_codes_at: int | None = None
    balance_before: Decimal | None = None
    listed_before: tuple[str, ...] | None = None
    balance_after: Decimal | None = None
    charged: Decimal | None = None
    unclear_at: int | None = None
    account: str | None = None
    card_message_id: int | None = None
    card_version: int = 1
    favourite: bool = False
    unanswered_since: int | None = None
    taken_over: bool = False
    note: str | None = None
    codes: tuple[Code, ...] = field(default=())

    @property
    def overcharged(self) -> bool:
        """Whether the provider charged more than was shown, by an amount that is seen in four decimals."""
        if self.charged is None or self.price is None:
            return False
        return round(self.charged, _SHOWN_DECIMALS) > round(self.price, _SHOWN_DECIMALS)

    @property
    def held(self) -> bool:
        """Whether the user has the number at the provider."""
        return self.state in HELD

    @property
    def open(self) -> bool:
        """Whether it counts against the limit of active numbers."""
        return self.state in OPEN

    @property
    def offer_known(self) -> bool:
        """Whether its service and country are known, so that the same can be bought again."""
        return UNKNOWN_CODE not in (self.service, self.country)

    @property
    def not_found(self) -> bool:
        """Whether the purchase was unclear and its number could not be found; it may still turn up."""
        return self.state is State.REFUSED and self.refusal == NOTHING_BOUGHT

    def hides_codes(self, now: float) -> bool:
        """Return whether the card no longer shows the codes at a time (UTC seconds)."""
        return not self.open and self.hide_codes_at is not None and now >= self.hide_codes_at

    @property
    def sold_out(self) -> bool:
        """Whether the purchase was refused because no numbers were available."""
        return self.state is State.REFUSED and (self.refusal or "").partition(":")[0] == "NoNumbers"

    @property
    def cancellable(self) -> bool:
        """Whether the user holds the number and has received no code."""
        return self.state is State.WAITING and not self.codes

    @property
    def last_code(self) -> Code | None:
        """The newest code, or None before the first one."""
        return self.codes[-1] if self.codes else None


LAST_MINUTES: Final = 180
"""Seconds before the end in which the card of a number without a code warns that time is running out."""


def last_minutes_from(activation: Activation) -> int | None:
    """Return when the last minutes of a number begin (UTC seconds), or None if its lifetime is too short."""
    if activation.bought_at is None or activation.ends_at is None:
        return None
    lives_long = activation.ends_at - activation.bought_at > 2 * LAST_MINUTES
    return activation.ends_at - LAST_MINUTES if lives_long else None


def in_last_minutes(activation: Activation, now: float) -> bool:
    """Return whether the last minutes have begun (UTC seconds) and the first code is still awaited."""
    begin = last_minutes_from(activation)
    waits = activation.state is State.WAITING and not activation.codes and not activation.cancel_scheduled
    return waits and begin is not None and begin <= now < (activation.ends_at or 0)


def can_auto_complete(activation: Activation) -> bool:
    """Return whether the bot may complete a number on its own: it has exactly one code, with a text.

    A number that was bought elsewhere may still be needed there.
    """
    only = activation.codes[0] if len(activation.codes) == 1 and not activation.taken_over else None
    return activation.state is State.RECEIVED and only is not None and bool(only.text.strip())
