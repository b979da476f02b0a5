"""Money at a glance: currencies, the price on the card, and a confirmation page with too low a balance."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain import State
from bot.sandbox.provider import FaultKind
from bot.telegram import keyboards, texts
from bot.telegram.translations import Translations
from bot.telegram.translator import Translator
from tests.conftest import KEY, World
from tests.telegram.test_texts import ACTIVATION, PAGE

TRANSLATORS = Translations("USD").all()


@pytest.mark.parametrize(
    ("currency", "shown"),
    [
        ("USD", ["$1,234.50", "1.234,50$", "1\N{NO-BREAK SPACE}234,50$"]),
        ("rub", ["₽1,234.50", "1.234,50₽", "1\N{NO-BREAK SPACE}234,50₽"]),
        ("NGN", ["1,234.50", "1.234,50", "1\N{NO-BREAK SPACE}234,50"]),
        ("", ["1,234.50", "1.234,50", "1\N{NO-BREAK SPACE}234,50"]),
    ],
)
def test_a_label_has_the_sign_and_a_text_the_word(currency: str, shown: list[str]) -> None:
    """The sign stands where each language puts it; a currency without a sign is left out of labels."""
    translators = Translations(currency).all()
    assert [t.short_amount(Decimal("1234.5")) for t in translators] == shown
    assert all(t.amount(Decimal("1234.5")).endswith(currency) for t in translators)


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_the_labels_of_the_page_fit_two_columns(t: Translator) -> None:
    """Buy with a price, Change limit, Check again and Top up have at most 16 characters."""
    for quote in (replace(PAGE, price=Decimal("0.62")), replace(PAGE, price=Decimal("1.5"))):
        assert len(texts.prices.buy_label(t, quote)) <= 16
    site = "https://sms3t.com"
    keyboard = keyboards.quotes.confirm(t, PAGE, kept=False, count=1, is_short=True, site=site)
    assert all(len(button.text) <= 16 for row in keyboard.inline_keyboard for button in row)


async def test_too_low_a_balance_offers_a_top_up_instead_of_buy(world: World) -> None:
    """The page says what is missing and has no Buy; after a top-up, Check again brings Buy back."""
    world.provider.set_stock("tg", 50, price=Decimal("0.62"))
    account = world.provider.open_account(KEY, Decimal("0.03"))
    await world.start(currency="USD", provider_site="https://sms3t.com/pay")
    ann = await world.customer()
    page = await world.open_page(ann)
    page = await ann.sees("Your balance is 0.59 USD short.", "Balance: 0.03 USD")
    assert not any(label.startswith("Buy") for label in page.labels)
    top_up = next(button for button in page.buttons if button.text == "Top up ↗")
    assert top_up.url == "https://sms3t.com/pay"
    account.balance = Decimal("5.00")
    world.pass_time(3)
    await ann.click("Check again", message=page)
    page = await ann.sees("Balance: 5.00 USD", "Buy at $0.62")
    assert "short" not in page.text
    await ann.click("Buy", message=page)
    await ann.sees("Waiting for the code", "Price: about 0.62 USD")


async def test_a_balance_that_just_suffices_has_buy(world: World) -> None:
    """A balance that equals the price is not short."""
    world.provider.set_stock("tg", 50, price=Decimal("0.62"))
    world.provider.open_account(KEY, Decimal("0.62"))
    await world.start()
    ann = await world.customer()
    page = await world.open_page(ann)
    assert "short" not in page.text
    await ann.click("Buy", message=page)
    await ann.sees("Waiting for the code")


async def test_an_unknown_balance_never_hides_buy(world: World) -> None:
    """If the provider tells no balance, the page has Buy."""
    world.provider.set_stock("tg", 50, price=Decimal("0.62"))
    world.provider.open_account(KEY, Decimal("0.03"))
    await world.start()
    ann = await world.customer()
    world.provider.fail(FaultKind.STATUS, action="getBalance", status=503, times=None)
    page = await world.open_page(ann)
    assert "Buy at 0.62" in page.labels
    assert "Balance" not in page.text


@pytest.mark.parametrize("t", TRANSLATORS, ids=lambda t: t.language)
def test_a_card_shows_its_price_once(t: Translator) -> None:
    """A held number shows the shown price or the charge; one that ended without a code shows none."""
    bought = replace(ACTIVATION, price=Decimal("0.62"), charged=None)
    shown = texts.prices.paid(t, bought)
    charged = texts.prices.paid(t, replace(bought, charged=Decimal("0.60")))
    assert shown is not None
    assert t.amount(Decimal("0.62")) in shown
    assert charged is not None
    assert t.amount(Decimal("0.60")) in charged
    assert texts.prices.paid(t, replace(bought, price=None)) is None
    for state in (State.REFUSED, State.CANCELLED, State.EXPIRED):
        assert texts.prices.paid(t, replace(bought, state=state)) is None
