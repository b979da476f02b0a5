"""The buttons of the API key and of the settings."""

from bot.accounts.preferences import Preference
from bot.telegram.callbacks.button_data import ButtonData


class UnbindKey(ButtonData, prefix="u"):
    """Unbind the API key; without `confirmed`, ask first."""

    acts = True
    confirmed: bool


class ReplaceKey(ButtonData, prefix="r"):
    """Ask for another API key."""


class ChooseLanguage(ButtonData, prefix="i"):
    """Choose the language on the welcome."""

    language: str


class ShowSetting(ButtonData, prefix="e"):
    """Show one setting and its choices."""

    preference: Preference


class SetSetting(ButtonData, prefix="es"):
    """Store the value of a setting; an empty value switches it off."""

    acts = True
    preference: Preference
    value: str = ""


class AskSetting(ButtonData, prefix="y"):
    """Ask the user to type the value of a setting."""

    preference: Preference
