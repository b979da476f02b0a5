"""Notes on numbers: asked for on the card, shown, found, exported, and deleted with the other details."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from bot.activations.notes import MAX_NOTE, clean
from bot.domain import visible
from bot.sandbox.telegram import Message, Person
from bot.telegram import texts
from bot.telegram.translations import LANGUAGES, Translations
from tests.conftest import KEY, World


async def ask(person: Person, label: str = "📝 Note") -> Message:
    """Tap Note on the newest card; return the question."""
    before = person.newest.message_id

    def asked() -> list[Message]:
        return [one for one in person.messages if one.message_id > before and one.force_reply]

    await person.click(label)
    await person.until(lambda _: asked())
    return asked()[0]


def stored(world: World) -> list[str | None]:
    """Return the stored notes."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        return [row[0] for row in connection.execute("SELECT note FROM activations ORDER BY id")]


async def test_a_note_is_shown_on_card_active_list_and_history(bot_world: World) -> None:
    """A note is added, changed and removed by a reply, and shown wherever the number is."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.send("my  second\naccount", reply_to=await ask(ann))
    await ann.sees("✓ Note saved: my second account")
    card = await ann.sees("Waiting for the code", "📝 my second account")
    end = number.phone[-4:]
    listed = await ann.sees("1 active number", after=await ann.send("/active"))
    assert f"⏳ Telegram …{end} · my second account" in listed.labels
    listed = await ann.sees("History", after=await ann.send("/history"))
    assert f"⏳ Telegram · …{end} · my second account · 0.62" in listed.labels
    found = await ann.sees("Your numbers with “second”", after=await ann.send("second"))
    assert found.labels[0] == f"⏳ Telegram · …{end} · my second account"
    await ann.send("work", reply_to=await ask(ann))
    await ann.until(lambda _: "📝 work" in card.text)
    await ann.send("-", reply_to=await ask(ann))
    await ann.sees("✓ Note removed.")
    await ann.until(lambda _: "work" not in card.text)
    assert stored(bot_world) == [None]


async def test_a_note_on_an_ended_number(bot_world: World) -> None:
    """A number of the history gets its note on the card that its entry opens."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "48213")
    await ann.click("Complete", message=await ann.sees("✅ Code received."))
    await ann.sees("✔️ Completed.")
    history = await ann.sees("History", after=await ann.send("/history"))
    await ann.click("✅ Telegram", message=history)
    await ann.sees("✔️ Completed.", after=history)
    await ann.send("old one", reply_to=await ask(ann))
    await ann.sees("✔️ Completed.", "📝 old one")


@pytest.mark.parametrize("text", [KEY, "abcdef0123456789!_x"])
async def test_what_may_be_a_key_is_no_note(bot_world: World, text: str) -> None:
    """A text that may be an API key is neither stored nor repeated."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    answer = await ann.send(text, reply_to=await ask(ann))
    await ann.until(lambda _: ann.newest.message_id > answer.message_id)
    assert stored(bot_world) == [None]
    assert not any(text in message.text for message in ann.messages if message.from_bot)


async def test_a_note_of_a_person_without_a_key_is_no_key(bot_world: World) -> None:
    """A reply to the question for a note is not tried as an API key."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "48213")
    await ann.click("Complete", message=await ann.sees("✅ Code received."))
    await ann.sees("✔️ Completed.")
    question = await ask(ann)
    await ann.press("u:1", message=await ann.sees("48213 · Telegram"))
    await ann.sees("API key removed")
    asked = len(bot_world.asked("getBalance"))
    await ann.send("phone-2", reply_to=question)
    await ann.sees("✓ Note saved: phone-2")
    assert len(bot_world.asked("getBalance")) == asked


async def test_only_the_own_numbers_have_notes(bot_world: World) -> None:
    """A button with the id of another person's number asks nothing."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    toast = await bob.press("en:1")
    assert toast is not None
    assert "can’t find this number" in toast.text


async def test_notes_are_exported(bot_world: World) -> None:
    """Both files of the export have the notes."""
    ann = await bot_world.customer()
    await bot_world.buy(ann)
    await ann.send("=my note", reply_to=await ask(ann))
    await ann.sees("✓ Note saved")
    await ann.send("/export")
    await ann.until(lambda _: len([one for one in ann.messages if one.file]) == 2)
    table, everything = (one.file.content.decode("utf-8-sig") for one in ann.messages if one.file)
    assert next(csv.DictReader(io.StringIO(table)))["note"] == "'=my note"
    assert json.loads(everything)["activations"][0]["note"] == "=my note"


async def test_notes_are_deleted_with_the_details(world: World) -> None:
    """Retention deletes the note with the number and its codes, and /forget with everything."""
    await world.start(retention_days=1)
    ann = await world.customer()
    number = await world.buy(ann)
    await ann.send("mine", reply_to=await ask(ann))
    await ann.sees("✓ Note saved")
    world.provider.deliver(number.id, "48213")
    await ann.click("Complete", message=await ann.sees("✅ Code received."))
    await ann.sees("✔️ Completed.")
    assert stored(world) == ["mine"]
    world.pass_time(2 * 24 * 3600)
    assert world.app is not None
    await world.app.retention.delete_old()
    assert stored(world) == [None]


@given(text=st.text(max_size=200))
def test_any_text_becomes_a_clean_note(text: str) -> None:
    """A note is one line of at most 40 visible characters."""
    note = clean(text)
    if note is not None:
        assert 0 < len(note) <= MAX_NOTE
        assert note == " ".join(note.split())
        assert note == visible(note)
    assert clean("-") is None


@pytest.mark.parametrize("language", list(LANGUAGES))
async def test_the_question_is_known_in_each_language(bot_world: World, language: str) -> None:
    """The answer to the question is a note, whatever the language of the question."""
    t = Translations().find(language)
    ann = bot_world.telegram.person(1, language=language)
    await ann.send("/start")
    await ann.sees("API")
    await ann.send(KEY)
    await ann.sees("10")
    await ann.send("telegram viettel")
    await ann.click(t.plain("Buy at {amount}", amount=t.amount(Decimal("0.62"))))
    await ann.sees(t.plain("⏳ Waiting for the code."))
    await ann.send("abc", reply_to=await ask(ann, t.plain("📝 Note")))
    await ann.sees(texts.notes.saved(t, "abc"))
