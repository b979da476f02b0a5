"""Choosing: services, operators, countries, pages and search."""

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.sandbox.provider import SMS3T, WORLDWIDE, FaultKind, PriceShape, ProviderFault
from bot.telegram.texts.phones import pretty
from tests.conftest import World


async def test_services_show_name_price_and_count(bot_world: World) -> None:
    """A service's button has its name and about its price."""
    bot_world.provider.set_stock("tg", 860, price=Decimal("0.35"))
    ann = await bot_world.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service", "Vietnam")
    assert "Telegram · 0.35" in screen.labels


async def test_services_come_in_pages(bot_world: World) -> None:
    """A long list is turned page by page, both ways, in one message."""
    ann = await bot_world.customer()
    await ann.send("/buy")
    first = await ann.sees("Choose a service")
    before = list(first.labels)
    assert any(label.startswith("1 / ") for label in before)
    await ann.click("›")
    await ann.sees("2 / ")
    await ann.click("‹")
    again = await ann.sees("1 / ")
    assert again.message_id == first.message_id
    assert again.labels == before


async def test_vietnam_has_its_operators_without_a_list(bot_world: World) -> None:
    """Where the provider has no list of operators, Vietnam has the known four, each with its count."""
    bot_world.provider.set_stock("tg", 7, operator="viettel")
    bot_world.provider.set_stock("tg", 0, operator="vinaphone")
    ann = await bot_world.customer()
    await ann.send("telegram")
    screen = await ann.sees("Choose an operator")
    names = [re.split(" · | [0-9]+$", label)[0] for label in screen.labels]
    assert names == [
        "Any operator",
        "Mobifone",
        "Vietnamobile",
        "Viettel",
        "Vinaphone",
        "Several…",
        "Back",
        "Home",
    ]
    assert "Viettel · 7" in screen.labels
    assert "Vinaphone · none" in screen.labels


async def test_operators_show_how_they_have_served_the_user(bot_world: World) -> None:
    """Whoever has bought before reads how many numbers of each choice got a code, and how soon."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann, operator="Viettel")
    bot_world.pass_time(400)
    bot_world.provider.deliver(number.id, "4711")
    await ann.sees("· Telegram", "4711")
    await bot_world.buy(ann, operator="Any operator")
    bot_world.pass_time(121)
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled.")
    await ann.press("o:10:tg:0")
    screen = await ann.sees("Choose an operator", "Your numbers so far:")
    assert "Viettel: 1 of 1 got a code, usually in 7 min" in screen.text
    assert "Any operator: 0 of 1 got a code" in screen.text
    await ann.press("o:10:vi:0")
    await ann.until(lambda person: "so far" not in person.newest.text)


async def test_an_operator_list_of_the_provider_wins(bot_world: World) -> None:
    """Where the provider lists operators, those are shown."""
    body = '{"status": "success", "countryOperators": {"10": ["viettel", "wintel"]}}'
    bot_world.provider.fail(FaultKind.BODY, action="getOperators", body=body)
    ann = await bot_world.customer()
    await ann.send("/buy")
    await ann.click("Telegram")
    screen = await ann.sees("Choose an operator", "Wintel")
    assert not any(label.startswith("Mobifone") for label in screen.labels)


async def test_a_list_that_fails_is_not_asked_for_with_every_page(bot_world: World) -> None:
    """Where the provider's list is not to be had, ours is shown, and theirs looked for ten minutes later."""
    failing = bot_world.provider.fail(FaultKind.STATUS, action="getOperators", status=503, times=None)
    ann = await bot_world.customer()
    await bot_world.open_page(ann, operator="Viettel")
    asked = len(bot_world.asked("getOperators"))
    assert asked
    await ann.press("o:10:wa:0")
    await ann.sees("Choose an operator", "WhatsApp", "Viettel")
    await bot_world.open_page(ann, operator="Mobifone")
    assert len(bot_world.asked("getOperators")) == asked
    bot_world.provider.heal(failing)
    list_operators(bot_world, "viettel", "wintel")
    bot_world.pass_time(601)
    await ann.press("o:10:wa:0")
    await ann.sees("Choose an operator", "WhatsApp", "Wintel")


