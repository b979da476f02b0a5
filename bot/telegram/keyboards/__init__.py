"""The keyboards: functions from data to markup."""

from bot.telegram.keyboards import buttons, card, home, key, preferences, shop

__all__ = ["buttons", "card", "home", "key", "preferences", "shop"]
