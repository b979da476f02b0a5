"""Keyboards with pages."""

from aiogram.types import InlineKeyboardButton

from bot.telegram import callbacks
from bot.telegram.keyboards.buttons import PAGE_ROWS, button, paged


def test_only_the_buttons_of_the_shown_page_are_built() -> None:
    """A list of thousands costs as many buttons as one page shows."""
    built: list[int] = []

    def make(item: int) -> InlineKeyboardButton:
        built.append(item)
        return button(str(item), callbacks.ShowCountries(page=item))

    rows, turn = paged(range(40_000), 3, make, lambda page: callbacks.ShowCountries(page=page))
    size = 2 * PAGE_ROWS
    assert built == list(range(3 * size, 4 * size))
    assert [one.text for row in rows for one in row] == [str(item) for item in built]
    assert turn[1].text == f"4 / {40_000 // size}"


def test_a_page_beyond_the_end_is_the_last_one() -> None:
    """An old button may name a page that a shorter list no longer has."""
    rows, turn = paged(
        range(25),
        9,
        lambda item: button(str(item), callbacks.ShowCountries(page=item)),
        lambda page: callbacks.ShowCountries(page=page),
    )
    assert [one.text for row in rows for one in row] == ["20", "21", "22", "23", "24"]
    assert turn[1].text == "2 / 2"
