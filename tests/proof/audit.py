"""Compares the records of both servers with what each person confirmed and what their chat shows."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from bot.sandbox.provider import Number, NumberState, SandboxProvider
from bot.sandbox.telegram import Message, Telegram
from tests.proof.people import Customer

CODE_MESSAGE: Final = "📩"
_UNKNOWN: Final = "❓"
_CANCELLED: Final = "✖️"
_COMPLETED: Final = "✔️"
_TIME_OVER: Final = "⌛"
_NO_CODE: Final = "No code arrived"
_CODE: Final = re.compile("<code>(.*?)</code>")
_READ_LATE: Final = 0.2
"""Seconds after a kill in which a server may still read a request of the killed process."""
_SAYS_ITS_ID: Final = "Its id there is"


@dataclass
class Totals:
    """The counts of a run. Two of them can be added."""

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

    def __add__(self, other: "Totals") -> "Totals":
        names = [each.name for each in fields(self)]
        return Totals(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass
class Findings:
    """The counts, and the violations: the person concerned and a sentence for each."""

    totals: Totals = field(default_factory=Totals)
    wrong: list[tuple[Customer, str]] = field(default_factory=list)

    def add(self, customer: Customer, sentence: str) -> None:
        """Add a violation."""
        self.wrong.append((customer, sentence))
        self.totals.violations += 1

    def report(self) -> str:
        """Return all violations, and the transcripts of the first chats concerned."""
        sentences = [f"chat {customer.person.chat_id}: {sentence}" for customer, sentence in self.wrong]
        chats = {customer.person.chat_id: customer.person.transcript() for customer, _ in self.wrong}
        return "\n".join([*sentences, *list(chats.values())[:2]])


class Audit:
    """Checks the records of both servers. It never uses the bot or its database."""

    def __init__(self, provider: SandboxProvider, telegram: Telegram, customers: Sequence[Customer]) -> None:
        self._provider = provider
        self._telegram = telegram
        self._customers = customers

    def check(self, *, settled: bool, deaths: Sequence[float], lost_answers: int) -> Findings:
        """Check what must hold at any time and, if settled, what must hold in the end.

        Args:
            settled: nothing is in progress any more.
            deaths: the times at which the bot was killed; only a kill may repeat a code.
            lost_answers: how many other times the bot could not know that a message had arrived.
        """
        found = Findings()
        for customer in self._customers:
            self._check_purchases(customer, found)
            self._check_codes(customer, found, settled=settled)
            if settled:
                self._check_cards(customer, found)
            if not lost_answers:
                self._check_repeats(customer, found, deaths)
        if found.totals.duplicates > len(deaths) + lost_answers:
            found.add(self._customers[0], f"{found.totals.duplicates} codes were repeated")
        return found

    def _check_repeats(self, customer: Customer, found: Findings, deaths: Sequence[float]) -> None:
        """Find codes that were sent again without a kill in between."""
        sent: dict[str, float] = {}
        for call in self._telegram.called("sendMessage"):
            text = str(call.params.get("text"))
            code = _CODE.search(text)
            if call.params.get("chat_id") != customer.person.chat_id or CODE_MESSAGE not in text or not code:
                continue
            again = (before := sent.get(code[1])) and not any(
                before - _READ_LATE < death < call.time for death in deaths
            )
            if again and len(self._with_code(customer, code[1])) > 1:
                found.add(customer, f"sent twice by one process: {text!r}")
            sent[code[1]] = call.time

    def numbers(self, customer: Customer) -> list[Number]:
        """Return the numbers bought with a person's API key."""
        return [number for number in self._provider.numbers.values() if number.key == customer.key]

    def missing_codes(self) -> list[tuple[Customer, str]]:
        """Return the codes that the provider has shown and the chat does not contain."""
        return [
            (customer, code)
            for customer in self._customers
            for number in self.numbers(customer)
            for code in number.messages[: number.shown]
            if not self._with_code(customer, code)
        ]

    def unseen(self, customer: Customer) -> list[Number]:
        """Return the numbers that were never shown in the chat of their owner."""
        said = "\n".join(self._said(customer))
        shown = _ungrouped(said)
        return [
            number
            for number in self.numbers(customer)
            if f"+{number.phone}" not in shown and f"{_SAYS_ITS_ID} <code>{number.id}" not in said
        ]

    def unknown(self, customer: Customer) -> int:
        """Return how many purchases the chat of a person reports as unknown."""
        return len({id_ for id_, text in self._texts_of(customer) if _UNKNOWN in text})

    def says_the_end(self, card: str) -> bool:
        """Return whether a card says that its number has ended."""
        return any(sign in card for sign in (_CANCELLED, _COMPLETED, _NO_CODE))

    def _texts_of(self, customer: Customer) -> Iterable[tuple[int, str]]:
        return (
            (message.message_id, message.text) for message in customer.person.messages if message.from_bot
        )

    def _check_purchases(self, customer: Customer, found: Findings) -> None:
        asked = Counter(
            request.params["service"]
            for request in self._provider.requests
            if request.action == "getNumber" and request.params.get("api_key") == customer.key
        )
        bought = Counter(number.service for number in self.numbers(customer))
        confirmed = customer.confirmed_of()
        found.totals.taps += customer.taps
        found.totals.confirmed += confirmed.total()
        found.totals.purchases += bought.total()
        for service, times in asked.items():
            if times > confirmed[service]:
                found.add(customer, f"{service}: {times} orders for {confirmed[service]} confirmed taps")
        for service, times in bought.items():
            if times > confirmed[service]:
                found.add(customer, f"{service}: {times} purchases for {confirmed[service]} confirmed taps")

        if not customer.takes_steps:
            for request in self._provider.requests:
                if request.action == "setStatus" and request.params.get("api_key") == customer.key:
                    found.add(customer, f"somebody else took a step with number {request.params['id']}")

    def _check_codes(self, customer: Customer, found: Findings, *, settled: bool) -> None:
        ours = {code: number for number in self.numbers(customer) for code in number.messages}
        found.totals.codes += len(ours)
        for number in self.numbers(customer):
            for code in number.messages[: number.shown]:
                found.totals.shown += 1
                copies = len(self._with_code(customer, code))
                found.totals.duplicates += max(copies - 1, 0)
                if copies > 2:
                    found.add(customer, f"the code {code} was delivered {copies} times")
                if settled and not copies:
                    found.totals.losses += 1
                    found.add(customer, f"the code {code} of number {number.id} is lost")
        for message in customer.person.messages:
            if message.from_bot and CODE_MESSAGE in message.text:
                numbers = [number for code, number in ours.items() if _has(message, code)]
                if len(numbers) != 1:
                    found.add(customer, f"message {message.message_id} has a code that is not theirs")
                elif f"+{numbers[0].phone}" not in _ungrouped(message.text):
                    found.add(customer, f"message {message.message_id} has a code with another number")

    def _with_code(self, customer: Customer, code: str) -> list[Message]:
        return [
            message
            for message in customer.person.messages
            if message.from_bot and CODE_MESSAGE in message.text and _has(message, code)
        ]

    def _check_cards(self, customer: Customer, found: Findings) -> None:
        unseen, unknown = self.unseen(customer), self.unknown(customer)
        found.totals.unknown += len(unseen)
        if len(unseen) > unknown:
            ids = [number.id for number in unseen]
            found.add(customer, f"{ids} were bought; {unknown} purchases were reported unknown")
        for number in self.numbers(customer):
            card = self.card(customer, number)
            if card is not None and not _agrees(card, number):
                found.add(customer, f"number {number.id} is {number.state}, its card: {card!r}")

    def card(self, customer: Customer, number: Number) -> str | None:
        """Return the last text of the card of a number; older messages with the number do not change."""
        sign = f"📱<code>+{number.phone}</code>"
        said = reversed(self._said(customer))
        return next((text for text in said if sign in _ungrouped(text)), None)

    def _said(self, customer: Customer) -> list[str]:
        """Return every text the bot has sent to a person, as the bot wrote it."""
        return [
            str(call.params["text"])
            for call in self._telegram.calls
            if call.params.get("chat_id") == customer.person.chat_id and "text" in call.params
        ]


def _ungrouped(text: str) -> str:
    """Return a text without what groups the digits of a phone number."""
    return re.sub("[ ()-]", "", text)


def _has(message: Message, code: str) -> bool:
    return code in message.text.split()


def _agrees(card: str, number: Number) -> bool:
    """Return whether the end that a card shows is the state of the number at the provider."""
    match number.state:
        case NumberState.CANCELLED:
            return _CANCELLED in card
        case NumberState.FINISHED:
            return _COMPLETED in card
        case NumberState.EXPIRED:
            return _NO_CODE in card
        case _:
            return not any(sign in card for sign in (_CANCELLED, _COMPLETED, _TIME_OVER))


def table(rows: Sequence[tuple[str, Totals]]) -> str:
    """Format totals as a table with one row each."""
    names = [each.name for each in fields(Totals)]
    width = max(len(title) for title, _ in rows)
    head = " " * width + "".join(f"{name:>12}" for name in names)
    lines = [
        f"{title:<{width}}" + "".join(f"{getattr(totals, name):>12}" for name in names)
        for title, totals in rows
    ]
    return "\n".join([head, *lines])
