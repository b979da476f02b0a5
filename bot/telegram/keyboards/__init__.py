"""All keyboards, as functions that return markup."""

from bot.telegram.keyboards import (
    alerts,
    another_number,
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
    ways_on,
)

__all__ = [
    "alerts",
    "another_number",
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
    "ways_on",
]
