"""What each button carries: typed, stateless, and at most Telegram's 64 bytes."""

from bot.telegram.callbacks.account import (
    AskSetting,
    ChooseLanguage,
    ExplainSetting,
    ReplaceKey,
    SetSetting,
    ShowSetting,
    UnbindKey,
)
from bot.telegram.callbacks.alerts import CreateAlert, CreateServiceAlert, OpenAlert, StopAlert
from bot.telegram.callbacks.button_data import ButtonData, acts, fits
from bot.telegram.callbacks.cards import (
    AdoptNumber,
    AnotherNumber,
    CheckPurchase,
    ScheduleCancel,
    ShowCard,
    ShowOtherOperators,
    TakeStep,
)
from bot.telegram.callbacks.favourites import OpenFavourite, RemoveFavourite, StarActivation, StarQuote
from bot.telegram.callbacks.history import ExportData, FilterHistory, ForgetUser, HistoryFilter, ShowHistory
from bot.telegram.callbacks.navigation import OpenScreen, Screen
from bot.telegram.callbacks.shop import (
    BuyAgain,
    BuyQuote,
    ChooseOperators,
    RefreshQuote,
    ShowAlternatives,
    ShowCountries,
    ShowOperators,
    ShowQuote,
    ShowServiceCountries,
    ShowServices,
)

__all__ = [
    "AdoptNumber",
    "AnotherNumber",
    "AskSetting",
    "ButtonData",
    "BuyAgain",
    "BuyQuote",
    "CheckPurchase",
    "ChooseLanguage",
    "ChooseOperators",
    "CreateAlert",
    "CreateServiceAlert",
    "ExplainSetting",
    "ExportData",
    "FilterHistory",
    "ForgetUser",
    "HistoryFilter",
    "OpenAlert",
    "OpenFavourite",
    "OpenScreen",
    "RefreshQuote",
    "RemoveFavourite",
    "ReplaceKey",
    "ScheduleCancel",
    "Screen",
    "SetSetting",
    "ShowAlternatives",
    "ShowCard",
    "ShowCountries",
    "ShowHistory",
    "ShowOperators",
    "ShowOtherOperators",
    "ShowQuote",
    "ShowServiceCountries",
    "ShowServices",
    "ShowSetting",
    "StarActivation",
    "StarQuote",
    "StopAlert",
    "TakeStep",
    "UnbindKey",
    "acts",
    "fits",
]
