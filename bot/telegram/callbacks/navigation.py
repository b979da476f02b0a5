"""The buttons that open a screen by its name."""

from enum import StrEnum

from bot.telegram.callbacks.button_data import ButtonData


class Screen(StrEnum):
    """The screens that a button opens by name. The values are part of old buttons."""

    HOME = "home"
    BUY = "buy"
    ACTIVE = "active"
    HELP = "help"
    KEY = "key"
    STATISTICS = "stats"
    FAVOURITES = "favourites"
    ALERTS = "watches"
    SETTINGS = "settings"
    COUNTING = "counting"


class PageCounter(ButtonData, prefix="pg"):
    """Say which page of a list is shown.

    Attributes:
        page: from 1.
    """

    page: int
    pages: int


class OpenScreen(ButtonData, prefix="g"):
    """Open a screen."""

    screen: Screen
