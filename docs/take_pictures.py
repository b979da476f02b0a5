# ruff: noqa: INP001  # a script that stands alone
"""Take the pictures of the README from the running demo: `.venv/bin/python docs/take_pictures.py`.

Debian's chromium, fonts-noto-color-emoji and fonts-roboto make them look as they do.
"""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright, expect

DOCS: Final = Path(__file__).parent
MAX_BYTES: Final = 350_000
DESKTOP: Final = (1280, 860)
PHONE: Final = (390, 780)
STILL: Final = """
*, ::before, ::after {
  animation: none !important; transition: none !important; caret-color: transparent !important;
}
.toasts, .only-narrow { display: none !important; }
.wallpaper { background: light-dark(#a3cba0, #101c28); }
.key { backdrop-filter: none; }
"""
"""Nothing moves, and the wallpaper is of one colour: a gradient makes a PNG three times as heavy."""


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """Run a demo, and give its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", "0", cwd=DOCS.parent, stdout=asyncio.subprocess.PIPE
    )
    try:
        output = process.stdout or sys.exit("the demo says nothing")
        announced = re.search(r"http://\S+", (await output.readline()).decode())
        yield announced[0] if announced else sys.exit("the demo did not start")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


class Photographer:
    """Walks through the demo and takes pictures on the way."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._chat = page.locator("#messages")

    async def press(self, label: str) -> None:
        """Press the lowest button with this label, or with this and more behind a dot."""
        pattern = re.compile(rf"^{re.escape(label)}( ·.*)?$")
        await self._chat.get_by_role("button", name=pattern).last.click()

    async def press_buy(self) -> None:
        """Press Buy when its page has been shown for a second; before that it obeys no tap."""
        await self._page.wait_for_timeout(1100)
        await self._chat.get_by_role("button", name=re.compile("^Buy at ")).last.click()

    async def delete_oldest(self) -> None:
        """Delete the oldest message as a person would, so that the pictures begin with what matters."""
        messages = self._page.get_by_test_id("message")
        left = await messages.count() - 1
        await messages.first.locator(".bubble").click(button="right", position={"x": 6, "y": 17})
        await self._page.get_by_role("menuitem", name="Delete").click()
        await expect(messages).to_have_count(left)

    async def sees(self, words: str) -> None:
        """Wait for words in the chat."""
        await expect(self._chat.get_by_text(words).last).to_be_visible(timeout=15_000)

    async def take(self, name: str, size: tuple[int, int] = PHONE, *, dark: bool = False) -> None:
        """Take a picture of this size."""
        width, height = size
        await self._page.emulate_media(color_scheme="dark" if dark else "light")
        await self._page.set_viewport_size({"width": width, "height": height})
        await self._page.mouse.move(1, 1)
        await self._page.wait_for_timeout(400)
        path = DOCS / f"{name}.png"
        await self._page.screenshot(path=path)
        weight = path.stat().st_size
        sys.stdout.write(f"{path.relative_to(DOCS.parent)}: {weight // 1000} KB\n")
        if weight > MAX_BYTES:
            sys.exit(f"{path.name} is too heavy")

    async def walk(self, url: str) -> None:
        """Go through the demo: from Start to a code, then to everything around it."""
        page = self._page
        await page.goto(url)
        await page.add_style_tag(content=STILL)
        await page.get_by_test_id("start").click()
        await self.sees("API key")
        await page.get_by_test_id("composer").fill(await page.locator("#hint .chip").first.inner_text())
        await page.keyboard.press("Enter")
        await self.sees("Your key works")
        for _ in range(2):
            await self.delete_oldest()
        await page.get_by_role("switch", name="An SMS arrives by itself").click()
        await self.press("Buy a number")
        await self.sees("Choose a service")
        await self.take("services")
        await self.press("Telegram")
        await self.sees("Choose an operator")
        await self.take("operators")
        await self.press("Viettel")
        await self.sees("Buy this number?")
        await self.take("confirm")
        await self.press_buy()
        await self.sees("Waiting for the code")
        await self.take("card")
        await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        await page.get_by_test_id("sms-input").fill("48213")
        await page.get_by_test_id("sms-send").click()
        await self.sees("📩")
        await self.sees("Code received")
        await page.get_by_test_id("sms-input").blur()
        await self.take("demo", DESKTOP)
        await self.take("code")
        await self.take("dark", dark=True)
        await self.press("☆ Favourite")
        await self.press("Complete")
        await self.sees("Completed.")
        await self.walk_on()

    async def walk_on(self) -> None:
        """Buy a few more numbers, and take pictures of what is made of them."""
        page = self._page
        await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        await page.get_by_role("switch", name="An SMS arrives by itself").click()
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        for service, operator in (
            ("WhatsApp", "Mobifone"),
            ("Telegram", "Viettel"),
            ("Google", "Any operator"),
        ):
            await self.buy(service, operator)
            await self.sees("Code received")
            await self.press("Complete")
            await self.sees("Completed.")
        await self.say("/buy")
        await self.sees("★ Telegram · Viettel")
        await self.take("favourites")
        await self.say("instagran")
        await self.sees("Results for")
        await self.take("search")
        await self.say("/history")
        await self.sees("Spent today")
        await self.take("history")
        await self.say("/stats")
        await expect(self._chat.locator("img").last).to_be_visible(timeout=15_000)
        await self.sees("of 4 numbers got a code")
        await self.take("stats")
        await self.say("/settings")
        await self.sees("Tap one to change it.")
        await self.take("settings")
        await page.get_by_test_id("composer").fill("@demo_bot face")
        await expect(page.locator("#suggest").get_by_text("Facebook").first).to_be_visible()
        await self.take("inline")
        await page.get_by_test_id("composer").fill("")
        for name, language in (("vietnamese", "Tiếng Việt"), ("russian", "Русский")):
            await self.say("/language")
            await self.press(language)
            await self.say("/start")
            await expect(self._chat.get_by_role("button").last).to_be_visible()
            await self.say("telegram")
            await self.take(name)

    async def buy(self, service: str, operator: str) -> None:
        """Buy a number."""
        await self.say("/buy")
        await self.sees("Choose a service")
        await self.press(service)
        await self.sees("Choose an operator")
        await self.press(operator)
        await self.sees("Buy this number?")
        await self.press_buy()

    async def say(self, text: str) -> None:
        """Write a message."""
        await self._page.get_by_test_id("composer").fill(text)
        await self._page.keyboard.press("Enter")
        await self._page.wait_for_timeout(700)


async def main() -> None:
    """Start everything, and take the pictures."""
    async with demo() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"],
        )
        context = await browser.new_context(
            viewport={"width": DESKTOP[0], "height": DESKTOP[1]},
            device_scale_factor=1.5,
            locale="en-US",
            bypass_csp=True,
        )
        await Photographer(await context.new_page()).walk(url)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
