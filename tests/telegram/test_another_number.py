"""Another number: it gives up a number that waits for its code, and opens the page of the next one."""

import pytest

from bot.sandbox.provider import FaultKind, Number, NumberState
from bot.sandbox.telegram import Message, Person
from bot.telegram.texts.phones import pretty
from bot.telegram.translations import Translations
from tests.conftest import World

ANOTHER = "Another number"
PAGE = "Buy this number?"


async def given_up(world: World, operator: str = "Any operator") -> tuple[Person, Number, Message, Message]:
    """Let a person tap Another number just after the purchase; return the card and the new page too."""
    ann = await world.customer()
    number = await world.buy(ann, operator=operator)
    card = ann.newest
    toast = await ann.click(ANOTHER, message=card)
    assert toast is not None
    assert toast.text.startswith("I’ll cancel it as soon as the provider allows it")
    page = await ann.sees(PAGE, after=card)
    return ann, number, card, page


async def test_another_number_takes_two_taps(bot_world: World) -> None:
    """In the first minute: Another number, Buy. Both messages say what happens to the first number."""
    ann, first, card, page = await given_up(bot_world)
    await ann.until(lambda _: card.shows("I’ll cancel it at") and card.shows("Don’t cancel"))
    assert f"You asked me to cancel Telegram · {pretty(first.phone)} at" in page.text
    assert len(bot_world.asked("getNumber")) == 1
    await ann.click("Buy at", message=page)
    await ann.until(lambda _: page.shows("Waiting for the code"))
    assert len(bot_world.provider.ledger) == 2
    assert bot_world.asked("setStatus") == []
    bot_world.pass_time(125)
    await ann.sees("Cancelled, as you asked.")
    states = [bot_world.provider.numbers[sold.id].state for sold in bot_world.provider.ledger]
    assert states == [NumberState.CANCELLED, NumberState.WAITING]
    assert first.state is NumberState.CANCELLED


async def test_it_cancels_at_once_when_that_is_allowed(bot_world: World) -> None:
    """Later the number is cancelled before the page is shown, and the page says so."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(125)
    card = ann.newest
    await ann.click(ANOTHER, message=card)
    page = await ann.sees(f"Telegram · {pretty(number.phone)} is cancelled.", PAGE, after=card)
    assert number.state is NumberState.CANCELLED
    assert "You asked me" not in page.text
    await ann.until(lambda _: card.shows("✖️ Cancelled."))


async def test_a_provider_that_wants_more_time(bot_world: World) -> None:
    """If the provider refuses the cancel as too early, it is planned, and the page is shown all the same."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(125)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="EARLY_CANCEL_DENIED")
    card = ann.newest
    await ann.click(ANOTHER, message=card)
    await ann.sees("You asked me to cancel", PAGE, after=card)
    await ann.until(lambda _: card.shows("I’ll cancel it at"))
    assert number.state is NumberState.WAITING
    bot_world.pass_time(65)
    await ann.sees("Cancelled, as you asked.")


async def test_a_code_of_the_first_number_arrives_meanwhile(bot_world: World) -> None:
    """The planned cancel is dropped, and the person gets the code."""
    ann, first, card, page = await given_up(bot_world)
    bot_world.provider.deliver(first.id, "4711")
    await ann.sees("4711 · Telegram")
    await ann.until(lambda _: card.shows("Code received"))
    bot_world.pass_time(125)
    await ann.click("Buy at", message=page)
    await ann.until(lambda _: page.shows("Waiting for the code"))
    assert bot_world.asked("setStatus") == []


async def test_other_operators_are_one_tap_away(bot_world: World) -> None:
    """The page is for any operator; it offers the others, but not the one that has just failed."""
    ann, first, _, page = await given_up(bot_world, "Viettel")
    assert "Operator: any" in page.text
    assert "Mobifone" in page.labels
    assert "Viettel" not in page.labels
    await ann.click("Mobifone", message=page)
    await ann.until(lambda _: page.shows("Mobifone") and page.shows(PAGE))
    assert f"You asked me to cancel Telegram · {pretty(first.phone)} at" in page.text
    await ann.click("Buy at", message=page)
    await ann.until(lambda _: page.shows("Waiting for the code"))
    assert [order.get("operator", "") for order in bot_world.asked("getNumber")] == ["viettel", "mobifone"]


