"""The outbox when Telegram refuses, limits or loses messages, or when the database cannot store the mark."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer

from bot import errors
from bot.concurrency import steady_time
from bot.delivery import attempts, rate_limits
from bot.sandbox.telegram import Message, Person, TelegramFault, server as telegram_server
from bot.telegram import messenger
from bot.telegram.session import BotSession
from tests.conftest import World

OTHER_KEY = "k2k2k2k2k2k2k2k2k2k2"


def pushes(person: Person, text: str) -> list[Message]:
    """Return the messages that deliver a code; the card is none of them."""
    return [
        message
        for message in person.messages
        if message.from_bot and text in message.text and "📱" not in message.text
    ]


def stored(world: World, query: str) -> list[tuple[Any, ...]]:
    """Return rows of the database."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        return connection.execute(query).fetchall()


async def until_stored(world: World, query: str, rows: list[tuple[Any, ...]]) -> None:
    """Wait until a query returns these rows."""
    async with asyncio.timeout(20):
        while stored(world, query) != rows:  # noqa: ASYNC110  # a row in the file wakes nobody
            await asyncio.sleep(0.01)


def delivered(count: int) -> tuple[str, list[tuple[int]]]:
    """Return the query for the number of delivered codes, and its result."""
    return "SELECT count(*) FROM codes WHERE delivered_at IS NOT NULL", [(count,)]


async def is_idle(person: Person) -> None:
    """Let a person ask for something and see the answer, so that everything due before it was done."""
    await person.sees("How it works", after=await person.send("/help"))


@pytest.mark.parametrize("times", [1, 2, 4, None])
@pytest.mark.usefixtures("quick_retries")
async def test_lost_answers_cost_one_more_copy(bot_world: World, times: int | None) -> None:
    """However many answers to a code are lost, at most one more copy is sent, and the card has the code."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    sent = len(bot_world.telegram.called("sendMessage"))
    bot_world.telegram.fail(TelegramFault.COMMIT_THEN_CUT, method="sendMessage", chat_id=1, times=times)
    bot_world.provider.deliver(number.id, "1234")
    await bot_world.telegram.until_called("sendMessage", sent + 2)
    await ann.sees("Code received", "1234")
    bot_world.telegram.heal()
    for _ in range(3):
        await is_idle(ann)
    assert len(pushes(ann, "1234")) == 2


@pytest.mark.usefixtures("quick_retries")
async def test_a_code_is_not_sent_again_before_telegram_answers(bot_world: World) -> None:
    """In an outage in which answers are lost, nothing is sent again until another call is answered."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    asked = len(bot_world.telegram.called("getMe"))
    bot_world.telegram.fail(TelegramFault.COMMIT_THEN_CUT, method="sendMessage", chat_id=1, times=None)
    for method in ("editMessageText", "getMe"):
        bot_world.telegram.fail(TelegramFault.CUT, method=method, times=None)
    bot_world.provider.deliver(number.id, "1234")
    await bot_world.telegram.until_called("getMe", asked + 4)
    assert len(pushes(ann, "1234")) == 1
    bot_world.telegram.heal()
    await until_stored(bot_world, *delivered(1))
    assert len(pushes(ann, "1234")) == 2


