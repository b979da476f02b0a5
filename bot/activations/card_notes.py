"""What a card says after a tap besides the state of its number: a question, or why a step failed."""

from dataclasses import dataclass
from typing import Final

from bot.catalog.lru import LruDict
from bot.domain import Activation, ListedActivation, Step
from bot.errors import ProviderError

MAX_NOTES: Final = 10_000
"""Notes in memory; the oldest one is forgotten first."""


@dataclass(frozen=True, slots=True)
class CancelLater:
    """Asks whether to cancel at the first time that is allowed (UTC seconds)."""

    allowed_at: int


@dataclass(frozen=True, slots=True)
class ChooseNumber:
    """Asks which of the listed numbers an unclear purchase has bought."""

    candidates: tuple[ListedActivation, ...]


@dataclass(frozen=True, slots=True)
class StepFailed:
    """Says why a step was refused or failed."""

    step: Step
    error: ProviderError


class StillUnclear:
    """Says that a check of an unclear purchase has shown nothing new."""


CardNote = CancelLater | ChooseNumber | StepFailed | StillUnclear


class CardNotes:
    """The notes of cards, until the next tap on the card or the next change of the number.

    They are not stored: the buttons of a question work also after a restart.
    """

    def __init__(self) -> None:
        self._notes = LruDict[int, tuple[tuple[object, ...], CardNote]](MAX_NOTES)

    def put(self, activation: Activation, note: CardNote) -> None:
        """Set the note of a card."""
        self._notes.put(activation.id, (_facts(activation), note))

    def drop(self, id_: int) -> None:
        """Remove the note of a card."""
        self._notes.discard(id_)

    def get(self, activation: Activation, now: float) -> CardNote | None:
        """Return the note of a card, or None if there is none that still fits the number."""
        facts, note = self._notes.get(activation.id) or ((), None)
        if facts == _facts(activation) and not (isinstance(note, CancelLater) and now >= note.allowed_at):
            return note
        self.drop(activation.id)
        return None


def _facts(activation: Activation) -> tuple[object, ...]:
    """Return what a note depends on."""
    return (
        activation.state,
        len(activation.codes),
        activation.refusal,
        activation.resent,
        activation.cancel_scheduled,
    )
