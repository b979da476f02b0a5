"""Resend, Complete, Cancel and SMS sent with unusual answers of the provider."""

import pytest

from bot.sandbox.provider import FaultKind, Number, NumberState
from bot.sandbox.telegram import Person, Toast
from bot.storage import activations
from tests import factories
from tests.conftest import World


async def buy_with_code(world: World, person: Person) -> Number:
    """Let a person buy a number and get a code."""
    number = await world.buy(person)
    world.provider.deliver(number.id, "1111")
    await person.sees("· Telegram", "1111")
    await person.sees("Code received", "Get another code", "Complete")
    return number


def toast_text(toast: Toast | None) -> str:
    """Return the text of a toast."""
    assert toast is not None
    return toast.text


async def buy_with_scheduled_cancel(world: World, person: Person) -> Number:
    """Let a person buy a number and schedule its cancel."""
    number = await world.buy(person)
    await person.click("Cancel")
    await person.click("Cancel at")
    await person.sees("I’ll cancel it at")
    return number


async def sees_cancelled_once(person: Person) -> None:
    """Check that a scheduled cancel is done, and that one notice with the balance is sent."""
    await person.sees("Cancelled, as you asked.", "Balance afterwards: 10.00")
    await person.sees("✖️ Cancelled.", "Balance afterwards: 10.00", "Buy again")
    await person.send("/active")
    await person.sees("No active numbers")
    assert sum("as you asked" in message.text for message in person.messages) == 1


@pytest.mark.parametrize(
    "body", ["ACCESS_READY", "BAD_STATUS", "1", '{"status": "success"}', "ACCESS_ACTIVATION"]
)
async def test_only_an_acknowledgement_means_cancelled(bot_world: World, body: str) -> None:
    """An answer other than the provider's acknowledgement leaves the number open."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body=body, times=2)
    assert "ancelled." not in toast_text(await ann.click("Cancel"))
    assert number.state is NumberState.WAITING
    bot_world.provider.deliver(number.id, "2222")
    await ann.sees("· Telegram", "2222")


@pytest.mark.parametrize(
    "body", ["ACCESS_CANCEL", "ACCESS_CANCEL_ALREADY", "STATUS_CANCEL", '"ACCESS_CANCEL"']
)
async def test_documented_acknowledgements_mean_cancelled(bot_world: World, body: str) -> None:
    """Each documented acknowledgement of a cancel is accepted."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body=body)
    assert toast_text(await ann.click("Cancel")).startswith("Cancelled.")
    await ann.sees("✖️ Cancelled.")


async def test_a_code_in_the_answer_to_a_cancel_is_shown(bot_world: World) -> None:
    """If the provider answers a cancel with a code, it is delivered and nothing is cancelled."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="STATUS_OK:3333")
    assert toast_text(await ann.click("Cancel")) == "A new code has just arrived."
    await ann.sees("· Telegram", "3333")


@pytest.mark.parametrize(
    "body",
    [
        "EARLY_CANCEL_DENIED",
        '{"title": "EARLY_CANCEL_DENIED", "details": "", "info": {"minActivationTime": 300}}',
    ],
)
async def test_a_cancel_refused_as_too_early_can_be_scheduled(bot_world: World, body: str) -> None:
    """If the provider refuses a cancel as too early, the bot says when it is allowed and offers to do it."""
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


async def test_a_cancel_with_a_lost_answer_is_found(bot_world: World) -> None:
    """If a cancel worked but its answer was lost, a status check shows the number cancelled by the user."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="setStatus")
    assert toast_text(await ann.click("Cancel")).startswith("Cancelled.")
    await ann.sees("✖️ Cancelled.")
    assert number.state is NumberState.CANCELLED


async def test_a_number_ended_by_the_provider_is_not_called_cancelled(world: World) -> None:
    """A cancel of a closed number sends no cancel and says that the number has ended."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    number = await world.buy(ann)
    world.pass_time(130)
    world.provider.cancel(number)
    assert toast_text(await ann.click("Cancel")) == "The number has already ended at the provider."
    await ann.sees("The provider ended this number before a code arrived.", "Buy again")
    ann.sees_no("Cancelled")
    assert world.asked("setStatus") == []


async def test_a_cancel_without_an_answer_leaves_the_number_open(bot_world: World) -> None:
    """Without a clear answer the user is told that nothing has changed."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.pass_time(121)
    bot_world.provider.fail(FaultKind.CUT, action="setStatus", times=2)
    assert "nothing has changed" in toast_text(await ann.click("Cancel"))
    assert number.state is NumberState.WAITING
    await ann.sees("Waiting for the code", "Cancel")


async def test_a_refused_scheduled_cancel_is_notified(bot_world: World) -> None:
    """A scheduled cancel is tried once; a refusal is notified, and the user can try again."""
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
async def test_a_scheduled_cancel_survives_a_restart(
    bot_world: World, kind: FaultKind, *, in_order: bool
) -> None:
    """A scheduled cancel that was interrupted is done at the next start and notified once."""
    ann = await bot_world.customer()
    number = await buy_with_scheduled_cancel(bot_world, ann)
    bot_world.provider.fail(kind, action="setStatus", times=None)
    bot_world.pass_time(121)
    await bot_world.provider.wait_for(lambda _: bool(bot_world.asked("setStatus")))
    await (bot_world.stop() if in_order else bot_world.kill())
    bot_world.provider.heal()
    await bot_world.start()
    await sees_cancelled_once(ann)
    assert number.state is NumberState.CANCELLED


