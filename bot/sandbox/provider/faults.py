"""Faults on demand: which request to the provider fails, how, and how often."""

import random
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The kinds of failure; where the text does not say that the action is done, it is not done."""

    DELAY = "delay"
    """The response comes late; the action is done after the delay, if the client is still connected."""
    HANG = "hang"
    """No response; the connection stays open until the client closes it."""
    CUT = "cut"
    """The connection is reset before the action."""
    COMMIT_LATER = "commit later"
    """The response is the page of a gateway, HTTP 504 by default; the action is done after the delay."""
    COMMIT_THEN_CUT = "commit, then cut"
    """The action is done, and the connection is reset before the response."""
    COMMIT_THEN_HANG = "commit, then hang"
    """The action is done, and no response comes."""
    COMMIT_THEN_BODY = "commit, then body"
    """The action is done, and the response has the given body."""
    HALF_BODY = "half a body"
    """The action is done, and the connection is closed in the middle of the response."""
    CUT_JSON = "cut JSON"
    """The action is done, and half of the body is sent as a complete response."""
    HTML = "HTML"
    """The response is a web page."""
    EMPTY = "empty"
    """The response has no body."""
    STATUS = "status"
    """The response is an HTTP error with a line of text."""
    THROTTLE = "too_many_requests"
    """The response is HTTP 429."""
    BODY = "body"
    """The response has the given body."""
    REDIRECT = "redirect"
    """The response is HTTP 302 to the address in ``body``."""
    HUGE = "huge"
    """The response has eight megabytes."""
    ENDLESS = "endless"
    """The response goes on until the client closes the connection."""


@dataclass(slots=True, eq=False)
class ProviderFault:
    """One fault to inject.

    Attributes:
        kind: The kind of failure.
        action: The action whose requests fail; None for all.
        key: The API key whose requests fail; None for all.
        times: How many more requests fail; None for no limit.
        chance: The probability that a matching request fails, 0 to 1.
        seconds: The delay before the failure, in seconds; for COMMIT_LATER, between the response and the
            action.
        body: The body of the response, for the kinds that have one of their own.
        status: The HTTP status, for the kinds that have a choice.
        retry_after: The seconds in the ``Retry-After`` header; None for no header.
        hits: How many requests have failed so far.
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
        """Return whether such a request can meet this fault."""
        return self.action in (None, action) and self.key in (None, key) and self.times != 0


def take_faults(
    faults: list[ProviderFault], action: str, key: str, rng: random.Random
) -> tuple[float, ProviderFault | None]:
    """Choose the faults that a request meets, and count them.

    A delay is combined with another fault; of several other faults the oldest is chosen. A fault that has no
    times left is removed from the list.

    Returns:
        The delay in seconds, and the fault after the delay, if any.
    """
    seconds = 0.0
    chosen = None
    for fault in [fault for fault in faults if fault.matches(action, key)]:
        if chosen is not None and fault.kind is not FaultKind.DELAY:
            continue
        if fault.chance < 1 and rng.random() >= fault.chance:
            continue
        fault.hits += 1
        if fault.kind is not FaultKind.COMMIT_LATER:
            seconds += fault.seconds
        if fault.kind is not FaultKind.DELAY:
            chosen = fault
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                faults.remove(fault)
    return seconds, chosen
