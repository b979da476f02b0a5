"""Tests that the demo can be read: the contrast of its texts, its fonts, and its words in each language."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.sandbox.page import PageServer
from bot.sandbox.telegram import Telegram
from tests.proof.browser.conftest import CHROMIUM_ARGUMENTS, Visitor
from tests.sandbox.page_bot import OnePhone

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEAK_TEXTS = Path(__file__).with_name("weak_texts.js").read_text()


@pytest_asyncio.fixture(loop_scope="session")
async def empty_page(chromium: Browser) -> AsyncIterator[Page]:
    """Open the page without a bot."""
    telegram = Telegram()
    async with PageServer(telegram, OnePhone()) as site:
        page = await chromium.new_page()
        await page.goto(site.url)
        await expect(page.get_by_test_id("start")).to_be_visible()
        yield page
        await page.close()


async def weak_texts(page: Page) -> list[str]:
    """Return the texts with too little contrast, by day and by night."""
    found = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(
            color_scheme="light" if scheme == "light" else "dark", reduced_motion="reduce"
        )
        found += [f"{scheme}: {text}" for text in await page.evaluate(WEAK_TEXTS)]
    return found


async def test_every_text_has_enough_contrast(visitor: Visitor) -> None:
    """Each text of the chat, of its menus and of the control panel is readable by day and by night."""
    page = visitor.page
    found = await weak_texts(page)
    await visitor.bind_key()
    await visitor.turn("An SMS arrives by itself", on=False)
    await visitor.buy()
    await visitor.send("hello there")
    await page.get_by_test_id("sms-input").fill("24680")
    await page.get_by_test_id("sms-send").click()
    await visitor.sees("· Telegram")
    await visitor.press_after_reading("Complete")
    await expect(page.locator("#ended")).to_be_visible()
    await page.locator("#ended summary").click()
    await visitor.press("Home")
    await visitor.buy()
    found += await weak_texts(page)
    await page.get_by_test_id("menu").click()
    found += await weak_texts(page)
    await page.keyboard.press("Escape")
    await page.get_by_test_id("message").first.locator(".bubble").dblclick(position={"x": 4, "y": 4})
    await expect(page.locator("#reply")).to_be_visible()
    await page.get_by_role("button", name="More").click()
    found += await weak_texts(page)
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.locator("#panel-open").click()
    found += await weak_texts(page)
    await page.get_by_role("tab", name="Switches").click()
    found += await weak_texts(page)
    assert not found, "\n".join(found)


async def test_digits_are_not_drawn_as_emoji(chromium_path: str, tmp_path: Path, empty_page: Page) -> None:
    """With nothing but DejaVu and the emoji font, letters, digits and spaces are drawn in DejaVu."""
    fonts = [_font_file("DejaVu Sans"), _font_file("Noto Color Emoji")]
    folders = "".join(f"<dir>{path.parent}</dir>" for path in fonts)
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig>{folders}<cachedir>{tmp_path}</cachedir></fontconfig>")
    async with async_playwright() as playwright:
        bare = await playwright.chromium.launch(
            executable_path=chromium_path,
            args=CHROMIUM_ARGUMENTS,
            env={**os.environ, "FONTCONFIG_FILE": str(config)},
        )
        page = await bare.new_page()
        await page.goto(empty_page.url)
        await expect(page.get_by_test_id("phone")).to_be_visible()
        text = "📱 ⚠️ +84 91 * #"
        await page.evaluate("text => document.querySelector('.handset .number').append(text)", text)
        number = await _fonts(page, ".handset .number")
        code = await _fonts(page, "#hint-card .chip code")
        await bare.close()
    assert number.keys() == {"DejaVu Sans", "Noto Color Emoji"}
    assert number["Noto Color Emoji"] == len("📱⚠")
    assert set(code) == {"DejaVu Sans Mono"}


def _font_file(family: str) -> Path:
    """Return the file of a font; skip the test without it."""
    match = shutil.which("fc-match")
    if match is None:
        pytest.skip("needs fontconfig")
    found = subprocess.run(
        [match, "-f", "%{family}\n%{file}", family], capture_output=True, text=True, check=True
    )
    name, file = found.stdout.splitlines()
    if family not in name:
        pytest.skip(f"needs the font {family}")
    return Path(file)


async def _fonts(page: Page, selector: str) -> dict[str, int]:
    """Return how many glyphs of a node each font draws."""
    session = await page.context.new_cdp_session(page)
    await session.send("DOM.enable")
    await session.send("CSS.enable")
    root: dict[str, Any] = await session.send("DOM.getDocument")
    where = {"nodeId": root["root"]["nodeId"], "selector": selector}
    node = await session.send("DOM.querySelector", where)
    drawn = await session.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})
    return {font["familyName"]: int(font["glyphCount"]) for font in drawn["fonts"]}


async def test_the_app_has_its_words_in_each_language(empty_page: Page) -> None:
    """Each word of the chat app exists in each language, and a choice changes all that is shown."""
    page = empty_page
    words: dict[str, dict[str, str]] = await page.evaluate(
        "import('/static/words.js').then(({WORDS}) => WORDS)"
    )
    english = words.pop("en")
    for translated in words.values():
        assert translated.keys() == english.keys()
        assert all(translated.values())
    for name, start, question, message in (
        ("Tiếng Việt", "BẮT ĐẦU", "Bot này có thể làm gì?", "Tin nhắn"),
        ("Русский", "СТАРТ", "Что умеет этот бот?", "Сообщение"),
        ("English", "START", "What can this bot do?", "Message"),
    ):
        await page.get_by_role("radio", name=name).click()
        await expect(page.get_by_test_id("start")).to_have_text(start)
        await expect(page.get_by_text(question)).to_be_visible()
        await expect(page.get_by_test_id("composer")).to_have_attribute("placeholder", message)


async def test_messages_are_items_of_a_list_in_a_log(empty_page: Page) -> None:
    """A screen reader finds a log whose list has the messages as its items."""
    await empty_page.get_by_test_id("start").click()
    log = empty_page.get_by_role("log", name="Messages")
    await expect(log.get_by_role("list").get_by_role("listitem").filter(has_text="/start")).to_be_visible()
