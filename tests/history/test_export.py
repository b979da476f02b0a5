"""The export: all stored data of a user in two files, without API keys."""

import csv
import io
import json
import re
import time
import zipfile
from datetime import datetime
from sqlite3 import Connection
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bot.history import export
from bot.sandbox.telegram import Message, Person
from tests import factories, schema_rows
from tests.conftest import KEY, World

ANN, BOB = 1, 2
NOW = int(time.time())
AT = 1_800_000_000


async def export_all(person: Person, world: World) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Let a person export everything; return the rows of the table, and the JSON."""
    before = len(world.telegram.called("sendDocument"))
    await person.send("/export")
    await world.telegram.until_called("sendDocument", before + 2)
    sheet = await person.sees("as a table")
    everything = await person.sees("All your data except")
    return read_table(content_of(sheet)), json.loads(content_of(everything))


def content_of(message: Message) -> bytes:
    """Return the content of the file of a message."""
    assert message.kind == "document"
    assert message.file is not None
    return message.file.content


def read_table(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file as a spreadsheet reads them."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_both_files_have_a_caption_and_buttons(bot_world: World) -> None:
    """The command sends a table and the JSON; their names contain the date, and the last has buttons."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(
            factories.add_ended, ANN, "0042", "G-77", at=AT, price="0.10", operators=("viettel", "x")
        )
        await db.write(factories.add_refused, ANN, at=AT + 60)
    (first, second), everything = await export_all(ann, bot_world)
    assert first == {
        "id": "1",
        "ordered_utc": "2027-01-15 08:00:00",
        "service": "tg",
        "service_name": "Telegram",
        "country": "10",
        "country_name": "Vietnam",
        "operators": "viettel x",
        "phone": "'+84912345678",
        "codes": "'0042 | G-77",
        "first_code_utc": "2027-01-15 08:00:30",
        "price_shown": "0.10",
        "price_charged": "",
        "provider": "own",
        "currency": "",
        "state": "completed",
        "ending": "user",
        "refusal": "",
        "bought_utc": "2027-01-15 08:00:00",
        "ended_utc": "2027-01-15 08:20:00",
        "provider_id": "'000000000001",
        "taken_over": "no",
        "note": "",
    }
    assert (second["state"], second["refusal"], second["phone"]) == ("refused", "NoNumbers", "")
    assert [activation["state"] for activation in everything["activations"]] == ["completed", "refused"]
    assert [code["text"] for code in everything["activations"][0]["codes"]] == ["0042", "G-77"]
    sheet, rest = await ann.sees("as a table"), await ann.sees("All your data except")
    assert sheet.file is not None
    assert rest.file is not None
    assert re.fullmatch(r"numbers-\d{4}-\d\d-\d\d\.csv", sheet.file.name)
    assert rest.file.name == sheet.file.name.replace(".csv", ".json")
    assert rest.labels == ["History", "Home"]
    await ann.click("History", message=rest)
    await ann.sees("2 numbers, newest first")


async def test_each_format_has_its_button_in_the_history(bot_world: World) -> None:
    """CSV sends the table, JSON the rest; each comes with a button back."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "1", at=AT)
    await ann.send("/history")
    await ann.click("CSV")
    assert read_table(content_of(await ann.sees("as a table", "History", "Home")))
    await ann.click("JSON")
    assert json.loads(content_of(await ann.sees("All your data except", "History", "Home")))["activations"]


async def test_the_json_has_every_table_and_iso_times(bot_world: World) -> None:
    """Every table with rows of the user is in the file; a new table is covered by this test too."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "1", at=AT)
        await db.write(schema_rows.fill_tables, ANN, "mark-of-ann")
        assert all((await db.read(schema_rows.count_rows, ANN)).values())
        names = set(await db.read(schema_rows.user_tables))
    _, everything = await export_all(ann, bot_world)
    (activation,) = everything["activations"]
    assert names - {"codes"} == {name for name, rows in everything.items() if isinstance(rows, list) and rows}
    assert len(activation["codes"]) == 1
    assert (activation["ordered_at"], activation["cancel_from"]) == (
        "2027-01-15T08:00:00Z",
        "2027-01-15T08:02:00Z",
    )
    assert activation["codes"][0]["received_at"] == "2027-01-15T08:00:30Z"
    assert activation["cancel_scheduled"] is False
    assert everything["alerts"][0]["operators"] == ["mark-of-ann"]
    assert everything["users"][0]["id"] == ANN
    (key,) = everything["api_keys"]
    assert key["bound"] is True
    assert datetime.fromisoformat(key["bound_at"]).timestamp() == pytest.approx(time.time(), abs=3600)


