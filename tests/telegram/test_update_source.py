"""Receiving updates: one that cannot be decoded, cut answers, failures, repeated updates, and old taps."""

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bot import runtime
from bot.errors import SettingsError
from bot.sandbox.provider import NumberState
from bot.sandbox.telegram import Person, TelegramFault
from bot.telegram import update_source
from bot.telegram.reduced_messages import reduced_message
from tests.conftest import KEY, World

SECRET = "words-of-a-stranger"
STRANGER = {"id": 77, "is_bot": False, "first_name": SECRET}
CHAT = {"id": 77, "type": "private", "first_name": SECRET}
MESSAGE = {"message_id": 5, "date": 1700000000, "chat": CHAT, "from": STRANGER, "text": SECRET}
POISON: dict[str, Any] = {
    "a forward of a hidden user without a name": {
        "message": MESSAGE | {"forward_origin": {"type": "hidden_user", "date": 1422450181}}
    },
    "a reply to a deleted story": {
        "message": MESSAGE
        | {
            "external_reply": {
                "origin": {"type": "user", "date": 1, "sender_user": STRANGER},
                "chat": CHAT,
                "story": {},
            }
        }
    },
    "an unknown kind": {"telepathy": {"from": STRANGER, "text": SECRET}},
    "a text where a message belongs": {"message": SECRET},
    "other types": {"message": MESSAGE | {"text": {"text": SECRET}, "from": [SECRET]}},
    "a chat without an id": {"edited_message": MESSAGE | {"chat": {"type": "private", "title": SECRET}}},
    "ids that are none": {"message": MESSAGE | {"message_id": SECRET, "chat": {"id": SECRET, "type": 1}}},
    "no kind": {},
}


FIELDS = ("message_id", "date", "chat", "from", "text", "caption", "id", "type", "is_bot", "language_code")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner),
)


