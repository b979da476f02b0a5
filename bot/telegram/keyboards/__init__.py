"""All keyboards, as functions that return markup."""

from bot.telegram.keyboards import (
    alerts,
    api_key,
    buttons,
    card,
    deep_links,
    favourites,
    history,
    home,
    operators,
    preferences,
    quotes,
    search,
    shop,
)

__all__ = [
    "alerts",
    "api_key",
    "buttons",
    "card",
    "deep_links",
    "favourites",
    "history",
    "home",
    "operators",
    "preferences",
    "quotes",
    "search",
    "shop",
]
