"""The card: what may take its place, what it keeps saying, and that there is one of each number."""

import sqlite3
from contextlib import closing

import pytest

from bot.sandbox.provider import SMS_ACTIVATE, FaultKind
from bot.sandbox.telegram import Message
from bot.telegram import texts
from bot.telegram.translations import Translations
from tests.conftest import KEY, World


async def test_no_screen_replaces_a_card(bot_world: World) -> None:
    """Home, tapped on the page that a purchase has just turned into its card, does not take its place.

    Of an unclear purchase the card is the only message that says so.
    """
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber")
    bot_world.provider.fail(FaultKind.STATUS, action="getActiveActivations", status=500, times=None)
    bot_world.provider.fail(FaultKind.STATUS, action="getBalance", status=500, times=None)
    home, buy = (
        button for row in page.rows for button in row if button.text == "Home" or "Buy at" in button.text
    )
    assert buy.data
    assert home.data
    ann.tap(page, buy.data)
    ann.tap(page, home.data)
    await ann.sees("Tap a button or type a service name", after=page)
    card = await ann.sees("It’s unclear whether a number was bought")
    assert card.message_id == page.message_id


async def test_a_number_of_another_country_is_said(bot_world: World) -> None:
    """The card says at once that the number is not from the country that was asked for."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body="ACCESS_NUMBER:735300112:5511987654321")
    await ann.click("Buy")
    await ann.sees("This number is from Brazil (+55), not Vietnam.", "Cancel")
    number = await bot_world.buy(ann)
    card = await ann.sees("Waiting for the code", number.phone)
    assert "not Vietnam" not in card.text


async def test_a_found_number_of_another_country_is_said(bot_world: World) -> None:
    """The notice that an unclear purchase went through, and its card, say it too."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    await bot_world.buy_unclearly(ann)
    number = bot_world.provider.buy(bot_world.provider.accounts[KEY], "tg", "10")
    number.phone = "5511987654321"
    bot_world.pass_time(61)
    await ann.sees("The purchase went through", "This number is from Brazil (+55), not Vietnam.")
    await ann.sees("Waiting for the code", "This number is from Brazil (+55), not Vietnam.")


@pytest.mark.parametrize(
    ("phone", "country", "said"),
    [
        ("84912345678", "10", None),
        ("5511987654321", "10", "is from Brazil (+55), not X."),
        ("77011234567", "0", "is from Kazakhstan (+7), not X."),
        ("79161234567", "0", None),
        ("14165550123", "187", "is from Canada (+1), not X."),
        ("12025550147", "12", None),
        ("70000000000", "0", None),  # no such number, so its country is not known
        ("88216123456789", "10", "begins with +882; numbers of X begin with +84."),
        ("5511987654321", "9999", None),  # a country that the bot does not know
        ("123", "10", None),
    ],
)
def test_the_country_of_a_number(phone: str, country: str, said: str | None) -> None:
    """A number is said to be from another country only if that is sure."""
    found = texts.phones.other_country(Translations().find("en"), phone, country, "X")
    assert found is None if said is None else said in (found or "")


async def test_a_screen_from_an_ended_card_comes_below_it(bot_world: World) -> None:
    """Home and Buy again under an ended number leave its card and its codes where they are."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("Code received")
    await ann.click("Complete")
    card = await ann.sees("✔️ Completed.", "1234")
    await ann.click("Home", message=card)
    await ann.sees("Tap a button or type a service name", after=card)
    await ann.click("Buy again", message=card)
    await ann.sees("Buy this number?", after=card)
    assert "✔️ Completed." in card.text


async def test_an_ended_number_has_one_card(bot_world: World) -> None:
    """Opened from the history, an ended number's card moves: no older one goes on showing its code."""
    ann = await bot_world.customer()
    await ann.send("/settings")
    await ann.click("Delete codes", message=await ann.sees("Settings", "Price limit"))
    await ann.click("after 5 min")
    await ann.sees("✓ after 5 min")
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("Code received", "1234")
    await ann.click("Complete")
    old = await ann.sees("✔️ Completed.", "1234")
    await ann.send("/history")
    listed = await ann.sees("1 number. Tap it")
    await ann.click("Telegram", message=listed)
    card = await ann.sees("✔️ Completed.", "1234", after=listed)
    await ann.until(lambda _: old.deleted)
    bot_world.pass_time(301)
    await ann.until(lambda _: "Codes are hidden" in card.text)
    assert not [message for message in ann.messages if "1234" in message.text]


async def test_a_card_that_is_too_old_to_be_deleted_keeps_no_code(bot_world: World) -> None:
    """What Telegram no longer deletes says where the card is now, and nothing else."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("Code received", "1234")
    await ann.click("Complete")
    old = await ann.sees("✔️ Completed.", "1234")
    await ann.send("/history")
    listed = await ann.sees("1 number. Tap it")
    opening = ann.tap(listed, carried(listed, "Telegram"))
    bot_world.telegram.limits.delete_seconds = -1
    await ann.until(lambda _: opening.answered)
    await ann.sees("✔️ Completed.", "1234", after=listed)
    assert "1234" not in old.text
    assert old.labels == []


async def test_a_number_that_ends_while_its_card_is_opened_is_not_asked_about(bot_world: World) -> None:
    """What the card's move finds in the journal counts, not how the number stood a moment before."""
    ann = await bot_world.customer()
    await bot_world.stop()
    await bot_world.start(poll_interval=3600.0)  # nothing else looks at the number
    app = bot_world.app
    assert app is not None
    await bot_world.buy(ann)
    listed = await ann.sees("1 active number", after=await ann.send("/active"))
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection:
        connection.execute(
            """CREATE TRIGGER ends BEFORE UPDATE OF card_message_id ON activations
               WHEN new.card_message_id IS NULL BEGIN
               UPDATE activations SET state = 'cancelled', ending = 'provider', ended_at = 1; END"""
        )
        assert len(app.schedule) == 1
        await ann.click("Telegram", message=listed)
        await ann.sees("The provider ended this number", after=listed)
        assert len(app.schedule) == 0


def carried(message: Message, label: str) -> str:
    """Return what the first button with these words carries."""
    return next(button.data for button in message.buttons if label in button.text and button.data)
