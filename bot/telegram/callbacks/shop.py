"""The buttons from the first choice to the purchase."""

from bot.telegram.callbacks.button_data import ButtonData


class ShowCountries(ButtonData, prefix="n"):
    """Show a page of the countries."""

    page: int


class ShowAllServices(ButtonData, prefix="na"):
    """Show a page of the services of all countries."""

    page: int


class ShowServices(ButtonData, prefix="s"):
    """Show a page of a country's services."""

    country: str
    page: int


class ShowOperators(ButtonData, prefix="o"):
    """Show a service's operators."""

    country: str
    service: str
    page: int = 0


class ChooseOperators(ButtonData, prefix="m"):
    """Show the operators with check marks.

    Attributes:
        chosen: a bitmask of the chosen operators in base 36.
        checksum: detects that the list of operators has changed.
        none_chosen: the user tapped Continue without a chosen operator.
    """

    country: str
    service: str
    chosen: str
    checksum: str
    page: int = 0
    none_chosen: bool = False


class ShowQuote(ButtonData, prefix="c"):
    """Show a confirmation page; an empty bitmask means any operator."""

    country: str
    service: str
    chosen: str
    checksum: str


class BuyQuote(ButtonData, prefix="b"):
    """Buy what a quote shows, once."""

    acts = True
    token: str


class RefreshQuote(ButtonData, prefix="br"):
    """Show a new confirmation page, with the price and the balance of now, in place of an unused one."""

    token: str


class ShowServiceCountries(ButtonData, prefix="q"):
    """Show a page of the countries that list a service."""

    service: str
    page: int = 0


class ShowAlternatives(ButtonData, prefix="j"):
    """Show where else the service of a sold-out purchase is available."""

    id: int


class BuyAgain(ButtonData, prefix="a"):
    """Show a confirmation page for an earlier purchase.

    Attributes:
        listed: the button belongs to a list, which the page replaces.
    """

    id: int
    listed: bool = False
