"""Every word a user reads, as functions of what they are about; other languages are in the catalogs."""

from bot.telegram.texts import (
    card,
    favourites,
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
    watches,
)

__all__ = [
    "card",
    "favourites",
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
    "watches",
]