async def test_the_files_have_no_key_and_no_data_of_others(bot_world: World) -> None:
    """No file contains an API key, its sealed form, a button's token, or a row of another user."""
    bot_world.provider.open_account("b" * 32)
    ann, _ = await bot_world.customer(ANN), await bot_world.customer(BOB, key="b" * 32)
    page = await bot_world.open_page(ann)
    token = next(button.data for button in page.buttons if button.text.startswith("Buy at"))
    assert token is not None
    async with factories.open_database(bot_world) as db:
        activation = await db.write(factories.add_ended, ANN, "1", at=AT)
        await db.write(factories.add_ended, BOB, "code-of-bob", at=AT, name="Service of Bob")
        await db.write(schema_rows.fill_tables, BOB, "mark-of-bob")
        sealed = await db.read(
            lambda connection: connection.execute("SELECT sealed FROM api_keys").fetchall()
        )
    await export_all(ann, bot_world)
    contents = [content_of(message) for message in ann.messages if message.kind == "document"]
    captions = [message.text.encode() for message in ann.messages]
    secrets = [
        KEY,
        "b" * 32,
        *(row["sealed"] for row in sealed),
        token.removeprefix("b:"),
        activation.token,
    ]
    assert len(contents) == 2
    for secret in [*secrets, "code-of-bob", "Service of Bob", "mark-of-bob"]:
        assert not [content for content in contents if secret.encode() in content]
    assert not [caption for caption in captions if KEY.encode() in caption]


async def test_a_user_without_data_gets_files_too(bot_world: World) -> None:
    """The export also works before a key is bound."""
    ann = bot_world.telegram.person(ANN)
    rows, everything = await export_all(ann, bot_world)
    assert rows == []
    assert everything["api_keys"] == everything["activations"] == []


async def test_two_thousand_numbers_are_exported_completely(bot_world: World) -> None:
    """A long history is complete, and its files are far below Telegram's limit."""
    ann = await bot_world.customer()

    def write(connection: Connection) -> None:
        for number in range(2000):
            factories.add_ended(connection, ANN, f"{number:05}", "x" * 20, at=AT + number)

    async with factories.open_database(bot_world) as db:
        await db.write(write)
    rows, everything = await export_all(ann, bot_world)
    assert [row["codes"][:6] for row in rows] == [f"'{number:05}" for number in range(2000)]
    assert len(everything["activations"]) == 2000
    for message in ann.messages:
        assert message.file is None or len(message.file.content) < export.MAX_FILE // 10


def test_a_file_that_is_too_large_is_zipped() -> None:
    """A file above the limit is zipped; any other is unchanged."""
    assert export.zipped_if_large("a.csv", b"x" * 100, limit=100) == export.ExportFile("a.csv", b"x" * 100)
    file = export.zipped_if_large("a.csv", b"x" * 101, limit=100)
    assert file.name == "a.csv.zip"
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.read("a.csv") == b"x" * 101


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+84912345678", "'+84912345678"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("＝1", "'＝1"),
        ("0012", "'0012"),
        ("12345", "12345"),
        ("0", "0"),
        ("1234567890123456", "'1234567890123456"),
        ("1e5", "'1e5"),
        ("12-05", "'12-05"),
        ("123:456", "'123:456"),
        ("G-123456", "G-123456"),
        ("Your code is 0012", "Your code is 0012"),
        ("", ""),
    ],
)
def test_no_cell_is_run_or_changed_by_a_spreadsheet(text: str, shown: str) -> None:
    """Formulas are escaped; leading zeros, plus signs and long numbers stay as they are."""
    assert export.csv_cell(text) == shown


@given(st.text())
def test_any_text_can_be_read_back_from_its_cell(text: str) -> None:
    """A cell does not start with a formula character, and the text follows an apostrophe if there is one."""
    cell = export.csv_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in (text, f"'{text}")


def test_only_prices_stay_numbers() -> None:
    """A price stays a number; a negative one is escaped."""
    assert export.csv_cell("0.10", number=True) == "0.10"
    assert export.csv_cell("0.10") == "'0.10"
    assert export.csv_cell("-1", number=True) == "'-1"
