"""Tests of documents and photos at the sandbox Bot API."""

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
)
from aiogram.types import (
    BufferedInputFile,
)

from bot.sandbox.telegram import Telegram
from tests.sandbox.clients import ANN


def png(width: int, height: int) -> BufferedInputFile:
    """Return the header of a PNG of this size, which is all that the sandbox checks."""
    sides = b"".join(side.to_bytes(4, "big") for side in (width, height))
    return BufferedInputFile(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + sides, "x.png")


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


async def test_long_captions_are_refused(api: Bot) -> None:
    """A caption has at most 1024 characters."""
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await api.send_document(ANN, BufferedInputFile(b"x", "x.txt"), caption="x" * 1025)


async def test_a_picture_keeps_its_size(telegram: Telegram, api: Bot) -> None:
    """A photo has its caption, and the response has its width and height."""
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
    """A photo must be a picture with an allowed size and shape."""
    with pytest.raises(TelegramBadRequest, match=words):
        await api.send_photo(ANN, file)


async def test_big_and_empty_files_are_refused(api: Bot) -> None:
    """A document must not be empty or have more than fifty megabytes."""
    with pytest.raises(TelegramBadRequest, match="file must be non-empty"):
        await api.send_document(ANN, BufferedInputFile(b"", "x.csv"))
    with pytest.raises(TelegramEntityTooLarge):
        await api.send_document(ANN, BufferedInputFile(bytes(50 * 2**20 + 1), "x.csv"))
