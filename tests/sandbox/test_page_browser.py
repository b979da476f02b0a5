"""The chat page in a real browser, from START to an SMS."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import (
    BotCommand,
    CallbackQuery,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)
from playwright.async_api import Page, async_playwright, expect

from bot.sandbox.page import PageServer, RentedPhone, Switch
from bot.sandbox.telegram import Telegram, TelegramServer

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
TEXT = (
    "Hi <b>bold</b> <code>123</code> <tg-spoiler>hidden</tg-spoiler> &lt;img src=x onerror=alert(1)&gt; "
    "<tg-time unix='1999999999' format='r'>some day</tg-time>"
)


class NoPhones:
    """A drawer with one phone that keeps its SMS."""

    def __init__(self) -> None:
        self.inbox: list[str] = []
        self.listeners: list[Callable[[], object]] = []

    def rented(self) -> list[RentedPhone]:
        """Return the phone."""
        return [RentedPhone("1", "+84 91", "Telegram", "", "waiting", list(self.inbox))]

    def deliver(self, _phone_id: str, text: str) -> None:
        """Take an SMS."""
        self.inbox.append(text)
        for listener in self.listeners:
            listener()

    def switches(self) -> list[Switch]:
        """Return nothing to flip."""
        return []

    def flip(self, name: str, value: bool) -> None:
        """Flip nothing."""

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Remember who wants to know."""
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)


def make_dispatcher() -> Dispatcher:
    """Make a bot that shows off."""
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

    @dispatcher.message(F.reply_to_message)
    async def take(message: Message) -> None:
        await message.delete()
        await message.answer("Taken")

    @dispatcher.callback_query(F.data == "alarm")
    async def alarm(query: CallbackQuery) -> None:
        await query.answer("Beware!", show_alert=True)

    @dispatcher.callback_query()
    async def go(query: CallbackQuery) -> None:
        await query.answer("Gone")
        assert isinstance(query.message, Message)
        await query.message.edit_text("Changed")

    return dispatcher


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """Open the page with a running bot behind it; errors in the browser fail the test."""
    telegram = Telegram()
    dispatcher = make_dispatcher()
    async with (
        TelegramServer(telegram) as server,
        PageServer(telegram, NoPhones(), hint="Key: `abc`") as site,
    ):
        bot = Bot(telegram.token, session=AiohttpSession(api=TelegramAPIServer.from_base(server.url)))
        await bot.set_my_description("I say hello.")
        await bot.set_my_commands([BotCommand(command="key", description="Bind a key")])
        polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page(viewport={"width": 1280, "height": 900})
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
            await page.goto(f"{site.url}?start=ref1")
            yield page
            await browser.close()
        await telegram.until_called("getUpdates")
        await dispatcher.stop_polling()
        await polling
        assert errors == []
        assert telegram.notes == []


async def test_a_first_visit(page: Page) -> None:
    """START sends the payload, formatting is formatting, and foreign HTML is text."""
    await expect(page.get_by_text("I say hello.")).to_be_visible()
    await page.get_by_test_id("start").click()
    messages = page.get_by_test_id("message")
    await expect(messages).to_have_count(2)
    await expect(messages.first).to_contain_text("/start ref1")
    answer = messages.nth(1)
    await expect(answer.locator("strong")).to_have_text("bold")
    await expect(answer.locator("time.clock")).to_contain_text("in ")
    await expect(answer).to_contain_text("<img src=x onerror=alert(1)>")
    assert await answer.locator("img").count() == 0
    await answer.locator(".spoiler").click()
    await expect(answer.locator(".spoiler.shown")).to_have_text("hidden")
    await answer.locator("code").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Copied to clipboard")


async def test_buttons(page: Page) -> None:
    """Copying, modals, toasts and edits."""
    await page.get_by_test_id("start").click()
    await page.get_by_role("button", name="Copy", exact=True).click()
    await expect(page.get_by_test_id("toast")).to_have_text("Text copied")
    await page.get_by_role("button", name="Alarm").click()
    await expect(page.get_by_test_id("alert")).to_contain_text("Beware!")
    await page.get_by_role("button", name="OK").click()
    await page.get_by_role("button", name="Go", exact=True).click()
    await expect(page.get_by_test_id("toast")).to_have_text("Gone")
    await expect(page.get_by_test_id("message").last).to_contain_text("Changed")
    await expect(page.get_by_test_id("message").last).not_to_contain_text("edited")


async def test_the_menu_and_a_forced_reply(page: Page) -> None:
    """A command is chosen with the keyboard, and the answer goes as a reply and disappears."""
    await page.get_by_test_id("start").click()
    composer = page.get_by_test_id("composer")
    await composer.fill("/k")
    await expect(page.get_by_role("option")).to_contain_text("Bind a key")
    await composer.press("Enter")
    await expect(composer).to_have_attribute("placeholder", "Paste it")
    await expect(composer).to_be_focused()
    await composer.fill("secret")
    await composer.press("Enter")
    await expect(page.get_by_test_id("message").last).to_contain_text("Taken")
    await expect(page.get_by_text("secret")).to_have_count(0)


async def test_the_drawer(page: Page) -> None:
    """The hint's key can be copied, and an SMS typed into a phone is in its inbox."""
    await page.get_by_role("button", name="abc").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Text copied")
    await page.get_by_test_id("sms-input").fill("Code 1")
    await page.get_by_test_id("sms-send").click()
    await expect(page.get_by_test_id("phone")).to_contain_text("Code 1")
    await expect(page.get_by_test_id("sms-input")).to_be_focused()
