"""The keyboards: functions from data to markup."""

from bot.telegram.keyboards import buttons, card, history, home, key, links, shop

__all__ = ["buttons", "card", "history", "home", "key", "links", "shop"]
