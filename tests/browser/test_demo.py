"""The demo as a newcomer sees it: from an empty chat to a code, in a real browser."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PATIENCE, Visitor

BY_ITSELF = "An SMS arrives by itself"
WHILE = 40_000
"""Milliseconds for an SMS that comes by itself, and for the moment from which a cancel is taken."""


@pytest.mark.timeout(150)
async def test_the_whole_journey(visitor: Visitor) -> None:
    """From Start to a second code and Complete, then a number given back; the page is never loaded again."""
    page = visitor.page
    await page.evaluate("window.loadedOnce = true")
    await visitor.bind_key()
    await expect(visitor.chat).not_to_contain_text("demo")
    await visitor.turn(BY_ITSELF, on=False)

    number = await visitor.buy()
    phone = page.get_by_test_id("phone").first
    await expect(phone).to_contain_text("Waiting for an SMS")
    assert re.sub(r"\D", "", await phone.locator(".number").inner_text()) == number
    await phone.get_by_test_id("sms-input").fill("24680")
    await phone.get_by_test_id("sms-send").click()
    await visitor.sees("Code for Telegram", "24680", number)
    await visitor.sees("The code is here", "Code: 24680")
    await visitor.press("Resend")
    await visitor.sees("Waiting for another code")
    await visitor.turn(BY_ITSELF, on=True)
    await expect(phone.locator(".inbox li")).to_have_count(2, timeout=WHILE)
    code = await phone.locator(".inbox li").last.inner_text()
    await visitor.sees("Code 2 for Telegram", code)
    await visitor.sees("The code is here", "Code 1: 24680", f"Code 2: {code}")
    await visitor.press("Complete")
    await visitor.sees("Completed.", number, code)
    await expect(phone).to_contain_text("Completed")
    await expect(phone.get_by_test_id("sms-input")).to_be_hidden()

    await visitor.turn(BY_ITSELF, on=False)
    await visitor.press("Home")
    second = await visitor.buy()
    assert second != number
    await visitor.press("Cancel")
    await visitor.sees("Shall I cancel it then")
    await visitor.press("Cancel then")
    await visitor.sees("I will cancel it at", second)
    await visitor.sees("Cancelled, as you asked.", timeout=WHILE)
    await visitor.sees("✖️ Cancelled.", second)
    await expect(page.get_by_test_id("phone").first).to_contain_text("Cancelled")
    assert await page.evaluate("window.loadedOnce")


async def test_a_reload_changes_nothing(visitor: Visitor) -> None:
    """The chat and the drawer are the same after a reload, and the buttons still work."""
    page = visitor.page
    await visitor.bind_key()
    await visitor.turn(BY_ITSELF, on=False)
    number = await visitor.buy()
    await visitor.press("Copy number")
    await expect(page.get_by_test_id("toast")).to_have_text("Text copied")
    assert await page.evaluate("navigator.clipboard.readText()") == f"+{number}"
    messages = page.get_by_test_id("message")
    before = await messages.all_inner_texts()
    assert len(before) >= 3
    await page.reload()
    await expect(messages).to_have_count(len(before), timeout=PATIENCE)
    assert await messages.all_inner_texts() == before
    await expect(page.get_by_test_id("phone")).to_have_count(1)
    await expect(page.get_by_role("switch", name=BY_ITSELF)).to_have_attribute("aria-checked", "false")
    await expect(visitor.button("Cancel")).to_be_in_viewport()
    await visitor.press("SMS sent")
    await expect(page.get_by_test_id("toast")).to_contain_text("checking more often")


async def test_it_fits_a_phone_by_day_and_by_night(visitor: Visitor) -> None:
    """At a phone's width all is in reach, the other side opens over the chat, and dark is dark."""
    page = visitor.page
    await page.set_viewport_size({"width": 360, "height": 640})
    await visitor.bind_key()
    number = await visitor.buy()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(visitor.button("Cancel")).to_be_in_viewport(ratio=1)
    await page.get_by_role("button", name="Rented numbers").click()
    drawer = page.get_by_role("complementary")
    await expect(drawer).to_be_in_viewport(ratio=0.5)
    shown = await page.get_by_test_id("phone").locator(".number").inner_text()
    assert re.sub(r"\D", "", shown) == number
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()

    background = "getComputedStyle(document.querySelector('.topbar')).backgroundColor"
    assert await page.evaluate(background) == "rgb(255, 255, 255)"
    await page.emulate_media(color_scheme="dark")
    assert await page.evaluate(background) == "rgb(23, 33, 43)"
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Light theme").click()
    assert await page.evaluate(background) == "rgb(255, 255, 255)"
