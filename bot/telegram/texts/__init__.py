"""Every word a user reads, as functions of what they are about; other languages are in the catalogs."""

from bot.telegram.texts import (
    card,
    history,
    home,
    inline,
    key,
    links,
    messages,
    preferences,
    problems,
    profile,
    shop,
    steps,
)

__all__ = [
    "card",
    "history",
    "home",
    "inline",
    "key",
    "links",
    "messages",
    "preferences",
    "problems",
    "profile",
    "shop",
    "steps",
]
