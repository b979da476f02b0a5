"""Tests of the demo in a real browser, from the empty chat to a code."""

import re

import pytest
from playwright.async_api import expect

from bot.telegram.texts.phones import pretty
from tests.proof.browser.conftest import PATIENCE, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
BY_ITSELF = "An SMS arrives by itself"
LONG_TIMEOUT = 40_000
"""The timeout for an SMS that arrives by itself, and for a cancel that becomes possible, in milliseconds."""


@pytest.mark.timeout(150)
async def test_the_whole_journey(visitor: Visitor) -> None:
    """A visitor buys a number, gets two codes, completes it, and cancels another one without a reload."""
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
    await visitor.sees("· Telegram", "24680", pretty(number))
    await visitor.sees("Code received", "Code: 24680")
    await visitor.press_after_reading("Get another code")
    await visitor.sees("Waiting for another code")
    await visitor.turn(BY_ITSELF, on=True)
    await expect(phone.locator(".inbox li")).to_have_count(2, timeout=LONG_TIMEOUT)
    code = await phone.locator(".inbox li").last.inner_text()
    await visitor.sees("· Telegram · code 2", code)
    await visitor.sees("Code received", "Code 1: 24680", f"Code 2: {code}")
    await visitor.press_after_reading("Complete")
    await visitor.sees("Completed.", pretty(number), code)
    await expect(phone).to_contain_text("Completed")
    await expect(phone.get_by_test_id("sms-input")).to_be_hidden()

    await visitor.turn(BY_ITSELF, on=False)
    await visitor.press("Home")
    second = await visitor.buy()
    assert second != number
    await visitor.press_after_reading("Cancel")
    await visitor.sees("Shall I cancel it then")
    await visitor.press_after_reading(re.compile(r"^Cancel at \d\d:\d\d UTC$"))
    await visitor.sees("I’ll cancel it at", pretty(second))
    await visitor.sees("Cancelled, as you asked.", timeout=LONG_TIMEOUT)
    await visitor.sees("✖️ Cancelled.", pretty(second))
    await expect(page.get_by_test_id("phone").first).to_contain_text("Cancelled")
    assert await page.evaluate("window.loadedOnce")


async def test_a_reload_changes_nothing(visitor: Visitor) -> None:
    """The chat and the control panel are the same after a reload, and the buttons still work."""
    page = visitor.page
    await visitor.bind_key()
    await visitor.turn(BY_ITSELF, on=False)
    number = await visitor.buy()
    await visitor.press(f"+{number}")
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
    await visitor.press("Home")
    await visitor.sees("Balance:", "1 active number")


async def test_it_fits_a_phone_by_day_and_by_night(visitor: Visitor) -> None:
    """On a narrow screen everything fits, the control panel opens over the chat, and the themes work."""
    page = visitor.page
    await page.set_viewport_size({"width": 360, "height": 640})
    await visitor.bind_key()
    number = await visitor.buy()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(visitor.button("Cancel")).to_be_in_viewport(ratio=1)
    await page.get_by_role("button", name="Your numbers").click()
    panel = page.get_by_role("complementary")
    await expect(panel).to_be_in_viewport(ratio=0.5)
    shown = await page.get_by_test_id("phone").locator(".number").inner_text()
    assert re.sub(r"\D", "", shown) == number
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()

    background = "getComputedStyle(document.querySelector('.topbar')).backgroundColor"
    assert await page.evaluate(background) == "rgb(255, 255, 255)"
    await page.emulate_media(color_scheme="dark")
    assert await page.evaluate(background) == "rgb(23, 33, 43)"
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Light theme").click()
    assert await page.evaluate(background) == "rgb(255, 255, 255)"


async def test_inline_mode_and_its_link(visitor: Visitor) -> None:
    """An inline search finds a service, and the sent result links to its confirmation page."""
    page = visitor.page
    await page.get_by_test_id("start").click()
    await visitor.sees("API key")
    await visitor.type("@demo_bot ")
    await page.get_by_role("option", name="Add your API key first").get_by_role("button").click()
    await visitor.sees("/start hello")
    await visitor.send(await page.locator("#hint-card .chip").first.inner_text())
    await visitor.sees("Your key works")
    await visitor.turn(BY_ITSELF, on=False)

    await visitor.type("@demo_bot telegarm")
    option = page.get_by_role("option").first
    await expect(option).to_contain_text("Telegram · ")
    await expect(option).to_contain_text("Vietnam")
    await page.keyboard.press("Enter")
    await visitor.sees("via @demo_bot", "Telegram", "when sent")
    await visitor.press("Open in the bot")
    await visitor.sees("Buy this number?", "Telegram", "Operator: any")
    await expect(page.get_by_test_id("phone")).to_have_count(0)
    await visitor.press_buy()
    await visitor.sees("Waiting for the code")
    await expect(page.get_by_test_id("phone")).to_have_count(1)


