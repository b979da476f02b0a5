"""The code cleanup: deletes messages with codes after the chosen delay, and hides codes on ended cards."""

import asyncio
import logging
import sqlite3
from contextlib import closing

import pytest

from bot.sandbox.provider import Number
from bot.sandbox.telegram import Message, Person, TelegramFault
from tests.conftest import World

OTHER_KEY = "k2k2k2k2k2k2k2k2k2k2"


async def delete_codes(person: Person, after: str) -> None:
    """Let a person choose the delay after which messages with codes are deleted."""
    await person.send("/settings")
    await person.click("Delete codes", message=await person.sees("Settings", "Price limit"))
    await person.click(after)
    await person.sees(f"Delete codes: {after}", f"✓ {after}")


async def buy_with_code(world: World, person: Person, text: str = "1111") -> Number:
    """Let a person buy a number and get a code."""
    number = await world.buy(person)
    world.provider.deliver(number.id, text)
    await person.sees("· Telegram", "📩", text)
    await person.sees("Code received", text)
    return number


def code_messages(person: Person, text: str = "1111") -> list[Message]:
    """Return the messages with the code."""
    return [message for message in person.messages if "📩" in message.text and text in message.text]


async def until_tried(world: World, *tries: int) -> None:
    """Wait until the messages still to be deleted have these numbers of failed attempts."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        async with asyncio.timeout(20):
            while [row[0] for row in connection.execute("SELECT tries FROM code_messages")] != [*tries]:  # noqa: ASYNC110  # a row in the file wakes nobody
                await asyncio.sleep(0.01)


async def test_code_messages_are_deleted_after_the_delay(bot_world: World) -> None:
    """The message with the code is deleted; the card shows the code until the number ends."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await ann.sees("Delete codes: after 5 min", "✓ after 5 min")
    await buy_with_code(bot_world, ann)
    bot_world.pass_time(290)
    await ann.send("/help")
    await ann.sees("How it works")
    assert len(code_messages(ann)) == 1
    bot_world.pass_time(11)
    await ann.until(lambda person: not code_messages(person))
    await ann.sees("Code received", "Code: 1111", "📋 1111")
    await ann.click("Complete")
    card = await ann.sees("✔️ Completed.", "Codes are hidden")
    assert "1111" not in card.text
    assert "📋 1111" not in card.labels
    assert not any("1111" in message.text for message in ann.messages)


@pytest.mark.parametrize("ended_first", [True, False])
async def test_an_ended_card_hides_its_codes_with_the_last_message(
    bot_world: World, *, ended_first: bool
) -> None:
    """The card of an ended number is updated when the last of its messages is deleted."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 15 min")
    number = await buy_with_code(bot_world, ann)
    await ann.click("Get another code")
    await ann.sees("Waiting for another code")
    await bot_world.provider.wait_for(lambda p: p.requests[-1].action == "getStatus")
    bot_world.pass_time(600)
    bot_world.provider.deliver(number.id, "2222")
    await ann.sees("· Telegram · code 2", "2222")
    await ann.sees("Code received", "2222")
    if ended_first:
        await ann.click("Complete")
        await ann.sees("✔️ Completed.", "1111", "2222", "📋 2222")
    drawn = len(bot_world.telegram.called("editMessageText"))
    bot_world.pass_time(301)
    await ann.until(lambda person: not code_messages(person))
    await bot_world.stop()
    await bot_world.start()
    await ann.send("/help")
    await ann.sees("How it works")
    assert len(bot_world.telegram.called("editMessageText")) == drawn
    if not ended_first:
        await ann.click("Complete")
    await ann.sees("✔️ Completed.", "1111", "2222", "📋 2222")
    bot_world.pass_time(600)
    await ann.until(lambda person: not code_messages(person, "2222"))
    await ann.sees("✔️ Completed.", "Codes are hidden", "Buy again")
    assert not any("1111" in message.text or "2222" in message.text for message in ann.messages)


async def test_a_missed_deletion_is_done_after_a_restart(bot_world: World) -> None:
    """A message that was due while the bot was down is deleted at the start, with all its parts."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 15 min")
    number = await bot_world.buy(ann)
    words = " ".join(f"word{index}" for index in range(500))
    bot_world.provider.deliver(number.id, words)
    await ann.sees("Code received")
    await bot_world.kill()
    bot_world.pass_time(901)
    await bot_world.start()
    await ann.until(
        lambda person: (
            not any("word2" in m.text and "Get another code" not in m.labels for m in person.messages)
        )
    )


