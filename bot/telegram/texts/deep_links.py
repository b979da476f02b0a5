"""The words of links that lead into the chat."""

from bot.telegram.translator import Html, Translator


def unknown(t: Translator) -> Html:
    """Answer a link that means nothing to the bot."""
    return t("I do not know this link; perhaps a part of it is missing. Choose a service instead.")


def tap_again(t: Translator) -> Html:
    """Tell somebody without an API key how they get to what the link is about."""
    return t("Once the key is bound, tap the link again: it leads to what you were looking for.")


def open_offer(t: Translator) -> str:
    """Return the button that follows a link."""
    return t.plain("See it in the bot")
