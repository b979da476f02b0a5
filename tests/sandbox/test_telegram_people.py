"""Tests of the simulated people: messages, taps, inline searches, blocking, and readable failures."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Message,
)

from bot.sandbox.telegram import Telegram, TelegramServer, Toast
from tests.sandbox.clients import ANN

LINKS = (
    "https://t.me/sandbox_bot?start=there",
    "https://t.me/Sandbox_Bot",
    "https://t.me/other_bot?start=there",
    "https://example.com/?start=there",
    "https://t.me/sandbox_bot?start=a.b",
)


def make_router(seen: list[str]) -> Router:
    """Return the handlers of a bot that answers, and records what it gets."""
    router = Router()

    @router.message(Command("start"))
    async def greet(message: Message) -> None:
        rows = [
            [InlineKeyboardButton(text="Go on", callback_data="go")],
            [InlineKeyboardButton(text="Alarm", callback_data="alarm")],
            [InlineKeyboardButton(text="Silence", callback_data="silence")],
            [InlineKeyboardButton(text="Copy it", copy_text=CopyTextButton(text="42"))],
        ]
        await message.answer("Hello", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows))

    @router.callback_query(F.data == "alarm")
    async def alarm(query: CallbackQuery) -> None:
        await query.answer("Beware", show_alert=True)

    @router.callback_query(F.data == "silence")
    async def silence(query: CallbackQuery) -> None:
        seen.append(f"silent {query.data}")

    @router.callback_query()
    async def tapped(query: CallbackQuery) -> None:
        await query.answer(f"You chose {query.data}")
        try:
            await query.answer("twice")
        except TelegramBadRequest as error:
            seen.append(error.message)

    @router.inline_query()
    async def search(query: InlineQuery) -> None:
        content = InputTextMessageContent(message_text=f"<b>{query.query}</b>", parse_mode="HTML")
        links = [
            [InlineKeyboardButton(text=f"Link {number}", url=url)]
            for number, url in enumerate(LINKS, start=1)
        ]
        result = InlineQueryResultArticle(
            id="1",
            title="First",
            input_message_content=content,
            reply_markup=InlineKeyboardMarkup(inline_keyboard=links),
        )
        button = (
            InlineQueryResultsButton(text="Begin", start_parameter="here") if query.query == "tele" else None
        )
        await query.answer([result], button=button)

    @router.my_chat_member()
    async def member(update: ChatMemberUpdated) -> None:
        seen.append(update.new_chat_member.status)

    @router.edited_message()
    async def edited(message: Message) -> None:
        seen.append(f"edited {message.text}")

    @router.message()
    async def other(message: Message) -> None:
        seen.append(message.text or message.content_type)
        await message.answer("noted")

    return router


@pytest.fixture
def seen() -> list[str]:
    """Return the list of what the bot has got."""
    return []


@pytest.fixture
async def telegram(seen: list[str]) -> AsyncIterator[Telegram]:
    """Run the bot."""
    telegram = Telegram()
    dispatcher = Dispatcher()
    dispatcher.include_router(make_router(seen))
    async with TelegramServer(telegram) as server:
        session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
        bot = Bot(telegram.token, session=session)
        polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
        await telegram.person(1000).send("are you there?")
        await telegram.person(1000).sees("noted")
        seen.clear()
        yield telegram
        await dispatcher.stop_polling()
        await polling


async def test_a_tap_is_answered(telegram: Telegram, seen: list[str]) -> None:
    """A click returns the bot's first answer, and whether it is an alert."""
    ann = telegram.person(ANN)
    await ann.send("/start")
    await ann.sees("Hello")

    assert await ann.click("Go") == Toast("You chose go")
    assert await ann.click("Alarm") == Toast("Beware", alert=True)
    await ann.until(lambda _: seen)
    assert "query is too old" in seen[0]


async def test_a_copy_button_needs_no_bot(telegram: Telegram) -> None:
    """A copy button fills the clipboard and sends nothing."""
    ann = telegram.person(ANN)
    await ann.send("/start")
    await ann.sees("Hello")
    assert await ann.click("Copy") is None
    assert ann.clipboard == "42"


async def test_a_missing_button_lists_the_visible_ones(telegram: Telegram) -> None:
    """The error lists the visible buttons and the chat."""
    ann = telegram.person(ANN)
    await ann.send("/start")
    await ann.sees("Hello")
    with pytest.raises(AssertionError, match=r"no button 'Nope' among \['Go on', 'Alarm'"):
        await ann.click("Nope", timeout=0.2)


async def test_an_exact_label_is_preferred(telegram: Telegram) -> None:
    """An exact label is preferred to a longer one, even in an older message."""
    ann = telegram.person(ANN)
    await ann.send("/start")
    older = await ann.sees("Hello")
    await ann.send("/start")
    newer = await ann.sees("Hello", after=older)
    newer.rows = [[replace(newer.buttons[0], text="Go on and on", data="longer")]]
    assert await ann.click("Go on") == Toast("You chose go")
    assert await ann.click("Go on and") == Toast("You chose longer")
    assert await ann.click("Go", message=older) == Toast("You chose go")