async def test_a_failed_deletion_is_retried_for_a_day(bot_world: World) -> None:
    """A deletion is retried while Telegram allows it; after that the message stays."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await buy_with_code(bot_world, ann)
    await buy_with_code(bot_world, ann, "2222")
    bot_world.telegram.fail(TelegramFault.ERROR, method="deleteMessage", times=2)
    bot_world.pass_time(301)
    await until_tried(bot_world, 1, 1)
    assert len(code_messages(ann)) == len(code_messages(ann, "2222")) == 1
    bot_world.pass_time(61)
    await ann.until(lambda person: not code_messages(person) and not code_messages(person, "2222"))
    await buy_with_code(bot_world, ann, "3333")
    bot_world.telegram.fail(TelegramFault.ERROR, method="deleteMessage", times=None)
    called = len(bot_world.telegram.called("deleteMessage"))
    for attempt, pause in enumerate((301, 61, 301, 1801, 1801), 1):
        bot_world.pass_time(pause)
        await until_tried(bot_world, attempt)
    bot_world.pass_time(23 * 3600)
    await until_tried(bot_world)
    bot_world.telegram.heal()
    bot_world.pass_time(24 * 3600)
    await ann.send("/help")
    await ann.sees("How it works")
    assert len(bot_world.telegram.called("deleteMessage")) == called + 6
    assert len(code_messages(ann, "3333")) == 1


async def test_a_deletion_survives_an_outage_of_hours(bot_world: World) -> None:
    """After an outage of hours and a restart, the code is removed from the chat and from the card."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await buy_with_code(bot_world, ann)
    await ann.click("Complete")
    await ann.sees("✔️ Completed.", "1111")
    bot_world.telegram.fail(TelegramFault.ERROR, method="deleteMessage", times=None)
    bot_world.pass_time(301)
    await until_tried(bot_world, 1)
    for attempt in range(2, 12):
        bot_world.pass_time(1801)
        await until_tried(bot_world, attempt)
    await bot_world.kill()
    bot_world.pass_time(6 * 3600)
    await bot_world.start()
    await until_tried(bot_world, 12)
    bot_world.telegram.heal()
    bot_world.pass_time(1801)
    await ann.sees("✔️ Completed.", "Codes are hidden")
    assert not [message for message in ann.messages if "1111" in message.text]


async def test_a_deletion_waits_for_retry_after(bot_world: World) -> None:
    """A deletion is not retried before Telegram's retry_after."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await buy_with_code(bot_world, ann)
    bot_world.telegram.fail(TelegramFault.RETRY_AFTER, method="deleteMessage", retry_after=600)
    called = len(bot_world.telegram.called("deleteMessage"))
    bot_world.pass_time(301)
    await until_tried(bot_world, 1)
    bot_world.pass_time(400)
    await ann.send("/help")
    await ann.sees("How it works")
    assert len(bot_world.telegram.called("deleteMessage")) == called + 1
    bot_world.pass_time(201)
    await ann.until(lambda person: not code_messages(person))


async def test_a_message_too_old_to_be_deleted_is_tried_once(bot_world: World) -> None:
    """A message that Telegram does not let the bot delete stays; the card hides its code."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await buy_with_code(bot_world, ann)
    await ann.click("Complete")
    await ann.sees("✔️ Completed.", "1111")
    bot_world.telegram.limits.delete_seconds = -1
    called = len(bot_world.telegram.called("deleteMessage"))
    bot_world.pass_time(301)
    await ann.sees("✔️ Completed.", "Codes are hidden")
    await until_tried(bot_world)
    assert len(bot_world.telegram.called("deleteMessage")) == called + 1
    assert len(code_messages(ann)) == 1


