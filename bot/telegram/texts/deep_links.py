"""Texts of deep links."""

from bot.telegram.translator import Html, Translator


def unknown(t: Translator) -> Html:
    """Return the answer to a link that the bot cannot read."""
    return t("This link doesn’t work; a part of it may be missing. Choose a service instead.")


def opened_later(t: Translator) -> Html:
    """Return the note for a user who followed a link before adding an API key."""
    return t("Send the key within an hour, and I’ll open your link after that.")


def open_offer(t: Translator) -> str:
    """Return the label of the button that opens a link."""
    return t.plain("Open in the bot")
