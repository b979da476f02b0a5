"""Deletion of a user's data: it is complete, touches no other user, and loses no code."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection

import pytest

from bot import errors
from bot.domain import Activation, Ending, NewCode, NoticeKind, State
from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import Person
from bot.storage import activations, outbox, transitions, user_deletion
from tests import factories, schema_rows
from tests.conftest import KEY, World

ANN, BOB = 1, 2
NOW = int(time.time())
PHONE, CODE = "84987000321", "code-to-be-forgotten"


async def stored_rows(world: World, user_id: int) -> dict[str, int]:
    """Return how many rows of a person each table has."""
    async with factories.open_database(world) as db:
        return await db.read(schema_rows.count_rows, user_id)


async def kept_rows(world: World, user_id: int) -> dict[str, int]:
    """Return what `stored_rows` does, without the table that each tap that acts changes."""
    return {
        table: count
        for table, count in (await stored_rows(world, user_id)).items()
        if table != "handled_taps"
    }


async def forget(person: Person) -> None:
    """Let a person delete their data."""
    await person.send("/forget")
    await person.click("Yes, delete everything")
    await person.sees("All your data is deleted")


async def test_nothing_is_left_in_any_table(bot_world: World) -> None:
    """After the question that lists the data, all rows of the user are deleted, and no other rows."""
    bot_world.provider.open_account("b" * 32)
    ann, _ = await bot_world.customer(ANN), await bot_world.customer(BOB, key="b" * 32)
    async with factories.open_database(bot_world) as db:
        for user_id in (ANN, BOB):
            await db.write(factories.add_ended, user_id, "1", "2", at=NOW - 5000)
            await db.write(factories.add_refused, user_id, at=NOW - 4000)
            await db.write(schema_rows.fill_tables, user_id, f"mark{user_id}")
            await db.write(lambda c: c.execute("UPDATE notices SET delivered_at = 1"))
    before = await kept_rows(bot_world, BOB)
    assert all((await stored_rows(bot_world, ANN)).values())
    await ann.send("/forget")
    question = await ann.sees("Delete all your data?", "your API key", "2 numbers with their codes")
    assert question.shows("1 favourite", "1 alert", "messages here stay", "/export")
    assert all((await stored_rows(bot_world, ANN)).values())
    await ann.click("Yes, delete everything")
    await ann.sees("All your data is deleted")
    assert not any((await stored_rows(bot_world, ANN)).values())
    assert await kept_rows(bot_world, BOB) == before


async def test_afterwards_the_user_is_new(bot_world: World) -> None:
    """Start asks for a key again; an old number's button is answered, and the history is empty."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "1", at=NOW - 5000)
    await ann.send("/history")
    screen = await ann.sees("1 number. Tap it")
    await forget(ann)
    toast = await ann.click("✅ Telegram", message=screen)
    assert toast is not None
    assert "I can’t find this number among yours" in toast.text
    await ann.send("/start")
    await ann.sees("Hello!", "send me your API key")
    await ann.send("/history")
    await ann.sees("Your numbers and codes will appear here")
    await ann.send(KEY)
    await ann.sees("Your key works")
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "4711")
    await ann.sees("· Telegram", "📩", "4711")


