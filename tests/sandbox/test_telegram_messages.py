"""The sandboxed Telegram shows what a bot sends, and refuses what Telegram refuses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge, TelegramForbiddenError
from aiogram.methods import AnswerInlineQuery, SendMessage
from aiogram.types import (
    BufferedInputFile,
    CopyTextButton,
    ForceReply,
    InaccessibleMessage,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultUnion,
    InputTextMessageContent,
    ReplyParameters,
)

from bot.sandbox.telegram import Telegram, TelegramServer

ANN = 7


@pytest.fixture
def telegram() -> Telegram:
    """Return a Telegram on which Ann has an account."""
    telegram = Telegram()
    telegram.person(ANN)
    return telegram


@pytest.fixture
async def api(telegram: Telegram) -> AsyncIterator[Bot]:
    """Connect a real bot."""
    async with TelegramServer(telegram) as server:
        session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
        async with Bot(telegram.token, session=session) as bot:
            yield bot


def keyboard(**button: Any) -> InlineKeyboardMarkup:
    """Make a keyboard of one button."""
    key = InlineKeyboardButton.model_construct(text=button.pop("text", "Go"), **button)
    return InlineKeyboardMarkup.model_construct(inline_keyboard=[[key]])


async def test_a_message_arrives_with_its_formatting_and_buttons(telegram: Telegram, api: Bot) -> None:
    """What the person sees is the plain text; the formatting and the buttons are beside it."""
    markup = InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text="Buy", callback_data="buy", style="success")],
            [InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="123"))],
        ],
    )
    sent = await api.send_message(ANN, "<b>Hello</b> &amp; welcome", parse_mode="HTML", reply_markup=markup)

    message = await telegram.person(ANN).sees("Hello & welcome", "Buy")

    assert message.message_id == sent.message_id
    assert message.html == "<b>Hello</b> &amp; welcome"
    assert [(button.data, button.copy_text, button.style) for button in message.buttons] == [
        ("buy", None, "success"),
        (None, "123", None),
    ]
    assert telegram.notes == []


async def test_a_clock_is_an_entity(api: Bot) -> None:
    """A relative time keeps its moment, and its fallback is the text."""
    clock = "<tg-time unix='1900000000' format='r'>at noon</tg-time>"
    sent = await api.send_message(ANN, f"ends {clock}", parse_mode="HTML")

    assert sent.text == "ends at noon"
    assert sent.entities is not None
    assert (sent.entities[0].type, sent.entities[0].date_time_format) == ("date_time", "r")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "message text is empty"),
        ("  \n ", "text must be non-empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
        ("<b>open", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ("<x>y</x>", 'can\'t parse entities: Unsupported start tag "x" at byte offset 0'),
    ],
)
async def test_bad_texts_are_refused(api: Bot, text: str, words: str) -> None:
    """Each bad text gets Telegram's own words."""
    with pytest.raises(TelegramBadRequest) as caught:
        await api.send_message(ANN, text, parse_mode="HTML")
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ({"callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        ({}, "can't parse inline keyboard button: "),
        ({"callback_data": "x", "url": "https://example.com"}, "can't parse inline keyboard button: "),
        ({"callback_data": "x", "style": "purple"}, "invalid button style"),
        ({"url": "javascript:alert(1)"}, "is invalid"),
    ],
)
async def test_bad_buttons_are_refused(api: Bot, button: dict[str, Any], words: str) -> None:
    """A button has a text, one action, and bounds to what it carries."""
    with pytest.raises(TelegramBadRequest, match=words):
        await api.send_message(ANN, "text", reply_markup=keyboard(**button))


async def test_a_hundred_buttons_are_enough(api: Bot) -> None:
    """One hundred buttons go under a message, one more does not."""
    row = [InlineKeyboardButton(text="x", callback_data="x")]
    await api.send_message(ANN, "fits", reply_markup=InlineKeyboardMarkup(inline_keyboard=[row] * 100))
    with pytest.raises(TelegramBadRequest, match="reply markup is too long"):
        await api.send_message(
            ANN, "too many", reply_markup=InlineKeyboardMarkup(inline_keyboard=[row] * 101)
        )


