"""No numbers: what else has some is shown, cheapest first, one tap from a fresh confirmation page."""

from bot.sandbox.provider import WORLDWIDE, FaultKind
from tests.conftest import World

TELL = "🔔 Notify me"
STAR = "☆ Favourite"


async def test_a_refused_purchase_shows_who_has_numbers(bot_world: World) -> None:
    """The card of a purchase refused for want of numbers leads to the operators that have some."""
    provider = bot_world.provider
    for operator, count in (("viettel", 5), ("mobifone", 3), ("vinaphone", 40), ("vietnamobile", 0)):
        provider.set_stock("tg", count, operator=operator)
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann, operator="Viettel")
    provider.set_stock("tg", 0, operator="viettel")
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought", "sold out", "Available elsewhere")
    assert card.message_id == page.message_id
    assert card.labels == ["Vinaphone · 40", "Mobifone · 3", TELL, "Try again", STAR, "Home"]
    await ann.click("Vinaphone", message=card)
    fresh = await ann.sees("Buy this number?", "Vinaphone", after=card)
    assert "Nothing was bought" in card.text
    assert provider.ledger == []
    await ann.click("Buy", message=fresh)
    await ann.sees("Waiting for the code")
    assert [request["operator"] for request in bot_world.asked("getNumber")] == ["viettel", "vinaphone"]


async def test_nobody_has_any(bot_world: World) -> None:
    """When everybody answered and nobody has numbers, that is said."""
    provider = bot_world.provider
    provider.set_stock("tg", 0)
    ann = await bot_world.customer()
    await ann.press("c:10:tg:0:0")
    page = await ann.sees("Buy this number?")
    assert "Shown as sold out" in page.text
    assert "Sold out everywhere" in page.text
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought", "Sold out everywhere")
    assert card.labels == [TELL, "Try again", STAR, "Home"]


async def test_a_page_without_numbers_shows_who_has_some(bot_world: World) -> None:
    """Already the confirmation page says so, and a tap on another operator draws another page."""
    bot_world.provider.set_stock("tg", 0, operator="viettel")
    bot_world.provider.set_stock("tg", 9, operator="mobifone")
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann, operator="Viettel")
    assert "Shown as sold out" in page.text
    assert "Mobifone · 9" in page.labels
    await ann.click("Mobifone · 9", message=page)
    await ann.until(lambda _: "Operator: Mobifone" in page.text)
    assert "Shown as sold out" not in page.text
    assert bot_world.provider.ledger == []


async def test_a_look_that_failed_can_be_repeated(bot_world: World) -> None:
    """If nobody says where there are numbers, the card says the plain fact and has a button to look."""
    provider = bot_world.provider
    ann = await bot_world.customer()
    await ann.press("c:10:tg:0:0")
    page = await ann.sees("Buy this number?")
    provider.set_stock("tg", 0)
    provider.fail(FaultKind.STATUS, action="getNumbersStatus", status=503, times=None)
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought", "Find elsewhere")
    assert "elsewhere" not in card.text
    await ann.click("Find elsewhere", message=card)
    answer = await ann.sees("didn’t say where numbers are available", "Look again", after=card)
    provider.heal()
    provider.set_stock("tg", 6, operator="viettel")
    await ann.click("Look again", message=answer)
    await ann.sees("Available elsewhere", "Viettel · 6")
    assert provider.ledger == []


async def test_other_countries_come_cheapest_first(world: World) -> None:
    """With several countries those that have numbers are offered as well, by their price."""
    world.provider.dialect = WORLDWIDE
    for country, price, count in (("10", "0.20", 3), ("22", "0.50", 7), ("6", "0.30", 8), ("4", "0.10", 0)):
        world.provider.set_stock("tg", count, country=country, price=price)
    await world.start(countries="10,22,6,4")
    ann = await world.customer()
    await ann.press("c:10:tg:0:0")
    page = await ann.sees("Buy this number?")
    world.provider.set_stock("tg", 0, country="10")
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought", "Available elsewhere")
    assert card.labels[:2] == ["Indonesia · 0.30 · 8", "India · 0.50 · 7"]
    await ann.click("Indonesia", message=card)
    await ann.sees("Buy this number?", "Country: Indonesia", "about 0.30", after=card)
    assert world.provider.ledger == []


async def test_other_refusals_look_nowhere(bot_world: World) -> None:
    """Only a want of numbers is answered with other operators: with too little money they would not help."""
    bot_world.provider.open_account("poor-key-0123456789", "0.01")
    ann = await bot_world.customer(key="poor-key-0123456789")
    page = await bot_world.open_page(ann)
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought", "balance")
    assert card.labels == ["Try again", STAR, "Home"]
