"""The buttons of favourites."""

from typing_extensions import override

from bot.telegram.callbacks.button_data import ButtonData


class StarQuote(ButtonData, prefix="f"):
    """Add or remove the favourite that a confirmation page shows."""

    token: str
    starred: bool


class StarActivation(ButtonData, prefix="fa"):
    """Add or remove the favourite that a number was bought for."""

    id: int
    starred: bool


class OpenFavourite(ButtonData, prefix="fv"):
    """Show a confirmation page for a favourite."""

    id: int


class RemoveFavourite(ButtonData, prefix="fd"):
    """Remove a favourite and show the remaining ones to remove.

    Attributes:
        id: the favourite; None only shows the list.
    """

    acts = True
    id: int | None = None

    @property
    @override
    def only_asks(self) -> bool:
        """Whether it only shows the list."""
        return self.id is None
