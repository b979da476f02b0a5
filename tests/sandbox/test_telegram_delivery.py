"""Polling, limits and bad days, as Telegram has them."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats

from bot.sandbox.telegram import Telegram, TelegramFault, TelegramServer

ANN = 7


@pytest.fixture
def telegram() -> Telegram:
    """Return a Telegram on which Ann has an account."""
    telegram = Telegram()
    telegram.person(ANN)
    return telegram


@pytest.fixture
async def server(telegram: Telegram) -> AsyncIterator[TelegramServer]:
    """Serve it."""
    async with TelegramServer(telegram) as server:
        yield server


@pytest.fixture
async def api(telegram: Telegram, server: TelegramServer) -> AsyncIterator[Bot]:
    """Connect a real bot."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    async with Bot(telegram.token, session=session) as bot:
        yield bot


async def test_updates_stay_until_they_are_confirmed(telegram: Telegram, api: Bot) -> None:
    """Only a higher offset takes an update out of the queue."""
    await telegram.person(ANN).send("one")
    await telegram.person(ANN).send("two")
    first, second = await api.get_updates()
    assert [update.update_id for update in await api.get_updates()] == [first.update_id, second.update_id]
    assert await api.get_updates(offset=second.update_id) == [second]
    assert await api.get_updates(offset=-1) == [second]
    assert await api.get_updates(offset=second.update_id + 1) == []


async def test_a_poll_waits_for_news(telegram: Telegram, api: Bot) -> None:
    """A long poll ends the moment something happens."""
    poll = asyncio.create_task(api.get_updates(timeout=30))
    await telegram.person(ANN).send("news")
    assert len(await poll) == 1


async def test_only_wanted_updates_are_kept(telegram: Telegram, api: Bot) -> None:
    """What is not in allowed_updates never comes."""
    await api.get_updates(allowed_updates=["callback_query"])
    await telegram.person(ANN).send("unheard")
    assert await api.get_updates() == []


async def test_two_pollers_are_one_too_many(telegram: Telegram, api: Bot) -> None:
    """The second poll sends the first away."""
    first = asyncio.create_task(api.get_updates(timeout=30))
    await telegram.until_called("getUpdates")
    second = asyncio.create_task(api.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    await telegram.person(ANN).send("for the second")
    assert len(await second) == 1


async def test_closing_does_not_wait_for_polls(telegram: Telegram) -> None:
    """A server closes with a poll and a hanging call in it."""
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


async def test_fast_bots_have_to_wait(telegram: Telegram, api: Bot) -> None:
    """Too many messages to one chat are refused until some time has passed, and tests may lift that."""
    telegram.limits.chat_burst = 2
    await api.send_message(ANN, "one")
    await api.send_message(ANN, "two")
    with pytest.raises(TelegramRetryAfter) as caught:
        await api.send_message(ANN, "three")
    assert caught.value.retry_after == 1
    telegram.limits.lift()
    await api.send_message(ANN, "three")


async def test_arranged_failures(telegram: Telegram, api: Bot) -> None:
    """Each kind of failure looks to the bot like the real one, as often as arranged."""
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


async def test_an_outage_ends_when_it_is_healed(telegram: Telegram, api: Bot) -> None:
    """A lasting failure covers the polling too, until it is over."""
    telegram.fail(TelegramFault.ERROR, times=None)
    for _ in range(3):
        with pytest.raises(TelegramServerError):
            await api.send_message(ANN, "hello?")
    with pytest.raises(TelegramServerError):
        await api.get_updates()
    telegram.heal()
    await api.send_message(ANN, "hello!")


async def test_a_failure_of_one_method_leaves_the_others(telegram: Telegram, api: Bot) -> None:
    """What is arranged for one method or chat does not meet another."""
    telegram.fail(TelegramFault.ERROR, method="editMessageText", times=None)
    telegram.fail(TelegramFault.ERROR, chat_id=8, times=None)
    telegram.fail(TelegramFault.ERROR, chance=0.0, times=None)
    await api.send_message(ANN, "fine")


async def test_every_call_is_written_down(telegram: Telegram, api: Bot) -> None:
    """Calls keep their method and their decoded parameters."""
    await api.send_message(ANN, "hello", disable_notification=True)
    (call,) = telegram.called("sendMessage")
    assert call.params == {"chat_id": ANN, "text": "hello", "disable_notification": True}


async def test_waiting_for_a_call_in_vain_tells_what_was_called(telegram: Telegram, api: Bot) -> None:
    """The failure names the calls that were made."""
    await api.get_me()
    with pytest.raises(AssertionError, match="sendMessage was not called 1 times, but: getMe"):
        await telegram.until_called("sendMessage", timeout=0.05)


async def test_deleting_the_webhook_succeeds(telegram: Telegram, api: Bot) -> None:
    """A bot may delete a webhook at its start; the sandbox has none, and polling goes on."""
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
    """Names are small letters, and descriptions have an end."""
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
