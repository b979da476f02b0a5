"""All texts that users read, as functions; translations are in the catalogs under bot/locales."""

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
    prices,
    problems,
    profile,
    shop,
    steps,
    time_zones,
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
    "prices",
    "problems",
    "profile",
    "shop",
    "steps",
    "time_zones",
]