@given(JSON, st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_json_is_reduced_or_refused(message: Any, fields: dict[str, Any]) -> None:
    """Reducing a message raises only the errors that its callers know, and keeps only texts as texts."""
    for each in (message, MESSAGE | fields):
        try:
            reduced = reduced_message(each)
        except (LookupError, TypeError):
            continue
        assert reduced.keys() <= {"message_id", "date", "chat", "from", "via_bot", "text", "caption"}
        assert all(isinstance(reduced.get(name, ""), str) for name in ("text", "caption"))


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses after failures."""
    monkeypatch.setattr(update_source, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(update_source, "MAX_PAUSE", 0.02)


async def all_confirmed(world: World) -> None:
    """Wait until Telegram holds no update any more."""
    while len(world.telegram.updates):  # noqa: ASYNC110  # the sandbox signals no confirmation
        await asyncio.sleep(0.01)


def lines_about(caplog: pytest.LogCaptureFixture, words: str) -> list[str]:
    """Return the log lines that contain these words."""
    return [line for line in caplog.text.splitlines() if words in line]


@pytest.mark.parametrize("kind", POISON)
async def test_an_update_that_cannot_be_decoded_stops_no_other(
    world: World, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """It is confirmed, counted and logged without its content; a key behind it in the batch is bound."""
    caplog.set_level(logging.DEBUG)
    update_id = world.telegram.updates.put_raw(POISON[kind])
    ann = world.telegram.person(1)
    await ann.send(KEY)
    await world.start()
    await ann.sees("Your key works")
    await all_confirmed(world)
    assert world.app is not None
    assert world.app.update_source.unreadable == 1
    assert len(lines_about(caplog, f"update {update_id} (")) == 1
    assert SECRET not in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize("fault", [TelegramFault.CUT_BODY, TelegramFault.PAGE, TelegramFault.CUT])
@pytest.mark.usefixtures("_quick")
async def test_an_unreadable_answer_is_asked_again(
    world: World, caplog: pytest.LogCaptureFixture, fault: TelegramFault
) -> None:
    """A cut answer with an API key in it appears nowhere in the log, and the key is bound by the next one."""
    caplog.set_level(logging.DEBUG)
    ann = world.telegram.person(1)
    await ann.send(KEY)
    world.telegram.fail(fault, method="getUpdates", times=3, status=502)
    await world.start()
    await ann.sees("Your key works")
    assert lines_about(caplog, "updates cannot be fetched")
    assert KEY not in caplog.text
    assert KEY[:12] not in caplog.text


@pytest.mark.usefixtures("_quick")
async def test_two_programs_with_one_token_are_one_line_a_minute(
    bot_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Telegram's refusal of two pollers is a sentence, however often it comes."""
    ann = bot_world.telegram.person(1)
    bot_world.telegram.fail(TelegramFault.ERROR, method="getUpdates", times=20, status=409)
    await ann.send("/start")
    await ann.sees("API key")
    await ann.send("/start")
    await bot_world.telegram.until_called("getUpdates", 22)
    assert len(lines_about(caplog, "another program receives the updates of this bot")) == 1
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("_quick")
async def test_a_revoked_token_ends_the_program_with_a_sentence(bot_world: World) -> None:
    """A token that Telegram refuses all the time ends the program; a single refusal does not."""
    ann = bot_world.telegram.person(1)
    for times in (1, None):
        bot_world.telegram.fail(TelegramFault.ERROR, method="getUpdates", times=times, status=401)
        await ann.send("/start")
        if times:
            await ann.sees("API key")
    running, bot_world._running = bot_world._running, None  # noqa: SLF001  # it ends by itself
    assert running is not None
    with pytest.raises(SettingsError, match="BOT_TOKEN"):
        await running


async def test_a_malformed_token_is_an_error_of_the_settings(world: World) -> None:
    """Telegram answers the first call with "Not Found"; the program says what to mend."""
    world.telegram.fail(TelegramFault.ERROR, method="getMe", times=None, status=404)
    await world.start()
    running, world._running = world._running, None  # noqa: SLF001  # it ends by itself
    assert running is not None
    with pytest.raises(SettingsError, match="BOT_TOKEN"):
        async with asyncio.timeout(runtime.DATE_TIMEOUT / 2):  # the start does not wait for another answer
            await running


async def test_an_orderly_stop_confirms_what_was_received(bot_world: World) -> None:
    """The next start does not get the last updates again."""
    ann = await bot_world.customer()
    await ann.send("/help")
    await ann.sees("How it works")
    await bot_world.stop()
    assert len(bot_world.telegram.updates) == 0


async def test_an_update_that_comes_again_is_handled_once(bot_world: World) -> None:
    """A running bot knows what it has received."""
    ann = await bot_world.customer()
    await ann.send("/help")
    await ann.sees("How it works")
    await all_confirmed(bot_world)
    bot_world.telegram.updates.repeat("message")
    asked = await ann.send("/active")
    await ann.sees("No active numbers", after=asked)
    assert sum("How it works" in message.text for message in ann.messages) == 1


async def until_waiting_for_another(world: World, ann: Person) -> None:
    """Buy a number, receive a code, and ask for another one; Telegram does not take the answer to that tap.

    Telegram says of a tap that was answered that it is too old, so it would do nothing anyway.
    """
    number = await world.buy(ann)
    world.provider.deliver(number.id, "1111")
    await ann.sees("· Telegram", "1111")
    message, data = button_data(ann, "Get another code")
    world.telegram.fail(TelegramFault.CUT, method="answerCallbackQuery", times=None)
    ann.tap(message, data)
    await world.provider.wait_for(
        lambda provider: provider.numbers[number.id].state is NumberState.WAITING_AGAIN
    )
    world.provider.deliver(number.id, "2222")
    await ann.sees("· Telegram · code 2", "2222")
    await all_confirmed(world)


async def test_a_tap_that_comes_again_after_a_crash_acts_once(bot_world: World) -> None:
    """A tap that was obeyed before a crash is known after it, so the provider gets one request."""
    ann = await bot_world.customer()
    await until_waiting_for_another(bot_world, ann)
    asked = len(bot_world.asked("setStatus"))
    await bot_world.kill()
    bot_world.telegram.heal()
    bot_world.telegram.updates.repeat("callback_query")
    await bot_world.start()
    sent = await ann.send("/help")
    await ann.sees("How it works", after=sent)
    assert len(bot_world.asked("setStatus")) == asked


def button_data(person: Person, label: str) -> tuple[Any, str]:
    """Return the newest message with a button, and the data of the button."""
    for message in reversed(person.messages):
        for button in message.buttons:
            if label in button.text and button.data:
                return message, button.data
    raise AssertionError(label)


@pytest.mark.parametrize("too_old", [True, False])
async def test_buy_of_long_ago_buys_nothing(bot_world: World, too_old: bool) -> None:
    """Buy that was tapped while the bot was down is obeyed only if Telegram still lets it be answered."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    page, data = button_data(ann, "Buy")
    await bot_world.stop()
    ann.tap(page, data)
    if too_old:
        bot_world.telegram.expire_queries()
    await bot_world.start()
    if too_old:
        await ann.sees("reached me too late")
        assert bot_world.provider.ledger == []
    else:
        await ann.sees("Waiting for the code")


@pytest.mark.parametrize("label", ["Cancel", "Complete", "Get another code"])
async def test_steps_of_long_ago_do_nothing(bot_world: World, label: str) -> None:
    """A step that was tapped while the bot was down, and that Telegram calls too old, is not taken."""
    bot_world.provider.cancel_after = 0
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    if label != "Cancel":
        bot_world.provider.deliver(number.id, "1111")
        await ann.sees("· Telegram", "1111")
        await ann.until(lambda _: any(label in name for m in ann.messages for name in m.labels))
    card, data = button_data(ann, label)
    await bot_world.stop()
    asked = [each.get("status") for each in bot_world.asked("setStatus")]
    ann.tap(card, data)
    bot_world.telegram.expire_queries()
    await bot_world.start()
    await ann.sees("reached me too late")
    assert [each.get("status") for each in bot_world.asked("setStatus")] == asked
