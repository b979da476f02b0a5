"""Tests of messages at the sandbox Bot API: texts, buttons, edits and deletions."""

from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
)
from aiogram.methods import SendMessage
from aiogram.types import (
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
)

from bot.sandbox.telegram import Telegram, TelegramServer
from tests.sandbox.clients import ANN


def keyboard(**button: Any) -> InlineKeyboardMarkup:
    """Return a keyboard with one button."""
    key = InlineKeyboardButton.model_construct(text=button.pop("text", "Go"), **button)
    return InlineKeyboardMarkup.model_construct(inline_keyboard=[[key]])


async def test_a_message_arrives_with_its_formatting_and_buttons(telegram: Telegram, api: Bot) -> None:
    """A message has its plain text, its formatting and its buttons."""
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
    """A relative time is an entity, and its text is the fallback."""
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
    """A bad text is refused with Telegram's error."""
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
    """A button without a text, without exactly one action, or with too much data is refused."""
    with pytest.raises(TelegramBadRequest, match=words):
        await api.send_message(ANN, "text", reply_markup=keyboard(**button))


async def test_a_message_has_at_most_a_hundred_buttons(api: Bot) -> None:
    """A message may have one hundred buttons, and no more."""
    row = [InlineKeyboardButton(text="x", callback_data="x")]
    await api.send_message(ANN, "fits", reply_markup=InlineKeyboardMarkup(inline_keyboard=[row] * 100))
    with pytest.raises(TelegramBadRequest, match="reply markup is too long"):
        await api.send_message(
            ANN, "too many", reply_markup=InlineKeyboardMarkup(inline_keyboard=[row] * 101)
        )


async def test_an_edit_must_change_something(telegram: Telegram, api: Bot) -> None:
    """An edit of the text or the buttons is accepted, and an edit without a change is refused."""
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


async def test_deleted_and_foreign_messages_cannot_be_changed(telegram: Telegram, api: Bot) -> None:
    """The bot can edit only its own messages, and delete only existing ones."""
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


async def test_old_messages_cannot_be_deleted() -> None:
    """A message cannot be deleted after two days."""
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


async def test_unknown_and_blocked_chats(telegram: Telegram, api: Bot) -> None:
    """An unknown chat is not found, and a chat with a person who blocked the bot is forbidden."""
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


async def test_an_edit_names_its_message(api: Bot) -> None:
    """An edit without a message id is refused."""
    with pytest.raises(TelegramBadRequest, match="message identifier is not specified"):
        await api.edit_message_text("x", chat_id=ANN)


async def test_unknown_parse_modes_are_refused(api: Bot) -> None:
    """The sandbox reads HTML only."""
    with pytest.raises(TelegramBadRequest, match="unsupported parse_mode"):
        await api.send_message(ANN, "x", parse_mode="MarkdownV2")


async def test_unsupported_parameters_are_noted(telegram: Telegram, api: Bot) -> None:
    """A parameter that the sandbox does not support is noted."""
    await api.send_message(ANN, "answer", entities=[MessageEntity(type="bold", offset=0, length=6)])
    assert telegram.notes == ["sendMessage: entities is not supported"]


async def test_a_reply_needs_its_message(telegram: Telegram, api: Bot) -> None:
    """A message answers another one; if that is gone, it is sent only where the call allows it."""
    first = await api.send_message(ANN, "question")
    reply = ReplyParameters(message_id=first.message_id)
    answer = await api.send_message(ANN, "answer", reply_parameters=reply)
    assert answer.reply_to_message
    assert answer.reply_to_message.message_id == first.message_id
    await api.delete_message(ANN, first.message_id)
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await api.send_message(ANN, "answer", reply_parameters=reply)
    free = reply.model_copy(update={"allow_sending_without_reply": True})
    assert (await api.send_message(ANN, "answer", reply_parameters=free)).reply_to_message is None
    assert telegram.notes == []


async def test_unknown_fields_are_noted(telegram: Telegram, api: Bot) -> None:
    """Parameters and fields that Telegram does not know are noted."""
    markup = keyboard(callback_data="x", tint="blue")
    await api(
        SendMessage.model_validate({"chat_id": ANN, "text": "x", "colour": "red", "reply_markup": markup})
    )
    assert len(telegram.notes) == 2
    assert "colour" in telegram.notes[0]
    assert "tint" in telegram.notes[1]