async def test_deleted_data_is_overwritten_in_the_file(bot_world: World) -> None:
    """Deleted data is overwritten, and the write-ahead log is emptied."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, CODE, at=NOW - 5000, phone=PHONE)
        (sealed,) = await db.read(lambda c: c.execute("SELECT sealed FROM api_keys").fetchone())
    path: Path = bot_world.values["database_path"]

    def holds(text: str) -> bool:
        return any(text.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))

    assert holds(CODE)
    assert holds(PHONE)
    assert holds(sealed)
    await forget(ann)
    assert not holds(CODE)
    assert not holds(PHONE)
    assert not holds(sealed)


def _ordering(connection: Connection) -> Activation:
    return factories.add_ordered(connection, ANN, at=NOW)


def _unknown(connection: Connection) -> Activation:
    return transitions.outcome_unknown(
        connection, factories.add_ordered(connection, ANN, at=NOW).id, "NoAnswer", NOW
    )


def _waiting(connection: Connection) -> Activation:
    return factories.add_bought(connection, ANN, at=NOW)


def _received(connection: Connection) -> Activation:
    return factories.add_bought(connection, ANN, "1", at=NOW)


@pytest.mark.parametrize("make", [_ordering, _unknown, _waiting, _received], ids=lambda make: make.__name__)
async def test_an_open_number_prevents_the_deletion(
    bot_world: World, make: Callable[[Connection], Activation]
) -> None:
    """Open numbers are named and nothing is deleted, whenever the question was asked."""
    ann = await bot_world.customer()
    await ann.send("/forget")
    question = await ann.sees("Delete all your data?")
    async with factories.open_database(bot_world) as db:
        activation = await db.write(make)
    before = await kept_rows(bot_world, ANN)
    await ann.click("Yes, delete everything", message=question)
    refusal = await ann.sees("1 number is still open", "Telegram", "Try again")
    assert await kept_rows(bot_world, ANN) == before
    await ann.send("/forget")
    again = await ann.sees("1 number is still open", "Telegram", after=refusal)
    await ann.click("Telegram", message=again)
    await bot_world.telegram.until_called("answerCallbackQuery", 2)
    async with factories.open_database(bot_world) as db:
        assert (await db.read(activations.get, activation.id)).open
        await db.write(lambda c: c.execute("UPDATE activations SET state = 'cancelled', card_drawn = 99"))
    await ann.click("Try again", message=again)
    await ann.sees("Delete all your data?", "1 number with its codes")


async def test_the_deletion_checks_again(bot_world: World) -> None:
    """A change between the check of the question and the deletion is noticed inside the transaction."""
    await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        id_ = (await db.write(factories.add_bought, ANN, at=NOW)).id
        before = await db.read(schema_rows.count_rows, ANN)
        with pytest.raises(errors.NumbersOpen):
            await db.write(user_deletion.delete_user, ANN)
        await db.write(transitions.add_code, id_, NewCode("1"), NOW)
        await db.write(transitions.end, id_, State.COMPLETED, Ending.USER, NOW)
        with pytest.raises(errors.CodesOnTheWay):
            await db.write(user_deletion.delete_user, ANN)
        assert await db.read(schema_rows.count_rows, ANN) == before | {"codes": 1}


async def test_a_purchase_in_progress_prevents_the_deletion(bot_world: World) -> None:
    """A purchase without an answer counts as open, and its number arrives later."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.DELAY, action="getNumber", seconds=10)
    await ann.click("Buy")
    await ann.send("/forget")
    await ann.sees("1 number is still open")
    bot_world.provider.heal()
    await ann.sees("Waiting for the code")
    assert (await stored_rows(bot_world, ANN))["activations"] == 1


async def test_an_undelivered_code_prevents_the_deletion(bot_world: World) -> None:
    """A late code is delivered first; then the deletion works."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        activation = await db.write(factories.add_ended, ANN, at=NOW - 5000)
        await db.write(transitions.add_code, activation.id, NewCode("late-0042"), NOW)
    await ann.send("/forget")
    await ann.sees("1 code has not arrived in this chat yet, so nothing was deleted", "Try again")
    await bot_world.stop()
    await bot_world.start()
    await ann.sees("late code", "late-0042")
    await ann.sees("late-0042", "This number had ended before I found a code", "Buy again")
    await ann.click("Try again")
    await ann.sees("Delete all your data?")
    await ann.click("Yes, delete everything")
    await ann.sees("All your data is deleted")


async def test_a_code_that_can_never_be_delivered_does_not_prevent_the_deletion(bot_world: World) -> None:
    """A code that Telegram has refused for more than an hour is deleted with everything else."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        activation = await db.write(factories.add_ended, ANN, at=NOW - 9000)
        await db.write(transitions.add_code, activation.id, NewCode("late-0042"), NOW - 3700)
    await forget(ann)
    assert not any((await stored_rows(bot_world, ANN)).values())


