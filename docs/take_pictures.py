# ruff: noqa: INP001  # a script that stands alone
"""Take the pictures and the film of the README from the demo: `.venv/bin/python docs/take_pictures.py`.

Debian's chromium, fonts-noto-color-emoji and fonts-roboto make them look as they do.
"""

import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Locator, Page, async_playwright, expect

DOCS: Final = Path(__file__).parent
MAX_BYTES: Final = 200_000
DESKTOP: Final = (1280, 860)
PHONE: Final = (390, 780)
MAX_FILM_BYTES: Final = 2_000_000
COLOURS: Final = 256
"""Colours of a picture: with all of its colours it would be three times as heavy."""
FILM_COLOURS: Final = 128
LOOK: Final = 1600
"""Milliseconds for which the film shows a screen."""
TAP: Final = 500
"""Milliseconds for which the film shows where a button is tapped."""
STILL: Final = """
*, ::before, ::after {
  animation: none !important; transition: none !important; caret-color: transparent !important;
}
.toasts, .only-narrow { display: none !important; }
.wallpaper { background: light-dark(#a3cba0, #101c28); }
.key { backdrop-filter: none; }
#finger { position: fixed; z-index: 30; width: 44px; height: 44px; margin: -22px; border-radius: 50%;
  background: #fff6; border: 3px solid #fff; box-shadow: 0 0 0 2px #0006; pointer-events: none; }
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


class Film:
    """An animated GIF, frame by frame."""

    def __init__(self) -> None:
        self._frames: list[Image.Image] = []
        self._times: list[int] = []

    def add(self, picture: bytes, milliseconds: int) -> None:
        """Add a frame."""
        frame = Image.open(BytesIO(picture)).convert("RGB").resize(PHONE, Image.Resampling.LANCZOS)
        self._frames.append(frame.quantize(FILM_COLOURS, dither=Image.Dither.NONE))
        self._times.append(milliseconds)

    def save(self, path: Path) -> None:
        """Write the film."""
        first, *others = self._frames
        first.save(path, save_all=True, append_images=others, duration=self._times, loop=0, optimize=True)
        report(path, MAX_FILM_BYTES)


def report(path: Path, most: int) -> None:
    """Say how heavy a file is; end if it is heavier than that."""
    weight = path.stat().st_size
    sys.stdout.write(f"{path.relative_to(DOCS.parent)}: {weight // 1000} KB\n")
    if weight > most:
        sys.exit(f"{path.name} is too heavy")


class Photographer:
    """Walks through the demo and takes pictures on the way."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._chat = page.locator("#messages")
        self._film: Film | None = None

    async def press(self, label: str) -> None:
        """Press the lowest button with this label, or with this and more behind a dot."""
        pattern = re.compile(rf"^{re.escape(label)}( ·.*)?$")
        await self._tap(self._chat.get_by_role("button", name=pattern).last)

    async def press_after_reading(self, label: str) -> None:
        """Press a button that acts when it has been shown for a second; before that it obeys no tap."""
        await self._page.wait_for_timeout(1100)
        await self.press(label)

    async def press_buy(self) -> None:
        """Press Buy when its page has been shown for a second; before that it obeys no tap."""
        button = self._chat.get_by_role("button", name=re.compile("^Buy at ")).last
        await expect(button).to_be_visible(timeout=15_000)
        await self._page.wait_for_timeout(1300)
        await self._tap(button)

    async def _tap(self, button: Locator) -> None:
        """Click a button; the film shows the screen before, and then where it is tapped."""
        if self._film is not None:
            await button.scroll_into_view_if_needed()
            await self.shoot(LOOK)
            await button.evaluate(
                """node => {
                  const { left, top, width, height } = node.getBoundingClientRect();
                  const finger = Object.assign(document.createElement("i"), { id: "finger" });
                  finger.style.left = `${left + width / 2}px`;
                  finger.style.top = `${top + height / 2}px`;
                  document.body.append(finger);
                }"""
            )
            await self.shoot(TAP)
            await self._page.locator("#finger").evaluate("node => node.remove()")
        await button.click()

    async def shoot(self, milliseconds: int) -> None:
        """Add the screen to the film, if one is made."""
        if self._film is not None:
            self._film.add(await self._page.screenshot(), milliseconds)

    async def clear(self) -> None:
        """Hide all messages so far, so that the next picture shows only what follows."""
        await self._page.evaluate(
            "for (const node of document.querySelectorAll('#messages > li')) node.hidden = true"
        )

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
        picture = Image.open(BytesIO(await self._page.screenshot())).convert("RGB")
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        report(path, MAX_BYTES)

    async def walk(self, url: str) -> None:
        """Go through the demo: from Start to a code, then to everything around it."""
        page = self._page
        await page.goto(url)
        await page.add_style_tag(content=STILL)
        await page.get_by_test_id("start").click()
        await self.sees("API key")
        await page.get_by_test_id("composer").fill(await page.locator("#hint-card .chip").first.inner_text())
        await page.keyboard.press("Enter")
        await self.sees("Your key works")
        for _ in range(2):
            await self.delete_oldest()
        await page.get_by_role("switch", name="An SMS arrives by itself").click()
        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        film = self._film = Film()
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
        await self.shoot(LOOK)
        await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        await page.get_by_test_id("sms-input").fill("48213")
        await page.get_by_test_id("sms-send").click()
        await self.sees("📩")
        await self.sees("Code received")
        await page.get_by_test_id("sms-input").blur()
        await self.take("demo", DESKTOP)
        await self.take("code")
        await self.shoot(2 * LOOK)
        film.save(DOCS / "journey.gif")
        self._film = None
        await self.take("dark", dark=True)
        await self.press("☆ Favourite")
        await self.press_after_reading("Complete")
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
            await self.clear()
            await self.buy(service, operator)
            await self.sees("Code received")
            await self.press_after_reading("Complete")
            await self.sees("Completed.")
        await self.clear()
        await self.say("/buy")
        await self.sees("★ Telegram · Viettel")
        await self.take("favourites")
        await self.clear()
        await self.say("instagran")
        await self.sees("Results for")
        await self.take("search")
        await self.clear()
        await self.say("/history")
        await self.sees("Spent today")
        await self.take("history")
        await self.clear()
        await self.say("/stats")
        await expect(self._chat.locator("img").last).to_be_visible(timeout=15_000)
        await self.sees("of 4 numbers got a code")
        await self._chat.locator("img").last.evaluate("node => node.scrollIntoView({ block: 'start' })")
        await self.take("stats")
        await self.clear()
        await self.say("/settings")
        await self.sees("Tap one to change it.")
        await self.take("settings")
        await self.clear()
        await page.get_by_test_id("composer").fill("@demo_bot face")
        await expect(page.locator("#suggest").get_by_text("Facebook").first).to_be_visible()
        await self.take("inline")
        await page.get_by_test_id("composer").fill("")
        for name, language in (("vietnamese", "Tiếng Việt"), ("russian", "Русский")):
            await self.say("/language")
            await self.press_after_reading(language)
            await page.locator("#languages button", has_text=language).evaluate("node => node.click()")
            await page.wait_for_timeout(700)
            await self.clear()
            await self.say("/start buy_10_tg")
            await expect(self._chat.get_by_role("button", name=re.compile("0[.,]62")).last).to_be_visible()
            await page.wait_for_timeout(1300)
            await self._chat.get_by_role("button", name=re.compile("0[.,]62")).last.click()
            await expect(self._chat.get_by_text("+84").last).to_be_visible(timeout=15_000)
            await expect(self._chat.get_by_role("button").last).to_be_visible()
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
    """Start everything, take the pictures, and say how long that took."""
    began = time.monotonic()
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
    sys.stdout.write(f"done in {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    asyncio.run(main())
