"""The words outside the chat: the command menu and the descriptions."""

from typing import Final

from bot.telegram.translator import Translator

COMMANDS: Final = (
    "start",
    "buy",
    "active",
    "favourites",
    "watches",
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
    """Return what a command does, for the menu."""
    return {
        "start": t.plain("Home"),
        "buy": t.plain("Buy a number"),
        "active": t.plain("Your active numbers"),
        "favourites": t.plain("What you keep to buy again"),
        "watches": t.plain("What I watch for you"),
        "history": t.plain("What you bought, and what it came to"),
        "stats": t.plain("What became of it, as a picture"),
        "balance": t.plain("Your balance"),
        "settings": t.plain("Your settings: limits, notices, privacy"),
        "language": t.plain("The language I speak with you"),
        "key": t.plain("Your API key: bind, replace, unbind"),
        "export": t.plain("A copy of what I keep about you"),
        "forget": t.plain("Delete everything about you"),
        "help": t.plain("How it works"),
    }[name]


def description(t: Translator) -> str:
    """Return what an empty chat says about the bot."""
    return t.plain(
        "Rent a phone number with your own account at an SMS-activation provider, and get the SMS code here "
        "the moment it arrives.\n\nYou need the provider’s API key. One tap buys one number."
    )


def short_description(t: Translator) -> str:
    """Return what the bot's profile says about it."""
    return t.plain("Phone numbers for SMS codes, with your own account at the provider.")
