"""The chat page in a real browser, from START to an SMS."""

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import (
    BotCommand,
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
from playwright.async_api import Browser, Page, expect

from bot.sandbox.page import PageServer, RentedPhone, Switch
from bot.sandbox.telegram import Telegram, TelegramServer

pytestmark = pytest.mark.asyncio(loop_scope="session")
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


def make_router() -> Router:
    """Make what a bot does with files, quick edits and inline queries."""
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


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """Open the page with a running bot behind it; errors in the browser fail the test."""
    telegram = Telegram()
    telegram.limits.lift()
    dispatcher = make_dispatcher()
    async with (
        TelegramServer(telegram) as server,
        PageServer(telegram, NoPhones(), hint="Key: `abc`") as site,
    ):
        bot = Bot(telegram.token, session=AiohttpSession(api=TelegramAPIServer.from_base(server.url)))
        await bot.set_my_description("I say hello.")
        await bot.set_my_commands([BotCommand(command="key", description="Bind a key")])
        polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
        page = await chromium.new_page(viewport={"width": 1280, "height": 900})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        await page.goto(f"{site.url}?start=ref1")
        yield page
        await page.close()
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


async def test_results_in_the_text_field(page: Page) -> None:
    """The bot's name brings results; one is chosen by keyboard, and its link leads into the chat."""
    await page.get_by_test_id("start").click()
    composer = page.get_by_test_id("composer")
    await composer.press_sequentially("@sand")
    await expect(page.get_by_role("option")).to_contain_text("@sandbox_bot")
    await composer.press("Enter")
    await expect(composer).to_have_value("@sandbox_bot ")
    await expect(page.get_by_role("option")).to_have_text("Begin here")
    await composer.press_sequentially("cats")
    options = page.get_by_role("option")
    await expect(options).to_have_count(2)
    await expect(options.first).to_contain_text("Result 1")
    await expect(options.first).to_contain_text("cats")
    await composer.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await expect(composer).to_have_attribute("aria-activedescendant", "option-1")
    await composer.press("Enter")
    message = page.get_by_test_id("message").last
    await expect(message).to_contain_text("You chose 2")
    await expect(message).to_contain_text("via @sandbox_bot")
    await expect(composer).to_have_value("")
    await expect(options).to_have_count(0)
    await page.get_by_role("button", name="Open", exact=True).click()
    await expect(page.get_by_text("/start open")).to_be_visible()


async def test_the_button_over_results(page: Page) -> None:
    """Where the bot has no results but a way to the chat, Enter takes it."""
    await page.get_by_test_id("start").click()
    composer = page.get_by_test_id("composer")
    await composer.fill("@sandbox_bot ")
    await expect(page.get_by_role("option")).to_have_text("Begin here")
    await composer.press("Enter")
    await expect(page.get_by_text("/start begin")).to_be_visible()
    await expect(composer).to_have_value("")


async def test_a_picture_opens_large(page: Page) -> None:
    """A photo is drawn in the chat, opens large by keyboard, and closes to where one was."""
    await page.get_by_test_id("start").click()
    composer = page.get_by_test_id("composer")
    await composer.fill("/chart")
    await page.get_by_test_id("send").click()
    photo = page.get_by_role("button", name="A chart")
    await expect(photo).to_be_visible()
    assert await photo.locator("img").evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 1200
    await photo.focus()
    await page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog", name="Photo")
    await expect(viewer).to_contain_text("A chart")
    large = await viewer.get_by_role("img", name="A chart").bounding_box()
    small = await photo.bounding_box()
    assert large is not None
    assert small is not None
    assert large["width"] > 2 * small["width"]
    assert abs(large["width"] / large["height"] - 2) < 0.05
    await page.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(photo).to_be_focused()
    await photo.click()
    await page.mouse.click(5, 5)
    await expect(viewer).to_be_hidden()


async def test_a_document_is_saved_under_its_name(page: Page) -> None:
    """A file is downloaded as it is, in any alphabet, and never opened in the page."""
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("composer").fill("/file")
    await page.get_by_test_id("send").click()
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Số điện thoại.csv").click()
    download = await waiting.value
    assert download.suggested_filename == "Số điện thoại.csv"
    assert (await download.path()).read_bytes() == b"a,b\r\n"


async def test_quick_edits_end_with_the_last(page: Page) -> None:
    """However fast a message changes, the last state is shown, and the focus on its button survives."""
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("composer").fill("/hurry")
    await page.get_by_test_id("send").click()
    await expect(page.get_by_text("Step 0")).to_be_visible()
    key = page.get_by_role("button", name="Go on")
    await key.press("Enter")
    await expect(page.get_by_test_id("toast")).to_have_text("Done", timeout=15_000)
    await expect(page.get_by_text("Step 60")).to_be_visible()
    await expect(key).to_be_focused()
    await expect(page.get_by_text(re.compile(r"Step \d+"))).to_have_count(1)