@pytest.mark.usefixtures("quick_retries")
async def test_a_message_that_is_lost_twice_is_sent_after_a_pause(
    bot_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the answers to both copies are lost, the code is sent again after a longer pause."""
    monkeypatch.setattr(attempts, "LOST_PAUSES", (0.5,))
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.CUT, method="sendMessage", times=2)
    bot_world.provider.deliver(number.id, "1234")
    await ann.until(lambda person: pushes(person, "1234"))
    assert len(pushes(ann, "1234")) == 1


@pytest.mark.usefixtures("quick_retries")
async def test_a_sent_message_ends_the_pause_of_a_lost_one(bot_world: World) -> None:
    """If the next code of the chat can be sent, the code before it need not wait any longer."""
    ann = await bot_world.customer()
    first, second = await bot_world.buy(ann), await bot_world.buy(ann)
    sent = len(bot_world.telegram.called("sendMessage"))
    bot_world.telegram.fail(TelegramFault.CUT, method="sendMessage", times=2)
    bot_world.provider.deliver(first.id, "1111")
    await bot_world.telegram.until_called("sendMessage", sent + 2)
    bot_world.provider.deliver(second.id, "2222")
    await ann.until(lambda person: pushes(person, "1111") and pushes(person, "2222"), timeout=10)


@pytest.mark.parametrize(("refusals", "shown"), [(1, "48213"), (2, "Your code: 48213")])
async def test_a_refused_code_is_sent_in_a_simpler_form(bot_world: World, refusals: int, shown: str) -> None:
    """A code that Telegram refuses is sent without markup, then as a fixed sentence."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.ERROR, method="sendMessage", status=400, times=refusals)
    bot_world.provider.deliver(number.id, "48213")
    await until_stored(bot_world, *delivered(1))
    assert [message.text for message in pushes(ann, "48213")] == [shown]


async def test_a_code_that_cannot_be_sent_stays_undelivered(
    bot_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code whose every form is refused is kept, is told in /active, and is sent later."""
    monkeypatch.setattr(attempts, "REFUSED_PAUSES", (1.0,))
    ann = await bot_world.customer()
    first, second = await bot_world.buy(ann), await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.ERROR, method="sendMessage", status=400, times=3)
    bot_world.provider.deliver(first.id, "1111")
    await ann.sees("Code received", "1111")
    assert pushes(ann, "1111") == []
    assert stored(bot_world, delivered(0)[0]) == [(0,)]
    bot_world.provider.deliver(second.id, "2222")
    await ann.until(lambda person: pushes(person, "2222"))
    await until_stored(bot_world, *delivered(1))
    bot_world.pass_time(61)
    await ann.send("/active")
    await ann.sees("2 active numbers", "1 code couldn’t be sent yet")
    await until_stored(bot_world, *delivered(2))
    assert len(pushes(ann, "1111")) == 1


@pytest.mark.parametrize(
    ("write", "pending", "prepare"),
    [
        ("UPDATE OF delivered_at ON codes", "SELECT count(*) FROM codes WHERE delivered_at IS NULL", None),
        (
            "UPDATE OF delivered_at ON notices",
            "SELECT count(*) FROM notices WHERE delivered_at IS NULL",
            "INSERT INTO notices (user_id, kind, created_at) VALUES (1, 'key_refused', 1)",
        ),
        (
            "UPDATE OF card_drawn ON activations",
            "SELECT count(*) FROM activations WHERE card_drawn < card_version",
            "UPDATE activations SET card_message_id = NULL, card_version = card_version + 1",
        ),
    ],
)
@pytest.mark.usefixtures("quick_retries")
async def test_only_the_mark_is_tried_again(
    bot_world: World, write: str, pending: str, prepare: str | None
) -> None:
    """While a delivery cannot be marked, its message is not sent again; then it is marked."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await until_stored(bot_world, "SELECT count(*) FROM activations WHERE card_drawn < card_version", [(0,)])
    sent = len(bot_world.telegram.called("sendMessage"))
    with bot_world.full_disk(write):
        if prepare is None:
            bot_world.provider.deliver(number.id, "1234")
        else:
            with closing(sqlite3.connect(bot_world.values["database_path"])) as connection, connection:
                connection.execute(prepare)
            assert bot_world.app is not None
            bot_world.app.outbox.pending_users.notify(1)
        await bot_world.telegram.until_called("sendMessage", sent + 1)
        for _ in range(3):
            await is_idle(ann)
        assert stored(bot_world, pending) == [(1,)]
    await until_stored(bot_world, pending, [(0,)])
    await is_idle(ann)
    assert len(bot_world.telegram.called("sendMessage")) == sent + 1 + 4  # the answers to /help


async def test_a_limit_on_edits_delays_no_code(bot_world: World) -> None:
    """While edits of cards are limited for minutes, the next code is sent at once."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    edits = len(bot_world.telegram.called("editMessageText"))
    bot_world.telegram.fail(TelegramFault.RETRY_AFTER, method="editMessageText", retry_after=300)
    bot_world.provider.deliver(number.id, "1111")
    await bot_world.telegram.until_called("editMessageText", edits + 1)
    bot_world.provider.deliver((await bot_world.buy(ann)).id, "2222")
    await ann.until(lambda person: pushes(person, "2222"), timeout=5)


async def test_a_limit_on_messages_pauses_every_chat(bot_world: World) -> None:
    """After a 429 to one chat, the bot sends to no chat before the time that Telegram states."""
    bot_world.provider.open_account(OTHER_KEY)
    ann, bob = await bot_world.customer(), await bot_world.customer(2, OTHER_KEY)
    of_ann, of_bob = await bot_world.buy(ann), await bot_world.buy(bob)
    calls = bot_world.telegram.called("sendMessage")
    bot_world.telegram.fail(TelegramFault.RETRY_AFTER, method="sendMessage", chat_id=1, retry_after=1)
    bot_world.provider.deliver(of_ann.id, "1111")
    refused = await bot_world.telegram.until_called("sendMessage", len(calls) + 1)
    bot_world.provider.deliver(of_bob.id, "2222")
    await bob.until(lambda person: pushes(person, "2222"))
    await ann.until(lambda person: pushes(person, "1111"))
    later = bot_world.telegram.called("sendMessage")[len(calls) + 1 :]
    assert all(call.time >= refused.time + 1 for call in later)


async def test_a_huge_text_is_sent_once_in_pieces_and_as_a_file(bot_world: World) -> None:
    """A text of 100 kB is two messages and a file; a 429 in the middle does not start again."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    text = " ".join(f"word{index}" for index in range(11_000))
    bot_world.telegram.fail(TelegramFault.RETRY_AFTER, method="sendDocument", retry_after=1)
    sent = len(bot_world.telegram.called("sendMessage"))
    bot_world.provider.deliver(number.id, text)
    await until_stored(bot_world, *delivered(1))
    assert len(bot_world.telegram.called("sendMessage")) == sent + 2
    (document,) = [message for message in ann.messages if message.kind == "document"]
    assert document.file is not None
    assert document.file.content.decode() == text
    assert len([message for message in ann.messages if "📩" in message.text]) == 1


@pytest.mark.usefixtures("quick_retries")
async def test_a_chat_that_is_not_found_is_tried_again(
    bot_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 400 that says that there is no such chat can be temporary: the code is sent again after a pause."""
    monkeypatch.setattr(attempts, "NOT_FOUND_PAUSES", (0.1, 0.1))
    monkeypatch.setitem(telegram_server._REASONS, 400, "Bad Request: chat not found")  # noqa: SLF001
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.ERROR, method="sendMessage", status=400, times=2)
    bot_world.provider.deliver(number.id, "1234")
    await ann.until(lambda person: pushes(person, "1234"))
    await until_stored(bot_world, "SELECT unreachable FROM users", [(0,)])


async def test_a_flood_of_codes_of_one_number_delays_no_other(
    bot_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only so many codes of a number are sent in a minute; the code of another number is sent at once."""
    monkeypatch.setattr(rate_limits, "CODES_PER_MINUTE", 3)
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection, connection:
        connection.executemany(
            "INSERT INTO codes (activation_id, ordinal, text, received_at) VALUES (1, ?, ?, 1)",
            [(ordinal, f"flood{ordinal}") for ordinal in range(1, 8)],
        )
    second = await bot_world.buy(ann)
    assert bot_world.app is not None
    bot_world.app.outbox.pending_users.notify(1)
    bot_world.provider.deliver(second.id, "2222")
    await ann.until(lambda person: pushes(person, "2222"))
    assert len(pushes(ann, "flood")) <= 3
    monkeypatch.setattr(rate_limits, "MINUTE", 0.3)
    bot_world.app.outbox.pending_users.notify(1)
    await until_stored(bot_world, *delivered(8))
    assert len(pushes(ann, "flood")) == 7
    assert number.id != second.id


async def test_only_an_answer_that_may_exist_counts_as_lost(
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    """If no connection was made, the message was certainly not sent."""
    api = TelegramAPIServer.from_base(f"http://127.0.0.1:{unused_tcp_port_factory()}")
    async with Bot("1:a", session=BotSession(steady_time, lambda *_: None, api=api)) as bot:
        with pytest.raises(errors.TryLater) as caught:
            await messenger._call(bot.get_me())  # noqa: SLF001  # the mapping of errors is tested
    assert not isinstance(caught.value, errors.AnswerLost)
