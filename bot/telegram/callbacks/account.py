"""The buttons of the API key and of the settings."""

from typing_extensions import override

from bot.accounts.preferences import Preference
from bot.telegram.callbacks.button_data import ButtonData


class UnbindKey(ButtonData, prefix="u"):
    """Unbind the API key; without `confirmed`, ask first."""

    acts = True
    confirmed: bool

    @property
    @override
    def only_asks(self) -> bool:
        """Whether it only asks for the confirmation."""
        return not self.confirmed


class ReplaceKey(ButtonData, prefix="r"):
    """Ask for another API key."""


class ChooseProvider(ButtonData, prefix="pv"):
    """Choose the provider of the next API key; an empty id asks for the choice."""

    provider: str = ""


class ChooseLanguage(ButtonData, prefix="i"):
    """Choose the language on the welcome."""

    language: str


class ShowSetting(ButtonData, prefix="e"):
    """Show one setting and its choices."""

    preference: Preference


class ExplainSetting(ButtonData, prefix="ex"):
    """Show one setting with its details."""

    preference: Preference


class SetSetting(ButtonData, prefix="es"):
    """Store the value of a setting; an empty value switches it off."""

    acts = True
    preference: Preference
    value: str = ""


class AskSetting(ButtonData, prefix="y"):
    """Ask the user to type the value of a setting."""

    preference: Preference
