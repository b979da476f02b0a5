"""Links such as t.me/<bot>?start=buy_10_tg: their payloads and addresses."""

import re
from dataclasses import dataclass
from typing import Final, Self

from bot.telegram import callbacks

MAX_PAYLOAD: Final = 64
"""Characters of a start parameter. Telegram allows letters, digits, underscores and hyphens in it."""
HELLO: Final = "hello"
"""The payload that opens home; Telegram requires one."""
SERVICES: Final = "services"
"""The payload that opens the list of services, or of countries if there are several."""
_OFFER: Final = re.compile(
    r"buy_(?P<country>[A-Za-z0-9-]+)_(?P<service>[A-Za-z0-9-]+)(?:_(?P<operators>\w+(?:-\w+)*))?", re.ASCII
)


@dataclass(frozen=True)
class OfferLink:
    """The offer that a link names; no operators means any."""

    country: str
    service: str
    operators: tuple[str, ...] = ()

    def pack(self) -> str | None:
        """Return the payload, or None if these codes do not fit into one."""
        parts = ["buy", self.country, self.service]
        if self.operators:
            parts.append("-".join(self.operators))
        payload = "_".join(parts)
        return payload if self.unpack(payload) == self else None

    @classmethod
    def unpack(cls, payload: str) -> Self | None:
        """Return the offer that a payload names, or None if it names none."""
        found = _OFFER.fullmatch(payload)
        if found is None or len(payload) > MAX_PAYLOAD:
            return None
        if not callbacks.fits(found["country"], found["service"]):
            return None
        operators = tuple(found["operators"].split("-")) if found["operators"] else ()
        return cls(found["country"], found["service"], operators)


def address(username: str, payload: str) -> str:
    """Return the link that sends a payload to the bot."""
    return f"https://t.me/{username}?start={payload}"