async def test_a_message_that_is_already_deleted_is_skipped(bot_world: World) -> None:
    """A message that the user deleted is tried once."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await buy_with_code(bot_world, ann)
    await ann.click("Complete")
    await ann.sees("✔️ Completed.", "1111")
    ann.delete(code_messages(ann)[0])
    bot_world.pass_time(301)
    await ann.sees("✔️ Completed.", "Codes are hidden")
    assert len(bot_world.telegram.called("deleteMessage")) == 2


async def test_a_deleted_card_is_not_sent_again_to_hide_codes(bot_world: World) -> None:
    """If the user deleted the card, no new one is sent only to hide its codes."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await buy_with_code(bot_world, ann)
    await ann.click("Complete")
    ann.delete(await ann.sees("✔️ Completed.", "1111"))
    drawn = len(bot_world.telegram.called("editMessageText"))
    bot_world.pass_time(301)
    await bot_world.telegram.until_called("editMessageText", drawn + 1)
    await ann.send("/help")
    await ann.sees("How it works")
    await bot_world.stop()
    await bot_world.start()
    await ann.send("/active")
    await ann.sees("No active numbers")
    ann.sees_no("✔️ Completed.")


async def test_a_user_deletion_during_the_cleanup_is_harmless(
    bot_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """If a user deletes their data while a message of theirs is being deleted, the cleanup continues."""
    bot_world.provider.open_account(OTHER_KEY)
    ann, bob = await bot_world.customer(), await bot_world.customer(2, OTHER_KEY)
    await delete_codes(ann, "after 5 min")
    await buy_with_code(bot_world, ann)
    await ann.click("Complete")
    await ann.sees("✔️ Completed.", "1111")
    number = await bot_world.buy(bob)
    called = len(bot_world.telegram.called("deleteMessage"))
    bot_world.telegram.fail(TelegramFault.DELAY, method="deleteMessage", chat_id=1, seconds=2)
    with caplog.at_level(logging.ERROR):
        bot_world.pass_time(301)
        await bot_world.telegram.until_called("deleteMessage", called + 1)
        await ann.send("/forget")
        await ann.click("Yes, delete everything")
        await ann.sees("All your data is deleted")
        await ann.until(lambda person: not code_messages(person))
        await ann.send("/start")
        await ann.sees("send me your API key", after=await ann.sees("All your data is deleted"))
        bot_world.provider.deliver(number.id, "2222")
        await bob.sees("· Telegram", "📩", "2222")
    assert not caplog.records


async def test_an_unexpected_error_does_not_stop_the_cleanup(bot_world: World) -> None:
    """An unexpected error delays deletions only: codes are delivered, and the deletion is retried."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await buy_with_code(bot_world, ann)
    number = await bot_world.buy(ann)
    with closing(sqlite3.connect(bot_world.values["database_path"], isolation_level=None)) as connection:
        connection.execute(
            "CREATE TRIGGER odd BEFORE DELETE ON code_messages BEGIN SELECT RAISE(ABORT, 'unforeseen'); END"
        )
        bot_world.pass_time(301)
        await ann.until(lambda person: not code_messages(person))
        bot_world.provider.deliver(number.id, "2222")
        await ann.sees("· Telegram", "📩", "2222")
        await ann.sees("Code received", "2222")
        connection.execute("DROP TRIGGER odd")
    bot_world.pass_time(301)
    await until_tried(bot_world)
    assert not code_messages(ann, "2222")


async def test_a_deletion_runs_without_another_event(bot_world: World) -> None:
    """A due message is deleted even if nothing else happens."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await ann.sees("✓ after 5 min")
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection, connection:
        connection.execute("UPDATE preferences SET delete_codes_after = 1")
    await buy_with_code(bot_world, ann)
    await ann.until(lambda person: not code_messages(person))


async def test_messages_stay_by_default(bot_world: World) -> None:
    """Without the setting, or after it is switched off, new messages with codes stay."""
    ann = await bot_world.customer()
    await delete_codes(ann, "after 5 min")
    await ann.click("Off")
    await ann.sees("Delete codes: off", "✓ Off")
    await buy_with_code(bot_world, ann)
    bot_world.pass_time(25 * 3600)
    await ann.send("/help")
    await ann.sees("How it works")
    assert len(code_messages(ann)) == 1
