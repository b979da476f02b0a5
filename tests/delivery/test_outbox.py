"""The outbox: everything that is stored is delivered to its chat, despite errors of Telegram."""

import sqlite3
from contextlib import closing

import pytest

from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import Person, TelegramFault
from bot.telegram.texts.phones import pretty
from tests.conftest import World
from tests.delivery.test_outbox_failures import until_stored


def codes_seen(person: Person, text: str) -> int:
    """Return how many messages deliver a code."""
    return sum("📩" in message.text and text in message.text for message in person.messages)


@pytest.mark.parametrize(
    ("kind", "times"), [(TelegramFault.ERROR, 2), (TelegramFault.CUT, 1), (TelegramFault.RETRY_AFTER, 1)]
)
@pytest.mark.usefixtures("quick_retries")
async def test_a_failed_delivery_is_retried(bot_world: World, kind: TelegramFault, times: int) -> None:
    """A message that failed is sent again and arrives once."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(kind, method="sendMessage", times=times)
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("· Telegram", "📩", "1234", timeout=15)
    await ann.sees("Code received")
    assert codes_seen(ann, "1234") == 1


async def test_a_lost_answer_of_telegram_repeats_a_code_once(bot_world: World) -> None:
    """If a message arrived but Telegram's answer was lost, the code is sent twice and never lost."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.COMMIT_THEN_CUT, method="sendMessage")
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("Code received")
    assert codes_seen(ann, "1234") in (1, 2)


async def test_a_restart_sends_pending_deliveries(bot_world: World) -> None:
    """A code that was not sent before a crash is sent after the next start."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.ERROR, method="sendMessage", times=None)
    bot_world.provider.deliver(number.id, "1234")
    await bot_world.telegram.until_called("sendMessage", len(bot_world.telegram.called("sendMessage")) + 1)
    await bot_world.kill()
    bot_world.telegram.heal()
    assert codes_seen(ann, "1234") == 0
    await bot_world.start()
    await ann.sees("· Telegram", "📩", "1234")


async def test_a_code_from_the_downtime_is_delivered(bot_world: World) -> None:
    """Open numbers are checked at the start, and their buttons work."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await bot_world.kill()
    bot_world.provider.deliver(number.id, "2468")
    await bot_world.start(poll_interval=3600.0)
    await ann.sees("· Telegram", "📩", "2468")
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")


async def test_a_user_who_blocked_the_bot_gets_the_code_later(bot_world: World) -> None:
    """A code for a user who blocked the bot waits for their next message; others get theirs at once."""
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    ann = await bot_world.customer(1)
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    of_ann, of_bob = await bot_world.buy(ann), await bot_world.buy(bob)
    ann.block()
    bot_world.provider.deliver(of_ann.id, "1111")
    bot_world.provider.deliver(of_bob.id, "2222")
    await bob.sees("· Telegram", "📩", "2222")
    ann.unblock()
    await ann.send("/help")
    await ann.sees("· Telegram", "📩", "1111")


async def test_a_refused_message_marks_the_user_as_unreachable(bot_world: World) -> None:
    """A 403 without an update about it makes the user unreachable until their next message."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.FORBIDDEN, method="sendMessage", chat_id=1)
    bot_world.provider.deliver(number.id, "1111")
    await until_stored(bot_world, "SELECT unreachable FROM users", [(1,)])
    await ann.send("/help")
    await ann.sees("· Telegram", "📩", "1111")


async def test_an_outdated_refusal_marks_no_user_as_unreachable(bot_world: World) -> None:
    """If the user blocks and unblocks the bot while a message is being refused, it is sent again."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    sent = len(bot_world.telegram.called("sendMessage"))
    bot_world.telegram.fail(TelegramFault.FORBIDDEN, method="sendMessage", chat_id=1, seconds=0.5)
    bot_world.provider.deliver(number.id, "1111")
    await bot_world.telegram.until_called("sendMessage", sent + 1)
    ann.block()
    ann.unblock()
    await ann.sees("· Telegram", "📩", "1111")


@pytest.mark.usefixtures("quick_retries")
async def test_a_failed_unreachable_mark_delays_no_other_chat(bot_world: World) -> None:
    """If the disk is full when a user becomes unreachable, others get their codes, and that user later."""
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    ann = await bot_world.customer(1)
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    of_ann, of_bob = await bot_world.buy(ann), await bot_world.buy(bob)
    sent = len(bot_world.telegram.called("sendMessage"))
    bot_world.telegram.fail(TelegramFault.FORBIDDEN, method="sendMessage", chat_id=1, times=None)
    with bot_world.full_disk("UPDATE OF unreachable ON users"):
        bot_world.provider.deliver(of_ann.id, "1111")
        await bot_world.telegram.until_called("sendMessage", sent + 2)
        bot_world.provider.deliver(of_bob.id, "2222")
        await bob.sees("· Telegram", "📩", "2222")
    bot_world.telegram.heal()
    await ann.send("/help")
    await ann.sees("· Telegram", "📩", "1111")
    assert codes_seen(ann, "1111") == codes_seen(bob, "2222") == 1


