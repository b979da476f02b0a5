"""Tests of polling, rate limits, faults and the bot's profile at the sandbox Bot API."""

import asyncio

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
)

from bot.sandbox.telegram import Telegram, TelegramFault, TelegramServer
from tests.sandbox.clients import ANN


async def test_updates_stay_until_they_are_confirmed(telegram: Telegram, api: Bot) -> None:
    """An update stays in the queue until a poll has a higher offset."""
    await telegram.person(ANN).send("one")
    await telegram.person(ANN).send("two")
    first, second = await api.get_updates()
    assert [update.update_id for update in await api.get_updates()] == [first.update_id, second.update_id]
    assert await api.get_updates(offset=second.update_id) == [second]
    assert await api.get_updates(offset=-1) == [second]
    assert await api.get_updates(offset=second.update_id + 1) == []


async def test_a_poll_waits_for_an_update(telegram: Telegram, api: Bot) -> None:
    """A long poll ends when an update arrives."""
    poll = asyncio.create_task(api.get_updates(timeout=30))
    await telegram.person(ANN).send("news")
    assert len(await poll) == 1


async def test_only_wanted_updates_are_kept(telegram: Telegram, api: Bot) -> None:
    """Updates of other kinds than allowed_updates are dropped."""
    await api.get_updates(allowed_updates=["callback_query"])
    await telegram.person(ANN).send("unheard")
    assert await api.get_updates() == []


