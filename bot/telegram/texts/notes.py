"""Texts of the user's notes on numbers."""

from bot.activations.notes import MAX_NOTE
from bot.telegram.translator import Html, Translator, joined


def prompt(t: Translator, id_: object) -> Html:
    """Return the prompt for a note. A reply to a message that ends with this text is taken as the note."""
    return t(
        "Reply to this message with a note of at most {most} characters for number #{id}, or with - for "
        "none.",
        most=t.number(MAX_NOTE),
        id=id_,
    )


def placeholder(t: Translator) -> str:
    """Return the placeholder of the empty input field."""
    return t.plain("Note")


def refused(t: Translator, id_: int) -> Html:
    """Return that a note may be an API key, and the prompt again."""
    reason = t("This may be an API key, so I didn’t save it as a note.")
    return joined(reason, prompt(t, id_), by="\n\n")


def saved(t: Translator, note: str | None) -> Html:
    """Return the confirmation of a note, or of its removal."""
    return t("✓ Note saved: {note}", note=note) if note else t("✓ Note removed.")