async def test_a_scheduled_cancel_is_notified_after_a_crash(bot_world: World) -> None:
    """After a crash between the provider's answer and the record, the next start notifies the user."""
    ann = await bot_world.customer()
    number = await buy_with_scheduled_cancel(bot_world, ann)
    asked = len(bot_world.asked("getBalance"))
    bot_world.provider.fail(FaultKind.HANG, action="getBalance", times=None)
    bot_world.pass_time(121)
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getBalance")) > asked)
    assert number.state is NumberState.CANCELLED
    await bot_world.kill()
    bot_world.provider.heal()
    await bot_world.start()
    await sees_cancelled_once(ann)


async def test_the_end_by_a_scheduled_cancel_is_stored_with_its_notice(bot_world: World) -> None:
    """The end and its notice are stored in one transaction."""
    ann = await bot_world.customer()
    number = await buy_with_scheduled_cancel(bot_world, ann)
    with bot_world.full_disk("INSERT ON notices"):
        bot_world.pass_time(121)
        await bot_world.provider.wait_for(lambda _: number.state is NumberState.CANCELLED)
        asked = len(bot_world.asked("getStatus"))
        await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked + 1)
        async with factories.open_database(bot_world) as db:
            (activation,) = await db.read(activations.list_open)
        assert activation.cancel_scheduled
        assert activation.balance_after is None
    await sees_cancelled_once(ann)
    assert len(bot_world.asked("setStatus")) == 1


async def test_a_code_drops_a_scheduled_cancel(bot_world: World) -> None:
    """A code that comes first drops the scheduled cancel."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.click("Cancel")
    await ann.click("Cancel at")
    await ann.sees("I’ll cancel it at")
    bot_world.provider.deliver(number.id, "4444")
    await ann.sees("· Telegram", "4444")
    bot_world.pass_time(200)
    asked = len(bot_world.asked("getStatus"))
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getStatus")) > asked)
    assert bot_world.asked("setStatus") == []


@pytest.mark.parametrize("body", ["BAD_STATUS", "BAD_ACTION"])
async def test_a_refused_resend_is_explained(bot_world: World, body: str) -> None:
    """If the provider refuses a further code, the bot says so, and Complete stays available."""
    ann = await bot_world.customer()
    await buy_with_code(bot_world, ann)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body=body)
    assert "No further code" in toast_text(await ann.click("Get another code"))
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")


async def test_a_resend_is_not_sent_twice(bot_world: World) -> None:
    """A resend with a lost answer is checked by status and not retried, because it may cost money."""
    ann = await bot_world.customer()
    await buy_with_code(bot_world, ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="setStatus")
    assert toast_text(await ann.click("Get another code")) == "Requested another code."
    await ann.sees("Waiting for another code")
    assert len(bot_world.asked("setStatus")) == 1


async def test_a_resend_that_did_not_arrive_is_reported(bot_world: World) -> None:
    """A resend that did not reach the provider changes nothing, and the bot says so."""
    ann = await bot_world.customer()
    await buy_with_code(bot_world, ann)
    bot_world.provider.fail(FaultKind.CUT, action="setStatus")
    assert "nothing has changed" in toast_text(await ann.click("Get another code"))
    assert len(bot_world.asked("setStatus")) == 1


async def test_a_new_code_replaces_a_resend(world: World) -> None:
    """If another code is already there when Resend is tapped, it is shown and no resend is sent."""
    await world.start()
    ann = await world.customer()
    number = await buy_with_code(world, ann)
    world.provider.deliver(number.id, "5555")
    assert toast_text(await ann.click("Get another code")) == "A new code has just arrived."
    await ann.sees("· Telegram · code 2", "5555")
    assert world.asked("setStatus") == []


async def test_completing_delivers_the_last_code(bot_world: World) -> None:
    """A code that came just before Complete is delivered, and the number is completed."""
    ann = await bot_world.customer()
    number = await buy_with_code(bot_world, ann)
    bot_world.provider.deliver(number.id, "6666")
    await ann.click("Complete")
    await ann.sees("· Telegram · code 2", "6666")
    await ann.sees("✔️ Completed.", "6666")
    assert number.state is NumberState.FINISHED


@pytest.mark.parametrize("kind", [FaultKind.COMMIT_THEN_CUT, FaultKind.CUT])
async def test_complete_is_retried_after_a_lost_answer(bot_world: World, kind: FaultKind) -> None:
    """Complete is safe to retry; the number is completed in any case."""
    ann = await bot_world.customer()
    number = await buy_with_code(bot_world, ann)
    bot_world.provider.fail(kind, action="setStatus")
    assert toast_text(await ann.click("Complete")) == "Completed."
    await ann.sees("✔️ Completed.")
    assert number.state is NumberState.FINISHED


async def test_completing_a_number_unknown_to_the_provider_ends_it(bot_world: World) -> None:
    """A number with a code that the provider no longer knows can be completed."""
    ann = await bot_world.customer()
    await buy_with_code(bot_world, ann)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="NO_ACTIVATION")
    await ann.click("Complete")
    await ann.sees("The provider no longer lists this number")


async def test_a_provider_without_sms_sent(bot_world: World) -> None:
    """If the provider does not know status 1, the tap is recorded and the number stays open."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="BAD_STATUS")
    assert "doesn’t need to know" in toast_text(await ann.click("I’ve requested the code"))
    await ann.sees("Waiting for the code")


async def test_steps_on_an_ended_number_are_refused(bot_world: World) -> None:
    """The buttons of an ended number's card change nothing and say that it has ended."""
    ann = await bot_world.customer()
    await buy_with_code(bot_world, ann)
    card = await ann.sees("Code received")
    data = [button.data for button in card.buttons if button.data and button.data.startswith("t:")]
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")
    asked = len(bot_world.asked("setStatus"))
    for button in data:
        assert "already ended" in toast_text(await ann.press(button, message=card))
    assert len(bot_world.asked("setStatus")) == asked
