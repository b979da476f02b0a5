"""Tests of the chat page in a real browser, with a small bot behind it."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BotCommand,
)
from playwright.async_api import Browser, Page, expect

from bot.sandbox.page import PageServer
from bot.sandbox.telegram import Telegram, TelegramServer
from tests.sandbox.page_bot import OnePhone, make_dispatcher

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """Open the page with a running bot; errors in the browser fail the test."""
    telegram = Telegram()
    telegram.limits.lift()
    dispatcher = make_dispatcher()
    async with (
        TelegramServer(telegram) as server,
        PageServer(telegram, OnePhone()) as site,
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
    """START sends the payload, formatting is applied, and escaped HTML is shown as text."""
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
    await expect(page.get_by_test_id("toast")).to_have_text("Text copied")


async def test_buttons(page: Page) -> None:
    """Buttons copy a text, show an alert, show a toast and edit the message."""
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
    """The keyboard chooses a command, and the forced reply is sent as a reply and then deleted by the bot."""
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


async def test_the_control_panel(page: Page) -> None:
    """The key in the hint can be copied, and an SMS sent to a phone appears in its inbox."""
    await page.get_by_role("button", name="abc").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Text copied")
    await page.get_by_test_id("sms-input").fill("Code 1")
    await page.get_by_test_id("sms-send").click()
    await expect(page.get_by_test_id("phone")).to_contain_text("Code 1")
    await expect(page.get_by_test_id("sms-input")).to_be_focused()


async def test_results_in_the_text_field(page: Page) -> None:
    """The bot's name shows inline results; the keyboard chooses one, and its link opens the chat."""
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


async def test_the_button_above_results(page: Page) -> None:
    """If the bot answers with a button and no results, Enter presses the button."""
    await page.get_by_test_id("start").click()
    composer = page.get_by_test_id("composer")
    await composer.fill("@sandbox_bot ")
    await expect(page.get_by_role("option")).to_have_text("Begin here")
    await composer.press("Enter")
    await expect(page.get_by_text("/start begin")).to_be_visible()
    await expect(composer).to_have_value("")


async def test_a_photo_opens_large(page: Page) -> None:
    """A photo is shown in the chat, the keyboard opens it large, and closing it restores the focus."""
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
    """A file is downloaded unchanged under its own name, also in another alphabet."""
    await page.get_by_test_id("start").click()
    await page.get_by_test_id("composer").fill("/file")
    await page.get_by_test_id("send").click()
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Số điện thoại.csv").click()
    download = await waiting.value
    assert download.suggested_filename == "Số điện thoại.csv"
    assert (await download.path()).read_bytes() == b"a,b\r\n"


async def test_quick_edits_end_with_the_last(page: Page) -> None:
    """After many quick edits the last text is shown, and the button keeps the focus."""
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