async def test_late_notices_of_a_deleted_user_are_not_stored(bot_world: World) -> None:
    """A notice for a deleted user is not stored, and marks no notice of another user."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        ended = await db.write(factories.add_ended, ANN, at=NOW - 5000)
        id_ = ended.id
        await db.write(transitions.increment_card_version, id_)
        await forget(ann)
        await db.write(outbox.add_notice, ANN, id_, NoticeKind.CANCELLED, NOW)
        await db.write(outbox.card_drawn, ended, 5)
        await db.write(outbox.code_delivered, id_, 1, NOW)
    assert not any((await stored_rows(bot_world, ANN)).values())


async def test_a_quote_in_progress_is_not_stored(world: World) -> None:
    """A quote that was being requested during the deletion leaves no row and cannot buy."""
    world.patience = 0.05
    await world.start()
    ann = await world.customer()
    world.provider.fail(FaultKind.DELAY, action="getPrices", seconds=10)
    await ann.press("c:10:tg:0:0")
    page = await ann.sees("Loading the price")
    await forget(ann)
    assert "Loading the price" in page.text
    world.provider.heal()
    await ann.until(lambda _: "out of date" in page.text)
    assert page.labels == ["Try again", "Buy a number", "Home"]
    assert not any((await stored_rows(world, ANN)).values())


async def test_a_deleted_user_who_blocks_the_bot_is_not_stored(bot_world: World) -> None:
    """Blocking the bot after the deletion stores no user."""
    ann = await bot_world.customer()
    await forget(ann)
    ann.block()
    bob = bot_world.telegram.person(BOB)
    await bob.send("/start")
    await bob.sees("API key")  # this update came after the other one
    await bot_world.stop()  # waits until all updates are handled
    assert not any((await stored_rows(bot_world, ANN)).values())
    assert (await stored_rows(bot_world, BOB))["users"] == 1
    await bot_world.start()
    await ann.sees("Hello!", "send me your API key", after=await ann.send("/start"))
    assert (await stored_rows(bot_world, ANN))["users"] == 1


async def test_a_notice_is_marked_for_its_owner_only(bot_world: World) -> None:
    """If the id of a deleted notice is used again, the new notice is still delivered."""
    bot_world.provider.open_account("b" * 32)
    await bot_world.customer(BOB, key="b" * 32)
    async with factories.open_database(bot_world) as db:
        await db.write(outbox.add_notice, BOB, None, NoticeKind.KEY_REFUSED, NOW)
        delivery = await db.read(outbox.next_delivery, BOB)
        assert delivery is not None
        assert delivery.notice is not None
        await db.write(outbox.notice_delivered, ANN, delivery.notice.id, NOW)
        assert await db.read(outbox.next_delivery, BOB) == delivery
        await db.write(outbox.notice_delivered, BOB, delivery.notice.id, NOW)
        assert await db.read(outbox.next_delivery, BOB) is None


async def test_pending_cards_do_not_delay_a_new_start(
    bot_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A user who deletes their data while cards are being sent, and returns, is answered at once."""
    ann = await bot_world.customer()
    await bot_world.stop()
    async with factories.open_database(bot_world) as db:
        for _ in range(15):
            await db.write(
                transitions.increment_card_version,
                (await db.write(factories.add_ended, ANN, at=NOW - 5000)).id,
            )
    with caplog.at_level(logging.ERROR):
        await bot_world.start()
        await ann.until(
            lambda person: sum("Buy again" in message.labels for message in person.messages) == 10
        )
        await forget(ann)
        await ann.send(KEY)
        await ann.sees("Your key works")
        number = await bot_world.buy(ann)
        bot_world.provider.deliver(number.id, "4711")
        await ann.sees("· Telegram", "📩", "4711")
    assert not caplog.records
    assert (await stored_rows(bot_world, ANN))["activations"] == 1


async def test_a_refused_key_is_deleted_with_the_rest(bot_world: World) -> None:
    """The refusal of a deleted key does not affect the next key."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.provider.close_account(KEY)
    await ann.sees("no longer accepts your API key")
    bot_world.provider.open_account(KEY)
    async with factories.open_database(bot_world) as db:
        await db.write(transitions.end, 1, State.CANCELLED, Ending.USER, NOW)
    await forget(ann)
    assert bot_world.app is not None
    assert not bot_world.app.accounts.is_refused(1)
    await ann.send(KEY)
    await ann.sees("Your key works")
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "4711")
    await ann.sees("· Telegram", "📩", "4711")
