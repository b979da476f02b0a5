"""Choosing with several countries: by service or by country, what is recent first, and few taps."""

import pytest

from bot.sandbox.provider import WORLDWIDE
from bot.sandbox.telegram import Message, Person
from bot.telegram.translations import Translations
from tests.conftest import KEY, World

COUNTRIES = ("22", "6", "4", "0", "1", "2", "3", "16", "43", "187")


@pytest.fixture
async def worldwide(world: World) -> World:
    """Both servers and a bot that offers all countries."""
    world.provider.dialect = WORLDWIDE
    for number, country in enumerate(COUNTRIES):
        world.provider.set_stock("tg", 20 + number, country=country, price=f"0.{30 + number}")
    await world.start(countries="all")
    return world


async def first_screen(person: Person) -> Message:
    """Open the first screen of buying; return it."""
    return await person.sees("telegram vietnam", after=await person.send("/buy"))


async def test_four_taps_lead_from_home_to_the_confirmation_page(worldwide: World) -> None:
    """Buy a number, the service, the country, the operator."""
    ann = await worldwide.customer()
    for label in ("Buy a number", "Telegram", "🇻🇳 Vietnam", "Any operator"):
        await ann.click(label)
    page = await ann.sees("Buy this number?", "Country: Vietnam")
    assert page is ann.newest


async def test_the_way_that_was_chosen_last_is_remembered(worldwide: World) -> None:
    """The first screen lists services or countries, as the person chose last."""
    ann = await worldwide.customer()
    screen = await first_screen(ann)
    assert "Choose a service" in screen.text
    await ann.click("By country", message=screen)
    await ann.until(lambda _: "Choose a country" in screen.text)
    await worldwide.stop()
    await worldwide.start()
    screen = await first_screen(ann)
    assert "Choose a country" in screen.text
    assert all(ord(label[0]) > 0x1F000 for label in screen.labels[:10])
    await ann.click("By service", message=screen)
    await ann.until(lambda _: "Choose a service" in screen.text)
    screen = await first_screen(ann)
    assert "Choose a service" in screen.text


async def test_own_purchases_come_first(worldwide: World) -> None:
    """After a purchase its service and its country lead each list."""
    ann = await worldwide.customer()
    await ann.send("telegram united kingdom")
    await ann.click("Any operator", message=await ann.sees("Choose an operator"))
    await ann.click("Buy", message=await ann.sees("Buy this number?"))
    await ann.sees("Waiting for the code")
    screen = await first_screen(ann)
    assert next(label for label in screen.labels if not label.startswith("↺")) == "Telegram"
    await ann.click("By country", message=screen)
    await ann.until(lambda _: "Choose a country" in screen.text)
    assert next(label for label in screen.labels if not label.startswith("↺")) == "🇬🇧 UK"
    where = await ann.sees("Choose a country: your recent ones first", after=await ann.send("telegram"))
    assert where.labels[0].startswith("🇬🇧")
    assert where.labels[1].startswith("🇻🇳") or "0.30" in where.labels[1]


async def test_the_page_counter_answers(worldwide: World) -> None:
    """The button between the arrows says the page and changes nothing."""
    ann = await worldwide.customer()
    screen = await first_screen(ann)
    before = list(screen.labels)
    counter = next(label for label in before if label.startswith("1 / "))
    toast = await ann.click(counter, message=screen)
    assert toast is not None
    assert toast.text.startswith("Page 1 of ")
    assert "type a name" in toast.text
    assert screen.labels == before


async def test_services_of_a_country_come_by_count(bot_world: World) -> None:
    """What the person bought lately comes first, then the highest counts; “any other” is last."""
    bot_world.provider.set_stock("kc", 9_999)
    bot_world.provider.set_stock("ot", 99_999)
    ann = await bot_world.customer()
    await bot_world.buy(ann, "WhatsApp")
    screen = await ann.sees("Choose a service", after=await ann.send("/buy"))
    services = [label.split(" · ")[0] for label in screen.labels if not label.startswith(("↺", "★"))]
    assert services[:3] == ["WhatsApp", "Vinted", "Facebook"]
    await ann.click("‹", message=screen)
    await ann.until(lambda _: "Any other" in " ".join(screen.labels))
    await ann.sees("Any other · Vietnam", "Choose an operator", after=await ann.send("any other"))


@pytest.mark.parametrize("language", ["vi", "ru"])
async def test_the_first_screens_read_in_each_language(worldwide: World, language: str) -> None:
    """Countries and the service for any site have names in the reader's language."""
    t = Translations().find(language)
    ann = worldwide.telegram.person(1, language=language)
    await ann.send("/start")
    await ann.sees("API")
    await ann.send(KEY)
    await ann.sees("10")
    screen = await ann.sees(
        "telegram việt nam" if language == "vi" else "вьетнам", after=await ann.send("/buy")
    )
    await ann.click("‹", message=screen)
    await ann.until(lambda _: t.plain("Any other") in screen.labels)
    await ann.click(t.plain("By country"), message=screen)
    await ann.until(lambda _: {"vi": "🇻🇳 Việt Nam", "ru": "🇻🇳 Вьетнам"}[language] in screen.labels)


async def test_a_service_sold_out_everywhere_says_so_once(worldwide: World) -> None:
    """The countries stand there without a word each; one leads to the alert."""
    for country in (*COUNTRIES, "10"):
        worldwide.provider.set_stock("tg", 0, country=country)
    ann = await worldwide.customer()
    where = await ann.sees("Sold out everywhere", after=await ann.send("telegram"))
    assert not [label for label in where.labels if "none" in label]
    await ann.click("🇻🇳 Vietnam", message=where)
    await ann.sees("Sold out right now", "🔔 Notify me")
