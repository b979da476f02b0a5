"""Alternatives to a sold-out service: other operators and countries, one tap from a new quote."""

from decimal import Decimal

from bot.sandbox.provider import WORLDWIDE, FaultKind
from bot.sandbox.telegram import Message, Person
from tests.conftest import World

TELL = "🔔 Notify me"
STAR = "☆ Favourite"


async def test_a_refused_purchase_shows_operators_with_numbers(bot_world: World) -> None:
    """The card of a purchase refused for lack of numbers offers the operators that have some."""
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


async def test_no_operator_has_numbers(bot_world: World) -> None:
    """If all answers arrived and no operator has numbers, the screen says so."""
    provider = bot_world.provider
    ann = await bot_world.customer()
    await ann.press("c:10:tg:0:0")
    page = await ann.sees("Buy this number?")
    provider.set_stock("tg", 0)
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought", "Sold out everywhere")
    assert card.labels == [TELL, "Try again", STAR, "Home"]


async def test_a_quote_without_numbers_shows_operators_with_numbers(bot_world: World) -> None:
    """The quote offers other operators, and a tap on one shows another quote."""
    bot_world.provider.set_stock("tg", 0, operator="viettel")
    bot_world.provider.set_stock("tg", 9, operator="mobifone")
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann, operator="Viettel")
    assert "Sold out right now" in page.text
    assert not [label for label in page.labels if label.startswith("Buy")]
    assert "Mobifone · 9" in page.labels
    await ann.click("Mobifone · 9", message=page)
    await ann.until(lambda _: "Operator: Mobifone" in page.text)
    assert "Buy this number?" in page.text
    assert bot_world.provider.ledger == []


async def test_a_failed_search_for_alternatives_can_be_retried(bot_world: World) -> None:
    """If no answer arrived, the card says only that there are no numbers, and has a button to look again."""
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
    await ann.sees("still lists numbers here, but may not have them", "Viettel · 6")
    assert provider.ledger == []


async def test_other_countries_come_cheapest_first(world: World) -> None:
    """With several countries on offer, those with numbers are offered, cheapest first."""
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
    assert card.labels[:2] == ["🇮🇩 Indones. 0.30", "🇮🇳 India · 0.50"]
    await ann.click("🇮🇩", message=card)
    await ann.sees("Buy this number?", "Country: Indonesia", "about 0.30", after=card)
    assert world.provider.ledger == []


async def test_other_refusals_offer_no_alternatives(bot_world: World) -> None:
    """Only a lack of numbers offers alternatives; a low balance does not."""
    account = bot_world.provider.open_account("poor-key-0123456789")
    ann = await bot_world.customer(key="poor-key-0123456789")
    page = await bot_world.open_page(ann)
    account.balance = Decimal("0.01")  # spent elsewhere after the page was drawn
    await ann.click("Buy", message=page)
    card = await ann.sees("Nothing was bought", "balance")
    assert card.labels == ["Try again", STAR, "Home"]


NONE = "NO_NUMBERS"


async def refused(world: World, ann: Person, operator: str) -> Message:
    """Buy at an operator, which the provider refuses although it lists numbers; return the card."""
    page = await world.open_page(ann, operator=operator)
    world.provider.fail(FaultKind.BODY, action="getNumber", body=NONE)
    await ann.click("Buy", message=page)
    await ann.until(lambda _: TELL in page.labels)
    return page


async def test_a_refused_operator_is_not_recommended(bot_world: World) -> None:
    """After two refusals neither operator is offered for a minute, whatever the provider lists."""
    provider = bot_world.provider
    for operator, count in (("viettel", 5), ("mobifone", 3), ("vinaphone", 40), ("vietnamobile", 0)):
        provider.set_stock("tg", count, operator=operator)
    ann = await bot_world.customer()
    card = await refused(bot_world, ann, "Viettel")
    assert card.labels[:2] == ["Vinaphone · 40", "Mobifone · 3"]
    provider.set_stock("tg", 30, operator="vinaphone")
    card = await refused(bot_world, ann, "Mobifone")
    assert card.labels[:2] == ["Vinaphone · 30", TELL]
    assert "Available elsewhere:" in card.text
    bot_world.pass_time(61)
    await ann.click("Vinaphone", message=card)
    page = await ann.sees("Buy this number?", "Vinaphone", after=card)
    provider.set_stock("tg", 0, operator="vinaphone")
    await ann.click("Buy", message=page)
    await ann.until(lambda _: {"Viettel · 5", "Mobifone · 3"} <= set(page.labels))


async def test_a_refusal_at_any_operator_promises_nothing(bot_world: World) -> None:
    """If the provider refuses any operator and still lists counts, the card says that they are doubtful."""
    ann = await bot_world.customer()
    card = await refused(bot_world, ann, "Any operator")
    assert "The provider still lists numbers here, but may not have them:" in card.text
    assert "elsewhere" not in card.text
    assert card.labels[0].startswith(("Viettel", "Mobifone", "Vinaphone", "Vietnamobile"))
    await ann.click(card.labels[0], message=card)
    page = await ann.sees("Buy this number?", "just refused this as sold out", after=card)
    assert "Shown as sold out" not in page.text
    bot_world.pass_time(61)
    page = await bot_world.open_page(ann)
    assert "just refused" not in page.text


async def test_a_refusal_expires_what_was_known(bot_world: World) -> None:
    """The list of operators that is opened right after a refusal is a fresh one."""
    provider = bot_world.provider
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    provider.set_stock("tg", 0)
    await ann.click("Buy", message=page)
    await ann.until(lambda _: "Sold out everywhere" in page.text)
    await ann.press("o:10:tg:0")
    screen = await ann.sees("Choose an operator", "Sold out right now", after=page)
    assert screen.labels[:2] == ["Any operator", "Mobifone"]  # with a count, operators come first again


async def test_a_refused_price_expires_what_was_known(bot_world: World) -> None:
    """If the provider asks for a higher price, the next page shows the current one."""
    provider = bot_world.provider
    provider.set_stock("tg", 50, price=Decimal("0.40"))
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    provider.set_stock("tg", 50, price=Decimal("0.50"))
    provider.fail(FaultKind.BODY, action="getNumber", body="WRONG_MAX_PRICE:0.50")
    await ann.click("Buy", message=page)
    await ann.sees("Nothing was bought.", "at least 0.50")
    await ann.click("Try again", message=page)
    await ann.sees("Buy this number?", "about 0.50", after=page)
