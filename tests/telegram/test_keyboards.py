"""Keyboards with pages."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.alerts.alerts import UserAlerts
from bot.catalog.availability import Alternatives
from bot.domain import Activation, Code, Favourite, Operator, Quote, State
from bot.telegram import callbacks, keyboards
from bot.telegram.keyboards.buttons import PAGE_ROWS, button, paged
from bot.telegram.translations import Translations


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


T = Translations().find("en")
OPERATORS = [Operator(f"o{number}", f"Operator {number}") for number in range(12)]
QUOTE = Quote("token", 1, "tg", "Telegram", "10", (), Decimal("0.55"), 0, "own")
HELD = Activation(
    7, "token", 1, 1, "own", "tg", "Telegram", "10", (), None, State.WAITING, 0, "p7", "84912345678", 0, 1200
)
CODE = Code(1, "1234", 60)
FAVOURITES = [Favourite(number, "tg", f"Service {number}", "10", (), "own") for number in range(3)]
ELSEWHERE = Alternatives(tuple(OPERATORS), ((OPERATORS[0], 5), (OPERATORS[1], 3)), (), complete=True)


def spots(markup: InlineKeyboardMarkup, *kinds: str) -> set[tuple[int, int]]:
    """Return what the buttons with these labels cover: rows from the bottom, and twelfths of the width."""
    covered = set()
    for height, row in enumerate(reversed(markup.inline_keyboard)):
        width = 12 // len(row)
        for place, one in enumerate(row):
            if not kinds or any(kind in one.text for kind in kinds):
                covered |= {(height, place * width + part) for part in range(width)}
    return covered


def leading_to_a_quote() -> Iterator[InlineKeyboardMarkup]:
    """Yield every keyboard with a button that opens a confirmation page, with its other buttons removed."""
    for number in range(len(OPERATORS)):
        listed = OPERATORS[:number]
        yield keyboards.operators.choose_operator(T, "10", "tg", listed, {}, number or None, 0)
        yield keyboards.operators.several(T, "10", "tg", listed, {"o0"}, 0)
    yield keyboards.favourites.screen(T, FAVOURITES, lambda _: None, UserAlerts())
    yield keyboards.quotes.confirm(T, QUOTE, kept=False, count=0, others=ELSEWHERE)
    yield keyboards.quotes.elsewhere(T, HELD, ELSEWHERE)
    yield keyboards.buttons.try_again(T, callbacks.OpenFavourite(id=1))
    yield keyboards.card.again(T, replace(HELD, state=State.EXPIRED))
    yield keyboards.card.actions(T, replace(HELD, state=State.EXPIRED), 0)


def test_buy_is_where_no_button_was_that_leads_to_it() -> None:
    """A second tap on the button that opened the page does not hit Buy, wherever the lists end."""
    harmless = ("Home", "Back", "☆", "Remove", "Tell", "Notify")
    buy = spots(keyboards.quotes.confirm(T, QUOTE, kept=False, count=None), "Buy at 0.55")
    for before in leading_to_a_quote():
        forward = [one.text for row in before.inline_keyboard for one in row]
        labels = [text for text in forward if not text.startswith(("Buy at", *harmless))]
        assert labels
        assert not buy & spots(before, *labels), forward


def test_the_button_names_the_price() -> None:
    """Buy says for how much, where the price is known."""
    without = keyboards.quotes.confirm(T, replace(QUOTE, price=None), kept=False, count=None)
    assert spots(without, "Buy")
    labels = [one.text for row in without.inline_keyboard for one in row]
    assert "Buy" in labels


WAITING, RECEIVED = HELD, replace(HELD, state=State.RECEIVED, codes=(CODE,))
CHANGES = {
    "Remove…, then a favourite": (
        keyboards.favourites.screen(T, FAVOURITES, lambda _: None, UserAlerts()),
        "Remove…",
        keyboards.favourites.removing(T, FAVOURITES, lambda _: None),
        "✕",
    ),
    "Don’t cancel, then Cancel": (
        keyboards.card.actions(T, replace(WAITING, cancel_scheduled=True), 10),
        "Don’t cancel",
        keyboards.card.actions(T, WAITING, 10),
        "Cancel",
    ),
    "the last minutes begin": (
        keyboards.card.actions(T, WAITING, 10),
        "requested",
        keyboards.card.actions(T, WAITING, 1100),
        "Cancel",
    ),
    "Another number while a cancel is planned, then Cancel": (
        keyboards.card.actions(T, replace(WAITING, cancel_scheduled=True), 10),
        "Another number",
        keyboards.card.actions(T, WAITING, 10),
        "Cancel",
    ),
    "Get another code, then Complete": (
        keyboards.card.actions(T, RECEIVED, 10),
        "Get another code",
        keyboards.card.actions(T, replace(RECEIVED, state=State.WAITING, resent=True), 10),
        "Complete",
    ),
    "Buy, then the card": (
        keyboards.quotes.confirm(T, QUOTE, kept=False, count=None),
        "Buy at",
        keyboards.card.actions(T, WAITING, 10),
        "Cancel",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_no_button_that_destroys_appears_under_a_harmless_one(name: str) -> None:
    """A second tap on a button does not hit one that ends or removes something."""
    before, tapped, after, destroys = CHANGES[name]
    assert spots(before, tapped)
    assert spots(after, destroys)
    assert not spots(before, tapped) & spots(after, destroys)
