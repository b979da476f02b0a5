"""Failures of Telegram: what is temporary, what is tried again, and what a user and the log are told."""

import asyncio
import json
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import DeleteMessage, SendMessage
from hypothesis import given, strategies as st

from bot import errors
from bot.concurrency import steady_time
from bot.sandbox.telegram import TelegramFault
from bot.telegram import retries, telegram_errors
from bot.telegram.session import BotSession
from tests.conftest import KEY, World

SEND = SendMessage(chat_id=1, text="words of a user")
SESSION = BotSession(steady_time, lambda *_: None)
PASSING = {
    "page": (TelegramFault.PAGE, 502),
    "server error": (TelegramFault.ERROR, 500),
    "cut": (TelegramFault.CUT, None),
    "cut answer": (TelegramFault.CUT_BODY, None),
    "too many requests": (TelegramFault.RETRY_AFTER, None),
}
"""Failures that a second attempt gets over."""
METHODS = ("sendMessage", "editMessageText", "answerCallbackQuery", "deleteMessage", "sendChatAction")


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses before further attempts."""
    for name in ("PAUSES", "SEND_PAUSES"):
        monkeypatch.setattr(retries, name, (0.05,) * len(getattr(retries, name)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("failure", PASSING)
@pytest.mark.usefixtures("_quick")
async def test_no_single_failure_is_felt(bot_world: World, failure: str, method: str) -> None:
    """A key is bound and deleted, and screens and answers come, whichever call fails once and however."""
    kind, status = PASSING[failure]
    ann = bot_world.telegram.person(1)
    await ann.send("/start")
    await ann.sees("API key")

    def fail() -> None:
        bot_world.telegram.heal()
        bot_world.telegram.fail(kind, method=method, status=status, retry_after=1)

    fail()
    pasted = await ann.send(KEY)
    await ann.sees("Your key works", after=pasted)
    await ann.until(lambda _: pasted.deleted)
    fail()
    await ann.send("/balance")
    await ann.sees("Balance: 10")
    fail()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    fail()
    await ann.click("Telegram", message=screen) if method != "answerCallbackQuery" else ann.tap(
        screen, next(button.data for button in screen.buttons if button.text.startswith("Telegram")) or ""
    )
    await ann.until(lambda _: "Choose an operator" in screen.text)
    assert "Something went wrong" not in ann.transcript()


@pytest.mark.parametrize("failure", PASSING)
@pytest.mark.usefixtures("_quick")
async def test_an_outage_is_never_called_a_mistake(
    bot_world: World, caplog: pytest.LogCaptureFixture, failure: str
) -> None:
    """While Telegram takes no call, handlers end quietly; afterwards everything works, with no traceback."""
    kind, status = PASSING[failure]
    ann = await bot_world.customer()
    home = ann.newest
    for method in METHODS:
        bot_world.telegram.fail(kind, method=method, times=None, status=status, retry_after=3600)
    made = len(bot_world.telegram.called("sendMessage"))
    await ann.send("/balance")
    await bot_world.telegram.until_called("sendMessage", made + 1)
    ann.tap(home, "g:settings")
    await bot_world.telegram.until_called("editMessageText")
    await asyncio.sleep(0.5)
    bot_world.telegram.heal()
    sent = await ann.send("/help")
    await ann.sees("How it works", after=sent)
    assert "Something went wrong" not in ann.transcript()
    assert "Traceback" not in caplog.text


async def test_a_long_wait_is_said_in_the_answer_to_the_tap(bot_world: World) -> None:
    """A screen that Telegram delays for minutes is given up, and the tap says so."""
    ann = await bot_world.customer()
    bot_world.telegram.fail(TelegramFault.RETRY_AFTER, method="editMessageText", retry_after=300)
    toast = await ann.click("Settings")
    assert toast is not None
    assert "Telegram didn’t take my answer" in toast.text


async def test_a_short_wait_is_said_and_kept(bot_world: World) -> None:
    """A screen that Telegram delays for a second comes after it, and the tap is answered meanwhile."""
    ann = await bot_world.customer()
    home = ann.newest
    bot_world.telegram.fail(TelegramFault.RETRY_AFTER, method="editMessageText", retry_after=1)
    toast = await ann.click("Settings")
    assert toast is not None
    assert "The answer follows" in toast.text
    await ann.until(lambda _: "Language" in "".join(home.labels))


@pytest.mark.usefixtures("_quick")
async def test_a_bought_number_is_no_mistake_if_its_toast_fails(bot_world: World) -> None:
    """Toasts are decoration: a purchase whose toast meets a gateway's page is a purchase."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.telegram.fail(TelegramFault.PAGE, method="answerCallbackQuery", times=None, status=502)
    page = ann.newest
    ann.tap(page, next(button.data for button in page.buttons if button.text.startswith("Buy")) or "")
    await ann.sees("Waiting for the code")
    assert "Something went wrong" not in ann.transcript()


