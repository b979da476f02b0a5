"""The last three minutes without a code: a note on the card, and what Another number does then."""

import sqlite3
from contextlib import closing

import pytest

from bot.sandbox.provider import FaultKind, Number, NumberState
from bot.sandbox.telegram import Person
from bot.telegram.texts.phones import pretty
from tests.conftest import World

NOTE = "Less than 3 minutes left"
ANOTHER = "Another number"
LIFETIME = 1200


def card_versions(world: World) -> int:
    """Return how many versions the only card has had."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        (count,) = connection.execute("SELECT card_version FROM activations").fetchone()
    return int(count)


async def number_in_last_minutes(world: World) -> tuple[Person, Number]:
    """Return a person and their number, which has three minutes left."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    number = await world.buy(ann)
    world.pass_time(LIFETIME - 179)
    await ann.sees("Waiting for the code", NOTE, ANOTHER)
    return ann, number


async def test_the_card_says_that_little_time_is_left(world: World) -> None:
    """With three minutes left the card gets the note, in one update and without a request to the provider."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    await world.buy(ann)
    card = await ann.sees("Waiting for the code")
    await ann.click("I’ve requested the code")
    assert world.app is not None
    await world.app.jobs.finish(5)  # what was charged is stored
    world.pass_time(LIFETIME - 185)
    assert NOTE not in card.text
    before, asked = card_versions(world), len(world.provider.requests)
    world.pass_time(6)
    await ann.sees(
        "Waiting for the code", NOTE, "Ask the app to send it again", "I’ve requested the code", ANOTHER
    )
    world.pass_time(20)
    await ann.send("/help")
    await ann.sees("How it works")
    assert card_versions(world) == before + 1
    assert len(world.provider.requests) == asked


async def test_the_note_is_added_after_a_restart(world: World) -> None:
    """If the last minutes began while the bot was down, the card is updated at the start."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    await world.buy(ann)
    await world.kill()
    world.pass_time(LIFETIME - 100)
    await world.start()
    await ann.sees("Waiting for the code", NOTE, ANOTHER)


async def test_a_short_lived_number_has_no_note(world: World) -> None:
    """A number with a lifetime of at most six minutes gets no note."""
    await world.start(poll_interval=0.05, activation_lifetime=360)
    ann = await world.customer()
    await world.buy(ann)
    world.pass_time(200)
    asked = len(world.asked("getStatus"))
    await world.provider.wait_for(lambda _: len(world.asked("getStatus")) > asked + 2)
    ann.sees_no(NOTE)


async def test_no_note_with_a_code_or_a_scheduled_cancel(world: World) -> None:
    """A number with a code or with a scheduled cancel gets no note."""
    await world.start(cancel_after=1150)
    ann = await world.customer()
    with_code = await world.buy(ann)
    world.provider.deliver(with_code.id, "1111")
    await ann.sees("Code received")
    await world.buy(ann)
    await ann.click("Cancel")
    await ann.click("Cancel at")
    await ann.sees("I’ll cancel it at")
    world.pass_time(LIFETIME - 100)
    asked = len(world.asked("getStatus"))
    await world.provider.wait_for(lambda _: len(world.asked("getStatus")) > asked + 2)
    ann.sees_no(NOTE)


async def test_a_code_removes_the_note(world: World) -> None:
    """A code in the last minutes is shown as usual, and the note is removed."""
    ann, number = await number_in_last_minutes(world)
    world.provider.deliver(number.id, "1111")
    await ann.click("I’ve requested the code")
    await world.stop()
    await world.start(poll_interval=0.05)
    await ann.sees("Code received", "1111")
    ann.sees_no(NOTE)


async def test_the_number_is_cancelled_for_another_one(world: World) -> None:
    """The button cancels and shows a confirmation page; nothing is bought by itself."""
    ann, number = await number_in_last_minutes(world)
    toast = await ann.click(ANOTHER)
    assert toast is not None
    assert toast.text.startswith("Cancelled.")
    assert number.state is NumberState.CANCELLED
    card = await ann.sees("✖️ Cancelled.", "Other operators", "Buy again")
    await ann.sees(f"Telegram · {pretty(number.phone)} is cancelled.", "Buy this number?", after=card)
    assert len(world.asked("getNumber")) == 1


async def test_a_code_prevents_the_cancel(world: World) -> None:
    """If a code is there at the tap, nothing is cancelled and no other number is offered."""
    ann, number = await number_in_last_minutes(world)
    world.provider.deliver(number.id, "4711")
    toast = await ann.click(ANOTHER)
    assert toast is not None
    assert toast.text == "A new code has just arrived."
    await ann.sees("· Telegram", "4711")
    assert world.asked("setStatus") == []
    ann.sees_no("Buy this number?")


async def test_no_other_number_after_an_end_by_the_provider(world: World) -> None:
    """If the provider has ended the number, the bot says so and offers no other number."""
    ann, number = await number_in_last_minutes(world)
    world.provider.cancel(number)
    toast = await ann.click(ANOTHER)
    assert toast is not None
    assert toast.text == "The number has already ended at the provider."
    card = await ann.sees("The provider ended this number", "Buy again")
    await ann.send("/help")
    await ann.sees("How it works", after=card)
    ann.sees_no("Buy this number?")
    assert world.asked("setStatus") == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("BAD_STATUS", "refused to cancel this number. It’s still active."),
        ("ACCESS_READY", "refused to cancel this number. It’s still active."),
    ],
)
async def test_no_other_number_without_a_confirmed_cancel(world: World, body: str, words: str) -> None:
    """If the cancel is refused or unclear, the number stays and no other number is offered."""
    ann, number = await number_in_last_minutes(world)
    world.provider.fail(FaultKind.BODY, action="setStatus", body=body, times=2)
    toast = await ann.click(ANOTHER)
    said = toast.text if toast is not None and toast.text else (await ann.sees(words)).text
    assert words in said
    assert number.state is NumberState.WAITING
    ann.sees_no("Buy this number?")
