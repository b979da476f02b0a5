"""The subprocess that draws: reads a chart as JSON from stdin and writes a PNG to stdout."""

import io
import json
import sys
from typing import Any, Final

from bot.history.charts import NO_MATPLOTLIB

try:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.patches import FancyBboxPatch
except ImportError:
    sys.exit(NO_MATPLOTLIB)

WIDTH: Final = 1080
MARGIN: Final = 60
CONTENT_WIDTH: Final = WIDTH - 2 * MARGIN
HEADER_HEIGHT: Final = 470
FOOTER_HEIGHT: Final = 110
BAR_DISTANCE: Final = 150
"""Pixels from one bar to the next."""
BAR_HEIGHT: Final = 16
MIN_SCALE: Final = 0.6
"""Lowest factor by which a long line is shrunk; a line that is still too long is cut."""
DPI: Final = 100
FAMILY: Final = "DejaVu Sans"  # ships with matplotlib; has Latin, Vietnamese, Cyrillic and Greek letters
BACKGROUND, TEXT, GREY, TRACK, FILL, FEW = "#2f4256", "#ffffff", "#c6d2dd", "#1d2b3a", "#6cbcff", "#9fb0c0"
"""Colours that are read in a light and in a dark chat; GREY is that of texts, FEW that of bars."""


class Canvas:
    """A canvas with coordinates in pixels from its top left corner."""

    def __init__(self, height: int) -> None:
        self._figure = Figure((WIDTH / DPI, height / DPI), DPI, facecolor=BACKGROUND)
        FigureCanvasAgg(self._figure)  # attaches itself to the figure; measures texts and saves
        self._axes = self._figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
        self._axes.set_axis_off()

    def write(
        self,
        text: str,
        y: float,
        size: float,
        *,
        max_width: float = CONTENT_WIDTH,
        color: str = TEXT,
        bold: bool = False,
        right: bool = False,
        shrinks: bool = True,
    ) -> float:
        """Write a line, shrunk and then cut to the maximum width; return its width."""
        font = FontProperties(family=FAMILY, weight="bold" if bold else "normal", size=_points(size))
        shown = printable(text, font)
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

        if shrinks and (needed := width(shown)) > max_width:
            line.set_fontsize(_points(size * max(MIN_SCALE, 0.96 * max_width / needed)))
        if width(shown) > max_width:
            fits, too_long = 0, len(shown)
            while too_long - fits > 1:
                middle = (fits + too_long) // 2
                fits, too_long = (
                    (middle, too_long) if width(_cut(shown, middle)) <= max_width else (fits, middle)
                )
            shown = _cut(shown, fits)
        return width(shown)

    def bar(self, y: float, width: float, color: str) -> None:
        """Draw a bar with rounded ends."""
        shape = f"round,pad=0,rounding_size={BAR_HEIGHT / 2}"
        self._axes.add_patch(
            FancyBboxPatch((MARGIN, y), width, BAR_HEIGHT, boxstyle=shape, facecolor=color, linewidth=0)
        )

    def png(self) -> bytes:
        """Return the canvas as PNG."""
        picture = io.BytesIO()
        self._figure.savefig(picture, format="png", facecolor=BACKGROUND)
        return picture.getvalue()


def _points(pixels: float) -> float:
    return pixels * 72 / DPI


def _cut(text: str, length: int) -> str:
    return f"{text[:length].rstrip()}…"


def printable(text: str, font: FontProperties) -> str:
    """Return a text as one line, without characters that the font does not have."""
    letters = get_font(findfont(font)).get_charmap()
    return " ".join("".join(c for c in text if c.isspace() or ord(c) in letters).split()) or "?"


def draw(chart: dict[str, Any]) -> bytes:
    """Return a chart as PNG."""
    bars = chart["bars"]
    height = HEADER_HEIGHT + BAR_DISTANCE * len(bars) + FOOTER_HEIGHT
    canvas = Canvas(height)
    canvas.write(chart["title"], 80, 52, bold=True)
    figure, meaning = chart["headline"]
    canvas.write(figure, 215, 150, color=FILL, bold=True)
    canvas.write(meaning, 325, 38)
    canvas.write(chart["summary"], 380, 32, color=GREY)
    y = HEADER_HEIGHT + 20
    for bar in bars:
        percent_width = canvas.write(
            bar["percent"], y, 36, max_width=CONTENT_WIDTH / 3, bold=True, right=True
        )
        canvas.write(
            bar["name"], y, 36, max_width=CONTENT_WIDTH - percent_width - 30, bold=True, shrinks=False
        )
        canvas.bar(y + 30, CONTENT_WIDTH, TRACK)
        if bar["share"] > 0:
            canvas.bar(y + 30, max(CONTENT_WIDTH * bar["share"], BAR_HEIGHT), FEW if bar["is_grey"] else FILL)
        canvas.write(bar["details"], y + 70, 30, color=GREY)
        y += BAR_DISTANCE
    canvas.write(chart["footer"], height - 55, 28, color=GREY)
    return canvas.png()


if __name__ == "__main__":
    sys.stdout.buffer.write(draw(json.load(sys.stdin)))
