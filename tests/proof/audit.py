"""Compares the records of both servers with what each person tapped and what their chat shows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from bot.sandbox.provider import Number, NumberState, SandboxProvider
from bot.sandbox.telegram import Message, Telegram
from tests.proof.findings import Findings
from tests.proof.people import SERVICES, Customer
from tests.proof.records import DONE_WITHIN, Records, ungrouped

CODE_MESSAGE: Final = "📩"
_CARD: Final = "📱+"
_UNKNOWN: Final = "❓"
_CANCELLED: Final = "✖️"
_COMPLETED: Final = "✔️"
_TIME_OVER: Final = "⌛"
_NO_CODE: Final = "No code arrived"
_UNSEEN: Final = "I don’t know whether a code arrived"
_SAYS_ITS_ID: Final = "Its id there is"
_REFUSALS: Final = ("Please check the details first.", "Too fast. Please wait a second.")
"""Answers to a tap that say that it has no effect."""
_READ_LATE: Final = 0.2
"""Seconds after a kill in which a server may still read a request of the killed process."""
_DONE_LATE: Final = 1.0
"""Seconds after a call for which it may be delayed on its way to the chat."""


class Audit:
    """Checks the records of both servers, account by account. It never uses the bot or its database.

    Args:
        provider: the provider.
        telegram: the Bot API.
        customers: the people; those with the same key share an account.
        reading_time: seconds for which a page must have been shown before a tap on Buy counts.
    """

    def __init__(
        self,
        provider: SandboxProvider,
        telegram: Telegram,
        customers: Sequence[Customer],
        reading_time: float,
    ) -> None:
        self.records = Records(telegram)
        self._provider = provider
        self._reading_time = reading_time
        self._accounts: defaultdict[str, list[Customer]] = defaultdict(list)
        for customer in customers:
            self._accounts[customer.key].append(customer)

    def check(self, *, settled: bool) -> Findings:
        """Check what must hold at any time and, if settled, what must hold in the end.

        Args:
            settled: nothing is in progress any more.
        """
        found = Findings()
        for customers in self._accounts.values():
            numbers = self.numbers(customers[0])
            self._check_purchases(customers, numbers, found)
            self._check_steps(customers, numbers, found)
            self._check_codes(customers, numbers, found, settled=settled)
            self._check_owners(customers, numbers, found)
            if settled:
                self._check_cards(customers, numbers, found)
        return found

    def numbers(self, customer: Customer) -> list[Number]:
        """Return the numbers bought with a person's API key."""
        return [number for number in self._provider.numbers.values() if number.key == customer.key]

    def missing_codes(self) -> list[tuple[Customer, str]]:
        """Return the codes that the provider has shown and no chat of the account contains."""
        return [
            (customers[0], code)
            for customers in self._accounts.values()
            for number in self.numbers(customers[0])
            for code in number.messages[: number.shown]
            if not any(_codes(customer, code) for customer in customers)
        ]

    def owner(self, number: Number) -> Customer | None:
        """Return the person whose chat shows a number."""
        return next((c for c in self._accounts[number.key] if _cards(c, number)), None)

    def card(self, number: Number) -> str | None:
        """Return the newest card of a number."""
        owner = self.owner(number)
        return _cards(owner, number)[-1].text if owner else None

    def says_the_end(self, card: str) -> bool:
        """Return whether a card says that its number has ended."""
        return any(sign in card for sign in (_CANCELLED, _COMPLETED, _NO_CODE, _UNSEEN))

    def requests(self, action: str, key: str) -> list[dict[str, str]]:
        """Return the parameters of each request for an action with an API key."""
        return [
            dict(request.params)
            for request in self._provider.requests
            if request.action == action and request.params.get("api_key") == key
        ]

    def _check_purchases(self, customers: list[Customer], numbers: list[Number], found: Findings) -> None:
        confirmed: Counter[str] = Counter()
        for customer in customers:
            found.totals.taps += len(customer.taps)
            confirmed += self._confirmed(customer, found)
        asked = Counter(params["service"] for params in self.requests("getNumber", customers[0].key))
        bought = Counter(number.service for number in numbers)
        found.totals.confirmed += confirmed.total()
        found.totals.purchases += bought.total()
        for what, counts in (("orders", asked), ("purchases", bought)):
            for service, times in counts.items():
                if times > confirmed[service]:
                    sentence = f"{service}: {times} {what} for {confirmed[service]} deliberate taps"
                    found.add(customers[0], sentence)

    def _confirmed(self, customer: Customer, found: Findings) -> Counter[str]:
        """Return for each service how many Buy buttons were tapped deliberately, and not refused."""
        deliberate = set()
        for tap in customer.taps:
            if tap.data.startswith("b:"):
                if self._is_early(tap.data, tap.at, tap.query.update_id):
                    found.totals.early += 1
                elif tap.query.toast is None or not tap.query.toast.text.startswith(_REFUSALS):
                    deliberate.add(tap.data)
        return Counter(customer.services[data] for data in deliberate)

    def _is_early(self, data: str, at: float, update_id: int | None) -> bool:
        """Return whether a tap came so soon after its page was shown that it must have no effect.

        Such a tap may have an effect only if the bot was too slow to see how early it was.
        """
        shown_at = self.records.shown_at(data)
        if shown_at is None or at - shown_at >= self._reading_time or update_id is None:
            return False
        arrived = self.records.arrived_before(update_id)
        if arrived is None or arrived - shown_at < self._reading_time:
            return True
        return self.records.has_waited(at, arrived)

    def _check_steps(self, customers: list[Customer], numbers: list[Number], found: Findings) -> None:
        """Find steps that nobody has tapped; some providers charge for each further code."""
        asked = Counter((p["id"], p["status"]) for p in self.requests("setStatus", customers[0].key))
        if not any(customer.takes_steps for customer in customers) and asked:
            found.add(customers[0], f"somebody else took a step with a number: {asked}")
        for number in numbers:
            wanted = {f"t:resend:{id_}" for id_ in self.records.ids(number.phone)}
            taps = sum(tap.data in wanted for customer in customers for tap in customer.taps)
            if asked[number.id, "3"] > taps:
                found.add(customers[0], f"{asked[number.id, '3']} codes were requested by {taps} taps")

    def _check_codes(
        self, customers: list[Customer], numbers: list[Number], found: Findings, *, settled: bool
    ) -> None:
        for number in numbers:
            found.totals.codes += len(number.messages)
            for code in number.messages[: number.shown]:
                found.totals.shown += 1
                copies = sum(len(_codes(customer, code)) for customer in customers)
                if settled and not copies:
                    found.totals.losses += 1
                    found.add(customers[0], f"the code {code} of number {number.id} is lost")
                if copies > 1:
                    found.totals.duplicates += copies - 1
                    self._check_copies(customers, code, copies, found)
        ours = {code: number for number in numbers for code in number.messages}
        for customer in customers:
            for message in _codes(customer):
                of = list({word: ours[word] for word in message.text.split() if word in ours}.values())
                if len(of) != 1:
                    found.add(customer, f"message {message.message_id} has a code that is not theirs")
                elif f"+{of[0].phone}" not in ungrouped(message.text):
                    found.add(customer, f"message {message.message_id} has a code with another number")

    def _check_copies(self, customers: list[Customer], code: str, copies: int, found: Findings) -> None:
        """Each copy of a code must follow an outage of its own."""
        for customer in customers:
            chat_id = customer.person.chat_id
            sent = [
                drawn.at
                for drawn in self.records.drawn(chat_id)
                if CODE_MESSAGE in drawn.text and f"<code>{code}</code>" in drawn.text
            ]
            if sent and copies - 1 > self.records.outages(
                chat_id, sent[0] - _READ_LATE, sent[-1] + _DONE_LATE
            ):
                found.add(customer, f"the code {code} was delivered {copies} times without as many outages")

    def _check_owners(self, customers: list[Customer], numbers: list[Number], found: Findings) -> None:
        """A number belongs to one person of its account, and so do its codes."""
        for number in numbers:
            owners = [customer for customer in customers if _cards(customer, number)]
            if len(owners) > 1:
                found.add(customers[0], f"number {number.id} is shown to several people")
            for customer in set(customers) - set(owners) if owners else ():
                if any(f"+{number.phone}" in ungrouped(message.text) for message in _codes(customer)):
                    found.add(customer, f"a code of number {number.id} was sent to another person")

    def _check_cards(self, customers: list[Customer], numbers: list[Number], found: Findings) -> None:
        """What stays in the chats is true: each number is shown or called unclear, each card is right."""
        unseen = Counter(number.service for number in numbers if not self._is_seen(customers, number))
        found.totals.unknown += unseen.total()
        for service, count in unseen.items():
            unclear = sum(
                _UNKNOWN in message.text and SERVICES[service] in message.text
                for customer in customers
                for message in customer.person.messages
            )
            if count > unclear:
                found.add(customers[0], f"{count} of {service} are not shown; {unclear} are called unclear")
        for number in numbers:
            for customer in customers:
                for message in _cards(customer, number):
                    if _agrees(message.text, number):
                        continue
                    found.totals.stale += 1
                    if not self._was_replaced(customer, message, number):
                        sentence = (
                            f"number {number.id} is {number.state}, a card: "
                            f"#{message.message_id} {message.text!r}"
                        )
                        found.add(customer, sentence)

    def _is_seen(self, customers: list[Customer], number: Number) -> bool:
        return any(
            f"+{number.phone}" in ungrouped(message.text) or f"{_SAYS_ITS_ID} {number.id}" in message.text
            for customer in customers
            for message in customer.person.messages
            if message.from_bot
        )

    def _was_replaced(self, customer: Customer, message: Message, number: Number) -> bool:
        """Return whether a card is left from an outage, after or before which the bot has sent a new one."""
        chat_id = customer.person.chat_id
        sign = f"📱<code>+{number.phone}</code>"
        successor = next(
            (
                drawn.at
                for drawn in self.records.drawn(chat_id)
                if drawn.at > message.drawn_at
                and drawn.method == "sendMessage"
                and sign in ungrouped(drawn.text)
            ),
            None,
        )
        since = message.drawn_at - _READ_LATE
        return successor is not None and self.records.outages(chat_id, since, successor + DONE_WITHIN) > 0