async def test_a_return_while_the_disk_is_full_is_answered(bot_world: World) -> None:
    """If a return cannot be stored, the user is told; their next message sends all deliveries."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await bot_world.stop()
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection, connection:
        connection.execute("UPDATE users SET unreachable = 1")
    bot_world.provider.deliver(number.id, "1111")
    await bot_world.start()
    with bot_world.full_disk("UPDATE OF unreachable ON users"):
        await ann.send("/help")
        await ann.sees("I can’t use my database right now")
    await ann.send("/help")
    await ann.sees("· Telegram", "📩", "1111")


async def test_a_hanging_chat_delays_no_other_chat(bot_world: World) -> None:
    """While Telegram hangs for one chat, the code of another chat is delivered."""
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    ann = await bot_world.customer(1)
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    of_ann, of_bob = await bot_world.buy(ann), await bot_world.buy(bob)
    bot_world.telegram.fail(TelegramFault.HANG, chat_id=1, times=None)
    bot_world.provider.deliver(of_ann.id, "1111")
    bot_world.provider.deliver(of_bob.id, "2222")
    await bob.sees("· Telegram", "📩", "2222", timeout=3)
    await bot_world.kill()  # an orderly stop would wait for Telegram


async def test_a_deleted_card_is_sent_again(bot_world: World) -> None:
    """If the message of the card was deleted, the card is sent as a new message."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    ann.delete(await ann.sees("Waiting for the code"))
    bot_world.provider.deliver(number.id, "1234")
    await ann.sees("Code received", "1234", "Get another code")


async def test_the_bot_starts_while_telegram_is_down(world: World) -> None:
    """An outage of Telegram stops neither the start nor the status checks."""
    await world.start()
    ann = await world.customer()
    number = await world.buy(ann)
    await world.kill()
    world.telegram.fail(TelegramFault.ERROR, times=None)
    await world.start()
    world.provider.deliver(number.id, "1234")
    asked = len(world.asked("getStatus"))
    await world.provider.wait_for(lambda _: len(world.asked("getStatus")) > asked)
    world.telegram.heal()
    await ann.sees("· Telegram", "📩", "1234", timeout=20)


async def test_a_code_arrives_after_an_outage_of_the_provider(bot_world: World) -> None:
    """A code that came during an outage of the provider is delivered after it."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "9753")
    outage = bot_world.provider.fail(FaultKind.STATUS, status=502, times=None)
    await bot_world.stop()
    await bot_world.start()
    await bot_world.provider.wait_for(lambda _: outage.hits > 2)
    bot_world.provider.heal()
    await ann.sees("· Telegram", "📩", "9753")


async def test_active_numbers_can_be_found_again(bot_world: World) -> None:
    """/active lists the open numbers, and a tap sends the card as the newest message."""
    ann = await bot_world.customer()
    await ann.send("/active")
    await ann.sees("No active numbers")
    await bot_world.buy(ann)
    await ann.send("/active")
    listed = await ann.sees("1 active number. Tap it")
    old = await ann.sees("Waiting for the code")
    await ann.click(listed.labels[0], message=listed)
    await ann.sees("Waiting for the code", "Cancel", after=listed)
    await ann.until(lambda _: old.deleted)


async def test_an_old_card_that_cannot_be_deleted_points_to_the_new_one(bot_world: World) -> None:
    """A card that Telegram does not let the bot delete loses its buttons and its state."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    old = await ann.sees("Waiting for the code")
    await ann.send("/active")
    listed = await ann.sees("1 active number. Tap it")
    old.date -= 50 * 3600
    await ann.click(listed.labels[0], message=listed)
    await ann.sees("Waiting for the code", "Cancel", after=listed)
    await ann.until(lambda _: old.text == "This number’s card is further down." and not old.labels)


async def test_a_double_tap_on_a_number_leaves_one_card(bot_world: World) -> None:
    """A card that is asked for again while it is being sent is deleted like any older one."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    for _ in range(3):
        asked = await ann.send("/active")
        active = await ann.sees("1 active number", after=asked)
        (data,) = [button.data for button in active.buttons if number.phone[-3:] in button.text]
        assert data is not None
        ann.tap(active, data)
        await ann.press(data, message=active)
        await ann.sees(f"📱 {pretty(number.phone)}", after=active)
    bot_world.provider.deliver(number.id, "13579")
    await ann.sees("📩", "13579")
    await ann.sees(f"📱 {pretty(number.phone)}", "Code received")
    await ann.until(
        lambda _: sum(m.shows(f"📱 {pretty(number.phone)}") for m in ann.messages) == 1, timeout=5
    )
