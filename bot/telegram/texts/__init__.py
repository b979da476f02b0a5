"""All texts that users read, as functions; translations are in the catalogs under bot/locales."""

from bot.telegram.texts import (
    alerts,
    another_number,
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
)

__all__ = [
    "alerts",
    "another_number",
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
]
