"""One person goes all the way: from the key to the code, and back out."""

from tests.conftest import World


async def test_a_person_buys_a_number_and_gets_the_code(bot_world: World) -> None:
    """From Start to Complete, with a second code in between."""
    world = bot_world
    ann = await world.customer()
    await ann.click("Buy a number")
    await ann.sees("Choose a service")
    await ann.click("Telegram")
    await ann.sees("Choose an operator")
    await ann.click("Viettel")
    await ann.sees("Buy this number?")
    await ann.click("Buy")
    card = await ann.sees("Waiting for the code")
    (number,) = world.provider.numbers.values()
    assert f"+{number.phone}" in card.text
    world.provider.deliver(number.id, "12345")
    await ann.sees("Code for Telegram", "12345")
    await ann.sees("The code is here")
    await ann.click("Resend")
    await ann.sees("Waiting for another code")
    world.provider.deliver(number.id, "67890")
    await ann.sees("Code 2 for Telegram", "67890")
    await ann.sees("The code is here", "12345", "67890")
    await ann.click("Complete")
    await ann.sees("Completed.")
    assert number.state.value == "finished"
    assert len(world.provider.ledger) == 1
