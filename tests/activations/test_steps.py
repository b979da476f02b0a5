"""The buttons of a card when the provider does not answer as expected."""

import pytest

from bot.sandbox.provider import FaultKind, Number, NumberState
from bot.sandbox.telegram import Person, Toast
from bot.storage import activations
from tests import factories
from tests.conftest import World


async def with_code(world: World, person: Person) -> Number:
    """Have a person buy a number and get a code."""
    number = await world.buy(person)
    world.provider.deliver(number.id, "1111")
    await person.sees("Code for Telegram", "1111")
    await person.sees("Code received", "Get another code", "Complete")
    return number


def words(toast: Toast | None) -> str:
    """Return what a toast says."""
    assert toast is not None
    return toast.text


async def to_be_cancelled(world: World, person: Person) -> Number:
    """Have a person buy a number that they want cancelled as soon as that is allowed."""
    number = await world.buy(person)
    await person.click("Cancel")
    await person.click("Cancel at")
    await person.sees("I’ll cancel it at")
    return number


async def told_once(person: Person) -> None:
    """See that a wanted cancel is done and told, with the balance, and told no second time."""
    await person.sees("Cancelled, as you asked.", "Balance afterwards: 10.00")
    await person.sees("✖️ Cancelled.", "Balance afterwards: 10.00", "Buy again")
    await person.send("/active")
    await person.sees("No active numbers")
    assert sum("as you asked" in message.text for message in person.messages) == 1


@pytest.mark.parametrize(
    "body", ["ACCESS_READY", "BAD_STATUS", "1", '{"status": "success"}', "ACCESS_ACTIVATION"]
)
async def test_only_the_right_word_means_cancelled(bot_world: World, body: str) -> None:
    """A cancel is believed for the provider's own word only; anything else leaves the number open."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body=body, times=2)
    assert "ancelled." not in words(await ann.click("Cancel"))
    assert number.state is NumberState.WAITING
    bot_world.provider.deliver(number.id, "2222")
    await ann.sees("Code for Telegram", "2222")


@pytest.mark.parametrize(
    "body", ["ACCESS_CANCEL", "ACCESS_CANCEL_ALREADY", "STATUS_CANCEL", '"ACCESS_CANCEL"']
)
async def test_the_documented_words_mean_cancelled(bot_world: World, body: str) -> None:
    """Each documented acknowledgement of a cancel is believed."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body=body)
    assert words(await ann.click("Cancel")).startswith("Cancelled.")
    await ann.sees("✖️ Cancelled.")


async def test_a_code_in_the_answer_to_a_cancel_is_shown(bot_world: World) -> None:
    """A provider may answer a cancel with the code itself: it is brought, and nothing is cancelled."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="STATUS_OK:3333")
    assert words(await ann.click("Cancel")) == "A new code has just arrived."
    await ann.sees("Code for Telegram", "3333")


@pytest.mark.parametrize(
    "body",
    [
        "EARLY_CANCEL_DENIED",
        '{"title": "EARLY_CANCEL_DENIED", "details": "", "info": {"minActivationTime": 300}}',
    ],
)
async def test_a_provider_that_wants_more_time_is_obeyed(bot_world: World, body: str) -> None:
    """Refused as too early although the time seemed right, the bot says when and offers to do it then."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body=body)
    await ann.click("Cancel")
    await ann.sees("You can cancel this number from", "Cancel at")
    await ann.click("Cancel at")
    await ann.sees("I’ll cancel it at")
    bot_world.pass_time(301)
    await ann.sees("Cancelled, as you asked.")
    assert number.state is NumberState.CANCELLED