async def test_a_passing_failure_takes_no_list_away(bot_world: World) -> None:
    """An old list of the provider's is better than none; it is looked for again ten minutes later."""
    listed = list_operators(bot_world, "viettel", "wintel")
    ann = await bot_world.customer()
    await bot_world.open_page(ann, operator="Wintel")
    bot_world.provider.heal(listed)
    bot_world.provider.fail(FaultKind.STATUS, action="getOperators", status=503, times=None)
    bot_world.pass_time(6 * 3600 + 1)
    known = len(bot_world.asked("getOperators"))
    page = await bot_world.open_page(ann, operator="Wintel")
    asked = len(bot_world.asked("getOperators"))
    assert asked > known
    await ann.press("o:10:wa:0", message=page)
    await ann.until(lambda _: "WhatsApp" in page.text)
    assert "Wintel" in " ".join(page.labels)
    assert "Mobifone" not in " ".join(page.labels)
    assert len(bot_world.asked("getOperators")) == asked
    bot_world.provider.heal()
    list_operators(bot_world, "viettel", "gmobile")
    bot_world.pass_time(601)
    await ann.press("o:10:wa:0", message=page)
    await ann.until(lambda _: "Gmobile" in " ".join(page.labels))
    assert "Wintel" not in " ".join(page.labels)


def list_operators(world: World, *codes: str) -> ProviderFault:
    """Have the provider list these operators, as some do."""
    body = json.dumps({"status": "success", "countryOperators": {"10": codes}})
    return world.provider.fail(FaultKind.BODY, action="getOperators", body=body, times=None)


async def test_several_operators(bot_world: World) -> None:
    """Several operators are checked and unchecked, and go to the provider as a comma list."""
    ann = await bot_world.customer()
    await ann.send("/buy")
    await ann.click("Telegram")
    await ann.click("Several…")
    await ann.sees("Tap the operators you want")
    toast = await ann.click("Continue")
    assert toast is not None
    assert toast.text == "Choose an operator first."
    await ann.click("Viettel")
    await ann.sees("✓ Viettel")
    await ann.click("Mobifone")
    await ann.sees("✓ Mobifone")
    await ann.click("Vinaphone")
    await ann.click("✓ Vinaphone")
    await ann.sees("✓ Viettel", "✓ Mobifone")
    await ann.click("Continue")
    await ann.sees("Buy this number?", "Mobifone, Viettel")
    await ann.click("Buy")
    await ann.sees("Waiting for the code")
    (request,) = bot_world.asked("getNumber")
    assert request["operator"] == "mobifone,viettel"


async def test_any_operator_sends_none(bot_world: World) -> None:
    """Any operator leaves the parameter out; country and service always go along."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    (request,) = bot_world.asked("getNumber")
    assert "operator" not in request
    assert request["country"] == "10"
    assert request["service"] == "tg"


async def test_typing_a_name_finds_the_service(bot_world: World) -> None:
    """Any text is a search, typos forgiven."""
    ann = await bot_world.customer()
    await ann.send("telegarm")
    found = await ann.sees("Results for “telegarm”:")
    assert found.labels[0].startswith("Telegram")
    await ann.click("Telegram", message=found)
    await ann.sees("Choose an operator")


async def test_a_search_without_a_hit_says_so(bot_world: World) -> None:
    """Nothing found is said, with a way on."""
    ann = await bot_world.customer()
    await ann.send("qqqqzzzz <b>")
    await ann.sees("No service called “qqqqzzzz <b>”", "All services")


async def test_several_countries(world: World) -> None:
    """With several countries they come first, and the last choice leads the list."""
    world.provider.dialect = WORLDWIDE
    await world.start(countries="all")
    ann = await world.customer()
    await ann.send("/buy")
    await ann.click("By country")
    await ann.sees("Choose a country")
    await ann.click("🇻🇳 Vietnam")
    await ann.sees("Choose a service")
    await ann.click("Back")
    screen = await ann.sees("Choose a country")
    assert screen.labels[0] == "🇻🇳 Vietnam"


async def test_a_price_that_rose_is_asked_again(bot_world: World) -> None:
    """A price more than a tenth above the page's buys nothing; a new page shows both prices."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.40"))
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.50"))
    bot_world.pass_time(31)
    await ann.click("Buy")
    await ann.sees("The price rose from about 0.40 to about 0.50", "Buy this number?")
    assert bot_world.provider.ledger == []
    await ann.click("Buy")
    await ann.sees("Waiting for the code")
    assert len(bot_world.provider.ledger) == 1


async def test_a_price_that_rose_a_little_is_taken(bot_world: World) -> None:
    """Up to a tenth more is bought: the price was about right."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.40"))
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.44"))
    bot_world.pass_time(31)
    await ann.click("Buy")
    await ann.sees("Waiting for the code")


async def test_a_provider_with_trouble_is_said(bot_world: World) -> None:
    """When no list is to be had the user reads a sentence, and the next try works."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.STATUS, status=503, times=None)
    toast = await ann.click("Buy a number")
    assert toast is not None
    assert "has a problem" in toast.text
    bot_world.provider.heal()
    await ann.click("Buy a number")
    await ann.sees("Choose a service")


