"""The buttons of the history, the export and the deletion of a user's data."""

from enum import StrEnum

from typing_extensions import override

from bot.domain import Result
from bot.history.export import ExportFormat
from bot.telegram.callbacks.button_data import ButtonData


class ShowHistory(ButtonData, prefix="h"):
    """Show a page of the history.

    Attributes:
        service: the code of the service to show; empty for all.
    """

    page: int = 0
    service: str = ""
    result: Result = Result.ALL


class HistoryFilter(StrEnum):
    """What the history can be filtered by."""

    SERVICE = "s"
    RESULT = "r"


class FilterHistory(ButtonData, prefix="ho"):
    """Show the values of a filter; `service` and `result` are the present filters.

    Attributes:
        page: the page of the services.
    """

    by: HistoryFilter
    service: str
    result: Result
    page: int = 0


class ExportData(ButtonData, prefix="hx"):
    """Send the user's data as a file."""

    export_format: ExportFormat


class ForgetUser(ButtonData, prefix="z"):
    """Delete the user's data; without `confirmed`, ask first."""

    acts = True
    confirmed: bool

    @property
    @override
    def only_asks(self) -> bool:
        """Whether it only asks for the confirmation."""
        return not self.confirmed
