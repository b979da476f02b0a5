"""Statistics: the same figures as a chart and as text, or as text only."""

import io
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from sqlite3 import Connection

import pytest
from matplotlib.font_manager import FontProperties
from PIL import Image

from bot.history.charts import PNG_SIGNATURE, Bar, Chart, Charts
from bot.history.charts.__main__ import FAMILY, draw, printable
from bot.sandbox.telegram import Message
from tests import factories
from tests.conftest import KEY, World

ANN = 1
NOW = int(time.time())
CHART = Chart(
    "Statistics", ("80%", "of 15 numbers"), "wait 35 sec", [Bar("Telegram", 0.8, "80%", "15 bought")], ""
)
NAMES = (
    "Telegram",
    "Одноклассники и ещё немного",
    "Dịch vụ ngân hàng Việt Nam",
    "$x_1$ <b>&",
    "微信 👍",
    "W" * 200,
)


def picture(message: Message) -> Image.Image:
    """Return the picture of a message."""
    assert message.kind == "photo"
    assert message.file is not None
    assert message.file.content.startswith(PNG_SIGNATURE)
    return Image.open(io.BytesIO(message.file.content))


async def store_purchases(world: World, services: int) -> None:
    """Store five numbers of each service at Viettel; three have a code, after 20, 30 and 100 seconds."""

    def write(connection: Connection) -> None:
        for number in range(services):
            for wait in (20, 30, 100, None, None):
                factories.add_ended(
                    connection,
                    ANN,
                    *(("secret-code",) if wait else ()),
                    at=NOW - 5000,
                    service=f"s{number}",
                    name=f"{NAMES[number % len(NAMES)]} {number}",
                    operators=("viettel",),
                    price="0.10",
                    wait=wait or 0,
                )

    async with factories.open_database(world) as db:
        await db.write(write)


async def test_a_chart_comes_with_the_same_figures_as_text(bot_world: World) -> None:
    """Purchases, codes, hit rate, median wait and spending stand under a chart in portrait format."""
    ann = await bot_world.customer()
    await store_purchases(bot_world, 1)
    await ann.send("/stats")
    message = await ann.sees("60% of 5 numbers got a code", "History", "Home")
    assert "Telegram 0 · Viettel 60%\n5 bought, 3 with a code · wait 30 sec · about 0.30" in message.text
    shown = picture(message)
    assert shown.width < shown.height < 2.2 * shown.width
    assert shown.getpixel((5, 5)) == (255, 255, 255, 255)
    await ann.click("History", message=message)
    await ann.sees("5 numbers, newest first")


async def test_text_that_is_too_long_for_a_caption_follows(bot_world: World) -> None:
    """With thirty services the chart groups the rest in one bar, and the text is a second message."""
    ann = await bot_world.customer()
    await store_purchases(bot_world, 30)
    await ann.send("/history")
    await ann.click("Statistics")
    text = await ann.sees("60% of 150 numbers", "All others 60%\n95 bought, 57 with a code", "Home")
    assert text.text.count("bought, ") == 12
    photo = next(message for message in ann.messages if message.kind == "photo")
    assert photo.message_id < text.message_id
    assert photo.text == ""
    shown = picture(photo)
    assert shown.width < shown.height < 2.3 * shown.width
    assert not [message for message in ann.messages if "secret-code" in message.text]