async def test_a_link_in_the_address(visitor: Visitor) -> None:
    """The page's URL takes a start parameter, which opens an offer after the key is bound."""
    page = visitor.page
    home = page.url
    await page.goto(f"{home}?start=buy_10_tg_viettel")
    await page.get_by_test_id("start").click()
    await visitor.sees("Hello!", "within an hour")
    await visitor.send(await page.locator("#hint-card .chip").first.inner_text())
    await visitor.sees("Your key works")
    await visitor.sees("Buy this number?", "Telegram", "Operator: Viettel")
    assert page.url == home
    await page.goto(f"{home}?start=buy_6_tg")
    await page.get_by_test_id("start").click()
    await visitor.sees("doesn’t offer this country", "All services")


@pytest.mark.timeout(150)
async def test_many_countries_and_back(visitor: Visitor) -> None:
    """The switch changes to a worldwide provider and back; open numbers stay and get their codes."""
    page = visitor.page
    await visitor.bind_key()
    await visitor.turn(BY_ITSELF, on=False)
    at_home = await visitor.buy()
    await visitor.turn("Many countries", on=True)
    await visitor.send("/buy")
    await visitor.sees("By country", timeout=LONG_TIMEOUT)
    await visitor.press("By country")
    await visitor.sees("Choose a country")
    await visitor.press("🇮🇩 Indonesia")
    await visitor.sees("Choose a service", "Indonesia")
    await visitor.send("/start buy_6_tg")
    await visitor.sees("Buy this number?", "Indonesia")
    await visitor.press_buy()
    await expect(page.get_by_test_id("phone")).to_have_count(2)
    abroad = page.get_by_test_id("phone").filter(has_text="+62")
    home = page.get_by_test_id("phone").filter(has_text="+84")
    await home.get_by_test_id("sms-input").fill("1111")
    await home.get_by_test_id("sms-send").click()
    await visitor.sees("· Telegram", "1111", pretty(at_home))

    await visitor.turn("Many countries", on=False)
    await abroad.get_by_test_id("sms-input").fill("2222")
    await abroad.get_by_test_id("sms-send").click()
    await visitor.sees("· Telegram", "2222", timeout=LONG_TIMEOUT)
    await visitor.send("/buy")
    await visitor.sees("Choose a service", "Vietnam")
    await visitor.send("/active")
    await visitor.sees("2 active numbers. Tap one")


async def test_a_sold_out_service_and_a_slow_provider(visitor: Visitor) -> None:
    """The switches make a service sold out, and the provider slow or down, and undo it."""
    page = visitor.page
    await visitor.bind_key()
    await visitor.turn(BY_ITSELF, on=False)
    await visitor.turn("The provider is slow", on=True)
    await visitor.turn("Telegram is sold out", on=True)
    await visitor.send("/start buy_10_tg")
    page_of_offer = await visitor.sees("Sold out right now", "Operator: ", timeout=LONG_TIMEOUT)
    await expect(page_of_offer.get_by_role("button", name=re.compile("^Buy"))).to_have_count(0)
    await expect(page.get_by_test_id("phone")).to_have_count(0)
    await visitor.turn("The provider is slow", on=False)
    await visitor.turn("Telegram is sold out", on=False)
    await visitor.send("/start buy_10_tg")
    await visitor.sees("Buy this number?")
    await visitor.press_buy()
    await visitor.sees("Waiting for the code")
    await visitor.turn("The provider is down", on=True)
    await visitor.send("/balance")
    await visitor.sees("has a problem")
    await visitor.turn("The provider is down", on=False)
    await visitor.send("/balance")
    await visitor.sees("Balance:")


async def test_one_tap_sends_the_key(visitor: Visitor) -> None:
    """On a phone, a strip says that this is a demo; one tap starts the bot and sends the key.

    The strip leaves when the panel behind the phone icon has been opened, and the steps done are ticked.
    """
    page = visitor.page
    await page.set_viewport_size({"width": 390, "height": 844})
    strip = page.locator("#strip")
    await expect(strip).to_contain_text("This is a demo")
    await strip.get_by_role("button", name="Send it").click()
    await visitor.sees("Your key works")
    await expect(visitor.chat).not_to_contain_text("demo7f")
    await expect(strip.get_by_role("button", name="Send it")).to_have_count(0)
    await expect(strip).to_be_visible()
    await page.get_by_role("button", name="Your numbers and the switches").click()
    steps = page.locator("#steps li")
    await expect(steps).to_have_count(5)
    await expect(page.locator("#steps li.done")).to_have_count(2)
    await expect(steps.nth(1)).to_contain_text("Done: Send the demo key")
    await page.keyboard.press("Escape")
    await expect(strip).to_be_hidden()


