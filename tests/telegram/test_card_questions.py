"""Questions and words about one number stand on its card, and leave no message that becomes untrue."""

import pytest

from bot.sandbox.provider import SMS_ACTIVATE, FaultKind, Number, NumberState
from bot.sandbox.telegram import Message, Person
from bot.telegram.texts.phones import pretty
from tests.conftest import KEY, World

QUESTION = "Shall I cancel it then if no code arrives?"
CARD = ["I’ve requested the code", "Another number", "☆ Favourite", "Cancel", "📝 Note", "Home"]
"""The buttons of a card below those that copy its number."""
QUESTION_ROWS = [*CARD[:2], "Cancel at", "Keep it", "☆ Favourite", "Home"]
"""Those of a card that asks whether to cancel later."""


def from_bot(person: Person) -> list[int]:
    """Return the ids of the bot's messages."""
    return [message.message_id for message in person.messages if message.from_bot]


def asks(message: Message) -> bool:
    """Return whether a card asks whether to cancel later."""
    labels = ["Cancel at" if label.startswith("Cancel at") else label for label in message.labels]
    return QUESTION in message.text and labels[2:] == QUESTION_ROWS


async def asked_early(world: World) -> tuple[Person, Number, Message]:
    """Let a person tap Cancel too early; return the card with the question."""
    ann = await world.customer()
    number = await world.buy(ann)
    card = await ann.sees("Waiting for the code", pretty(number.phone))
    before = from_bot(ann)
    toast = await ann.click("Cancel", message=card)
    assert toast is not None
    assert toast.text.startswith("You can cancel this number from")
    await ann.until(lambda _: asks(card))
    assert from_bot(ann) == before
    return ann, number, card


async def test_keeping_the_number(bot_world: World) -> None:
    """Keep it: the card has its own buttons again, and no message is left."""
    ann, _, card = await asked_early(bot_world)
    before = from_bot(ann)
    await ann.click("Keep it", message=card)
    await ann.until(lambda _: card.labels[2:] == CARD)
    assert QUESTION not in card.text
    assert from_bot(ann) == before


async def test_planning_the_cancel(bot_world: World) -> None:
    """Cancel at 17:35: the card shows the planned cancel, which can be dropped; then Cancel asks again."""
    ann, _, card = await asked_early(bot_world)
    before = from_bot(ann)
    await ann.click("Cancel at", message=card)
    await ann.until(lambda _: "I’ll cancel it at" in card.text and "Don’t cancel" in card.labels)
    assert QUESTION not in card.text
    await ann.click("Don’t cancel", message=card)
    await ann.until(lambda _: card.labels[2:] == CARD)
    await ann.click("Cancel", message=card)
    await ann.until(lambda _: asks(card))
    assert from_bot(ann) == before


async def test_a_code_ends_the_question(bot_world: World) -> None:
    """With a code the question is gone, and its old buttons are answered and change nothing."""
    ann, number, card = await asked_early(bot_world)
    old = [button.data for button in card.buttons if button.data and button.data.startswith("l:")]
    assert len(old) == 2
    bot_world.provider.deliver(number.id, "1234")
    await ann.until(lambda _: "Code received" in card.text)
    assert QUESTION not in card.text
    for data in old:
        toast = await ann.press(data, message=card)
        assert toast is not None
        assert "not possible" in toast.text
    bot_world.pass_time(200)
    assert bot_world.asked("setStatus") == []


async def test_the_question_is_answered_late(bot_world: World) -> None:
    """When the time has come, "Cancel at" cancels at once."""
    ann, number, card = await asked_early(bot_world)
    bot_world.pass_time(121)
    toast = await ann.click("Cancel at", message=card)
    assert toast is not None
    assert toast.text == "Cancelled."
    assert number.state is NumberState.CANCELLED
    await ann.until(lambda _: "✖️ Cancelled." in card.text)
    ann.sees_no("as you asked")


@pytest.mark.parametrize(("answer", "shows"), [("Keep it", "Cancel"), ("Cancel at", "Don’t cancel")])
async def test_a_restart_in_the_middle(bot_world: World, answer: str, shows: str) -> None:
    """The buttons of a question work after a restart; the card has its own buttons after them."""
    ann, _, card = await asked_early(bot_world)
    await bot_world.kill()
    await bot_world.start()
    await ann.click(answer, message=card)
    await ann.until(lambda _: shows in card.labels)
    assert QUESTION not in card.text


async def test_a_redraw_after_a_restart_shows_the_buttons_of_the_state(bot_world: World) -> None:
    """A question does not survive a restart: the next redraw brings the card's own buttons back."""
    ann, _, card = await asked_early(bot_world)
    await bot_world.stop()
    await bot_world.start()
    await ann.click("☆ Favourite", message=card)
    await ann.until(lambda _: card.labels[2:] == [label.replace("☆", "★") for label in CARD])


