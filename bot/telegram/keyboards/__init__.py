"""The keyboards: functions from data to markup."""

from bot.telegram.keyboards import buttons, card, favourites, home, key, shop, watches

__all__ = ["buttons", "card", "favourites", "home", "key", "shop", "watches"]