async def test_a_lost_answer_to_a_cancel_is_cleared_up(bot_world: World) -> None:
    """If the cancel went through but its answer was lost, the number is found cancelled, by the user."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="setStatus")
    assert words(await ann.click("Cancel")).startswith("Cancelled.")
    await ann.sees("✖️ Cancelled.")
    assert number.state is NumberState.CANCELLED


async def test_a_number_that_the_provider_has_ended_is_not_called_cancelled(world: World) -> None:
    """A Cancel that finds the number closed says that it has ended, and sends nothing."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    number = await world.buy(ann)
    world.pass_time(130)
    world.provider.cancel(number)
    assert words(await ann.click("Cancel")) == "The number has already ended at the provider."
    await ann.sees("The provider ended this number.", "Buy again")
    ann.sees_no("Cancelled")
    assert world.asked("setStatus") == []


async def test_a_cancel_that_gets_no_answer_leaves_the_number_open(bot_world: World) -> None:
    """While the provider gives no clear answer, the user is told that nothing has changed."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.CUT, action="setStatus", times=2)
    assert "nothing has changed" in words(await ann.click("Cancel"))
    assert number.state is NumberState.WAITING
    await ann.sees("Waiting for the code", "Cancel")


async def test_a_scheduled_cancel_that_is_refused_is_told(bot_world: World) -> None:
    """The later cancel is tried once; if it is refused the user hears it and can try again."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.click("Cancel at")
    await ann.sees("I’ll cancel it at")
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="BAD_STATUS", times=None)
    bot_world.pass_time(121)
    await ann.sees("I couldn’t cancel this number as you asked")
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 3)
    assert len(bot_world.asked("setStatus")) == 1


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.COMMIT_THEN_HANG])
@pytest.mark.parametrize("in_order", [True, False])
async def test_a_scheduled_cancel_outlives_the_program(
    bot_world: World, kind: FaultKind, *, in_order: bool
) -> None:
    """If the program ends while the provider is asked, the next start sees to it; the user hears it once."""
    ann = await bot_world.customer()
    number = await to_be_cancelled(bot_world, ann)
    bot_world.provider.fail(kind, action="setStatus", times=None)
    bot_world.pass_time(121)
    await bot_world.provider.wait_for(lambda _: bool(bot_world.asked("setStatus")))
    await (bot_world.stop() if in_order else bot_world.kill())
    bot_world.provider.heal()
    await bot_world.start()
    await told_once(ann)
    assert number.state is NumberState.CANCELLED


async def test_a_scheduled_cancel_is_told_wherever_the_program_dies(bot_world: World) -> None:
    """Killed after the provider's word and before the end is recorded, the bot tells it at the next start."""
    ann = await bot_world.customer()
    number = await to_be_cancelled(bot_world, ann)
    asked = len(bot_world.asked("getBalance"))
    bot_world.provider.fail(FaultKind.HANG, action="getBalance", times=None)
    bot_world.pass_time(121)
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getBalance")) > asked)
    assert number.state is NumberState.CANCELLED
    await bot_world.kill()
    bot_world.provider.heal()
    await bot_world.start()
    await told_once(ann)


async def test_the_end_by_a_scheduled_cancel_is_stored_with_its_notice(bot_world: World) -> None:
    """While the notice cannot be stored the number has not ended either; then both are, at once."""
    ann = await bot_world.customer()
    number = await to_be_cancelled(bot_world, ann)
    with bot_world.full_disk("INSERT ON notices"):
        bot_world.pass_time(121)
        await bot_world.provider.wait_for(lambda _: number.state is NumberState.CANCELLED)
        asked = len(bot_world.asked("getStatus"))
        await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 1)
        async with factories.database(bot_world) as db:
            (activation,) = await db.read(activations.list_open)
        assert activation.cancel_scheduled
        assert activation.balance_after is None
    await told_once(ann)
    assert len(bot_world.asked("setStatus")) == 1