def _codes(customer: Customer, code: str | None = None) -> list[Message]:
    """Return the messages with a code, or with one that is given."""
    return [
        message
        for message in customer.person.messages
        if message.from_bot and CODE_MESSAGE in message.text
        if code is None or code in message.text.split()
    ]


def _cards(customer: Customer, number: Number) -> list[Message]:
    """Return the cards of a number in a chat, oldest first."""
    return [
        message
        for message in customer.person.messages
        if message.from_bot
        and f"{_CARD}{number.phone}" in ungrouped(message.text)
        and CODE_MESSAGE not in message.text
    ]


def _agrees(card: str, number: Number) -> bool:
    """Return whether the end that a card shows is the state of the number at the provider."""
    match number.state:
        case NumberState.CANCELLED:
            return _CANCELLED in card
        case NumberState.FINISHED if not number.shown:
            return _UNSEEN in card or _COMPLETED in card  # its code came while no process was running
        case NumberState.FINISHED:
            return _COMPLETED in card
        case NumberState.EXPIRED:
            return _NO_CODE in card or _UNSEEN in card
        case _:
            return not any(sign in card for sign in (_CANCELLED, _COMPLETED, _TIME_OVER))


def find_secrets(folder: Path, secrets: Iterable[str]) -> list[str]:
    """Return the names of the files in a folder that contain a secret."""
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file()
        for content in [path.read_bytes()]
        if any(secret.encode() in content for secret in secrets)
    ]