async def test_an_edit_must_change_something(telegram: Telegram, api: Bot) -> None:
    """Text or buttons may change; an edit to the same is refused."""
    sent = await api.send_message(ANN, "same", reply_markup=keyboard(callback_data="a"))
    where: dict[str, Any] = {"chat_id": ANN, "message_id": sent.message_id}

    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await api.edit_message_text("same", **where, reply_markup=keyboard(callback_data="a"))
    await api.edit_message_text("same", **where, reply_markup=keyboard(callback_data="b"))
    await api.edit_message_reply_markup(**where)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await api.edit_message_reply_markup(**where)
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await api.edit_message_text("x" * 4097, **where)

    message = telegram.person(ANN).newest
    assert (message.text, message.rows, message.edited) == ("same", [], True)


async def test_messages_that_are_gone_or_foreign_cannot_be_changed(telegram: Telegram, api: Bot) -> None:
    """The bot edits only its own messages, and deletes only what is there."""
    ann = telegram.person(ANN)
    hers = await ann.send("mine")
    sent = await api.send_message(ANN, "gone soon")
    await api.delete_message(ANN, sent.message_id)

    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await api.edit_message_text("yours?", chat_id=ANN, message_id=hers.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await api.edit_message_text("again", chat_id=ANN, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await api.delete_message(ANN, sent.message_id)
    await api.delete_message(ANN, hers.message_id)
    assert ann.messages == []


async def test_old_messages_stay() -> None:
    """After two days a message cannot be deleted any more."""
    now = [1_800_000_000.0]
    telegram = Telegram(clock=lambda: now[0])
    ann = telegram.person(ANN)
    async with TelegramServer(telegram) as server:
        session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
        async with Bot(telegram.token, session=session) as bot:
            old = await ann.send("old")
            now[0] += 49 * 3600
            with pytest.raises(TelegramBadRequest, match="can't be deleted"):
                await bot.delete_message(ANN, old.message_id)


async def test_unknown_and_closed_chats(telegram: Telegram, api: Bot) -> None:
    """A chat that never was is not found, and one that is blocked is forbidden."""
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await api.send_message(404, "anybody?")
    telegram.person(ANN).block()
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await api.send_message(ANN, "hello?")
    telegram.person(ANN).unblock()
    await api.send_message(ANN, "hello!")


async def test_a_forced_reply_shows_its_placeholder(telegram: Telegram, api: Bot) -> None:
    """A message that asks for a reply carries the placeholder of the text field."""
    await api.send_message(ANN, "Your key?", reply_markup=ForceReply(input_field_placeholder="Paste it"))
    assert telegram.person(ANN).newest.force_reply == "Paste it"


async def test_a_document_arrives(telegram: Telegram, api: Bot) -> None:
    """A document arrives with its bytes and its caption, and its text cannot be edited."""
    file = BufferedInputFile(b"a,b\n", "history.csv")
    sent = await api.send_document(ANN, file, caption="<i>all</i>", parse_mode="HTML")
    message = await telegram.person(ANN).sees("all")
    assert message.kind == "document"
    assert message.file is not None
    assert (message.file.name, message.file.content) == ("history.csv", b"a,b\n")
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await api.edit_message_text("x", chat_id=ANN, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="there is no document in the request"):
        await api.send_document(ANN, "file-id")
    assert telegram.notes == []


async def test_an_edit_names_its_message(api: Bot) -> None:
    """An edit without a message id is refused."""
    with pytest.raises(TelegramBadRequest, match="message identifier is not specified"):
        await api.edit_message_text("x", chat_id=ANN)


async def test_unknown_parse_modes_are_refused(api: Bot) -> None:
    """The sandbox reads HTML only."""
    with pytest.raises(TelegramBadRequest, match="unsupported parse_mode"):
        await api.send_message(ANN, "x", parse_mode="MarkdownV2")


async def test_unsupported_parameters_are_noted(telegram: Telegram, api: Bot) -> None:
    """A parameter that the sandbox ignores, though Telegram does not, is noted."""
    await api.send_message(ANN, "answer", reply_parameters=ReplyParameters(message_id=1))
    assert telegram.notes == ["sendMessage: reply_parameters is not supported"]


async def test_long_captions_are_refused(api: Bot) -> None:
    """A caption ends at 1024."""
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await api.send_document(ANN, BufferedInputFile(b"x", "x.txt"), caption="x" * 1025)


async def test_unknown_fields_are_noted(telegram: Telegram, api: Bot) -> None:
    """What Telegram ignores without a word is written down, on the top and inside."""
    markup = keyboard(callback_data="x", tint="blue")
    await api(
        SendMessage.model_validate({"chat_id": ANN, "text": "x", "colour": "red", "reply_markup": markup})
    )
    assert len(telegram.notes) == 2
    assert "colour" in telegram.notes[0]
    assert "tint" in telegram.notes[1]


def article(result_id: str, text: str = "x") -> InlineQueryResultArticle:
    """Make an inline result."""
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
    """Inline results have bounds too."""
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
async def test_what_stands_around_results_is_checked(
    telegram: Telegram, api: Bot, more: dict[str, Any], words: str
) -> None:
    """The button over the results leads to one place, with a parameter that fits a link."""
    query = telegram.open_query(telegram.person(ANN).user_id, inline=True)
    with pytest.raises(TelegramBadRequest, match=words):
        await api(
            AnswerInlineQuery.model_construct(
                **{"inline_query_id": query.query_id, "results": [article("1")], **more}
            )
        )
    assert not query.answered


async def test_an_inline_query_is_answered_once(telegram: Telegram, api: Bot) -> None:
    """A second answer is refused, and so is one to a tap's id."""
    query = telegram.open_query(telegram.person(ANN).user_id, inline=True)
    await api.answer_inline_query(query.query_id, [])
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await api.answer_inline_query(query.query_id, [])
    tap = telegram.open_query(telegram.person(ANN).user_id, inline=False)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await api.answer_inline_query(tap.query_id, [])


def png(width: int, height: int) -> BufferedInputFile:
    """Return the beginning of a PNG of this size, which is as far as Telegram's first look goes."""
    sides = b"".join(side.to_bytes(4, "big") for side in (width, height))
    return BufferedInputFile(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + sides, "x.png")


async def test_a_picture_keeps_its_size(telegram: Telegram, api: Bot) -> None:
    """A photo is shown with its caption, and the bot learns its width and height."""
    sent = await api.send_photo(ANN, png(800, 400), caption="<b>Chart</b>", parse_mode="HTML")
    assert sent.photo is not None
    assert (sent.photo[-1].width, sent.photo[-1].height) == (800, 400)
    shown = telegram.person(ANN).newest
    assert (shown.kind, shown.html) == ("photo", "<b>Chart</b>")
    assert shown.file is not None
    assert shown.file.name == "x.png"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (BufferedInputFile(b"no picture", "x.png"), "IMAGE_PROCESS_FAILED"),
        (png(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (png(0, 5), "PHOTO_INVALID_DIMENSIONS"),
        (BufferedInputFile(b"\xff\xd8\xff" + bytes(10 * 2**20), "x.jpg"), "too big for a photo"),
    ],
)
async def test_bad_pictures_are_refused(api: Bot, file: BufferedInputFile, words: str) -> None:
    """A photo is a picture of reasonable weight and shape."""
    with pytest.raises(TelegramBadRequest, match=words):
        await api.send_photo(ANN, file)


async def test_big_and_empty_files_are_refused(api: Bot) -> None:
    """A document holds something, and at most fifty megabytes."""
    with pytest.raises(TelegramBadRequest, match="file must be non-empty"):
        await api.send_document(ANN, BufferedInputFile(b"", "x.csv"))
    with pytest.raises(TelegramEntityTooLarge):
        await api.send_document(ANN, BufferedInputFile(bytes(50 * 2**20 + 1), "x.csv"))


async def test_toasts_are_short_and_in_time() -> None:
    """An answer ends at 200, comes within half a minute, and answers something."""
    now = [1_800_000_000.0]
    telegram = Telegram(clock=lambda: now[0])
    ann = telegram.person(ANN)
    async with TelegramServer(telegram) as server:
        session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
        async with Bot(telegram.token, session=session) as bot:
            await bot.send_message(ANN, "x", reply_markup=keyboard(callback_data="x"))
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
