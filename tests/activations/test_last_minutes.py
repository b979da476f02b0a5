"""Three minutes left and no code: the card says so once, and offers to go on at another operator."""

import sqlite3
from contextlib import closing

import pytest

from bot.sandbox.provider import FaultKind, Number, NumberState
from bot.sandbox.telegram import Person
from tests.conftest import World

NOTE = "Less than 3 minutes left"
ELSEWHERE = "Cancel, get another"
LIFETIME = 1200


def drawings(world: World) -> int:
    """Return how often the only card was wanted anew, as the journal counts it."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        (count,) = connection.execute("SELECT card_version FROM activations").fetchone()
    return int(count)


async def running_out(world: World) -> tuple[Person, Number]:
    """Return a person with a number that has three minutes left, and the number."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    number = await world.buy(ann)
    world.pass_time(LIFETIME - 179)
    await ann.sees("Waiting for the code", NOTE, ELSEWHERE)
    return ann, number


async def test_the_card_says_that_little_time_is_left(world: World) -> None:
    """With three minutes left the card gets its note, drawn once, and the provider is not asked for it."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    await world.buy(ann)
    card = await ann.sees("Waiting for the code")
    await ann.click("I’ve requested the code")
    world.pass_time(LIFETIME - 185)
    assert NOTE not in card.text
    before, asked = drawings(world), len(world.provider.requests)
    world.pass_time(6)
    await ann.sees(
        "Waiting for the code", NOTE, "Ask the app to send it again", "I’ve requested the code", ELSEWHERE
    )
    world.pass_time(20)
    await ann.send("/help")
    await ann.sees("How it works")
    assert drawings(world) == before + 1
    assert len(world.provider.requests) == asked


async def test_the_note_comes_after_a_restart_too(world: World) -> None:
    """If the moment passed while the bot was down, the card is drawn right after the start."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    await world.buy(ann)
    await world.kill()
    world.pass_time(LIFETIME - 100)
    await world.start()
    await ann.sees("Waiting for the code", NOTE, ELSEWHERE)


async def test_a_short_lived_number_has_no_note(world: World) -> None:
    """A number that lives six minutes at most is spared: it has just been bought."""
    await world.start(poll_interval=0.05, activation_lifetime=360)
    ann = await world.customer()
    await world.buy(ann)
    world.pass_time(200)
    asked = len(world.asked("getStatus"))
    await world.provider.wait_for(lambda _: len(world.asked("getStatus")) > asked + 2)
    ann.sees_no(NOTE)
    ann.sees_no(ELSEWHERE)


async def test_no_note_with_a_code_or_a_wish_to_cancel(world: World) -> None:
    """Whoever has a code, or wants a cancel anyway, is left in peace."""
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
    ann.sees_no(ELSEWHERE)


async def test_a_code_takes_the_note_away(world: World) -> None:
    """A code that comes in the last minutes is shown as any other, and the note is gone."""
    ann, number = await running_out(world)
    world.provider.deliver(number.id, "1111")
    await ann.click("I’ve requested the code")
    await world.stop()
    await world.start(poll_interval=0.05)
    await ann.sees("Code received", "1111")
    ann.sees_no(NOTE)


async def test_cancelling_for_another_operator(world: World) -> None:
    """The button cancels, and the operators of the same service are shown; nothing is bought by itself."""
    ann, number = await running_out(world)
    toast = await ann.click(ELSEWHERE)
    assert toast is not None
    assert toast.text.startswith("Cancelled.")
    assert number.state is NumberState.CANCELLED
    card = await ann.sees("✖️ Cancelled.", "Buy again")
    screen = await ann.sees("Telegram", "Choose an operator", after=card)
    await ann.click("Viettel", message=screen)
    await ann.sees("Buy this number?", "Viettel")
    assert len(world.asked("getNumber")) == 1


async def test_a_code_beats_the_cancel(world: World) -> None:
    """A code that is there at the tap wins: nothing is cancelled, and no operators are offered."""
    ann, number = await running_out(world)
    world.provider.deliver(number.id, "4711")
    chosen = len([message for message in ann.messages if "Choose an operator" in message.text])
    toast = await ann.click(ELSEWHERE)
    assert toast is not None
    assert toast.text == "A new code has just arrived."
    await ann.sees("Code for Telegram", "4711")
    assert world.asked("setStatus") == []
    assert len([message for message in ann.messages if "Choose an operator" in message.text]) == chosen


async def test_an_end_by_the_provider_leads_nowhere(world: World) -> None:
    """A number that the provider has ended was not cancelled: that is said, and no operators are offered."""
    ann, number = await running_out(world)
    world.provider.cancel(number)
    toast = await ann.click(ELSEWHERE)
    assert toast is not None
    assert toast.text == "The number has already ended at the provider."
    card = await ann.sees("The provider ended this number.", "Buy again")
    await ann.send("/help")
    await ann.sees("How it works", after=card)
    ann.sees_no("Choose an operator")
    assert world.asked("setStatus") == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("BAD_STATUS", "refused to cancel this number. It’s still active."),
        ("EARLY_CANCEL_DENIED", "You can cancel this number from"),
        ("ACCESS_READY", "refused to cancel this number. It’s still active."),
    ],
)
async def test_without_the_providers_word_nothing_is_offered(world: World, body: str, words: str) -> None:
    """Refused, too early or unclear: said as with Cancel, the number stays, and no operators are offered."""
    ann, number = await running_out(world)
    world.provider.fail(FaultKind.BODY, action="setStatus", body=body, times=2)
    toast = await ann.click(ELSEWHERE)
    said = toast.text if toast is not None and toast.text else (await ann.sees(words)).text
    assert words in said
    assert number.state is NumberState.WAITING
    ann.sees_no("Choose an operator")
