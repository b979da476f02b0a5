"""Texts of the command menu and the bot's profile."""

from typing import Final

from bot.telegram.translator import Translator

COMMANDS: Final = (
    "start",
    "buy",
    "active",
    "favourites",
    "alerts",
    "history",
    "stats",
    "balance",
    "settings",
    "language",
    "key",
    "export",
    "forget",
    "help",
)


def command(t: Translator, name: str) -> str:
    """Return the description of a command in the menu."""
    return {
        "start": t.plain("Home"),
        "buy": t.plain("Buy a number"),
        "active": t.plain("Active numbers"),
        "favourites": t.plain("Favourites"),
        "alerts": t.plain("Availability alerts"),
        "history": t.plain("Purchases, codes, spending"),
        "stats": t.plain("Success rate, waiting time, spending"),
        "balance": t.plain("Balance"),
        "settings": t.plain("Limits, notices, privacy"),
        "language": t.plain("Language"),
        "key": t.plain("API key: add, replace, remove"),
        "export": t.plain("Download your data"),
        "forget": t.plain("Delete all your data"),
        "help": t.plain("How it works"),
    }[name]


def description(t: Translator) -> str:
    """Return the description shown in an empty chat."""
    return t.plain(
        "Rent a phone number with your own account at an SMS-activation provider and get the SMS code here "
        "as soon as it arrives.\n\nYou need the provider’s API key. One tap buys one number."
    )


def short_description(t: Translator) -> str:
    """Return the short description in the bot's profile."""
    return t.plain("Phone numbers for SMS codes, with your own provider account.")
