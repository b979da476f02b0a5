"""The keyboards: functions from data to markup."""

from bot.telegram.keyboards import buttons, card, favourites, home, key, shop

__all__ = ["buttons", "card", "favourites", "home", "key", "shop"]