async def test_without_matplotlib_only_the_text_is_sent(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Without matplotlib the figures are sent as a message that mentions no chart."""
    await world.start()
    assert world.app is not None
    without_packages = (sys.executable, "-S", "-m", "bot.history.charts")
    world.app.features.charts.command = without_packages
    ann = await world.customer()
    await store_purchases(world, 1)
    await ann.send("/stats")
    message = await ann.sees("60% of 5 numbers got a code", "Telegram 0 · Viettel 60%")
    assert message.kind == "text"
    assert "picture" not in message.text
    assert not world.telegram.called("sendPhoto")
    assert "could not be drawn" not in caplog.text


async def test_statistics_without_settled_numbers(bot_world: World) -> None:
    """Without a settled number there is an explanation with a button to buy; open numbers do not count."""
    ann = await bot_world.customer()
    await ann.send("/stats")
    await ann.sees("Nothing to show yet", "Buy a number", "Home")
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_bought, ANN, at=NOW)
    await ann.send("/stats")
    await ann.until(lambda person: sum("Nothing to show yet" in m.text for m in person.messages) == 2)


async def test_prices_and_countries_are_named_where_it_matters(bot_world: World) -> None:
    """With two countries each line names its own; unknown prices are left out with a note."""
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "1", at=NOW - 5000, price=None, wait=75)
        await db.write(factories.add_ended, ANN, at=NOW - 5000, country="6", price="9")
    await ann.send("/stats")
    message = await ann.sees("50% of 2 numbers", "Unknown prices are not included")
    assert (
        "Telegram · Vietnam · any operator 100%\n1 bought, 1 with a code · wait 1 min 15 sec\n"
        in message.text
    )
    assert "Telegram · Indonesia · any operator 0%\n1 bought, 0 with a code\n" in message.text
    assert "about" not in message.text


async def test_a_chart_that_takes_too_long_is_cancelled(tmp_path: Path) -> None:
    """After the timeout the subprocess is killed and leaves nothing behind."""
    pid = tmp_path / "pid"
    slow = ("sh", "-c", f"echo $$ > {pid}; exec sleep 600")
    assert await Charts(timeout=1.0, command=slow).draw(CHART) is None
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.mark.parametrize(
    "command", [("false",), ("sh", "-c", "cat > /dev/null; echo no picture"), ("sh", "-c", "exit 3")]
)
async def test_a_failure_means_no_chart(command: Sequence[str]) -> None:
    """If the subprocess fails or writes no PNG, there is no chart and no error."""
    assert await Charts(command=command).draw(CHART) is None


async def test_the_subprocess_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment contains neither the bot token nor a sealing key."""
    monkeypatch.setenv("BOT_TOKEN", "123:secret")
    monkeypatch.setenv("SEALING_KEYS", "secret")
    told = "import os, sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]) + repr(os.environ).encode())"
    seen = await Charts(command=(sys.executable, "-c", told, PNG_SIGNATURE.hex())).draw(CHART)
    assert seen is not None
    assert b"PYTHONPATH" in seen
    assert b"secret" not in seen
    assert KEY.encode() not in seen


@pytest.mark.parametrize("count", [0, 1, 5, 12])
def test_any_number_of_bars_is_a_portrait(count: int) -> None:
    """With any bars, names and shares the chart is higher than wide, and nothing leaves the canvas."""
    shares = (0.0, 0.001, 0.5, 1.0)
    bars = [
        {
            "name": NAMES[n % len(NAMES)],
            "share": shares[n % 4],
            "percent": "100%",
            "details": "9" * 30 * (n + 1),
        }
        for n in range(count)
    ]
    content = draw(
        {
            "title": "T" * 99,
            "headline": ["100%", "x" * 99],
            "summary": "s" * 99,
            "bars": bars,
            "footer": "f" * 99,
        }
    )
    shown = Image.open(io.BytesIO(content)).convert("RGB")
    assert shown.width == 1080
    assert shown.width < shown.height < 2.3 * shown.width
    right = shown.crop((shown.width - 50, 0, shown.width, shown.height))
    assert right.getcolors() == [(50 * shown.height, (255, 255, 255))]


def test_the_font_has_every_letter_of_the_languages() -> None:
    """Vietnamese and Cyrillic letters are drawn; characters that the font lacks are left out."""
    font = FontProperties(family=FAMILY)
    for text in (NAMES[1], NAMES[2], "ĂÂĐÊÔƠƯăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "ёЁъЪ №"):
        assert printable(text, font) == text
    assert printable("微信 👍 WeChat", font) == "WeChat"
    assert printable("微信", font) == "?"
