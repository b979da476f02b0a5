"""Messages with an API key: found before any queue, deleted until they are gone, and never repeated."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from typing import Any

import pytest

from bot.sandbox.provider import FaultKind
from bot.storage.database import Database
from bot.storage.message_deletions import KEY_MESSAGES
from bot.telegram.key_guard import MAX_QUEUED_KEYS
from tests.conftest import KEY, World

OTHER_KEY = "ffffeeeeddddcccc9999888877776666"
FORMS = {
    "letters and digits": "a1B2c3D4e5F6g7H8",
    "thirty": "k2k2k2k2k2k2k2k2k2k2k2k2k2k2k2",
    "hex": OTHER_KEY,
    "uuid": "5f0c2f3e-1b7a-4c5e-9d3b-0a1b2c3d4e5f",
    "prefixed": "psk_a1b2c3d4e5f6",
    "digits": "1234567890123456",
    "letters": "QwErTyUiOpAsDfGh",
    "one case": "gkwvtrhzqbxmnfjd",
    "base64": "qL8+fJ2mZ/0xT7bW4nYk1g==",
    "long": "x1" * 200,
}
"""The forms of keys, by name."""


@pytest.mark.parametrize("key", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "words", ["{}", "my key: {}", "hello,\n{}\nis my key"], ids=["alone", "words", "lines"]
)
async def test_a_key_in_other_words_is_bound(bot_world: World, key: str, words: str) -> None:
    """Each form is found alone, behind words and on a line of its own; its message is deleted."""
    bot_world.provider.open_account(key, "33.30")
    ann = bot_world.telegram.person(1)
    message = await ann.send(words.format(key))
    await ann.sees("Your key works", "33.30")
    await ann.until(lambda _: message.deleted)


@pytest.mark.parametrize("key", FORMS.values(), ids=FORMS)
async def test_a_misplaced_key_is_neither_searched_for_nor_repeated(bot_world: World, key: str) -> None:
    """With a key bound, each form is deleted and not echoed, as a text, a caption and an edit."""
    ann = await bot_world.customer()
    message = await ann.send(f"my key: {key}")
    answer = await ann.sees("That looks like an API key", "I deleted your message")
    photo = await ann.send_photo(caption=f"this one {key}")
    answer = await ann.sees("That looks like an API key", after=answer)
    edited = await ann.send("/help")
    await ann.edit(edited, key)
    await ann.sees("That looks like an API key", after=answer)
    await ann.until(lambda _: message.deleted and photo.deleted and edited.deleted)
    assert key not in ann.transcript()
    assert not any(key in str(call.params) for call in bot_world.telegram.calls)


@pytest.mark.parametrize("words", ["{}", "my key: {}", "here you are:\n{}"], ids=["alone", "key", "lines"])
@pytest.mark.parametrize("kind", ["text", "caption"])
async def test_a_key_that_looks_like_a_word_is_bound(bot_world: World, kind: str, words: str) -> None:
    """Of a user without a key, the only long word of a message is tried; in a photo too."""
    key = "internationalizer"
    bot_world.provider.open_account(key, "33.30")
    ann = bot_world.telegram.person(1)
    text = words.format(key)
    message = await (ann.send(text) if kind == "text" else ann.send_photo(caption=text))
    await ann.sees("Your key works", "33.30")
    await ann.until(lambda _: message.deleted)


async def test_a_named_key_that_looks_like_a_word_is_deleted(bot_world: World) -> None:
    """With a key bound, a long word is a key if the message says so."""
    ann = await bot_world.customer()
    message = await ann.send("the new API key is internationalizer")
    await ann.sees("That looks like an API key", "I deleted your message")
    assert message.deleted


async def test_several_keys_are_deleted_and_not_bound(bot_world: World) -> None:
    """If a message holds two keys, the bot does not choose one."""
    ann = bot_world.telegram.person(1)
    message = await ann.send(f"{KEY}\n{OTHER_KEY}")
    await ann.sees("more than one text", "I deleted your message")
    assert message.deleted
    assert bot_world.asked("getBalance") == []


@pytest.mark.parametrize("text", ["internationalizations", "telegram,whatsapp,viber"])
async def test_a_long_word_is_searched_for_and_not_repeated(bot_world: World, text: str) -> None:
    """What may be a key by its length is not deleted, and no answer repeats it."""
    ann = await bot_world.customer()
    message = await ann.send(text)
    answer = await ann.sees("“…”")
    assert ("If that was an API key, please delete" in answer.text) == answer.text.startswith("No service")
    assert not message.deleted
    assert text not in str([call.params for call in bot_world.telegram.calls])


@pytest.mark.parametrize("method", ["deleteMessage", "sendChatAction"])
@pytest.mark.parametrize("kind", ["PAGE", "CUT", "RETRY_AFTER", "ERROR", "FORBIDDEN"])
async def test_a_failed_call_stops_neither_the_binding_nor_the_deletion(
    bot_world: World, kind: str, method: str
) -> None:
    """The key is bound at once; the deletion is tried again, and nothing that the bot says is false."""
    bot_world.telegram.fail(kind, method=method, status=502)
    ann = bot_world.telegram.person(1)
    message = await ann.send(KEY)
    await ann.sees("Your key works")
    if not message.deleted:
        await ann.sees("I’ll delete your message with the key as soon as Telegram lets me")
        bot_world.pass_time(5)
    await ann.until(lambda _: message.deleted)
    ann.sees_no("I couldn’t delete")
    ann.sees_no("I deleted your message")


UNREADABLE = {"forward_origin": {"type": "hidden_user", "date": 1422450181}}
"""A forward of an old user without a name, which aiogram cannot decode."""


async def test_a_key_in_an_unreadable_message_is_bound(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A message that cannot be decoded is reduced to its text: its key is bound, and the message deleted."""
    ann = world.telegram.person(1)
    message = await ann.send(f"my key: {KEY}")
    world.telegram.updates.alter("message", **UNREADABLE)
    with caplog.at_level("DEBUG"):
        await world.start()
        await ann.sees("Your key works")
        await ann.until(lambda _: message.deleted)
    assert "(message) cannot be decoded and is reduced to its text" in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize("kind", ["text", "caption", "edit"])
