"""The process that draws: a chart as JSON comes in, a PNG goes out."""

import io
import json
import sys
from typing import Any, Final

from bot.history.charts import NO_LIBRARY

try:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.patches import FancyBboxPatch
except ImportError:
    sys.exit(NO_LIBRARY)

WIDTH: Final = 1080
LEAST_HEIGHT: Final = 1240
"""Pixels; a picture is never wider than high."""
MARGIN: Final = 60
ROOM: Final = WIDTH - 2 * MARGIN
HEAD: Final = 470
FOOT: Final = 110
CLOSEST, WIDEST = 136, 190
"""Pixels from one bar to the next: many stand close, few do not look lost."""
THICK: Final = 16
SMALLEST: Final = 0.6
"""How far letters may shrink where a line is long; what is still too long then is cut."""
PER_INCH: Final = 100
FAMILY: Final = "DejaVu Sans"  # comes with matplotlib, and has Latin, Vietnamese, Cyrillic and Greek letters
PAPER, INK, GREY, TRACK, FILL = "#ffffff", "#17212b", "#5b6873", "#e6ebf0", "#2f8be0"


class Sheet:
    """A sheet on which things are placed by pixels, from its top."""

    def __init__(self, height: int) -> None:
        self._figure = Figure((WIDTH / PER_INCH, height / PER_INCH), PER_INCH, facecolor=PAPER)
        FigureCanvasAgg(self._figure)  # it measures letters, and saves
        self._axes = self._figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
        self._axes.set_axis_off()

    def write(
        self,
        text: str,
        y: float,
        size: float,
        *,
        room: float = ROOM,
        color: str = INK,
        bold: bool = False,
        right: bool = False,
        shrinks: bool = True,
    ) -> float:
        """Write a line and return its width; what needs more room is made smaller, then cut."""
        font = FontProperties(family=FAMILY, weight="bold" if bold else "normal", size=_points(size))
        shown = writable(text, font)
        line = self._axes.text(
            WIDTH - MARGIN if right else MARGIN,
            y,
            shown,
            fontproperties=font,
            color=color,
            ha="right" if right else "left",
            va="center",
            parse_math=False,
        )

        def width(words: str) -> float:
            line.set_text(words)
            return float(line.get_window_extent().width)

        if shrinks and (needed := width(shown)) > room:
            line.set_fontsize(_points(size * max(SMALLEST, 0.96 * room / needed)))
        if width(shown) > room:
            fits, too_long = 0, len(shown)
            while too_long - fits > 1:
                middle = (fits + too_long) // 2
                fits, too_long = (middle, too_long) if width(_cut(shown, middle)) <= room else (fits, middle)
            shown = _cut(shown, fits)
        return width(shown)

    def bar(self, y: float, width: float, color: str) -> None:
        """Draw a bar with round ends."""
        shape = f"round,pad=0,rounding_size={THICK / 2}"
        self._axes.add_patch(
            FancyBboxPatch((MARGIN, y), width, THICK, boxstyle=shape, facecolor=color, linewidth=0)
        )

    def png(self) -> bytes:
        """Return the sheet."""
        picture = io.BytesIO()
        self._figure.savefig(picture, format="png", facecolor=PAPER)
        return picture.getvalue()


def _points(pixels: float) -> float:
    return pixels * 72 / PER_INCH


def _cut(text: str, length: int) -> str:
    return f"{text[:length].rstrip()}…"


def writable(text: str, font: FontProperties) -> str:
    """Return a text in one line, without what the font has no letter for."""
    letters = get_font(findfont(font)).get_charmap()
    return " ".join("".join(c for c in text if c.isspace() or ord(c) in letters).split()) or "?"


def draw(chart: dict[str, Any]) -> bytes:
    """Return a chart as PNG."""
    bars = chart["bars"]
    pitch = min(max((LEAST_HEIGHT - HEAD - FOOT) // max(len(bars), 1), CLOSEST), WIDEST)
    height = max(HEAD + pitch * len(bars) + FOOT, LEAST_HEIGHT)
    sheet = Sheet(height)
    sheet.write(chart["title"], 80, 52, bold=True)
    figure, meaning = chart["headline"]
    sheet.write(figure, 215, 150, color=FILL, bold=True)
    sheet.write(meaning, 325, 38)
    sheet.write(chart["summary"], 380, 32, color=GREY)
    y = HEAD + 20
    for bar in bars:
        taken = sheet.write(bar["percent"], y, 36, room=ROOM / 3, bold=True, right=True)
        sheet.write(bar["name"], y, 36, room=ROOM - taken - 30, bold=True, shrinks=False)
        sheet.bar(y + 30, ROOM, TRACK)
        if bar["share"] > 0:
            sheet.bar(y + 30, max(ROOM * bar["share"], THICK), FILL)
        sheet.write(bar["details"], y + 70, 30, color=GREY)
        y += pitch
    sheet.write(chart["footer"], height - 55, 28, color=GREY)
    return sheet.png()


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
