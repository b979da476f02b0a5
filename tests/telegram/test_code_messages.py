"""The message of a code: the code first, a button that copies it, and buttons that stay true."""

import logging
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from bot.domain import Activation, Code, State
from bot.sandbox.provider import Number
from bot.sandbox.telegram import Message, Person, TelegramFault
from bot.telegram import keyboards, texts
from bot.telegram.translations import Translations
from tests.conftest import World

SMS = "Your Telegram code: 48213 Do not give it to anyone"
SECOND = "Your Telegram code: 90417 Do not give it to anyone"


async def with_code(world: World, person: Person) -> tuple[Number, Message]:
    """Let a person buy a number and get a code; return the number and the message with the code."""
    number = await world.buy(person)
    world.provider.deliver(number.id, SMS)
    await person.sees("Code received")
    return number, await person.sees("📩", "48213")


async def second_code(world: World, person: Person, number: Number) -> Message:
    """Let a person get another code; return its message."""
    await person.click("Get another code")
    await person.sees("Waiting for another code")
    await world.provider.wait_for(lambda p: p.requests[-1].action == "getStatus")
    world.provider.deliver(number.id, SECOND)
    return await person.sees("📩", "90417 · Telegram · code 2")


async def test_the_first_words_are_the_code_and_the_service(bot_world: World) -> None:
    """The message begins with the code, answers the card, has the whole text, and copies only the code."""
    ann = await bot_world.customer()
    number, message = await with_code(bot_world, ann)
    head, phone, _, sms = message.text.split("\n")
    assert (head, sms) == ("48213 · Telegram", SMS)
    assert phone == f"📩 {texts.phones.pretty(number.phone)}"
    assert message.labels == ["📋 48213", "Get another code", "Complete"]
    card = await ann.sees("Code received", "📋 48213")
    assert message.reply_to is card
    for copied in (message, card):
        ann.clipboard = ""
        await ann.click("📋 48213", message=copied)
        assert ann.clipboard == "48213"


async def test_an_unclear_text_is_copied_whole(bot_world: World) -> None:
    """Where it is not clear which part is the code, the button copies the whole text and says so."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "Your code is 1234 or 5678")
    message = await ann.sees("📩", "Your code is 1234 or 5678")
    await ann.click("Copy text", message=message)
    assert ann.clipboard == "Your code is 1234 or 5678"
    assert message.text.startswith("Telegram\n")


async def test_a_code_alone_is_not_repeated(bot_world: World) -> None:
    """An SMS that is nothing but the code stands in the message once."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "48213")
    message = await ann.sees("📩", "48213 · Telegram")
    assert message.text.count("48213") == 1


async def test_the_buttons_follow_the_number(bot_world: World) -> None:
    """Complete works under the code; after the end Another number opens a new page below."""
    ann = await bot_world.customer()
    _, message = await with_code(bot_world, ann)
    await ann.click("Complete", message=message)
    await ann.sees("✔️ Completed.")
    await ann.until(lambda _: message.labels == ["📋 48213", "Another number"])
    await ann.click("Another number", message=message)
    await ann.sees("Buy this number?", after=message)
    assert SMS in message.text
    assert len(bot_world.provider.ledger) == 1


async def test_an_old_code_says_so(bot_world: World) -> None:
    """After a second code the button of the first one says that it is old; the new one has the actions."""
    ann = await bot_world.customer()
    number, first = await with_code(bot_world, ann)
    second = await second_code(bot_world, ann, number)
    await ann.until(lambda _: first.labels == ["📋 48213 (old)"])
    assert second.labels == ["📋 90417", "Get another code", "Complete"]
    await ann.click("Complete", message=second)
    await ann.until(lambda _: "Another number" in second.labels)
    assert first.labels == ["📋 48213 (old)"]


async def test_a_button_that_is_not_possible_says_why(bot_world: World) -> None:
    """While another code is awaited, and after the end, the buttons of the message answer the truth."""
    ann = await bot_world.customer()
    _, message = await with_code(bot_world, ann)
    resend, complete = (button.data for button in message.buttons if button.data)
    assert resend
    assert complete
    await ann.press(resend, message=message)
    await ann.sees("Waiting for another code", "📋 48213 (old)")
    asked = len(bot_world.asked("setStatus"))
    toast = await ann.press(resend, message=message)
    assert toast
    assert toast.text == "Another code is already requested."
    await ann.press(complete, message=message)
    await ann.sees("✔️ Completed.")
    for data in (resend, complete):
        toast = await ann.press(data, message=message)
        assert toast
        assert toast.text == "This number has already ended."
    assert len(bot_world.asked("setStatus")) == asked + 1