async def test_only_offered_countries_can_be_reached(bot_world: World) -> None:
    """A forged button cannot leave the countries of the settings."""
    ann = await bot_world.customer()
    toast = await ann.press("s:0:0")
    assert toast is not None
    assert "doesn’t offer this country" in toast.text


async def test_a_ladder_of_prices_is_shown_from_its_lowest(world: World) -> None:
    """Of several prices for one service the lowest is shown as such: in the list, on the page, on Buy."""
    world.provider.dialect = replace(SMS3T, prices=PriceShape.LADDER)
    world.provider.set_stock("tg", 9_000, price=Decimal("0.50"))
    world.provider.set_stock("tg", 1, price=Decimal("0.006"), operator="viettel")
    await world.start()
    ann = await world.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    assert "Telegram 0.006+" in screen.labels
    await ann.click("Telegram")
    await ann.sees("Choose an operator", "Price: from about 0.006")
    await ann.click("Any operator")
    page = await ann.sees("Buy this number?", "Price: from about 0.006\n")
    assert "Buy from 0.006" in page.labels
    await ann.click("Favourite", message=page)
    await ann.until(lambda _: "★ Favourite" in page.labels)
    assert "Buy from 0.006" in page.labels


async def test_a_button_of_another_page_takes_no_card_away(bot_world: World) -> None:
    """A tap on Buy that comes from a message with a card gets a card of its own; both stay in the chat."""
    ann = await bot_world.customer()
    late = await bot_world.open_page(ann, "WhatsApp")
    data = next(button.data for button in late.buttons if button.text.startswith("Buy at"))
    assert data is not None
    first = await bot_world.buy(ann)
    card = await ann.sees(f"📱 {pretty(first.phone)}")
    await ann.press(data, message=card)
    await ann.sees("WhatsApp · Vietnam", "Waiting for the code")
    assert [message.shows(pretty(first.phone)) for message in ann.messages].count(True) == 1
    assert card.shows("Telegram", pretty(first.phone))


async def test_a_sold_out_service_says_so_once(bot_world: World) -> None:
    """The operators have no counts then; the screen and the page offer an alert, and no Buy."""
    bot_world.provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    screen = await ann.sees("Sold out right now", after=await ann.send("telegram"))
    assert screen.text.count("old out") == 1
    assert not [label for label in screen.labels if "none" in label]
    assert "🔔 Notify me" in screen.labels
    await ann.click("Viettel", message=screen)
    await ann.until(lambda _: "Operator: Viettel" in screen.text)
    assert screen.text.count("old out") == 1
    assert not [label for label in screen.labels if label.startswith("Buy")]
    assert "🔔 Notify me" in screen.labels


async def test_a_service_sold_out_in_one_country_offers_the_others(world: World) -> None:
    """The other countries stand on the screen that says sold out."""
    world.provider.dialect = WORLDWIDE
    world.provider.set_stock("tg", 0, country="10")
    world.provider.set_stock("tg", 50, country="22", price=Decimal("0.30"))
    await world.start(countries="all")
    ann = await world.customer()
    screen = await ann.sees("Sold out in Vietnam", after=await ann.send("telegram vietnam"))
    assert screen.labels[0] == "🇮🇳 India · 0.30"
    await ann.click("🇮🇳 India", message=screen)
    await ann.sees("Buy this number?", "Country: India")


async def test_an_unknown_command_has_a_way_on(bot_world: World) -> None:
    """An unknown command, a photo and an edited message are answered with Home and another screen."""
    ann = await bot_world.customer()
    await ann.send("/nonsense")
    answer = await ann.sees("don’t know this command")
    assert answer.labels == ["Help", "Home"]
    await ann.send_photo()
    assert (await ann.sees("only read text")).labels == ["Buy a number", "Home"]
    await ann.click("Help", message=answer)
    await ann.sees("How it works")


@pytest.mark.parametrize("operator", ["", "Viettel"])
async def test_a_page_that_was_sold_out_has_buy_as_soon_as_there_are_numbers(
    bot_world: World, operator: str
) -> None:
    """Before a page leaves out Buy it asks again, so an old count hides no numbers."""
    bot_world.provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    typed = f"telegram {operator}".strip()
    if operator:
        await ann.sees("Sold out right now", "Operator: ", after=await ann.send(typed))
    else:
        await ann.press("c:10:tg:0:0")
        await ann.sees("Sold out right now", "Operator: ")
    bot_world.provider.set_stock("tg", 400)
    if operator:
        page = await ann.sees("Operator: ", after=await ann.send(typed))
    else:
        await ann.press("c:10:tg:0:0")
        page = await ann.sees("Operator: ")
    await ann.until(lambda _: "Buy this number?" in page.text)
    assert any(label.startswith("Buy at") for label in page.labels)