async def test_a_code_beats_a_scheduled_cancel(bot_world: World) -> None:
    """A code that comes before the wanted cancel ends that wish."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.click("Cancel at")
    await ann.sees("I’ll cancel it at")
    bot_world.provider.deliver(number.id, "4444")
    await ann.sees("Code for Telegram", "4444")
    bot_world.pass_time(200)
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked)
    assert bot_world.asked("setStatus") == []


@pytest.mark.parametrize("body", ["BAD_STATUS", "BAD_ACTION"])
async def test_a_refused_resend_is_a_sentence(bot_world: World, body: str) -> None:
    """Where the provider gives No further code, that is said, and Complete stays."""
    ann = await bot_world.customer()
    await with_code(bot_world, ann)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body=body)
    assert "No further code" in words(await ann.click("Get another code"))
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")


async def test_a_resend_is_not_sent_twice(bot_world: World) -> None:
    """A resend whose answer was lost is looked up, not repeated: it may cost money."""
    ann = await bot_world.customer()
    await with_code(bot_world, ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="setStatus")
    assert words(await ann.click("Get another code")) == "Requested another code."
    await ann.sees("Waiting for another code")
    assert len(bot_world.asked("setStatus")) == 1


async def test_a_resend_that_did_not_arrive_is_owned_up_to(bot_world: World) -> None:
    """A resend that was cut off before it arrived leaves everything as it was, and says so."""
    ann = await bot_world.customer()
    await with_code(bot_world, ann)
    bot_world.provider.fail(FaultKind.CUT, action="setStatus")
    assert "nothing has changed" in words(await ann.click("Get another code"))
    assert len(bot_world.asked("setStatus")) == 1


async def test_a_new_code_makes_a_resend_needless(world: World) -> None:
    """If a new code has already arrived when the user asks for another, it is shown and none is requested."""
    await world.start()
    ann = await world.customer()
    number = await with_code(world, ann)
    world.provider.deliver(number.id, "5555")
    assert words(await ann.click("Get another code")) == "A new code has just arrived."
    await ann.sees("Code 2 for Telegram", "5555")
    assert world.asked("setStatus") == []


async def test_completing_takes_the_last_code_along(bot_world: World) -> None:
    """A code that came just before Complete is brought, and the number is completed all the same."""
    ann = await bot_world.customer()
    number = await with_code(bot_world, ann)
    bot_world.provider.deliver(number.id, "6666")
    await ann.click("Complete")
    await ann.sees("Code 2 for Telegram", "6666")
    await ann.sees("✔️ Completed.", "6666")
    assert number.state is NumberState.FINISHED


@pytest.mark.parametrize("kind", [FaultKind.COMMIT_THEN_CUT, FaultKind.CUT])
async def test_a_lost_answer_to_complete_is_cleared_up(bot_world: World, kind: FaultKind) -> None:
    """Complete is safe to repeat: whatever happened to the first request, the number ends completed."""
    ann = await bot_world.customer()
    number = await with_code(bot_world, ann)
    bot_world.provider.fail(kind, action="setStatus")
    assert words(await ann.click("Complete")) == "Completed."
    await ann.sees("✔️ Completed.")
    assert number.state is NumberState.FINISHED


async def test_completing_a_forgotten_number_ends_it(bot_world: World) -> None:
    """A number with its code that the provider no longer knows can be put to rest."""
    ann = await bot_world.customer()
    await with_code(bot_world, ann)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="NO_ACTIVATION")
    await ann.click("Complete")
    await ann.sees("The provider no longer lists this number")


async def test_a_provider_without_sms_sent_is_no_trouble(bot_world: World) -> None:
    """Where status 1 is not known, the tap is noted and the number goes on."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="BAD_STATUS")
    assert "doesn’t need to know" in words(await ann.click("I’ve requested the code"))
    await ann.sees("Waiting for the code")


async def test_steps_on_an_ended_number_are_refused(bot_world: World) -> None:
    """The buttons of an old card say that nothing can be done, and do nothing."""
    ann = await bot_world.customer()
    await with_code(bot_world, ann)
    card = await ann.sees("Code received")
    data = [button.data for button in card.buttons if button.data and button.data.startswith("t:")]
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")
    asked = len(bot_world.asked("setStatus"))
    for button in data:
        assert "not possible" in words(await ann.press(button, message=card))
    assert len(bot_world.asked("setStatus")) == asked
