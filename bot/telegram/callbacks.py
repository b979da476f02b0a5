"""What the buttons carry: typed, stateless, and never more than Telegram's 64 bytes."""

from enum import StrEnum
from typing import Any, Final, Self
from urllib.parse import quote, unquote

from aiogram.filters.callback_data import MAX_CALLBACK_LENGTH, CallbackData

from bot.accounts.preferences import Preference
from bot.alerts.alerts import MaxPrice
from bot.domain import Result, Step
from bot.history.export import ExportFormat

_SAFE: Final = "!,;@&=+$()*"


class Data(CallbackData, prefix="-"):
    """Callback data whose texts may hold anything, the separator included."""

    def _encode_value(self, key: str, value: Any) -> str:
        encoded = super()._encode_value(key, value)
        return quote(encoded, safe=_SAFE) if type(value) is str else encoded

    @classmethod
    def unpack(cls, value: str) -> Self:
        """Return what a button carries.

        Raises:
            ValueError: it is not of this kind, or damaged.
        """
        packed = super().unpack(value)
        texts = {name: unquote(text) for name, text in packed if type(text) is str}
        return packed.model_copy(update=texts)


class Screen(StrEnum):
    """The screens that need nothing but their name."""

    HOME = "home"
    BUY = "buy"
    ACTIVE = "active"
    HELP = "help"
    KEY = "key"
    STATISTICS = "stats"
    FAVOURITES = "favourites"
    ALERTS = "watches"
    SETTINGS = "settings"


class Go(Data, prefix="g"):
    """Show a screen."""

    screen: Screen


class Countries(Data, prefix="n"):
    """Show a page of the countries."""

    page: int


class Services(Data, prefix="s"):
    """Show a page of a country's services."""

    country: str
    page: int


class Operators(Data, prefix="o"):
    """Show a service's operators."""

    country: str
    service: str
    page: int = 0


class Several(Data, prefix="m"):
    """Show the operators with check marks.

    Attributes:
        chosen: a bit for each chosen operator, by its place in the list; written in base 36.
        seal: a short sum of that list, by which a button notices that the list has changed.
        nagging: the button stood where one goes on, but no operator was chosen.
    """

    country: str
    service: str
    chosen: str
    seal: str
    page: int = 0
    nagging: bool = False


class Confirm(Data, prefix="c"):
    """Draw a confirmation page; no operator chosen means any."""

    country: str
    service: str
    chosen: str
    seal: str


class Buy(Data, prefix="b"):
    """Buy what a confirmation page shows, once."""

    token: str


class Take(Data, prefix="t"):
    """Take a step with a number."""

    step: Step
    id: int


class CancelLater(Data, prefix="l"):
    """Cancel as soon as that is allowed, or no longer."""

    id: int
    wanted: bool


class Check(Data, prefix="k"):
    """Look again what became of an unclear purchase."""

    id: int


class Adopt(Data, prefix="p"):
    """Say which of the provider's numbers an unclear purchase has bought."""

    id: int
    provider_id: str


class Card(Data, prefix="d"):
    """Show a card anew."""

    id: int


class Again(Data, prefix="a"):
    """Draw a confirmation page for what was bought before.

    Attributes:
        listed: the button stands on a screen, which the page may replace.
    """

    id: int
    listed: bool = False


class Unbind(Data, prefix="u"):
    """Unbind the API key; asked once more before it is done."""

    sure: bool


class Replace(Data, prefix="r"):
    """Ask for another API key."""


class Where(Data, prefix="q"):
    """Show a page of the countries that list a service."""

    service: str
    page: int = 0


class Elsewhere(Data, prefix="j"):
    """Look where else there are numbers, after a purchase was refused for want of them."""

    id: int


class Setting(Data, prefix="e"):
    """Show one of the user's settings."""

    preference: Preference


class Choose(Data, prefix="es"):
    """Set one of the user's settings; no value switches it off."""

    preference: Preference
    value: str = ""


class Ask(Data, prefix="y"):
    """Ask for the value of one of the user's settings."""

    preference: Preference


class CancelForAnother(Data, prefix="x"):
    """Cancel a number, and choose another operator for the same service."""

    id: int


class ShowHistory(Data, prefix="h"):
    """Show a page of the history.

    Attributes:
        service: the code of the only service to show; empty for all.
    """

    page: int = 0
    service: str = ""
    result: Result = Result.ALL


class NarrowBy(StrEnum):
    """What the history can be narrowed by."""

    SERVICE = "s"
    RESULT = "r"


class Narrow(Data, prefix="ho"):
    """Choose what the history is narrowed by, starting from how it is narrowed now.

    Attributes:
        page: of the services to choose from.
    """

    by: NarrowBy
    service: str
    result: Result
    page: int = 0


class Export(Data, prefix="hx"):
    """Send what is kept as a file."""

    form: ExportFormat


class Forget(Data, prefix="z"):
    """Delete everything of the user; asked once more before it is done."""

    sure: bool


class StarQuote(Data, prefix="f"):
    """Keep what a confirmation page shows among the favourites, or no longer."""

    token: str
    wanted: bool


class StarActivation(Data, prefix="fa"):
    """Keep what a number was bought for among the favourites, or no longer."""

    id: int
    wanted: bool


class OpenFavourite(Data, prefix="fv"):
    """Draw a confirmation page for a favourite."""

    id: int


class DropFavourite(Data, prefix="fd"):
    """Remove a favourite, and go on removing.

    Attributes:
        id: which one; None shows the list to remove from.
    """

    id: int | None = None


class CreateAlert(Data, prefix="w"):
    """Tell when there are numbers of what a confirmation page shows.

    Attributes:
        up_to: the price limit; None asks for it first.
    """

    token: str
    max_price: MaxPrice | None = None


class CreateServiceAlert(Data, prefix="wp"):
    """Tell when there are numbers of a service at any operator; asks for the price limit first."""

    country: str
    service: str


class StopAlert(Data, prefix="wd"):
    """Watch no longer.

    Attributes:
        listed: the button stands in the list of watches.
    """

    id: int
    listed: bool = False


class OpenAlert(Data, prefix="wb"):
    """Draw a confirmation page for what is, or was, watched."""

    id: int


def fits(country: str, service: str) -> bool:
    """Return whether the longest button about a service would hold these codes."""
    longest = f"m:{quote(country, safe=_SAFE)}:{quote(service, safe=_SAFE)}:{'z' * 13}:{'z' * 4}:99:1"
    return len(longest.encode()) <= MAX_CALLBACK_LENGTH