async def test_the_plan_can_be_dropped(bot_world: World) -> None:
    """The number is kept, and a page that is opened then says nothing of a cancel."""
    ann, _, card, _ = await given_up(bot_world)
    await ann.until(lambda _: "Don’t cancel" in card.labels)
    assert ANOTHER in card.labels
    await ann.click("Don’t cancel", message=card)
    await ann.until(lambda _: ANOTHER in card.labels and "Cancel" in card.labels)
    page = await bot_world.open_page(ann)
    assert "You asked me" not in page.text


async def test_second_taps_buy_nothing(world: World) -> None:
    """A second tap on the card opens no second page, and Buy obeys no tap in its first second."""
    world.reading_time = 1.0
    world.clock.stop()
    await world.start(poll_interval=3600.0)
    world.pass_time(2)
    ann = await world.customer()
    page = await world.open_page(ann)
    await world.until_confirmed()
    world.pass_time(1.1)
    await ann.click("Buy at", message=page)
    await ann.until(lambda _: ANOTHER in page.labels)
    await world.until_confirmed()
    world.pass_time(1.1)
    card = page
    await ann.click(ANOTHER, message=card)
    page = await ann.sees(PAGE, after=card)
    await ann.until(lambda _: "Don’t cancel" in card.labels)
    for label, message in ((ANOTHER, card), ("Don’t cancel", card), ("Buy at", page)):
        toast = await ann.click(label, message=message)
        assert toast is not None
        assert toast.text == "Please check the details first."
    assert ann.newest is page
    assert card.shows("I’ll cancel it at")
    assert len(world.asked("getNumber")) == 1


async def test_other_operators_come_first_after_an_expiry(bot_world: World) -> None:
    """After the time without a code: Other operators, then Buy again; the card and the notice stay."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    card = ann.newest
    bot_world.provider.lifetime = 1230
    bot_world.pass_time(1201)
    await ann.sees("I’ll check once more for a late code")
    bot_world.pass_time(61)
    await ann.until(lambda _: card.shows("No code arrived in time."))
    assert [label for label in card.labels if label != "Home"][:2] == ["Other operators", "Buy again"]
    notice = await ann.sees("No code arrived in time.", after=card)
    assert notice.labels == ["Other operators", "Buy again", "Home"]
    for message in (card, notice):
        newest = ann.newest
        await ann.click("Other operators", message=message)
        await ann.sees("Choose an operator", after=newest)
        assert message.shows("No code arrived in time.")


async def test_a_number_with_a_code_offers_neither(bot_world: World) -> None:
    """With a code there is nothing to give up."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    card = ann.newest
    bot_world.provider.deliver(number.id, "4711")
    await ann.until(lambda _: card.shows("Code received"))
    assert ANOTHER not in card.labels
    await ann.click("Complete", message=card)
    await ann.until(lambda _: card.shows("✔️ Completed."))
    assert "Other operators" not in card.labels


@pytest.mark.parametrize("language", ["en", "vi", "ru"])
async def test_the_words_are_in_the_readers_language(bot_world: World, language: str) -> None:
    """The button, the card and the page speak the reader's language."""
    t = Translations().find(language)
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    card = ann.newest
    await ann.press(f"es:language:{language}")
    await ann.press("x:1", message=card)
    await ann.until(lambda _: f"Telegram · {pretty(number.phone)}" in ann.newest.text)
    await ann.until(lambda _: t.plain(ANOTHER) in card.labels and t.plain("Don’t cancel") in card.labels)
    assert len(t.plain(ANOTHER)) <= 16
    assert t.plain("Don’t cancel") in ann.newest.text
