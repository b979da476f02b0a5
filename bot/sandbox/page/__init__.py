"""The demo's chat page: Telegram in a browser, and a drawer with the rented phones."""

from bot.sandbox.page.panel import Panel, PhoneView, Switch
from bot.sandbox.page.server import PageServer

__all__ = ["PageServer", "Panel", "PhoneView", "Switch"]
