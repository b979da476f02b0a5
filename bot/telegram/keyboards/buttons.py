"""Building blocks of keyboards: buttons, rows, pages."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram import callbacks
from bot.telegram.callbacks import ButtonData, Screen
from bot.telegram.translator import Translator, clipped, utf16_length

PAGE_ROWS: Final = 10
MAX_LABEL: Final = 48
MAX_IN_PAIR: Final = 16
"""Characters of a label that fits a button of two in a row on a phone."""
MAX_COPY: Final = 256
Row = list[InlineKeyboardButton]
T = TypeVar("T")


def button(text: str, data: ButtonData, style: str | None = None) -> InlineKeyboardButton:
    """Return a button with callback data."""
    return InlineKeyboardButton(text=clipped(text, MAX_LABEL), callback_data=data.pack(), style=style)


def copy(text: str, value: str) -> Row:
    """Return a row with a copy button; empty if the value is blank or too long for Telegram."""
    if not value.strip() or utf16_length(value) > MAX_COPY:
        return []
    return [InlineKeyboardButton(text=clipped(text, MAX_LABEL), copy_text=CopyTextButton(text=value))]


def markup(rows: Iterable[Row]) -> InlineKeyboardMarkup:
    """Return a keyboard of the rows that are not empty."""
    return InlineKeyboardMarkup(inline_keyboard=[row for row in rows if row])


def with_gone(
    before: InlineKeyboardMarkup, left: Sequence[ButtonData], kind: type[ButtonData], text: str
) -> InlineKeyboardMarkup:
    """Return a keyboard in which the buttons of a kind that are not left have another label.

    All buttons keep their places, so that a second tap does not hit the next one.
    """
    packed = {one.pack() for one in left}

    def is_gone(data: str) -> bool:
        return data.startswith(f"{kind.__prefix__}:") and data not in packed

    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                one.model_copy(update={"text": text}) if is_gone(one.callback_data or "") else one
                for one in row
            ]
            for row in before.inline_keyboard
        ]
    )


def home_button(t: Translator) -> InlineKeyboardButton:
    """Return the button that opens the home screen."""
    return button(t.plain("Home"), callbacks.OpenScreen(screen=Screen.HOME))


def only_home(t: Translator) -> InlineKeyboardMarkup:
    """Return a keyboard with only the home button."""
    return markup([[home_button(t)]])


def try_again(t: Translator, again: ButtonData | None) -> InlineKeyboardMarkup:
    """Return the keyboard of a screen that could not be loaded."""
    retry = [button(t.plain("Try again"), again)] if again else []
    return markup([[*retry, home_button(t)]])


def paged(
    items: Sequence[T],
    page: int,
    make: Callable[[T], InlineKeyboardButton],
    turn: Callable[[int], ButtonData],
) -> tuple[list[Row], Row]:
    """Return the buttons of one page in rows of two, and the row of page buttons.

    Args:
        items: the items of all pages.
        page: the page to show, from 0; a number beyond the last page shows the last page.
        make: makes the button of an item; it is called for the shown page only.
        turn: returns the data of the button that opens a page.
    """
    size = 2 * PAGE_ROWS
    pages = max(1, -(-len(items) // size))
    page = min(max(page, 0), pages - 1)
    shown = [make(item) for item in items[page * size : (page + 1) * size]]
    return in_pairs(shown), turning(page, pages, turn)


def in_pairs(buttons: Row) -> list[Row]:
    """Return buttons in rows of two; a button with a long label has a row of its own."""
    rows: list[Row] = []
    for one in buttons:
        fits = len(one.text) <= MAX_IN_PAIR
        if fits and rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= MAX_IN_PAIR:
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def turning(page: int, pages: int, turn: Callable[[int], ButtonData]) -> Row:
    """Return the row of page buttons; empty if there is one page."""
    if pages == 1:
        return []
    before, after = (page - 1) % pages, (page + 1) % pages
    return [
        button("‹", turn(before)),
        button(f"{page + 1} / {pages}", callbacks.PageCounter(page=page + 1, pages=pages)),
        button("›", turn(after)),
    ]
