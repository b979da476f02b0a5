"""A bot and a control panel for the tests of the chat page in a browser."""

import struct
import zlib
from collections.abc import Callable

from aiogram import Dispatcher, F, Router
from aiogram.filters import CommandStart
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InlineQueryResultUnion,
    InputTextMessageContent,
    Message,
)

from bot.sandbox.page import PhoneView, Step, Switch

TEXT = (
    "Hi <b>bold</b> <code>123</code> <tg-spoiler>hidden</tg-spoiler> &lt;img src=x onerror=alert(1)&gt; "
    "<tg-time unix='1999999999' format='r'>some day</tg-time>"
)


def png(width: int, height: int) -> bytes:
    """Return a grey picture of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"\x99" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class OnePhone:
    """A control panel with one phone, which stores its SMS."""

    def __init__(self) -> None:
        self.inbox: list[str] = []
        self.listeners: list[Callable[[], object]] = []

    def steps(self) -> list[Step]:
        """Return a step with a key."""
        return [Step("Send the key", offer="abc")]

    def phones(self) -> list[PhoneView]:
        """Return the phone."""
        return [PhoneView("1", "+84 91", "Telegram", "", "waiting", list(self.inbox))]

    def deliver(self, _phone_id: str, text: str) -> None:
        """Store an SMS."""
        self.inbox.append(text)
        for listener in self.listeners:
            listener()

    def switches(self) -> list[Switch]:
        """Return no switches."""
        return []

    def set_switch(self, name: str, value: bool) -> None:
        """Do nothing."""

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Store a listener."""
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)


def make_router() -> Router:
    """Return the handlers for files, quick edits and inline queries."""
    router = Router()

    @router.message(F.text == "/chart")
    async def chart(message: Message) -> None:
        await message.answer_photo(BufferedInputFile(png(1200, 600), "chart.png"), caption="A chart")

    @router.message(F.text == "/file")
    async def export(message: Message) -> None:
        await message.answer_document(BufferedInputFile(b"a,b\r\n", "Số điện thoại.csv"))

    key = InlineKeyboardButton(text="Go on", callback_data="hurry")
    markup = InlineKeyboardMarkup(inline_keyboard=[[key]])

    @router.message(F.text == "/hurry")
    async def wait(message: Message) -> None:
        await message.answer("Step 0", reply_markup=markup)

    @router.callback_query(F.data == "hurry")
    async def hurry(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        for step in range(1, 61):
            await query.message.edit_text(f"Step {step}", reply_markup=markup)
        await query.answer("Done")

    @router.inline_query()
    async def search(query: InlineQuery) -> None:
        if not query.query:
            await query.answer(
                [], button=InlineQueryResultsButton(text="Begin here", start_parameter="begin")
            )
            return
        link = InlineKeyboardButton(text="Open", url="https://t.me/sandbox_bot?start=open")
        results: list[InlineQueryResultUnion] = [
            InlineQueryResultArticle(
                id=str(number),
                title=f"Result {number}",
                description=query.query,
                input_message_content=InputTextMessageContent(message_text=f"You chose {number}"),
                reply_markup=InlineKeyboardMarkup(inline_keyboard=[[link]]),
            )
            for number in (1, 2)
        ]
        await query.answer(results)

    @router.message(F.via_bot)
    async def leave_alone(_: Message) -> None:
        pass

    return router


def make_dispatcher() -> Dispatcher:
    """Return a bot that uses formatting, buttons, alerts, forced replies and files."""
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart())
    async def start(message: Message) -> None:
        rows = [
            [InlineKeyboardButton(text="Go", callback_data="go", style="success")],
            [InlineKeyboardButton(text="Alarm", callback_data="alarm")],
            [InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="42"))],
        ]
        markup = InlineKeyboardMarkup(inline_keyboard=rows)
        await message.answer(TEXT, parse_mode="HTML", reply_markup=markup)

    @dispatcher.message(F.text == "/key")
    async def ask(message: Message) -> None:
        await message.answer("Your key?", reply_markup=ForceReply(input_field_placeholder="Paste it"))

    dispatcher.include_router(make_router())

    @dispatcher.message(F.reply_to_message)
    async def take(message: Message) -> None:
        await message.delete()
        await message.answer("Taken")

    @dispatcher.callback_query(F.data == "alarm")
    async def alarm(query: CallbackQuery) -> None:
        await query.answer("Beware!", show_alert=True)

    @dispatcher.callback_query(F.data == "go")
    async def go(query: CallbackQuery) -> None:
        await query.answer("Gone")
        assert isinstance(query.message, Message)
        await query.message.edit_text("Changed")

    return dispatcher
