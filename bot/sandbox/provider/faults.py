"""Misbehaviour on order: which request is spoiled, how, and how often."""

import random
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong; unless the name says COMMIT, or the answer itself is spoiled, nothing is done."""

    DELAY = "delay"
    """The answer is right, but late; nothing is done for a client that leaves before."""
    HANG = "hang"
    """No answer; the connection stays open until the client leaves."""
    CUT = "cut"
    """The connection is reset before anything is done."""
    COMMIT_THEN_CUT = "commit, then cut"
    """The action is done, and the connection reset before the answer."""
    COMMIT_THEN_HANG = "commit, then hang"
    """The action is done, and the answer never comes."""
    COMMIT_THEN_BODY = "commit, then body"
    """The action is done, and something else is answered."""
    HALF_BODY = "half a body"
    """The action is done, and the connection closed in the middle of the announced answer."""
    CUT_JSON = "cut JSON"
    """The action is done, and half of its answer sent as if it were the whole."""
    HTML = "HTML"
    """A web page in place of an answer."""
    EMPTY = "empty"
    """An answer without a body."""
    STATUS = "status"
    """An HTTP error with a line of text."""
    THROTTLE = "too_many_requests"
    """HTTP 429."""
    BODY = "body"
    """The given body in place of an answer."""
    REDIRECT = "redirect"
    """HTTP 302 to the address in ``body``."""
    HUGE = "huge"
    """An answer of eight megabytes."""
    ENDLESS = "endless"
    """An answer that goes on until the client leaves."""


@dataclass(slots=True, eq=False)
class ProviderFault:
    """One order to misbehave.

    Attributes:
        kind: What goes wrong.
        action: Only requests of this action; None for all.
        key: Only requests with this API key; None for all.
        times: How often still; None without end.
        chance: How likely each matching request is hit, 0 to 1.
        seconds: How long to wait before going wrong.
        body: What is sent, for the kinds that send something of their own.
        status: The HTTP status, where the kind leaves a choice.
        retry_after: Seconds of the ``Retry-After`` header; None for no header.
        hits: How many requests were spoiled so far.
    """

    kind: FaultKind
    action: str | None = None
    key: str | None = None
    times: int | None = 1
    chance: float = 1.0
    seconds: float = 0
    body: str | bytes | None = None
    status: int | None = None
    retry_after: float | None = None
    hits: int = 0

    def matches(self, action: str, key: str) -> bool:
        """Return whether the order is about such a request and not used up."""
        return self.action in (None, action) and self.key in (None, key) and self.times != 0


def take_faults(
    faults: list[ProviderFault], action: str, key: str, rng: random.Random
) -> tuple[float, ProviderFault | None]:
    """Find out what happens to a request, and count it.

    A delay goes together with another fault; of the others the first one ordered wins. A fault that is used
    up leaves the list.

    Returns:
        The seconds to wait, and the fault to follow, if any.
    """
    seconds = 0.0
    chosen = None
    for fault in [fault for fault in faults if fault.matches(action, key)]:
        if chosen is not None and fault.kind is not FaultKind.DELAY:
            continue
        if fault.chance < 1 and rng.random() >= fault.chance:
            continue
        fault.hits += 1
        seconds += fault.seconds
        if fault.kind is not FaultKind.DELAY:
            chosen = fault
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                faults.remove(fault)
    return seconds, chosen
