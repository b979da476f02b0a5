"""Tests of the answers to taps and inline searches at the sandbox Bot API."""

from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
)
from aiogram.methods import AnswerInlineQuery
from aiogram.types import (
    InaccessibleMessage,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultUnion,
    InputTextMessageContent,
)

from bot.sandbox.telegram import Telegram, TelegramServer
from tests.sandbox.clients import ANN


def article(result_id: str, text: str = "x") -> InlineQueryResultArticle:
    """Return an inline result."""
    content = InputTextMessageContent(message_text=text)
    return InlineQueryResultArticle(id=result_id, title="T", input_message_content=content)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([article(str(number)) for number in range(51)], "RESULTS_TOO_MUCH"),
        ([article("é" * 33)], "RESULT_ID_INVALID"),
        ([article("1"), article("1")], "RESULT_ID_DUPLICATE"),
        ([article("1", " ")], "MESSAGE_EMPTY"),
        ([article("1", "x" * 4097)], "MESSAGE_TOO_LONG"),
    ],
)
async def test_bad_results_are_refused(
    telegram: Telegram, api: Bot, results: list[InlineQueryResultUnion], words: str
) -> None:
    """Inline results with too many entries, bad ids or bad texts are refused."""
    query = telegram.open_query(telegram.person(ANN).user_id, inline=True)
    with pytest.raises(TelegramBadRequest, match=words):
        await api.answer_inline_query(query.query_id, results)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"button": {"text": " ", "start_parameter": "x"}}, "SWITCH_PM_TEXT_EMPTY"),
        ({"button": {"text": "Go"}}, "START_PARAM_INVALID"),
        ({"button": {"text": "Go", "start_parameter": ""}}, "START_PARAM_INVALID"),
        ({"button": {"text": "Go", "start_parameter": "a.b"}}, "START_PARAM_INVALID"),
        ({"button": {"text": "Go", "start_parameter": "x" * 65}}, "START_PARAM_INVALID"),
        ({"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ],
)
async def test_the_button_above_results_is_checked(
    telegram: Telegram, api: Bot, more: dict[str, Any], words: str
) -> None:
    """The button above the results needs a text and a valid start parameter, and the offset has a limit."""
    query = telegram.open_query(telegram.person(ANN).user_id, inline=True)
    with pytest.raises(TelegramBadRequest, match=words):
        await api(
            AnswerInlineQuery.model_construct(
                **{"inline_query_id": query.query_id, "results": [article("1")], **more}
            )
        )
    assert not query.answered


async def test_an_inline_query_is_answered_once(telegram: Telegram, api: Bot) -> None:
    """A second answer is refused, and so is an answer to a tap."""
    query = telegram.open_query(telegram.person(ANN).user_id, inline=True)
    await api.answer_inline_query(query.query_id, [])
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await api.answer_inline_query(query.query_id, [])
    tap = telegram.open_query(telegram.person(ANN).user_id, inline=False)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await api.answer_inline_query(tap.query_id, [])


async def test_answers_to_taps_have_limits() -> None:
    """An answer to a tap has at most 200 characters, and must come within 30 seconds."""
    now = [1_800_000_000.0]
    telegram = Telegram(clock=lambda: now[0])
    ann = telegram.person(ANN)
    async with TelegramServer(telegram) as server:
        session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
        async with Bot(telegram.token, session=session) as bot:
            markup = InlineKeyboardMarkup(
                inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="x")]]
            )
            await bot.send_message(ANN, "x", reply_markup=markup)
            query = ann.tap(ann.newest, "x")
            with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
                await bot.answer_callback_query(query.query_id, text="x" * 201)
            now[0] += 31
            for query_id in (query.query_id, "404"):
                with pytest.raises(TelegramBadRequest, match="query is too old"):
                    await bot.answer_callback_query(query_id)
            now[0] += 49 * 3600
            ann.tap(ann.newest, "x")
            (update,) = await bot.get_updates()
            assert update.callback_query is not None
            assert isinstance(update.callback_query.message, InaccessibleMessage)
