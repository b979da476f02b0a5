"""The labels of buttons of which two stand in a row: they fit a phone, and keep what matters."""

from decimal import Decimal
from itertools import product

import pytest
from aiogram.types import InlineKeyboardMarkup

from bot import data
from bot.catalog.catalog import operator_name
from bot.domain import (
    Activation,
    Choice,
    Country,
    HistoryPage,
    Offer,
    Operator,
    PurchasedService,
    Result,
    Service,
    State,
)
from bot.telegram import keyboards, texts
from bot.telegram.keyboards.offer_labels import country_label, fitted
from bot.telegram.translations import Translations
from bot.telegram.translator import Translator

MAX_IN_PAIR = 16
"""Characters that fit; not the constant of the bot, which a test must not follow."""
TRANSLATORS = Translations("USD").all()
PRICES = (Decimal("0.006"), Decimal("0.62"), Decimal("12.5"))
COUNTRIES = [Country(*pair) for pair in data.country_names().items()]
OPERATORS = sorted({code for codes in data.country_operators().values() for code in codes})


def pairs(markup: InlineKeyboardMarkup) -> list[str]:
    """Return the labels of the buttons of which two stand in a row."""
    return [one.text for row in markup.inline_keyboard if len(row) == 2 for one in row]


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_services_fit_with_their_price(t: Translator) -> None:
    """Each service of the whole list fits, its price is whole, and so is a low count."""
    for (code, name), price in product(data.service_names().items(), PRICES):
        for count, shown in ((None, t.short_amount(price)), (500, t.short_amount(price)), (3, "3")):
            choice = Choice(Service(code, name), Offer("10", code, price, count))
            label = keyboards.shop.service_button(t, choice).text
            assert len(label) <= MAX_IN_PAIR, label
            assert shown in label
            assert not label.startswith((" ", "…", "·")), label


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_countries_fit_with_flag_and_price(t: Translator) -> None:
    """Each country fits with its flag and price, and no two countries have the same label."""
    labels = [country_label(t, country, Offer(country.id, "tg", PRICES[1], None)) for country in COUNTRIES]
    labels += [
        one
        for page in range(11)
        for one in pairs(keyboards.shop.countries(t, COUNTRIES, page))
        if len(COUNTRIES) > 20 * page
    ]
    assert [label for label in labels if len(label) > MAX_IN_PAIR] == []
    assert len({*labels}) > len(COUNTRIES)


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_the_lowest_of_several_prices_is_whole_and_marked(t: Translator) -> None:
    """The lowest of several prices is followed by a plus sign, and the label still fits."""
    for price in PRICES:
        offer = Offer("10", "tg", price, None, several_prices=True)
        for name in data.service_names().values():
            label = keyboards.shop.service_button(t, Choice(Service("tg", name), offer)).text
            assert len(label) <= MAX_IN_PAIR, label
            assert label.endswith(f"{t.short_amount(price)}+")
        for country in COUNTRIES:
            assert country_label(t, country, offer).endswith(f"{t.short_amount(price)}+")


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_other_pairs_fit(t: Translator) -> None:
    """Operators with their counts, the settings, the menu and the filters of the history fit as well."""
    for code, count in product(OPERATORS, (None, 0, 7, 486, 12_345)):
        keyboard = keyboards.operators.choose_operator(
            t, "10", "tg", [Operator(code, operator_name(code))] * 2, {code: count}, None, 0
        )
        assert [label for label in pairs(keyboard) if len(label) > MAX_IN_PAIR] == []
    bought = [PurchasedService(code, name, 1_234) for code, name in data.service_names().items()]
    listing = HistoryPage((), 0, 1, 0, None)
    for keyboard in (
        keyboards.home.menu(t),
        keyboards.preferences.menu(t),
        keyboards.history.screen(t, listing, "", Result.NOT_BOUGHT, 0),
        *(keyboards.history.services(t, bought, "", Result.ALL, page) for page in range(0, 90, 9)),
    ):
        assert [label for label in pairs(keyboard) if len(label) > MAX_IN_PAIR] == []


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_active_numbers_are_told_apart_by_their_last_digits(t: Translator) -> None:
    """The active list shows the service and the last four digits."""
    number = Activation(
        7, "t", 1, 1, "own", "tg", "Telegram", "10", (), None, State.WAITING, 0, "p7", "84912348756", 0, 1200
    )
    assert texts.home.active_label(t, number) == "⏳ Telegram …8756"


def test_a_long_name_is_shortened_by_its_short_form_or_after_a_word() -> None:
    """The short form comes first, then a cut after a word, then a cut after a letter."""
    assert fitted("Instagram", "0.07") == "Instagram · 0.07"
    assert fitted("Instagram", "$0.07") == "Instagram $0.07"
    assert fitted("Instagram", "$12.345") == "Insta · $12.345"
    assert fitted("Burger King Online", "$0.07") == "Burger… $0.07"
    assert fitted("Extraordinarily", "$0.07") == "Extraordi… $0.07"
    assert fitted("🇬🇧 United Kingdom", "0.40") == "🇬🇧 UK · 0.40"
