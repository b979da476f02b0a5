"""The demo's chat page: Telegram in a browser, and a drawer with the rented phones."""

from bot.sandbox.page.phones import Phones, RentedPhone, Switch
from bot.sandbox.page.server import PageServer

__all__ = ["PageServer", "Phones", "RentedPhone", "Switch"]