async def test_a_misplaced_key_in_an_unreadable_message_is_deleted(
    bot_world: World, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """With a key bound, the user is told, and the message is deleted, also after a crash; no log has it."""
    ann = await bot_world.customer()
    message = await ann.send("/help")
    await ann.sees("How it works")
    await bot_world.stop()
    if kind == "text":
        message = await ann.send(f"the key {OTHER_KEY}")
    elif kind == "caption":
        message = await ann.send_photo(caption=OTHER_KEY)
    else:
        await ann.edit(message, OTHER_KEY)
    bot_world.telegram.updates.alter("edited_message" if kind == "edit" else "message", **UNREADABLE)
    bot_world.telegram.fail("ERROR", method="deleteMessage", status=500)
    with caplog.at_level("DEBUG"):
        await bot_world.start()
        await ann.sees("That looks like an API key", "I’ll delete your message")
        assert await pending_deletions(bot_world) == 1
        await bot_world.kill()
        bot_world.pass_time(2)
        await bot_world.start()
        await ann.until(lambda _: message.deleted)
    assert OTHER_KEY not in caplog.text
    assert OTHER_KEY not in str([call.params for call in bot_world.telegram.calls])


async def test_an_unreadable_message_of_a_stranger_is_left_alone(world: World) -> None:
    """The text of a message that cannot be decoded is looked at only for a person who may use the bot."""
    ann = world.telegram.person(1)
    message = await ann.send(KEY)
    world.telegram.updates.alter("message", **UNREADABLE)
    await world.start(allowed_users="2")
    await ann.sees("This bot is private")
    assert not message.deleted
    assert world.asked("getBalance") == []


@pytest.mark.parametrize("again", [True, False])
async def test_a_misplaced_key_is_reported_truly(bot_world: World, *, again: bool) -> None:
    """While the first attempt has failed, the bot promises the deletion, and keeps it."""
    ann = await bot_world.customer()
    bot_world.telegram.fail("ERROR", method="deleteMessage", status=400)
    message = await ann.send(OTHER_KEY)
    await ann.sees("That looks like an API key", "I’ll delete your message")
    ann.sees_no("I deleted your message")
    if again:
        await bot_world.kill()
        await bot_world.start()
    bot_world.pass_time(2)
    await ann.until(lambda _: message.deleted)


async def test_a_message_that_stays_is_told(bot_world: World) -> None:
    """If Telegram does not let the bot delete the message, the user is told, once."""
    bot_world.telegram.limits.delete_seconds = -1
    ann = bot_world.telegram.person(1)
    message = await ann.send(KEY)
    await ann.sees("Your key works")
    told = await ann.sees("I couldn’t delete your message with the key. Please delete it yourself.")
    bot_world.pass_time(60)
    await ann.send("/help")
    await ann.sees("How it works", after=told)
    assert len(bot_world.telegram.called("deleteMessage")) == 1
    assert not message.deleted
    assert len([shown for shown in ann.messages if "couldn’t delete" in shown.text]) == 1


async def test_a_deletion_is_given_up_after_two_days(bot_world: World) -> None:
    """After the two days in which Telegram allows it, the user is told that the message stays."""
    bot_world.telegram.fail("ERROR", method="deleteMessage", times=None)
    ann = bot_world.telegram.person(1)
    await ann.send(KEY)
    await ann.sees("Your key works")
    ann.sees_no("I couldn’t delete")
    bot_world.pass_time(48 * 3600)
    await ann.sees("I couldn’t delete your message with the key")


async def test_a_key_that_the_user_has_deleted_is_gone(bot_world: World) -> None:
    """If the message is gone when its deletion is retried, nothing is reported."""
    ann = await bot_world.customer()
    bot_world.telegram.fail("ERROR", method="deleteMessage", status=500)
    message = await ann.send(OTHER_KEY)
    await ann.sees("That looks like an API key")
    ann.delete(message)
    bot_world.pass_time(2)
    await ann.send("/help")
    await ann.sees("How it works")
    assert await pending_deletions(bot_world) == 0
    ann.sees_no("I couldn’t delete")


async def test_a_key_in_a_full_queue_is_deleted_at_once(bot_world: World) -> None:
    """A key behind six slow updates is deleted before they are done, and a crash does not stop that."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.HANG, action="getBalance", times=None)
    for _ in range(6):
        await ann.send("/balance")
    message = await ann.send(OTHER_KEY)
    await ann.until(lambda _: message.deleted)
    bot_world.telegram.fail("ERROR", method="deleteMessage", times=None)
    message = await ann.send(OTHER_KEY)
    await bot_world.telegram.until_called("deleteMessage", 3)
    await bot_world.kill()
    bot_world.telegram.heal()
    bot_world.pass_time(2)
    await bot_world.start()
    await ann.until(lambda _: message.deleted)


async def test_a_crash_before_the_deletion_is_stored_loses_no_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram gets no confirmation of a message with a key before its deletion is stored."""
    # The thread of the killed bot ends only when it has waited for the lock for this long.
    monkeypatch.setattr(vars(Database)["open"].__func__, "__defaults__", (None, 1.5))
    await world.start()
    ann = await world.customer()
    assert world.app is not None
    deletion = world.app.message_deletion
    with closing(sqlite3.connect(world.values["database_path"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # nothing can be stored
        message = await ann.send(OTHER_KEY)
        while not deletion._attempts:  # noqa: ASYNC110, SLF001  # nothing else shows that it is being stored
            await asyncio.sleep(0.01)
        polls = len(world.telegram.called("getUpdates"))
        with suppress(AssertionError):
            await world.telegram.until_called("getUpdates", polls + 1, timeout=0.2)
        await world.kill()
    assert not message.deleted
    await world.start()
    await ann.until(lambda _: message.deleted)


async def test_a_key_is_deleted_without_a_database(bot_world: World) -> None:
    """If the deletion cannot be stored, it is done at once."""
    ann = await bot_world.customer()
    with bot_world.full_disk("INSERT ON message_deletions"):
        message = await ann.send(OTHER_KEY)
        await ann.sees("That looks like an API key", "I deleted your message")
        assert message.deleted


async def pending_deletions(world: World) -> int:
    """Return the number of stored deletions, after those that are in progress."""
    assert world.app is not None
    async with asyncio.timeout(20):
        while row := await world.app.message_deletion.db.read(KEY_MESSAGES.next_due):
            if row.delete_at > world.clock():
                break
            await asyncio.sleep(0.01)
    return int(row is not None)


async def test_updates_behind_a_key_keep_their_order(bot_world: World) -> None:
    """The search for a key lets no later update of the same user overtake its message."""
    ann = bot_world.telegram.person(1)
    await ann.send(f"my key: {KEY}")
    await ann.send("/balance")
    bound = await ann.sees("Your key works")
    await ann.sees("Balance: 10.00", after=bound)
    ann.sees_no("I need your API key first")


async def test_a_wrong_setting_is_not_repeated_if_it_may_be_a_key(bot_world: World) -> None:
    """An answer to the question for prefixes is quoted only if it is short."""
    ann = await bot_world.customer()
    await ann.send("/settings")
    await ann.click("Skipped prefixes")
    await ann.click("Change")
    prompt = await ann.sees("Reply", "prefix")
    await ann.send("internationalizations", reply_to=prompt)
    await ann.sees("“…” doesn’t work")


async def test_the_queue_is_told_of_a_few_keys_only(bot_world: World) -> None:
    """Up to three waiting messages with keys of one user are marked for the queue, and no others."""
    assert bot_world.app is not None
    marked: list[bool] = []

    async def note(handler: Any, event: Any, data: dict[str, Any]) -> Any:
        marked.append(data.get("must_not_drop", False))
        return await handler(event, data)

    bot_world.app.dispatcher.update.outer_middleware(note)
    ann = await bot_world.customer()
    assert marked == [False, True]
    await ann.send("/help")
    await ann.sees("How it works")
    bot_world.telegram.fail("DELAY", method="deleteMessage", seconds=0.5)
    messages = [await ann.send(f"{number}{OTHER_KEY}") for number in range(MAX_QUEUED_KEYS + 2)]
    await ann.until(lambda _: len(marked) == 3 + len(messages))
    assert marked[2:] == [False, *[True] * MAX_QUEUED_KEYS, False, False]
