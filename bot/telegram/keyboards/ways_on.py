"""The buttons under a message about a problem: the same request again, another choice, and home."""

from typing import Final

from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, TelegramObject

from bot import errors
from bot.telegram import callbacks
from bot.telegram.callbacks import ButtonData, Screen
from bot.telegram.keyboards.buttons import button, home_button, markup
from bot.telegram.translator import Translator

_CHOICES: Final[dict[Screen, tuple[type[errors.BotError], ...]]] = {
    Screen.KEY: (errors.KeyMissing, errors.KeyRefused, errors.RegionRefused, errors.SealError),
    Screen.SETTINGS: (
        errors.OverPriceLimit,
        errors.OverDayLimit,
        errors.PriceUnknown,
        errors.BadPreference,
        errors.BadPrefixes,
    ),
    Screen.FAVOURITES: (errors.FavouritesFull, errors.FavouriteGone),
    Screen.ALERTS: (errors.TooManyAlerts,),
    Screen.ACTIVE: (
        errors.TooManyActive,
        errors.LimitReached,
        errors.ActivationGone,
        errors.InvalidState,
        errors.CancelTooEarly,
        errors.NumbersOpen,
        errors.CodesOnTheWay,
        errors.AlreadyBought,
        errors.StorageError,
    ),
    Screen.BUY: (
        errors.QuoteExpired,
        errors.AlreadyOrdered,
        errors.AlertGone,
        errors.NoNumbers,
        errors.NotForSale,
        errors.BadService,
        errors.BadCountry,
        errors.BadOperator,
        errors.PriceTooLow,
        errors.PurchaseUnsupported,
    ),
}
"""The screen with another choice, by the error."""
_COMMANDS: Final[dict[str, ButtonData]] = {
    "/start": callbacks.OpenScreen(screen=Screen.HOME),
    "/balance": callbacks.OpenScreen(screen=Screen.HOME),
    "/buy": callbacks.OpenScreen(screen=Screen.BUY),
    "/active": callbacks.OpenScreen(screen=Screen.ACTIVE),
    "/favourites": callbacks.OpenScreen(screen=Screen.FAVOURITES),
    "/alerts": callbacks.OpenScreen(screen=Screen.ALERTS),
    "/stats": callbacks.OpenScreen(screen=Screen.STATISTICS),
    "/settings": callbacks.OpenScreen(screen=Screen.SETTINGS),
    "/key": callbacks.OpenScreen(screen=Screen.KEY),
    "/history": callbacks.ShowHistory(),
}
"""The buttons that do what a command does."""


def from_problem(t: Translator, error: Exception, retry: str | None = None) -> InlineKeyboardMarkup:
    """Return the ways on from an error.

    Args:
        t: the reader's language.
        error: the error.
        retry: the data of the button that makes the same request; None if there is none.
    """
    again = [InlineKeyboardButton(text=t.plain("Try again"), callback_data=retry)] if retry else []
    screen = next((screen for screen, kinds in _CHOICES.items() if isinstance(error, kinds)), None)
    if screen is None and not isinstance(error, errors.BotError):
        screen = Screen.ACTIVE
    elif screen is None and not retry:
        screen = Screen.BUY
    choice = [_screen_button(t, screen)] if screen else []
    if again and choice:
        return markup([[*again, *choice], [home_button(t)]])
    return markup([[*again, *choice, home_button(t)]])


def to_screen(t: Translator, screen: Screen) -> InlineKeyboardMarkup:
    """Return the buttons of a screen and of home."""
    return markup([[_screen_button(t, screen), home_button(t)]])


def retry_of(event: TelegramObject) -> str | None:
    """Return the data of a button that repeats a request without doing anything; None if there is none.

    A button that buys, ends or deletes something is never repeated by a button under an error.
    """
    if isinstance(event, CallbackQuery):
        return event.data if event.data and not callbacks.acts(event.data) else None
    if isinstance(event, Message) and (data := _COMMANDS.get((event.text or "").strip())) is not None:
        return data.pack()
    return None


def _screen_button(t: Translator, screen: Screen) -> InlineKeyboardButton:
    label = {
        Screen.HOME: t.plain("Home"),
        Screen.BUY: t.plain("Buy a number"),
        Screen.ACTIVE: t.plain("Active"),
        Screen.HELP: t.plain("Help"),
        Screen.KEY: t.plain("API key"),
        Screen.STATISTICS: t.plain("Statistics"),
        Screen.FAVOURITES: t.plain("Favourites"),
        Screen.ALERTS: t.plain("Alerts"),
        Screen.SETTINGS: t.plain("Settings"),
    }[screen]
    return button(label, callbacks.OpenScreen(screen=screen))
