"""The demo's web page: a chat with the bot, and a control panel with the sold numbers and the switches."""

from bot.sandbox.page.panel import Panel, PhoneView, Step, Switch
from bot.sandbox.page.server import PageServer

__all__ = ["PageServer", "Panel", "PhoneView", "Step", "Switch"]
