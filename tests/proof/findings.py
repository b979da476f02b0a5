"""The counts and the violations that an audit finds, and a table of the counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from tests.proof.people import Customer


@dataclass
class Totals:
    """The counts of a run. Two of them can be added."""

    rounds: int = 0
    kills: int = 0
    taps: int = 0
    early: int = 0
    confirmed: int = 0
    purchases: int = 0
    unknown: int = 0
    codes: int = 0
    shown: int = 0
    duplicates: int = 0
    stale: int = 0
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


def table(rows: Sequence[tuple[str, Totals]]) -> str:
    """Format totals as a table with one row each."""
    names = [each.name for each in fields(Totals)]
    width = max(len(title) for title, _ in rows)
    head = " " * width + "".join(f"{name:>11}" for name in names)
    lines = [
        f"{title:<{width}}" + "".join(f"{getattr(totals, name):>11}" for name in names)
        for title, totals in rows
    ]
    return "\n".join([head, *lines])