async def test_a_question_asked_by_an_earlier_version(bot_world: World) -> None:
    """The buttons under a message of its own still work; the message goes, and the card comes below."""
    ann = await bot_world.customer()
    home = ann.newest
    await bot_world.buy(ann)
    card = await ann.sees("Waiting for the code")
    toast = await ann.press("l:1:1", message=home)
    assert toast is not None
    assert toast.text.startswith("I’ll cancel it as soon as")
    await ann.until(lambda _: home.deleted and card.deleted)
    await ann.sees("I’ll cancel it at", "Don’t cancel", after=card)


async def unclear(world: World) -> tuple[Person, Message, list[Number]]:
    """Let a person choose between two numbers of an unclear purchase; return the card with the question."""
    world.provider.dialect = SMS_ACTIVATE
    ann = await world.customer()
    failing = world.provider.fail(FaultKind.STATUS, status=503, action="getActiveActivations", times=None)
    page = await world.open_page(ann)
    world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber")
    await ann.click("Buy", message=page)
    await ann.until(lambda _: "It’s unclear whether a number was bought" in page.text)
    world.provider.buy(world.provider.accounts[KEY], "tg", "10")
    world.provider.heal(failing)
    world.pass_time(11)
    await ann.until(lambda _: "numbers that may be from this purchase" in page.text)
    before = from_bot(ann)
    await ann.click("Check again", message=page)
    await ann.until(lambda _: "Which of these numbers in your account is from this purchase?" in page.text)
    assert from_bot(ann) == before
    return ann, page, list(world.provider.numbers.values())


@pytest.mark.parametrize("restart", [False, True])
async def test_candidates_are_asked_about_on_the_card(bot_world: World, *, restart: bool) -> None:
    """The candidates are buttons of the card, which then shows the chosen one, also after a restart."""
    ann, card, numbers = await unclear(bot_world)
    assert card.labels == [
        *(f"{number.phone} · {number.id}" for number in numbers),
        "Check again",
        "☆ Favourite",
        "Home",
    ]
    before = from_bot(ann)
    if restart:
        await bot_world.kill()
        await bot_world.start()
    await ann.click(numbers[1].id, message=card)
    await ann.until(lambda _: card.shows("Waiting for the code", pretty(numbers[1].phone)))
    assert numbers[0].id not in " ".join(card.labels)
    assert from_bot(ann) == before


async def test_an_id_of_any_length_can_be_chosen(bot_world: World) -> None:
    """An id that is too long for a button, or has signs that do not fit, can be chosen."""
    listed = [{"activationId": name * 30, "phoneNumber": f"8491234567{n}"} for n, name in enumerate("x-")]
    body = {"status": "success", "activeActivations": [{"serviceCode": "tg", **row} for row in listed]}
    ann, card, _ = await unclear(bot_world)
    bot_world.provider.fail(
        FaultKind.BODY, action="getActiveActivations", body=repr(body).replace("'", '"'), times=None
    )
    await ann.click("Check again", message=card)
    await ann.until(lambda _: "-----" in " ".join(card.labels))
    await ann.click("84912345671", message=card)
    await ann.until(lambda _: card.shows("Waiting for the code", pretty("84912345671")))


async def test_a_slow_provider_leaves_no_messages(world: World) -> None:
    """A tap is answered with what is being done; the card shows the result, or why there is none."""
    world.patience = 0.25
    await world.start()
    assert world.app is not None
    ann = await world.customer()
    await world.buy(ann)
    card = await ann.sees("Waiting for the code")
    world.pass_time(125)  # the provider cancels no newer number
    before = from_bot(ann)
    steps = [
        ("I’ve requested the code", "Checking more often now.", "Waiting for the code", None),
        ("Cancel", "Cancelling…", "The provider refused to cancel this number.", "BAD_STATUS"),
        ("Cancel", "Cancelling…", "✖️ Cancelled.", None),
    ]
    for label, doing, shows, body in steps:
        await ann.press("nothing")  # handled after the taps before it
        if body is not None:
            world.provider.fail(FaultKind.BODY, action="setStatus", body=body)
        async with world.app.features.status_checks.lock(1):  # a slow request holds it
            toast = await ann.click(label, message=card)
        assert toast is not None
        assert toast.text == doing
        await until_shows(ann, card, shows)
    assert "refused" not in card.text
    assert from_bot(ann) == before


async def until_shows(person: Person, message: Message, fragment: str) -> None:
    """Wait until a message shows this."""
    await person.until(lambda _: message.shows(fragment))
