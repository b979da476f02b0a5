"""Simulated people: they tap the buttons they see and remember which purchases they confirmed."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import Final

from bot.sandbox.telegram import Message, Person

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


class Customer:
    """A person with an API key, and a record of what they confirmed.

    Attributes:
        person: the person in the sandbox.
        key: the API key of their account.
        confirmed: the service of each tapped Buy button, by its callback data.
        taps: the number of all taps.
        bound: whether the chat shows that the key is bound.
        takes_steps: whether they cancel, complete, or request another code.
        neighbours: other people, whose callback data they sometimes send.
    """

    def __init__(self, person: Person, key: str, seed: str) -> None:
        self.person = person
        self.key = key
        self.confirmed: dict[str, str] = {}
        self.taps = 0
        self.bound = False
        self.takes_steps = True
        self.neighbours: list[Customer] = []
        self._rng = random.Random(seed)  # noqa: S311  # repeatable, not secret

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
        while True:
            if len(self.person.telegram.updates) < _MOST_PENDING:
                await self.act()
            await asyncio.sleep(pace * self._rng.uniform(0.2, 1.8))

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
            await person.send(rng.choice(_TYPED))
            return
        if self.takes_steps and self.neighbours and rng.random() < 0.12:
            self.person.tap(person.newest, self._forged())
            return
        weights = [_weight(data) / (1 + place) ** 0.5 for place, (_, data) in enumerate(buttons)]
        message, data = rng.choices(buttons, weights)[0]
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            self.tap(message, data)
        if self.confirmed and rng.random() < 0.1:
            self.tap(message, rng.choice(list(self.confirmed)))

    def tap(self, message: Message, data: str) -> None:
        """Tap a button; record it if it is a Buy button."""
        if data.startswith("b:") and data not in self.confirmed:
            names = [code for code, name in SERVICES.items() if name in message.text]
            self.confirmed[data] = names[0] if len(names) == 1 else "?"
        self.taps += 1
        self.person.tap(message, data)

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
            if button.data and button.data.startswith("b:") and button.data not in self.confirmed
        ]

    def _buttons(self) -> list[tuple[Message, str]]:
        """Return the buttons of the newest messages that have a weight, newest message first."""
        newest = [message for message in self.person.messages if message.from_bot][-_NEWEST:]
        return [
            (message, button.data)
            for message in reversed(newest)
            for button in message.buttons
            if button.data is not None and _weight(button.data) and _wanted(button.data)
            if self.takes_steps or not button.data.startswith(("t:", "l:", "x:"))
        ]

    def confirmed_of(self) -> Counter[str]:
        """Return how many different Buy buttons were tapped for each service."""
        return Counter(self.confirmed.values())


def _weight(data: str) -> float:
    kind = data.partition(":")[0]
    return (
        _WEIGHTS.get(data, 0.0) or _WEIGHTS.get(":".join(data.split(":")[:2]), 0.0) or _WEIGHTS.get(kind, 0.0)
    )


def _wanted(data: str) -> bool:
    """Return whether a button is for one of `SERVICES`, or for no service."""
    parts = data.split(":")
    return parts[0] not in ("o", "c") or parts[2] in SERVICES
