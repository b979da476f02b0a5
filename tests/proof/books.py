"""The books: what both servers know, held against what each person confirmed and what their chat shows."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from bot.sandbox.provider import Number, NumberState, SandboxProvider
from bot.sandbox.telegram import Message, Telegram
from tests.proof.people import Customer

BRINGS_A_CODE: Final = "📩"
_UNKNOWN: Final = "❓"
_CANCELLED: Final = "✖️"
_COMPLETED: Final = "✔️"
_TIME_OVER: Final = "⌛"
_NO_CODE: Final = "No code arrived"
_CODE: Final = re.compile("<code>(.*?)</code>")
_READ_LATE: Final = 0.2
"""Seconds after the death of a process in which a server may still read what it had sent."""
_SAYS_ITS_ID: Final = "Its id there is"


@dataclass
class Sums:
    """What a run comes to; two of them can be added."""

    rounds: int = 0
    kills: int = 0
    taps: int = 0
    confirmed: int = 0
    purchases: int = 0
    unknown: int = 0
    codes: int = 0
    shown: int = 0
    duplicates: int = 0
    losses: int = 0
    violations: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        names = [each.name for each in fields(self)]
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass
class Findings:
    """What was counted, and what must not be: a sentence each, with the person whose chat tells more."""

    sums: Sums = field(default_factory=Sums)
    wrong: list[tuple[Customer, str]] = field(default_factory=list)

    def blame(self, customer: Customer, sentence: str) -> None:
        """Write down what must not be."""
        self.wrong.append((customer, sentence))
        self.sums.violations += 1

    def report(self) -> str:
        """Return everything that is wrong, and the chats it is about."""
        sentences = [f"chat {customer.person.chat_id}: {sentence}" for customer, sentence in self.wrong]
        chats = {customer.person.chat_id: customer.person.transcript() for customer, _ in self.wrong}
        return "\n".join([*sentences, *list(chats.values())[:2]])


class Books:
    """Reads both servers' books. Nothing in here asks the bot or looks into its database."""

    def __init__(self, provider: SandboxProvider, telegram: Telegram, customers: Sequence[Customer]) -> None:
        self._provider = provider
        self._telegram = telegram
        self._customers = customers

    def check(self, *, settled: bool, deaths: Sequence[float], lost_answers: int) -> Findings:
        """Check what must hold at any time, and what must hold once everything has come to rest.

        Args:
            settled: nothing is under way any more.
            deaths: when the bot was killed; only then may a code come again.
            lost_answers: how often else the bot could not know that a message had arrived.
        """
        found = Findings()
        for customer in self._customers:
            self._money(customer, found)
            self._codes(customer, found, settled=settled)
            if settled:
                self._truth(customer, found)
            if not lost_answers:
                self._repeats(customer, found, deaths)
        if found.sums.duplicates > len(deaths) + lost_answers:
            found.blame(self._customers[0], f"{found.sums.duplicates} codes came again")
        return found

    def _repeats(self, customer: Customer, found: Findings, deaths: Sequence[float]) -> None:
        """Find codes that came again though nobody killed the bot in between."""
        sent: dict[str, float] = {}
        for call in self._telegram.called("sendMessage"):
            text = str(call.params.get("text"))
            code = _CODE.search(text)
            if call.params.get("chat_id") != customer.person.chat_id or BRINGS_A_CODE not in text or not code:
                continue
            again = (before := sent.get(code[1])) and not any(
                before - _READ_LATE < death < call.time for death in deaths
            )
            if again and len(self._bringing(customer, code[1])) > 1:
                found.blame(customer, f"sent twice by one process: {text!r}")
            sent[code[1]] = call.time

    def numbers(self, customer: Customer) -> list[Number]:
        """Return the numbers that a person's key has bought."""
        return [number for number in self._provider.numbers.values() if number.key == customer.key]

    def missing_codes(self) -> list[tuple[Customer, str]]:
        """Return the codes that the provider has shown and the chat has not."""
        return [
            (customer, code)
            for customer in self._customers
            for number in self.numbers(customer)
            for code in number.messages[: number.shown]
            if not self._bringing(customer, code)
        ]

    def unseen(self, customer: Customer) -> list[Number]:
        """Return the numbers whose owner was never shown them."""
        shown = "\n".join(self._said(customer))
        return [
            number
            for number in self.numbers(customer)
            if f"+{number.phone}" not in shown and f"{_SAYS_ITS_ID} <code>{number.id}" not in shown
        ]

    def unknown(self, customer: Customer) -> int:
        """Return how many purchases a person was told to be unclear."""
        return len({id_ for id_, text in self._texts_of(customer) if _UNKNOWN in text})

    def says_the_end(self, card: str) -> bool:
        """Return whether a card says that its number has ended."""
        return any(sign in card for sign in (_CANCELLED, _COMPLETED, _NO_CODE))

    def _texts_of(self, customer: Customer) -> Iterable[tuple[int, str]]:
        return (
            (message.message_id, message.text) for message in customer.person.messages if message.from_bot
        )

    def _money(self, customer: Customer, found: Findings) -> None:
        asked = Counter(
            request.params["service"]
            for request in self._provider.requests
            if request.action == "getNumber" and request.params.get("api_key") == customer.key
        )
        bought = Counter(number.service for number in self.numbers(customer))
        confirmed = customer.confirmed_of()
        found.sums.taps += customer.taps
        found.sums.confirmed += confirmed.total()
        found.sums.purchases += bought.total()
        for service, times in asked.items():
            if times > confirmed[service]:
                found.blame(customer, f"{service}: {times} orders for {confirmed[service]} confirmed taps")
        for service, times in bought.items():
            if times > confirmed[service]:
                found.blame(customer, f"{service}: {times} purchases for {confirmed[service]} confirmed taps")

        if not customer.takes_steps:
            for request in self._provider.requests:
                if request.action == "setStatus" and request.params.get("api_key") == customer.key:
                    found.blame(customer, f"somebody else took a step with number {request.params['id']}")

    def _codes(self, customer: Customer, found: Findings, *, settled: bool) -> None:
        ours = {code: number for number in self.numbers(customer) for code in number.messages}
        found.sums.codes += len(ours)
        for number in self.numbers(customer):
            for code in number.messages[: number.shown]:
                found.sums.shown += 1
                copies = len(self._bringing(customer, code))
                found.sums.duplicates += max(copies - 1, 0)
                if copies > 2:
                    found.blame(customer, f"the code {code} came {copies} times")
                if settled and not copies:
                    found.sums.losses += 1
                    found.blame(customer, f"the code {code} of number {number.id} is lost")
        for message in customer.person.messages:
            if message.from_bot and BRINGS_A_CODE in message.text:
                brought = [number for code, number in ours.items() if _has(message, code)]
                if len(brought) != 1:
                    found.blame(customer, f"message {message.message_id} brings a code that is not theirs")
                elif f"+{brought[0].phone}" not in message.text:
                    found.blame(customer, f"message {message.message_id} brings a code with another number")

    def _bringing(self, customer: Customer, code: str) -> list[Message]:
        return [
            message
            for message in customer.person.messages
            if message.from_bot and BRINGS_A_CODE in message.text and _has(message, code)
        ]

    def _truth(self, customer: Customer, found: Findings) -> None:
        unseen, unknown = self.unseen(customer), self.unknown(customer)
        found.sums.unknown += len(unseen)
        if len(unseen) > unknown:
            ids = [number.id for number in unseen]
            found.blame(customer, f"{ids} were bought; {unknown} purchases were reported unknown")
        for number in self.numbers(customer):
            card = self.card(customer, number)
            if card is not None and not _agrees(card, number):
                found.blame(customer, f"number {number.id} is {number.state}, its card: {card!r}")

    def card(self, customer: Customer, number: Number) -> str | None:
        """Return what was last said on the card of a number; older messages with it are left as they are."""
        sign = f"📱 <code>+{number.phone}</code>"
        return next((text for text in reversed(self._said(customer)) if sign in text), None)

    def _said(self, customer: Customer) -> list[str]:
        """Return everything the bot has ever said to a person, as it wrote it."""
        return [
            str(call.params["text"])
            for call in self._telegram.calls
            if call.params.get("chat_id") == customer.person.chat_id and "text" in call.params
        ]


def _has(message: Message, code: str) -> bool:
    return code in message.text.split()


def _agrees(card: str, number: Number) -> bool:
    """Return whether what a card says of a number's end is what the provider's books say of it."""
    match number.state:
        case NumberState.CANCELLED:
            return _CANCELLED in card
        case NumberState.FINISHED:
            return _COMPLETED in card
        case NumberState.EXPIRED:
            return _NO_CODE in card
        case _:
            return not any(sign in card for sign in (_CANCELLED, _COMPLETED, _TIME_OVER))


def table(rows: Sequence[tuple[str, Sums]]) -> str:
    """Write sums down, a line each, under their names."""
    names = [each.name for each in fields(Sums)]
    width = max(len(title) for title, _ in rows)
    head = " " * width + "".join(f"{name:>12}" for name in names)
    lines = [
        f"{title:<{width}}" + "".join(f"{getattr(sums, name):>12}" for name in names) for title, sums in rows
    ]
    return "\n".join([head, *lines])
