"""The card: what may take its place, and what it keeps saying."""

from bot.sandbox.provider import FaultKind
from tests.conftest import World


async def test_no_screen_replaces_a_card(bot_world: World) -> None:
    """Home, tapped on the page that a purchase has just turned into its card, does not take its place.

    Of an unclear purchase the card is the only message that says so.
    """
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber")
    bot_world.provider.fail(FaultKind.STATUS, action="getActiveActivations", status=500, times=None)
    bot_world.provider.fail(FaultKind.STATUS, action="getBalance", status=500, times=None)
    buy, home = (button for row in page.rows for button in row if button.text in ("Buy", "Home"))
    assert buy.data
    assert home.data
    ann.tap(page, buy.data)
    ann.tap(page, home.data)
    await ann.sees("Tap a button, or just type the name", after=page)
    card = await ann.sees("It is unknown whether a number was bought")
    assert card.message_id == page.message_id


async def test_a_screen_from_an_ended_card_comes_below_it(bot_world: World) -> None:
    """Home and Buy again under an ended number leave its card and its codes where they are."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("The code is here")
    await ann.click("Complete")
    card = await ann.sees("✔️ Completed.", "1234")
    await ann.click("Home", message=card)
    await ann.sees("Tap a button, or just type the name", after=card)
    await ann.click("Buy again", message=card)
    await ann.sees("Buy this number?", after=card)
    assert "✔️ Completed." in card.text
