"""The keyboards: functions from data to markup."""

from bot.telegram.keyboards import (
    buttons,
    card,
    favourites,
    history,
    home,
    key,
    links,
    preferences,
    shop,
    watches,
)

__all__ = [
    "buttons",
    "card",
    "favourites",
    "history",
    "home",
    "key",
    "links",
    "preferences",
    "shop",
    "watches",
]