async def test_an_unanswered_tap_fails(telegram: Telegram) -> None:
    """A tap without an answer raises an error."""
    ann = telegram.person(ANN)
    await ann.send("/start")
    await ann.sees("Hello")
    with pytest.raises(AssertionError, match="No answer to 'Silence'"):
        await ann.click("Silence", timeout=0.1)


async def test_forged_data_reaches_the_bot(telegram: Telegram) -> None:
    """A person with a modified app can send any data."""
    ann = telegram.person(ANN)
    await ann.send("/start")
    await ann.sees("Hello")
    assert await ann.press("forged") == Toast("You chose forged")


async def test_a_failed_wait_shows_the_chat(telegram: Telegram) -> None:
    """The error has the whole chat."""
    ann = telegram.person(ANN)
    await ann.send("/start")
    await ann.sees("Hello")
    with pytest.raises(AssertionError, match=r"(?s)No message shows 'Bye'.*#\d+ bot: Hello.*\[Go on\]"):
        await ann.sees("Bye", timeout=0.05)
    with pytest.raises(AssertionError, match="A message shows"):
        ann.sees_no("Hello")


async def test_after_ignores_older_messages(telegram: Telegram) -> None:
    """With `after`, only newer messages count."""
    ann = telegram.person(ANN)
    await ann.send("one")
    first = await ann.sees("noted")
    await ann.send("two")
    second = await ann.sees("noted", after=first)
    assert second.message_id > first.message_id


async def test_other_kinds_of_message_arrive(telegram: Telegram, seen: list[str]) -> None:
    """The bot gets photos, files, stickers, voice messages and edits."""
    ann = telegram.person(ANN)
    await ann.send_photo(b"x")
    await ann.send_document(b"x")
    await ann.send_sticker()
    await ann.send_voice()
    message = await ann.send("befor")
    await ann.edit(message, "before")
    await ann.until(lambda _: len(seen) == 6)
    assert sorted(seen) == ["befor", "document", "edited before", "photo", "sticker", "voice"]


async def test_blocking_is_an_update(telegram: Telegram, seen: list[str]) -> None:
    """The bot gets an update when it is blocked, and a new message unblocks it."""
    ann = telegram.person(ANN)
    ann.block()
    await ann.send("back")
    await ann.sees("noted")
    await ann.until(lambda _: len(seen) == 3)
    assert sorted(seen) == ["back", "kicked", "member"]


async def test_privacy_mode_in_groups(telegram: Telegram, seen: list[str]) -> None:
    """In a group, the bot gets commands, mentions and replies, and no other messages."""
    ann, team = telegram.person(ANN), telegram.group(-100123)
    await ann.send("small talk", chat=team)
    await ann.send(f"@{telegram.username} hear", chat=team)
    answer = await team.sees("noted")
    await ann.send("to you", chat=team, reply_to=answer)
    await team.sees("noted", after=answer)
    assert seen == [f"@{telegram.username} hear", "to you"]
    assert ann.messages == []


async def test_inline_results_can_be_sent(telegram: Telegram) -> None:
    """A person searches inline, gets results, and sends one."""
    ann = telegram.person(ANN)
    results = await ann.inline("tele")
    message = ann.choose(results[0], "tele")
    assert telegram.notes == []
    assert (message.html, message.via_bot, message.from_bot) == ("<b>tele</b>", True, False)


async def test_the_button_above_results_starts_the_chat(telegram: Telegram, seen: list[str]) -> None:
    """The button above the results sends /start with its parameter; a missing button raises an error."""
    ann = telegram.person(ANN)
    query = await ann.search("tele")
    message = await ann.press_over(query)
    assert message.text == "/start here"
    await ann.sees("Hello")
    with pytest.raises(AssertionError, match="The results have no button"):
        await ann.press_over(await ann.search("other"))
    with pytest.raises(ValueError, match="the query is too long"):
        ann.type("x" * 257)
    assert seen == []


async def test_links_to_the_bot_are_followed(telegram: Telegram) -> None:
    """A link to the bot sends its parameter to the private chat, also from a group; other links do not."""
    ann, team = telegram.person(ANN), telegram.group(-100123)
    (result,) = await ann.inline("tele")
    message = ann.choose(result, "tele", chat=team)
    await ann.click("Link 1", message=message)
    assert ann.messages[-1].text == "/start there"
    await ann.click("Link 2", message=message)
    assert ann.messages[-1].text == "/start"
    before = len([each for each in ann.messages if not each.from_bot])
    await ann.click("Link 3", message=message)
    await ann.click("Link 4", message=message)
    with pytest.raises(AssertionError, match="START_PARAM_INVALID"):
        await ann.click("Link 5", message=message)
    assert len([each for each in ann.messages if not each.from_bot]) == before


async def test_results_in_a_group_reach_the_bot(telegram: Telegram, seen: list[str]) -> None:
    """In a group, the bot gets the inline results that people have sent."""
    ann, team = telegram.person(ANN), telegram.group(-100123)
    (result,) = await ann.inline("tele")
    ann.choose(result, "tele", chat=team)
    await team.sees("noted")
    assert seen == ["tele"]


async def test_people_and_groups_have_different_ids(telegram: Telegram) -> None:
    """An id belongs to a person or to a group, and not to both."""
    telegram.group(-5)
    with pytest.raises(TypeError):
        telegram.person(-5)
    telegram.person(5)
    with pytest.raises(TypeError):
        telegram.group(5)
