"""Fixtures of the browser tests: the demo as a process, Chromium, and a visitor who uses the page."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

from tests.program import Program

CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHORTER = {
    "bot.sandbox.demo.CANCEL_AFTER": 6,
    "bot.sandbox.control_panel.SMS_AFTER": (0.5, 1.0),
    "bot.sandbox.switches.SLOW": 0.6,
}
"""Delays of the demo, in seconds, that are shorter here."""
PATIENCE = 10_000
"""The timeout for things that should happen at once, in milliseconds."""


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of Chromium. Without it the browser tests are skipped, or fail if REQUIRE_BROWSER=1 is set."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        reason = "needs Chromium: apt install chromium, or CHROMIUM=/path/to/it"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(chromium_path: str) -> AsyncIterator[Browser]:
    """One browser for all tests of a process; these tests run on the loop of the session."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def demo(
    chromium: Browser,  # noqa: ARG001  # without a browser the demo is not started
    program: Program,
    tmp_path: Path,
) -> AsyncIterator[asyncio.StreamReader]:
    """The output of a demo, which runs until the end of the test and writes no error."""
    environment = {"PATH": os.environ["PATH"]}
    async with program.demo(tmp_path, environment, constants=SHORTER) as output:
        yield output


async def announced(demo: asyncio.StreamReader) -> str:
    """Wait until the demo prints its URL, and return it."""
    line = (await demo.readline()).decode()
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found is not None, line
    return found[0]


class Visitor:
    """A person who uses the demo in a browser.

    Attributes:
        page: The page.
        chat: The list of messages.
        errors: The errors and warnings of the browser.
        foreign_urls: The URLs on other hosts that the page has requested.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.chat = page.locator("#messages")
        self.errors: list[str] = []
        self.foreign_urls: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._on_address(request.url))
        page.on("websocket", lambda socket: self._on_address(socket.url))

    def _on_console(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            self.errors.append(line.text)

    def _on_address(self, url: str) -> None:
        if urlsplit(url).scheme != "data" and urlsplit(url).hostname != "127.0.0.1":
            self.foreign_urls.append(url)

    def button(self, label: str) -> Locator:
        """Return the last button of the chat with this label, or with this label and a dot after it."""
        pattern = re.compile(rf"^{re.escape(label)}( ·.*)?$")
        return self.chat.get_by_role("button", name=pattern).last

    async def press(self, label: str) -> None:
        """Press the last button with this label."""
        await self.button(label).click(timeout=PATIENCE)

    async def press_after_reading(self, button: str | re.Pattern[str]) -> None:
        """Press the last such button when it has been shown for a second; before, it obeys no tap."""
        found = (
            self.button(button)
            if isinstance(button, str)
            else self.page.get_by_role("button", name=button).last
        )
        await expect(found).to_be_visible(timeout=PATIENCE)
        await self.page.wait_for_timeout(1100)
        await found.click(timeout=PATIENCE)

    async def press_buy(self) -> None:
        """Press Buy on the last page."""
        await self.press_after_reading(re.compile("^Buy at "))

    async def sees(self, *words: str, timeout: float = PATIENCE) -> Locator:  # noqa: ASYNC109  # Playwright's own timeout
        """Wait for a message with all these words, and return the newest one."""
        found = self.page.get_by_test_id("message")
        for each in words:
            found = found.filter(has_text=each)
        await expect(found.last).to_be_visible(timeout=timeout)
        return found.last

    async def bind_key(self) -> None:
        """Press Start, copy the demo key from the page, and send it."""
        await self.page.get_by_test_id("start").click()
        await self.sees("API key")
        chip = self.page.locator(".chip:visible").first
        await chip.click()
        await self.page.get_by_test_id("composer").click()
        await self.page.keyboard.press("Control+V")
        await expect(self.page.get_by_test_id("composer")).to_have_value(await chip.inner_text())
        await self.page.keyboard.press("Enter")
        await self.sees("Your key works")

    async def buy(self) -> str:
        """Buy a number for Telegram, and return the digits on its card."""
        await self.press("Buy a number")
        await expect(self.chat).to_contain_text(re.compile("Choose a (country|service)"), timeout=PATIENCE)
        if await self.button("Vietnam").is_visible():
            await self.press("Vietnam")
        await self.sees("Choose a service")
        await self.press("Telegram")
        await self.sees("Choose an operator")
        await self.press("Any operator")  # one operator may cost more than shown, which a notice says
        await self.sees("Buy this number?")
        await self.press_buy()
        card = await self.sees("Waiting for the code")
        return (await card.get_by_role("button", name=re.compile(r"^\+\d+$")).inner_text()).lstrip("+")

    async def type(self, text: str) -> None:
        """Type into the text field, key by key."""
        field = self.page.get_by_test_id("composer")
        await field.click()
        await field.press_sequentially(text)

    async def send(self, text: str) -> None:
        """Send a message."""
        await self.page.get_by_test_id("composer").fill(text)
        await self.page.get_by_test_id("send").click()

    async def turn(self, switch: str, *, on: bool) -> None:
        """Turn a switch of the demo on or off."""
        found = self.page.get_by_role("switch", name=switch)
        await expect(found).to_have_attribute("aria-checked", str(not on).lower())
        await found.click()
        await expect(found).to_have_attribute("aria-checked", str(on).lower())


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(demo: asyncio.StreamReader, chromium: Browser) -> AsyncIterator[Visitor]:
    """Open the demo in a new tab; the page must cause no errors and no requests to other hosts."""
    context = await chromium.new_context(
        viewport={"width": 1280, "height": 860},
        locale="en-US",
        permissions=["clipboard-read", "clipboard-write"],
    )
    visitor = Visitor(await context.new_page())
    await visitor.page.goto(await announced(demo))
    await expect(visitor.page.get_by_test_id("start")).to_be_visible()
    yield visitor
    await context.close()
    assert visitor.errors == []
    assert visitor.foreign_urls == []
