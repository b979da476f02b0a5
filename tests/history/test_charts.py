"""Statistics: the same figures as a chart and as text, or as text only."""

import io
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from sqlite3 import Connection

import pytest
from matplotlib.font_manager import FontProperties
from PIL import Image, ImageColor

from bot.domain import SuccessFigures
from bot.history.charts import PNG_SIGNATURE, Bar, Chart, Charts
from bot.history.charts.__main__ import BACKGROUND, FAMILY, FEW, FILL, GREY, TEXT, TRACK, draw, printable
from bot.sandbox.telegram import Message
from bot.telegram import texts
from bot.telegram.translations import Translations
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


async def test_a_chart_comes_with_one_line(bot_world: World) -> None:
    """The figures are in the chart; under it stands one line, and the history is a tap away."""
    ann = await bot_world.customer()
    await store_purchases(bot_world, 1)
    await ann.send("/stats")
    message = await ann.sees("Statistics: 60% of 5 numbers got a code", "History", "Home")
    assert "\n" not in message.text
    shown = picture(message)
    assert shown.height < shown.width  # one line leaves no empty half
    await ann.click("History", message=message)
    await ann.sees("5 numbers, newest first")


async def test_many_services_share_the_last_bar(bot_world: World) -> None:
    """With thirty services the chart groups the rest in one bar, and it is still one message."""
    ann = await bot_world.customer()
    await store_purchases(bot_world, 30)
    await ann.send("/history")
    await ann.click("Statistics")
    photo = await ann.sees("60% of 150 numbers")
    shown = picture(photo)
    assert shown.width < shown.height < 2.3 * shown.width
    assert photo is ann.newest
    assert not [message for message in ann.messages if "secret-code" in message.text]


@pytest.mark.parametrize(
    ("bought", "with_code", "share", "percent", "is_grey"),
    [
        (1, 1, 1 / 3, "1/1", True),
        (2, 2, 2 / 3, "2/2", True),
        (2, 0, 0, "0/2", True),
        (3, 3, 1, "100%", False),
    ],
)
def test_few_numbers_are_no_rate(
    bought: int, with_code: int, share: float, percent: str, is_grey: bool
) -> None:
    """Under three numbers the bar is grey, not full, and counts; the headline has no percentage either."""
    figures = SuccessFigures(
        bought=bought, with_code=with_code, waits=(), spent=Decimal(0), unpriced=0, estimated=0
    )
    for t in Translations().all():
        chart = texts.statistics.chart(t, [("Telegram", figures)], figures)
        (bar,) = chart.bars
        assert (bar.share, bar.is_grey) == (share, is_grey)
        assert bar.percent.replace("\N{NO-BREAK SPACE}", "") == percent
        assert (chart.headline[0] == bar.percent) is True


def test_the_chart_has_its_grey_and_its_full_bars() -> None:
    """A grey bar has its own colour in the picture."""
    bars = [asdict(Bar("a", 1 / 3, "1/1", "", is_grey=grey)) for grey in (True, False)]
    content = draw({**asdict(CHART), "bars": bars})
    colours = {colour for _, colour in Image.open(io.BytesIO(content)).convert("RGB").getcolors(2**20) or []}
    assert {ImageColor.getrgb(FEW), ImageColor.getrgb(FILL)} <= colours


@pytest.mark.parametrize(
    ("colour", "on", "least"),
    [
        (TEXT, BACKGROUND, 4.5),
        (GREY, BACKGROUND, 4.5),
        (FILL, BACKGROUND, 4.5),
        (FILL, TRACK, 3),
        (FEW, TRACK, 3),
        (BACKGROUND, "#ffffff", 3),
    ],
)
def test_the_colours_have_contrast(colour: str, on: str, least: float) -> None:
    """Texts have AA contrast and bars that of graphics, on a background that is dark in every theme."""

    def luminance(name: str) -> float:
        parts = [value / 255 for value in ImageColor.getrgb(name)[:3]]
        red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(colour), luminance(on)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= least


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
    message = await ann.sees(
        "60% of 5 numbers got a code", "Telegram 0 · Viettel 60%\n5 bought, 3 with a code"
    )
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
    assert bot_world.app is not None
    bot_world.app.features.charts.command = ("false",)
    ann = await bot_world.customer()
    async with factories.open_database(bot_world) as db:
        await db.write(factories.add_ended, ANN, "1", at=NOW - 5000, price=None, wait=75)
        await db.write(factories.add_ended, ANN, at=NOW - 5000, country="6", price="9")
    await ann.send("/stats")
    message = await ann.sees("1/2 numbers with a code", "Unknown prices are not included")
    assert (
        "Telegram · Vietnam · any operator 1/1\n1 bought, 1 with a code · wait 1 min 15 sec\n" in message.text
    )
    assert "Telegram · Indonesia · any operator 0/1\n1 bought, 0 with a code\n" in message.text
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
def test_any_number_of_bars_fits(count: int) -> None:
    """With any bars, names and shares the chart is not too high, and nothing leaves the canvas."""
    shares = (0.0, 0.001, 0.5, 1.0)
    bars = [
        {
            "name": NAMES[n % len(NAMES)],
            "share": shares[n % 4],
            "percent": "100%",
            "details": "9" * 30 * (n + 1),
            "is_grey": n % 2 == 0,
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
    assert 0.5 * shown.width < shown.height < 2.3 * shown.width
    right = shown.crop((shown.width - 50, 0, shown.width, shown.height))
    assert right.getcolors() == [(50 * shown.height, ImageColor.getrgb(BACKGROUND))]


def test_the_font_has_every_letter_of_the_languages() -> None:
    """Vietnamese and Cyrillic letters are drawn; characters that the font lacks are left out."""
    font = FontProperties(family=FAMILY)
    for text in (NAMES[1], NAMES[2], "ĂÂĐÊÔƠƯăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "ёЁъЪ №"):
        assert printable(text, font) == text
    assert printable("微信 👍 WeChat", font) == "WeChat"
    assert printable("微信", font) == "?"
