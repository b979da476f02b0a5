"""The buttons of a number's card."""

from bot.domain import Step
from bot.telegram.callbacks.button_data import ButtonData


class TakeStep(ButtonData, prefix="t"):
    """Take a step with a number."""

    acts = True
    step: Step
    id: int


class ScheduleCancel(ButtonData, prefix="l"):
    """Schedule a cancel for the first moment that allows it, or remove the schedule."""

    acts = True
    id: int
    scheduled: bool


class CheckPurchase(ButtonData, prefix="k"):
    """Check an unclear purchase again."""

    id: int


class AdoptNumber(ButtonData, prefix="p"):
    """Choose the provider's number that belongs to an unclear purchase.

    Attributes:
        mark: stands for the number; see `candidate_mark`.
    """

    acts = True
    id: int
    mark: str


class TakeOver(ButtonData, prefix="to"):
    """Take over a number that was bought elsewhere.

    Attributes:
        mark: stands for the number; see `NumberElsewhere`.
    """

    acts = True
    mark: str


class ShowCard(ButtonData, prefix="d"):
    """Draw a card in a new message."""

    id: int


class AskNote(ButtonData, prefix="en"):
    """Ask for the note on a number."""

    id: int


class AnotherNumber(ButtonData, prefix="x"):
    """Cancel a number as soon as possible, and show a confirmation page for another one."""

    acts = True
    id: int


class ShowOtherOperators(ButtonData, prefix="xo"):
    """Show the operators of an ended number's service in a new message."""

    id: int
