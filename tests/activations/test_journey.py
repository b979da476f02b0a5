"""The way of a user from the API key to the code, and the other ends of a number."""

import pytest

from bot.sandbox.provider import NumberState
from bot.telegram.texts.phones import pretty
from tests.activations.test_doubt import settled
from tests.conftest import World


async def test_a_user_buys_a_number_and_gets_the_code(bot_world: World) -> None:
    """From Start to Complete, with a second and a third code in between; all codes are stored."""
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
    assert card.shows(pretty(number.phone), f"+{number.phone}")
    world.provider.deliver(number.id, "12345")
    await ann.sees("· Telegram", "12345")
    await ann.sees("Code received")
    for ordinal, text in ((2, "67890"), (3, "67890")):
        toast = await ann.click("Get another code")
        assert toast is not None
        assert toast.text == "Requested another code."
        await ann.sees("Waiting for another code")
        await world.provider.wait_for(lambda p: p.requests[-1].action == "getStatus")
        world.provider.deliver(number.id, text)
        await ann.sees(f"· Telegram · code {ordinal}", text)
    await ann.sees("Code received", "12345", "Code 3: 67890")
    await ann.click("Complete")
    await ann.sees("Completed.", "12345", "67890")
    assert number.state is NumberState.FINISHED
    assert len(world.provider.ledger) == 1
    assert {request.get("status") for request in world.asked("setStatus")} == {"3", "6"}


async def test_the_quote_becomes_the_card(bot_world: World) -> None:
    """The message with the quote is edited into the card."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    await ann.click("Buy")
    card = await ann.sees("Waiting for the code")
    assert card.message_id == page.message_id


async def test_sms_sent_is_reported_to_the_provider(bot_world: World) -> None:
    """SMS sent sets status 1, and the number stays in the waiting state."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    toast = await ann.click("I’ve requested the code")
    assert toast is not None
    assert toast.text == "Checking more often now."
    assert number.ready
    await ann.sees("Waiting for the code")


async def test_cancel_is_refused_early_and_works_later(bot_world: World) -> None:
    """An early cancel sends no request; later the number is cancelled at the provider."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.sees("You can cancel this number from", "Cancel at")
    assert bot_world.asked("setStatus") == []
    bot_world.pass_time(121)
    toast = await ann.click("Cancel at", message=await ann.sees("Waiting for the code"))
    assert toast is not None
    assert toast.text == "Cancelled."
    card = await ann.sees("✖️ Cancelled.", "Balance afterwards: 10.00")
    assert "refund" not in card.text.lower()
    assert number.state is NumberState.CANCELLED


async def test_a_cancel_can_be_scheduled(bot_world: World) -> None:
    """After an early cancel, the bot can cancel as soon as the provider allows it."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.sees("Shall I cancel it then")
    await ann.click("Cancel at")
    await ann.sees("I’ll cancel it at")
    bot_world.pass_time(121)
    await ann.sees("Cancelled, as you asked.", "Balance afterwards: 10.00")
    assert number.state is NumberState.CANCELLED


async def test_a_scheduled_cancel_can_be_dropped(bot_world: World) -> None:
    """Dropping a scheduled cancel keeps the number after the time of the scheduled cancel."""
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


async def test_a_code_prevents_a_cancel(bot_world: World) -> None:
    """If a code is there when Cancel is tapped, it is shown and nothing is cancelled."""
    await bot_world.stop()
    await bot_world.start(poll_interval=3600.0)
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.deliver(number.id, "4711")
    toast = await ann.click("Cancel")
    assert toast is not None
    assert toast.text == "A new code has just arrived."
    await ann.sees("· Telegram", "4711")
    assert bot_world.asked("setStatus") == []


async def test_a_number_without_a_code_expires(bot_world: World) -> None:
    """Without a code the number expires after two final checks, and the user is notified once."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    # The provider keeps the number open for longer than the bot expects.
    bot_world.provider.lifetime = 1230
    polls = len(bot_world.asked("getStatus"))
    bot_world.pass_time(1201)
    await ann.sees("I’ll check once more for a late code")
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > polls)
    bot_world.pass_time(61)
    await ann.sees("No code arrived in time.", "Buy again")
    words = "No code arrived in time."
    await ann.until(lambda person: sum(words in message.text for message in person.messages) == 2)


async def test_the_final_check_finds_a_late_code(bot_world: World) -> None:
    """A code found by the final check is delivered and marked as late."""
    await bot_world.stop()
    await bot_world.start(poll_interval=3600.0)
    bot_world.provider.lifetime = 100_000
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(1201)
    await ann.sees("I’ll check once more for a late code")
    await settled(bot_world)  # the card is drawn before the final check has its time
    bot_world.provider.deliver(number.id, "0042")
    bot_world.pass_time(61)
    await ann.sees("late code", "0042")


async def test_buy_again(bot_world: World) -> None:
    """Buy again shows a new quote for the same purchase and buys nothing by itself."""
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
    """The text of an SMS is delivered unchanged."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, text)
    message = await ann.sees("📩", text)
    await ann.click(message.labels[0], message=message)
    assert ann.clipboard == text


async def test_a_long_text_is_sent_in_several_messages(bot_world: World) -> None:
    """A text longer than a Telegram message is delivered completely in several messages."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    words = " ".join(f"word{index}" for index in range(500))
    bot_world.provider.deliver(number.id, words)
    await ann.sees("word499")
    received = "".join(
        message.text for message in ann.messages if message.from_bot and "word" in message.text
    )
    assert all(f"word{index}" in received for index in range(500))
