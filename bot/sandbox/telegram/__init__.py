"""A Bot API server in memory: the state, the people who chat with the bot, and the HTTP in front of them."""

from bot.sandbox.telegram.chats import Group, Message
from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.objects import Button, Call, File, Query, Toast
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.telegram.service import Telegram

__all__ = [
    "Button",
    "Call",
    "Fault",
    "File",
    "Group",
    "Message",
    "Person",
    "Query",
    "Telegram",
    "TelegramServer",
    "Toast",
]