@pytest.mark.timeout(150)
async def test_numbers_leave_room_for_the_switches(visitor: Visitor) -> None:
    """With four numbers the switches are one tap away, and numbers that have ended fold away."""
    page = visitor.page
    await page.set_viewport_size({"width": 1280, "height": 800})
    await visitor.bind_key()
    await visitor.turn(BY_ITSELF, on=False)
    for count in range(1, 5):
        await visitor.send("/start buy_10_tg")
        await visitor.press_buy()
        await expect(page.locator("#phones").get_by_test_id("phone")).to_have_count(count, timeout=PATIENCE)
    down = page.get_by_role("switch", name="The provider is down")
    await expect(down).to_be_in_viewport(ratio=1)
    for width in (1000, 390):
        await page.set_viewport_size({"width": width, "height": 800})
        if width == 390:
            await page.get_by_role("button", name="Your numbers and the switches").click()
        await expect(down).to_be_hidden()
        await page.get_by_role("tab", name="Switches").click()
        await expect(page.get_by_role("switch", name="The provider is slow")).to_be_in_viewport(ratio=1)
        await page.get_by_role("tab", name="Your numbers").click()
    await page.get_by_test_id("sms-input").first.fill("24680")
    await page.get_by_test_id("sms-send").first.click()
    await page.keyboard.press("Escape")
    await visitor.sees("Code received")
    await visitor.press_after_reading("Complete")
    await expect(page.locator("#phones").get_by_test_id("phone")).to_have_count(3)
    ended = page.locator("#ended-phones").get_by_test_id("phone")
    await expect(ended).to_have_count(1)
    await page.get_by_role("button", name="Your numbers and the switches").click()
    await expect(ended).to_be_hidden()
    await page.locator("#ended summary").click()
    await expect(ended).to_contain_text("24680")


@pytest.mark.timeout(150)
async def test_the_last_minutes(visitor: Visitor) -> None:
    """A switch moves the clock on; the bot warns, the page shows the new time, and the code still comes."""
    page = visitor.page
    await visitor.bind_key()
    await visitor.turn(BY_ITSELF, on=False)
    number = await visitor.buy()
    before = await page.locator("#wall-clock").inner_text()
    await page.get_by_role("switch", name="Three minutes left").click()
    await visitor.sees("Less than 3 minutes left", pretty(number), timeout=LONG_TIMEOUT)
    assert await page.locator("#wall-clock").inner_text() != before
    await expect(page.get_by_role("switch", name="Three minutes left")).to_have_attribute(
        "aria-checked", "false"
    )
    await page.get_by_test_id("sms-input").fill("24680")
    await page.get_by_test_id("sms-send").click()
    await visitor.sees("· Telegram", "24680", pretty(number))


CUT_LABELS = """() => [...document.querySelectorAll("#messages .key span")]
    .filter((label) => label.scrollWidth > label.clientWidth).map((label) => label.textContent)"""
"""Returns the labels that are wider than their buttons."""
LANGUAGES = ("English", "Tiếng Việt", "Русский")


@pytest.mark.timeout(200)
async def test_no_label_is_cut_on_a_phone(visitor: Visitor) -> None:
    """On a phone of 390 pixels the labels of the main screens are whole, in each language, worldwide too."""
    page = visitor.page
    await visitor.bind_key()
    await visitor.turn(BY_ITSELF, on=False)
    await visitor.buy()
    for many_countries in (False, True):
        await page.set_viewport_size({"width": 1280, "height": 860})
        if many_countries:
            await visitor.turn("Many countries", on=True)
        await page.set_viewport_size({"width": 390, "height": 844})
        for language in LANGUAGES:
            await visitor.send("/language")
            choice = re.compile(f"^(✓ )?{language}$")
            # The buttons of the welcome have the same names.
            newest = page.get_by_test_id("message").last.get_by_role("button", name=choice)
            await expect(newest).to_be_visible(timeout=LONG_TIMEOUT)
            await visitor.press_after_reading(choice)
            await expect(visitor.button(f"✓ {language}")).to_be_visible(timeout=LONG_TIMEOUT)
            for text in ("/start", "/buy", "telegram", "/active", "/favourites", "/history", "/settings"):
                await visitor.send(text)
                await page.wait_for_timeout(500)  # by then the own message is the last one, or its answer
                answer = page.get_by_test_id("message").last
                await expect(answer.locator(".key").nth(1)).to_be_visible(timeout=LONG_TIMEOUT)
                await expect(answer).not_to_contain_text(re.compile("…$|: …"), timeout=LONG_TIMEOUT)
            assert await page.evaluate(CUT_LABELS) == []