async def test_buttons_that_cannot_be_changed_break_nothing(
    bot_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """If the message of the old code is deleted, the second code and the card arrive as always."""
    ann = await bot_world.customer()
    number, first = await with_code(bot_world, ann)
    ann.delete(first)
    edited = len(bot_world.telegram.called("editMessageReplyMarkup"))
    with caplog.at_level(logging.WARNING):
        await second_code(bot_world, ann, number)
        await bot_world.telegram.until_called("editMessageReplyMarkup", edited + 1)
        await ann.sees("Code received", "📋 90417")
        await ann.send("/help")
        await ann.sees("How it works")
    assert len(bot_world.telegram.called("editMessageReplyMarkup")) == edited + 1
    assert not caplog.records


async def test_buttons_wait_behind_codes_and_cards(bot_world: World) -> None:
    """While no buttons can be changed, codes and cards arrive; a restart changes the buttons."""
    ann = await bot_world.customer()
    number, first = await with_code(bot_world, ann)
    bot_world.telegram.fail(TelegramFault.ERROR, method="editMessageReplyMarkup", times=None)
    second = await second_code(bot_world, ann, number)
    await ann.click("Complete", message=second)
    await ann.sees("✔️ Completed.", "📋 90417")
    assert "Complete" in first.labels
    await bot_world.kill()
    bot_world.telegram.heal()
    await bot_world.start()
    await ann.until(lambda _: first.labels == ["📋 48213 (old)"])
    await ann.until(lambda _: second.labels == ["📋 90417", "Another number"])
    await bot_world.stop()
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection:
        assert connection.execute("SELECT message_id FROM codes").fetchall() == [(None,), (None,)]


async def test_a_code_of_a_deleted_card_arrives(bot_world: World) -> None:
    """A code whose card was deleted is sent without the reply."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    ann.delete(await ann.sees("Waiting for the code"))
    bot_world.provider.deliver(number.id, SMS)
    message = await ann.sees("📩", "48213 · Telegram", "Complete")
    assert message.reply_to is None


T = Translations()
CODES = (Code(1, "012345", 60), Code(2, "67890", 90))
HELD = Activation(
    7,
    "token",
    1,
    1,
    "own",
    "tg",
    "Telegram",
    "10",
    (),
    None,
    State.RECEIVED,
    0,
    "p7",
    "84961058756",
    0,
    codes=CODES,
)


@pytest.mark.parametrize(
    ("language", "label"), [("en", "📋 012345 (old)"), ("vi", "📋 012345 (cũ)"), ("ru", "📋 012345 (старый)")]
)
def test_an_old_code_is_called_old_in_every_language(language: str, label: str) -> None:
    """The label has the code and says that it is old; the code that is copied is the same."""
    t = T.find(language)
    under = keyboards.card.code(t, HELD, CODES[0]).inline_keyboard
    waits = replace(HELD, state=State.WAITING, codes=CODES[:1])
    for row in (under[0], keyboards.card.actions(t, waits, 100).inline_keyboard[0]):
        assert [one.text for one in row] == [label]
        assert row[0].copy_text
        assert row[0].copy_text.text == "012345"
    assert len(under) == 1


@pytest.mark.parametrize(
    ("phone", "international", "national"),
    [
        ("84961058756", "+84 961 058 756", "0961 058 756"),
        ("34612345678", "+34 612 34 56 78", "612 34 56 78"),  # no trunk prefix
        ("2250789881234", "+225 07 89 88 1234", "07 89 88 1234"),  # the zero belongs to the number
        ("390612345678", "+39 06 1234 5678", "06 1234 5678"),
        ("393885641630", "+39 388 564 1630", "388 564 1630"),
        ("79123456789", "+7 912 345-67-89", "8 (912) 345-67-89"),
        ("12", "+12", None),
    ],
)
def test_a_number_is_shown_as_it_is_dialled(phone: str, international: str, national: str | None) -> None:
    """The card has both formats of a number, and buttons that copy it with and without a plus sign."""
    t = T.find("en")
    waiting = replace(HELD, phone=phone, state=State.WAITING, codes=())
    card = texts.card.text(t, waiting, country="Somewhere", operators="", now=1, cancel_after=0)
    assert f"📱 <code>{international}</code>" in card
    assert f"Local: <code>{national}</code>" in card if national else "Local:" not in card
    row = keyboards.card.actions(t, waiting, 1).inline_keyboard[0]
    assert [one.copy_text and one.copy_text.text for one in row] == [f"+{phone}", phone]
    assert all(len(one.text) <= 16 for one in row)


async def test_a_button_of_a_page_leaves_the_message_of_a_code_alone(bot_world: World) -> None:
    """A tap on Buy that comes from the message of a code gets a card of its own; the code stays."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann, "WhatsApp")
    data = next(button.data for button in page.buttons if button.text.startswith("Buy at"))
    assert data is not None
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "24680")
    message = await ann.sees("📩", "24680")
    await ann.press(data, message=message)
    await ann.sees("WhatsApp · Vietnam", "Waiting for the code")
    assert message.shows("24680 · Telegram")
