"""A Bot API in memory: the chats, the people who use the bot, the faults, and the HTTP server."""

from bot.sandbox.telegram.chats import Group, Message
from bot.sandbox.telegram.faults import TelegramFault
from bot.sandbox.telegram.objects import Button, Call, Query, Toast, UploadedFile
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.service import Telegram

__all__ = [
    "Button",
    "Call",
    "Group",
    "Message",
    "Person",
    "Query",
    "Telegram",
    "TelegramFault",
    "TelegramServer",
    "Toast",
    "UploadedFile",
]