ERRORS: list[tuple[AiogramError, bool, type[errors.DeliveryError]]] = [
    (TelegramRetryAfter(SEND, "slow down", 7), True, errors.TryLater),
    (TelegramServerError(SEND, "HTTP 502"), True, errors.TryLater),
    (TelegramNetworkError(SEND, "gone"), True, errors.AnswerLost),
    (ClientDecodeError("no JSON", ValueError(), "<html>"), True, errors.AnswerLost),
    (TelegramForbiddenError(SEND, "bot was blocked by the user"), False, errors.ChatGone),
    (TelegramBadRequest(SEND, "Bad Request: chat not found"), False, errors.ChatNotFound),
    (TelegramBadRequest(SEND, "Bad Request: can't parse entities: <secret>"), False, errors.MessageRefused),
    (TelegramEntityTooLarge(SEND, "too large"), False, errors.MessageRefused),
]


@pytest.mark.parametrize(("error", "temporary", "delivery"), ERRORS, ids=range(len(ERRORS)))
def test_one_place_says_what_is_temporary(
    error: AiogramError, temporary: bool, delivery: type[errors.DeliveryError]
) -> None:
    """What may pass is tried later; what Telegram refuses is not."""
    assert telegram_errors.is_temporary(error) is temporary
    assert type(telegram_errors.delivery_error(error)) is delivery


@given(content=st.text(min_size=12))
def test_a_description_holds_no_content(content: str) -> None:
    """What a log says of an error contains nothing that Telegram has quoted."""
    for error in (
        TelegramBadRequest(SEND, f"Bad Request: can't parse entities: {content}"),
        TelegramNetworkError(SEND, content),
        ClientDecodeError(content, ValueError(content), content),
        TelegramRetryAfter(SEND, content, 1),
    ):
        rest = telegram_errors.describe(error).replace(": can't parse entities", "")
        assert content not in rest or content in type(error).__name__


ANSWERS = {
    "a page": (502, "<html>Bad Gateway</html>", TelegramServerError),
    "a page that is too large": (413, "<html>too large</html>", TelegramEntityTooLarge),
    "a cut answer": (200, '{"ok": true, "result": {"message_id": 1, "te', ClientDecodeError),
    "a refusal without words": (500, '{"ok": false}', TelegramServerError),
    "another refusal without words": (400, '{"ok": false, "error_code": 400}', AiogramError),
    "no object": (200, "[]", ClientDecodeError),
    "nested too deep": (200, "[" * 100_000, ClientDecodeError),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_unreadable_answer_is_an_error_without_its_content(kind: str) -> None:
    """Whatever Telegram or a gateway answers becomes an error of aiogram that does not print it."""
    status, content, expected = ANSWERS[kind]
    with pytest.raises(expected) as raised:
        SESSION.check_response(Bot("1:a"), SEND, status, content)
    assert isinstance(raised.value, AiogramError)
    assert content not in str(raised.value) + repr(raised.value)
    assert raised.value.__cause__ is None


def test_a_sent_message_that_cannot_be_decoded_was_sent() -> None:
    """A message in a form that aiogram does not know counts as sent, so it is not sent again."""
    message: dict[str, Any] = {"message_id": 5, "date": 1, "chat": {"id": 1, "type": "private"}}
    message["forward_origin"] = {"type": "hidden_user", "date": 1422450181}
    content = json.dumps({"ok": True, "result": message})
    response = SESSION.check_response(Bot("1:a"), SEND, 200, content)
    assert response.result is not None
    assert response.result.message_id == 5
    with pytest.raises(ClientDecodeError):
        SESSION.check_response(Bot("1:a"), DeleteMessage(chat_id=1, message_id=1), 200, content)


@pytest.mark.parametrize("told", [None, 0])
@pytest.mark.usefixtures("_quick")
async def test_attempts_are_limited(told: int | None) -> None:
    """Each pause is used once; pauses that Telegram tells are kept as long as the patience lasts."""
    made = 0

    async def call() -> None:
        nonlocal made
        made += 1
        if told is not None and made < 10:
            raise TelegramRetryAfter(SEND, "", told)
        raise TelegramServerError(SEND, "HTTP 502")

    with pytest.raises(TelegramServerError):
        await retries.with_retries(call, is_new_message=True)
    assert made == (3 if told is None else 12)
