"""The buttons of alerts."""

from bot.alerts.alerts import MaxPrice
from bot.telegram.callbacks.button_data import ButtonData


class CreateAlert(ButtonData, prefix="w"):
    """Create an alert for what a quote shows.

    Attributes:
        max_price: the price limit; None asks for it first.
    """

    acts = True
    token: str
    max_price: MaxPrice | None = None


class CreateServiceAlert(ButtonData, prefix="wp"):
    """Create an alert for a service at any operator; asks for the price limit first."""

    acts = True
    country: str
    service: str


class StopAlert(ButtonData, prefix="wd"):
    """Stop an alert.

    Attributes:
        listed: the button belongs to the list of alerts.
    """

    acts = True
    id: int
    listed: bool = False


class OpenAlert(ButtonData, prefix="wb"):
    """Show a confirmation page for an alert's offer, also after the alert has ended."""

    id: int
