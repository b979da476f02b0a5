"""Simulated people: they tap the buttons they see, often twice, and remember each tap."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bot.sandbox.telegram import Message, Person, Query

SERVICES: Final = {"tg": "Telegram", "wa": "WhatsApp", "fb": "Facebook", "ig": "Instagram"}
"""The services that people buy: the code of the provider, and the name on the screens."""

_WEIGHTS: Final = {
    "b": 6.0,  # buy
    "c": 5.0,  # the confirmation page
    "o": 3.0,  # operators
    "s": 1.0,  # services
    "g:buy": 3.0,
    "g:active": 0.3,
    "g:home": 0.2,
    "a": 2.0,  # buy again
    "t:sms_sent": 0.7,
    "t:resend": 3.0,
    "t:complete": 1.0,
    "t:cancel": 1.5,
    "l": 1.0,  # cancel later, or not
    "k": 2.0,  # check again
    "p": 2.0,  # adopt
    "d": 0.4,  # show the card
    "f": 0.4,  # the star on a page
    "fa": 0.3,  # the star on a card
    "g:favourites": 0.3,
    "fv": 2.0,  # a favourite's page
    "h": 0.3,  # the history
    "w": 0.5,  # a watch
    "wb": 1.0,  # what a watch has found
    "x": 1.0,  # cancel, and choose another operator
    "m": 1.0,  # several operators: a check mark, or Continue
}
"""Weight of a button by the prefix of its callback data; other buttons are never tapped."""
_MOST_PENDING: Final = 12
"""Number of pending updates at which people wait for an answer."""
_STEPS: Final = ("cancel", "complete", "resend", "sms_sent")
_NEWEST: Final = 12
"""Number of newest messages in which people look for a button."""
_TYPED: Final = (
    *("/buy", "/buy", "/active", "/start", "/balance", "/favourites", "/history", "/alerts"),
    *("telegram", "whatsapp", "facebok"),
)
"""What people type. Only `until_handled` sends `/help`, because it recognizes the answer."""


_SECOND_TAPS: Final = (0.1, 0.9)
"""Seconds between the moment at which a tap has changed the screen and a second tap on the same spot."""


@dataclass(frozen=True)
class Tap:
    """A tap on a button.

    Attributes:
        at: when it was tapped.
        data: the callback data.
        query: the query that the bot gets, with its answer.
    """

    at: float
    data: str
    query: Query


class Customer:
    """A person with an API key, and a record of their taps.

    Attributes:
        person: the person in the sandbox.
        key: the API key of their account; other people may have it, too.
        taps: all taps, oldest first.
        services: the service of each Buy button that they have tapped, by its callback data.
        bound: whether the chat shows that the key is bound.
        takes_steps: whether they cancel, complete, or request another code.
        neighbours: other people, whose callback data they sometimes send.
    """

    def __init__(self, person: Person, key: str, seed: str) -> None:
        self.person = person
        self.key = key
        self.taps: list[Tap] = []
        self.services: dict[str, str] = {}
        self.bound = False
        self.takes_steps = True
        self.neighbours: list[Customer] = []
        self._rng = random.Random(seed)  # noqa: S311  # repeatable, not secret
        self._second_taps: set[asyncio.Task[Tap | None]] = set()

    async def bind(self) -> None:
        """Bind the API key."""
        await self.person.send("/start")
        await self.person.sees("API key")
        await self.person.send(self.key)
        await self.person.sees("Balance")
        self.bound = True

    async def until_handled(self) -> None:
        """Wait until the bot has handled everything this person sent.

        The bot handles the updates of a person in order, and drops them while the person's queue is full.
        Only the help text shows that `/help` was handled; any other message may be a delivery. So `/help` is
        sent until it is answered. That also shows the bot that the person can be reached again.
        """
        for _ in range(10):
            asked = await self.person.send("/help")
            with suppress(AssertionError):
                await self.person.sees("How it works", after=asked, timeout=3)
                return
        raise AssertionError(f"/help is not answered.\n{self.person.transcript()}")

    async def live(self, pace: float) -> None:
        """Use the bot until cancelled; `pace` is the average number of seconds between two actions."""
        try:
            while True:
                if len(self.person.telegram.updates) < _MOST_PENDING:
                    await self.act()
                await asyncio.sleep(pace * self._rng.uniform(0.2, 1.8))
        finally:
            for task in self._second_taps:
                task.cancel()

    async def act(self) -> None:
        """Do one action without waiting for the answer."""
        person, rng = self.person, self._rng
        self.bound |= any(message.from_bot and "Balance" in message.text for message in person.messages)
        if not self.bound:
            if not person.messages or rng.random() < 0.3:
                await person.send(self.key if person.messages else "/start")
            return
        buttons = self._buttons()
        if not buttons or rng.random() < 0.12:
            await person.send(f"/key {self.key}" if rng.random() < 0.04 else rng.choice(_TYPED))
            return
        if self.takes_steps and self.neighbours and rng.random() < 0.12:
            self.tap(person.newest, self._forged())
            return
        weights = [_weight(data) / (1 + place) ** 0.5 for place, (_, data) in enumerate(buttons)]
        message, data = rng.choices(buttons, weights)[0]
        if rng.random() < 0.4:
            task = asyncio.create_task(self.double_tap(message, data, rng.uniform(*_SECOND_TAPS)))
            self._second_taps.add(task)
            task.add_done_callback(self._second_taps.discard)
        else:
            for _ in range(rng.choice((1, 1, 1, 2, 3))):
                self.tap(message, data)
        if self.services and rng.random() < 0.1:
            self.tap(message, rng.choice(list(self.services)))

    def tap(self, message: Message, data: str) -> Tap:
        """Tap a button and record it."""
        if data.startswith("b:") and data not in self.services:
            names = [code for code, name in SERVICES.items() if name in message.text]
            self.services[data] = names[0] if len(names) == 1 else "?"
        query = self.person.tap(message, data)
        self.taps.append(Tap(query.asked_at, data, query))
        return self.taps[-1]

    async def double_tap(self, message: Message, data: str, gap: float) -> Tap | None:
        """Tap a button, and tap the same spot again so many seconds after the screen has changed.

        Returns:
            The second tap; None if the screen has not changed, or has no button of interest there.
        """
        spot, drawn_at = _spot(message, data), message.drawn_at
        self.tap(message, data)
        with suppress(AssertionError):
            await self.person.until(lambda _: message.deleted or message.drawn_at != drawn_at, timeout=3)
        await asyncio.sleep(gap)
        there = _at_spot(message, spot) if message.drawn_at != drawn_at and not message.deleted else None
        return self.tap(message, there) if there is not None and self._taps(there) else None

    def _taps(self, data: str) -> bool:
        """Return whether they tap such a button at all."""
        steps = data.startswith(("t:", "l:", "x:"))
        return bool(_weight(data)) and _wanted(data) and (self.takes_steps or not steps)

    def _forged(self) -> str:
        """Return callback data of another person: their Buy button, or a step with one of their numbers."""
        foreign = [data for other in self.neighbours for data in other.seen]
        if foreign and self._rng.random() < 0.4:
            return self._rng.choice(foreign)
        return f"t:{self._rng.choice(_STEPS)}:{self._rng.randint(1, 25)}"

    @property
    def seen(self) -> list[str]:
        """The callback data of the Buy buttons in their chat that they have not tapped."""
        return [
            button.data
            for message in self.person.messages
            for button in message.buttons
            if button.data and button.data.startswith("b:") and button.data not in self.services
        ]

    def _buttons(self) -> list[tuple[Message, str]]:
        """Return the buttons of the newest messages that have a weight, newest message first."""
        newest = [message for message in self.person.messages if message.from_bot][-_NEWEST:]
        return [
            (message, button.data)
            for message in reversed(newest)
            for button in message.buttons
            if button.data is not None and self._taps(button.data)
        ]


def _spot(message: Message, data: str) -> tuple[int, float]:
    """Return the place of a button: its row from below, and the place of its middle in the row, 0 to 1."""
    for row, buttons in enumerate(reversed(message.rows)):
        for column, button in enumerate(buttons):
            if button.data == data:
                return row, (column + 0.5) / len(buttons)
    return 0, 0.5


def _at_spot(message: Message, spot: tuple[int, float]) -> str | None:
    """Return the callback data of the button at a place, or None."""
    row, place = spot
    if row >= len(message.rows):
        return None
    buttons = message.rows[-1 - row]
    return buttons[int(place * len(buttons))].data


def _weight(data: str) -> float:
    kind = data.partition(":")[0]
    return (
        _WEIGHTS.get(data, 0.0) or _WEIGHTS.get(":".join(data.split(":")[:2]), 0.0) or _WEIGHTS.get(kind, 0.0)
    )


def _wanted(data: str) -> bool:
    """Return whether a button is for one of `SERVICES`, or for no service."""
    parts = data.split(":")
    return parts[0] not in ("o", "c", "m") or parts[2] in SERVICES
