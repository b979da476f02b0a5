"""One person goes all the way: from the key to the code, and back out."""

import pytest

from bot.sandbox.provider import NumberState
from tests.conftest import World


async def test_a_person_buys_a_number_and_gets_the_code(bot_world: World) -> None:
    """From Start to Complete, with a second and a third code in between, all of them kept."""
    world = bot_world
    ann = await world.customer()
    await ann.click("Buy a number")
    await ann.sees("Choose a service")
    await ann.click("Telegram")
    await ann.sees("Choose an operator")
    await ann.click("Viettel")
    await ann.sees("Buy this number?", "Viettel", "about")
    await ann.click("Buy")
    card = await ann.sees("Waiting for the code")
    (number,) = world.provider.numbers.values()
    assert number.operator == "viettel"
    assert f"+{number.phone}" in card.text
    world.provider.deliver(number.id, "12345")
    await ann.sees("Code for Telegram", "12345")
    await ann.sees("Code received")
    for ordinal, text in ((2, "67890"), (3, "67890")):
        toast = await ann.click("Get another code")
        assert toast is not None
        assert toast.text == "Requested another code."
        await ann.sees("Waiting for another code")
        await world.provider.wait_for(lambda p: p.requests[-1].action == "getStatus")
        world.provider.deliver(number.id, text)
        await ann.sees(f"Code {ordinal} for Telegram", text)
    await ann.sees("Code received", "12345", "Code 3: 67890")
    await ann.click("Complete")
    await ann.sees("Completed.", "12345", "67890")
    assert number.state is NumberState.FINISHED
    assert len(world.provider.ledger) == 1
    assert {request.get("status") for request in world.asked("setStatus")} == {"3", "6"}


async def test_the_page_becomes_the_card(bot_world: World) -> None:
    """The card is one message, edited in place: the one that was the confirmation page."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    await ann.click("Buy")
    card = await ann.sees("Waiting for the code")
    assert card.message_id == page.message_id


async def test_sms_sent_is_reported_to_the_provider(bot_world: World) -> None:
    """The button for a requested code sets status 1, and the number goes on waiting."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    toast = await ann.click("I’ve requested the code")
    assert toast is not None
    assert toast.text == "Checking more often now."
    assert number.ready
    await ann.sees("Waiting for the code")


async def test_cancel_is_refused_early_and_done_later(bot_world: World) -> None:
    """Before the provider takes a cancel it is not even asked; afterwards the number is given back."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.sees("You can cancel this number from", "Cancel at")
    assert bot_world.asked("setStatus") == []
    bot_world.pass_time(121)
    toast = await ann.click("Cancel", message=await ann.sees("Waiting for the code"))
    assert toast is not None
    assert toast.text == "Cancelled."
    card = await ann.sees("✖️ Cancelled.", "Balance afterwards: 10.00")
    assert "refund" not in card.text.lower()
    assert number.state is NumberState.CANCELLED


async def test_cancel_can_be_left_to_the_bot(bot_world: World) -> None:
    """Whoever taps Cancel too early may have it done as soon as the provider allows."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.sees("Shall I cancel it then")
    await ann.click("Cancel at")
    await ann.sees("I’ll cancel it at")
    bot_world.pass_time(121)
    await ann.sees("Cancelled, as you asked.", "Balance afterwards: 10.00")
    assert number.state is NumberState.CANCELLED


async def test_a_wish_to_cancel_can_be_dropped(bot_world: World) -> None:
    """After the user drops the cancel, the number stays open beyond the time of the cancel."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.click("Cancel at")
    await ann.sees("I’ll cancel it at")
    await ann.click("Don’t cancel")
    await ann.sees("Waiting for the code", "I’ve requested the code", "Cancel")
    bot_world.pass_time(200)
    polls = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > polls + 2)
    assert number.state is NumberState.WAITING


async def test_a_code_comes_before_the_cancel(bot_world: World) -> None:
    """A code that is there when Cancel is tapped wins: it is shown, and nothing is cancelled."""
    await bot_world.stop()
    await bot_world.start(poll_interval=3600.0)
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.deliver(number.id, "4711")
    toast = await ann.click("Cancel")
    assert toast is not None
    assert toast.text == "A new code has just arrived."
    await ann.sees("Code for Telegram", "4711")
    assert bot_world.asked("setStatus") == []


async def test_time_runs_out(bot_world: World) -> None:
    """Without a code the number ends at its time, after two last looks, and the user hears it once."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    # The provider answers on for a while, so it is our clock that ends the number.
    bot_world.provider.lifetime = 100_000
    for number in bot_world.provider.numbers.values():
        number.bought_at += 50_000
    polls = len(bot_world.asked("getStatus"))
    bot_world.pass_time(1201)
    await ann.sees("I’ll check once more for a late code")
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > polls)
    bot_world.pass_time(61)
    await ann.sees("No code arrived in time.", "Buy again")
    words = "No code arrived in time."
    await ann.until(lambda person: sum(words in message.text for message in person.messages) == 2)


async def test_a_late_code_is_found_at_the_last_look(bot_world: World) -> None:
    """A code that comes with the last look is pushed and marked as late."""
    await bot_world.stop()
    await bot_world.start(poll_interval=3600.0)
    bot_world.provider.lifetime = 100_000
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(1201)
    await ann.sees("I’ll check once more for a late code")
    bot_world.provider.deliver(number.id, "0042")
    bot_world.pass_time(61)
    await ann.sees("Late code for Telegram", "0042")


async def test_buy_again(bot_world: World) -> None:
    """Buy again draws a new confirmation page for the same thing, and spends nothing by itself."""
    ann = await bot_world.customer()
    await bot_world.buy(ann, operator="Viettel")
    bot_world.pass_time(121)
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled.")
    await ann.click("Buy again")
    await ann.sees("Buy this number?", "Viettel")
    assert len(bot_world.provider.ledger) == 1


@pytest.mark.parametrize(
    "text", ["0012", "Yo.ur c.ode is: 123:456", '<b>1</b> & "2"', "NO_BALANCE", "👩‍👩‍👧 7"]
)
async def test_codes_are_opaque(bot_world: World, text: str) -> None:
    """Whatever an SMS says arrives as it is."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, text)
    message = await ann.sees("Code for Telegram", text)
    await ann.click("Copy code", message=message)
    assert ann.clipboard == text


async def test_a_very_long_code_arrives_whole(bot_world: World) -> None:
    """A text longer than a message allows comes in several, and none of it is missing."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    words = " ".join(f"word{index}" for index in range(500))
    bot_world.provider.deliver(number.id, words)
    await ann.sees("word499")
    received = "".join(
        message.text for message in ann.messages if message.from_bot and "word" in message.text
    )
    assert all(f"word{index}" in received for index in range(500))
