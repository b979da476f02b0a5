"""The keyboards: functions from data to markup."""

from bot.telegram.keyboards import buttons, card, history, home, key, links, preferences, shop

__all__ = ["buttons", "card", "history", "home", "key", "links", "preferences", "shop"]
