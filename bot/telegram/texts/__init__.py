"""Every word a user reads, as functions of what they are about; other languages are in the catalogs."""

from bot.telegram.texts import (
    alerts,
    api_key,
    card,
    deep_links,
    favourites,
    history,
    home,
    inline,
    messages,
    preferences,
    problems,
    profile,
    shop,
    steps,
)

__all__ = [
    "alerts",
    "api_key",
    "card",
    "deep_links",
    "favourites",
    "history",
    "home",
    "inline",
    "messages",
    "preferences",
    "problems",
    "profile",
    "shop",
    "steps",
]