async def test_a_second_poll_ends_the_first(telegram: Telegram, api: Bot) -> None:
    """A second poll ends the first one with a conflict."""
    first = asyncio.create_task(api.get_updates(timeout=30))
    await telegram.until_called("getUpdates")
    second = asyncio.create_task(api.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    await telegram.person(ANN).send("for the second")
    assert len(await second) == 1


async def test_closing_does_not_wait_for_open_calls(telegram: Telegram) -> None:
    """The server closes at once with an open poll and a hanging call."""
    telegram.fail(TelegramFault.HANG, method="getMe")
    async with TelegramServer(telegram) as server, aiohttp.ClientSession() as session:
        base = f"{server.url}/bot{telegram.token}"
        poll = asyncio.create_task(session.post(f"{base}/getUpdates", json={"timeout": 50}))
        hanging = asyncio.create_task(session.post(f"{base}/getMe"))
        await telegram.until_called("getUpdates")
        await telegram.until_called("getMe")
        await server.__aexit__(None, None, None)
        results = await asyncio.gather(poll, hanging, return_exceptions=True)
        assert all(isinstance(result, aiohttp.ClientError) for result in results)


async def test_the_token_and_the_method_must_be_right(telegram: Telegram, server: TelegramServer) -> None:
    """A wrong token is unauthorized; an unknown method is not found; case does not matter."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    async with Bot("1:wrong", session=session) as bot:
        with pytest.raises(TelegramUnauthorizedError):
            await bot.get_me()
    async with aiohttp.ClientSession() as client:
        async with client.get(f"{server.url}/bot{telegram.token}/getEverything") as answer:
            assert answer.status == 404
            assert (await answer.json())["description"] == "Not Found: method not found"
        async with client.get(f"{server.url}/bot{telegram.token}/GETME") as answer:
            assert (await answer.json())["result"]["username"] == telegram.username
        async with client.post(
            f"{server.url}/bot{telegram.token}/sendMessage",
            data=b"{",
            headers={"Content-Type": "application/json"},
        ) as answer:
            assert answer.status == 400


async def test_too_many_messages_are_refused(telegram: Telegram, api: Bot) -> None:
    """Too many messages to one chat get a 429, and lift() removes the limit."""
    telegram.limits.chat_burst = 2
    await api.send_message(ANN, "one")
    await api.send_message(ANN, "two")
    with pytest.raises(TelegramRetryAfter) as caught:
        await api.send_message(ANN, "three")
    assert caught.value.retry_after == 1
    telegram.limits.lift()
    await api.send_message(ANN, "three")


async def test_failures(telegram: Telegram, api: Bot) -> None:
    """Each kind of failure raises the matching error in aiogram, as often as given."""
    telegram.fail("ERROR", status=502, method="sendMessage")
    telegram.fail("RETRY_AFTER", retry_after=3, chat_id=ANN)
    telegram.fail("FORBIDDEN")
    telegram.fail("cut")
    telegram.fail("commit-then-cut")
    telegram.fail("DELAY", seconds=0.01)

    with pytest.raises(TelegramServerError):
        await api.send_message(ANN, "error")
    with pytest.raises(TelegramRetryAfter) as caught:
        await api.send_message(ANN, "retry")
    assert caught.value.retry_after == 3
    with pytest.raises(TelegramForbiddenError):
        await api.send_message(ANN, "forbidden")
    with pytest.raises(TelegramNetworkError):
        await api.send_message(ANN, "cut")
    with pytest.raises(TelegramNetworkError):
        await api.send_message(ANN, "committed")
    await api.send_message(ANN, "delayed")
    assert [message.text for message in telegram.person(ANN).messages] == ["committed", "delayed"]


async def test_heal_ends_an_outage(telegram: Telegram, api: Bot) -> None:
    """A failure without a limit affects getUpdates too, until heal."""
    telegram.fail(TelegramFault.ERROR, times=None)
    for _ in range(3):
        with pytest.raises(TelegramServerError):
            await api.send_message(ANN, "hello?")
    with pytest.raises(TelegramServerError):
        await api.get_updates()
    telegram.heal()
    await api.send_message(ANN, "hello!")


async def test_a_failure_of_one_method_does_not_affect_others(telegram: Telegram, api: Bot) -> None:
    """A failure of one method or chat does not affect others."""
    telegram.fail(TelegramFault.ERROR, method="editMessageText", times=None)
    telegram.fail(TelegramFault.ERROR, chat_id=8, times=None)
    telegram.fail(TelegramFault.ERROR, chance=0.0, times=None)
    await api.send_message(ANN, "fine")


async def test_calls_are_recorded(telegram: Telegram, api: Bot) -> None:
    """Calls are recorded with their method and their decoded parameters."""
    await api.send_message(ANN, "hello", disable_notification=True)
    (call,) = telegram.called("sendMessage")
    assert call.params == {"chat_id": ANN, "text": "hello", "disable_notification": True}


async def test_until_called_lists_the_calls_that_were_made(telegram: Telegram, api: Bot) -> None:
    """The error lists the calls that were made."""
    await api.get_me()
    with pytest.raises(AssertionError, match="sendMessage was not called 1 times, but: getMe"):
        await telegram.until_called("sendMessage", timeout=0.05)


async def test_deleting_the_webhook_succeeds(telegram: Telegram, api: Bot) -> None:
    """The method deleteWebhook returns True, and polling goes on."""
    assert await api.delete_webhook()
    await telegram.person(ANN).send("hello")
    assert len(await api.get_updates()) == 1


async def test_commands_are_kept_by_scope_and_language(telegram: Telegram, api: Bot) -> None:
    """A person sees the menu of private chats before the default one, and their language before others."""
    await api.set_my_commands([BotCommand(command="start", description="Home")])
    await api.set_my_commands([BotCommand(command="start", description="Trang chủ")], language_code="vi")
    private = BotCommandScopeAllPrivateChats()
    await api.set_my_commands([BotCommand(command="stats", description="Stats")], scope=private)

    assert telegram.commands_for(telegram.person(ANN))[0]["command"] == "stats"
    assert telegram.commands_for(telegram.person(2, language="vi"))[0]["command"] == "stats"
    telegram.profile.commands.pop(("all_private_chats", ""))
    assert telegram.commands_for(telegram.person(ANN))[0]["description"] == "Home"
    assert telegram.commands_for(telegram.person(2))[0]["description"] == "Trang chủ"


@pytest.mark.parametrize(
    ("command", "description", "words"),
    [
        ("Start", "Home", "BOT_COMMAND_INVALID"),
        ("x" * 33, "Home", "BOT_COMMAND_INVALID"),
        ("start", "x" * 257, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_bad_commands_are_refused(api: Bot, command: str, description: str, words: str) -> None:
    """The names of commands are lower case, and names and descriptions have a maximum length."""
    with pytest.raises(TelegramBadRequest, match=words):
        await api.set_my_commands([BotCommand(command=command, description=description)])


async def test_descriptions_are_kept_by_language(telegram: Telegram, api: Bot) -> None:
    """A person sees the description in their language, or the default one."""
    await api.set_my_description("What it does")
    await api.set_my_description("Что он делает", language_code="ru")
    await api.set_my_short_description("Short")

    assert (await api.get_me()).first_name == "Sandbox"
    assert telegram.description_for(telegram.person(1)) == "What it does"
    assert telegram.description_for(telegram.person(2, language="ru")) == "Что он делает"
    assert telegram.profile.short_descriptions == {"": "Short"}
    with pytest.raises(TelegramBadRequest, match="short_description is too long"):
        await api.set_my_short_description("x" * 121)
    assert telegram.notes == []


async def test_unsupported_methods_are_refused(telegram: Telegram, api: Bot) -> None:
    """A method that the sandbox does not support is refused and noted."""
    with pytest.raises(TelegramBadRequest, match="the sandbox does not support logOut"):
        await api.log_out()
    assert telegram.notes == ["logOut: is not supported"]


async def test_a_raw_update_may_have_any_form(telegram: Telegram, api: Bot) -> None:
    """A raw update gets the next id; a confirmed update can be delivered again."""
    update_id = telegram.updates.put_raw({"message": {"text": "no message"}})
    await telegram.person(ANN).send("one")
    (update,) = await api.get_updates(offset=update_id + 1)
    assert update.update_id == update_id + 1
    assert await api.get_updates(offset=update_id + 2) == []
    telegram.updates.repeat("message")
    assert [again.update_id for again in await api.get_updates()] == [update.update_id]


@pytest.mark.parametrize(("fault", "done"), [(TelegramFault.PAGE, 0), (TelegramFault.CUT_BODY, 1)])
async def test_an_answer_may_be_unreadable(
    telegram: Telegram, api: Bot, fault: TelegramFault, done: int
) -> None:
    """A gateway's page replaces the call; a cut answer follows a call that was done."""
    person = telegram.person(ANN)
    telegram.fail(fault, method="sendMessage", status=502)
    with pytest.raises(ClientDecodeError):
        await api.send_message(ANN, "hello")
    assert len(person.messages) == done


async def test_a_tap_becomes_too_old(telegram: Telegram, api: Bot) -> None:
    """An expired tap cannot be answered."""
    person = telegram.person(ANN)
    query = person.tap(await person.send("hello"), "data")
    telegram.expire_queries()
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await api.answer_callback_query(query.query_id)


async def test_failures_are_recorded(telegram: Telegram, api: Bot) -> None:
    """The record of the failures says which call met which failure, and when."""
    began = telegram.clock()
    telegram.fail(TelegramFault.COMMIT_THEN_CUT, method="sendMessage")
    with pytest.raises(TelegramNetworkError):
        await api.send_message(ANN, "x")
    (hit,) = telegram.faults.hits
    assert (hit.kind, hit.method, hit.chat_id) == (TelegramFault.COMMIT_THEN_CUT, "sendMessage", ANN)
    assert hit.time >= began


async def test_a_message_knows_when_it_was_drawn(telegram: Telegram, api: Bot) -> None:
    """A message has the time of its last change, and a tap the id of its update."""
    sent = await api.send_message(ANN, "one")
    (message,) = telegram.person(ANN).messages
    first = message.drawn_at
    await api.edit_message_text("two", chat_id=ANN, message_id=sent.message_id)
    assert first < message.drawn_at <= telegram.clock()
    query = telegram.person(ANN).tap(message, "x")
    (update,) = await api.get_updates()
    assert query.update_id == update.update_id
