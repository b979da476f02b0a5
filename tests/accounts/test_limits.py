"""The user's own limits: held before the provider is asked to sell, and never silently not."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from bot import errors
from bot.accounts.preferences import check_limits
from bot.activations.purchases import Purchases
from bot.domain import UserPreferences
from bot.sandbox.provider import SMS3T, FaultKind, PriceShape
from bot.sandbox.telegram import Message, Person
from tests.conftest import World


async def set_amount(person: Person, name: str, value: str) -> None:
    """Have a person set a limit."""
    await person.send("/settings")
    await person.click(name, message=await person.sees("Settings", "Price limit"))
    await person.click("Other…")
    answer = await person.send(value, reply_to=await person.sees("Reply to this message"))
    await person.sees("✓ Saved", name, after=answer)


def token(page: Message) -> str:
    """Return the token of a confirmation page's button."""
    data = next(button.data for button in page.buttons if button.text.startswith("Buy at"))
    assert data is not None
    return data.partition(":")[2]


async def test_a_dear_number_is_refused_with_the_figures(bot_world: World) -> None:
    """Above the price limit the page warns and leads to the limit; an earlier page refuses before it asks."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.75"))
    ann = await bot_world.customer()
    earlier = await bot_world.open_page(ann)
    await set_amount(ann, "Price limit", "0,50")
    page = await bot_world.open_page(ann)
    await ann.sees("Buy this number?", "It costs about 0.75, and your price limit is 0.50.", "I won’t buy it")
    assert not any(label.startswith("Buy") for label in page.labels)
    await ann.click("Change limit", message=page)
    await ann.sees("Price limit: 0.50")
    toast = await ann.click("Buy", message=earlier)
    assert toast is not None
    assert toast.text.startswith("It costs about 0.75, and your price limit is 0.50. Nothing was bought.")
    assert bot_world.asked("getNumber") == []


async def test_a_number_at_the_limit_is_bought(bot_world: World) -> None:
    """A limit is the most that may be paid: exactly that much is allowed, and the page does not warn."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.50"))
    ann = await bot_world.customer()
    await set_amount(ann, "Price limit", "0.50")
    await set_amount(ann, "Daily limit", "0.50")
    page = await bot_world.open_page(ann)
    assert "refuse" not in page.text
    await ann.click("Buy")
    await ann.sees("Waiting for the code")


async def test_a_small_rise_over_the_limit_is_noticed(bot_world: World) -> None:
    """A rise that would be tolerated is not, where it leads over the user's limit."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.50"))
    ann = await bot_world.customer()
    await set_amount(ann, "Price limit", "0.50")
    await bot_world.open_page(ann)
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.52"))
    bot_world.pass_time(31)
    toast = await ann.click("Buy")
    assert toast is not None
    assert "about 0.52" in toast.text
    assert bot_world.asked("getNumber") == []


async def test_the_daily_limit_counts_what_is_or_may_be_paid(bot_world: World) -> None:
    """Active numbers and those with a code count; a cancelled one does not; the next day begins at zero."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.40"))
    ann = await bot_world.customer()
    await set_amount(ann, "Daily limit", "1")
    earlier = await bot_world.open_page(ann)
    first = await bot_world.buy(ann)
    await bot_world.buy(ann)
    page = await bot_world.open_page(ann)
    assert "today’s 0.80" in page.text
    assert "Change limit" in page.labels
    toast = await ann.click("Buy", message=earlier)
    assert toast is not None
    assert "It costs about 0.40. With today’s 0.80 that is over your daily limit of 1.00." in toast.text
    assert len(bot_world.asked("getNumber")) == 2
    bot_world.provider.deliver(first.id, "1111")
    await ann.sees("Code received")
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")
    toast = await ann.click("Buy", message=earlier)
    assert toast is not None
    assert "today’s 0.80" in toast.text  # completed, but paid
    bot_world.pass_time(121)
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled.")
    await ann.send("/settings")
    await ann.click("Daily limit")
    await ann.sees("Daily limit: 1.00", "Today so far:", "0.40")
    await bot_world.buy(ann)
    await bot_world.open_page(ann)
    await ann.sees("Buy this number?", "today’s 0.80")
    bot_world.pass_time(24 * 3600)
    await bot_world.buy(ann)
    await bot_world.buy(ann)


async def test_the_daily_limit_adds_up_the_prices_it_judged_by(bot_world: World) -> None:
    """What was bought a little dearer than its page showed counts as dear as it was known to be."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("1.00"))
    ann = await bot_world.customer()
    await set_amount(ann, "Daily limit", "4.30")
    pages = [await bot_world.open_page(ann) for _ in range(4)]
    bot_world.provider.set_stock("tg", 50, price=Decimal("1.09"))
    bot_world.pass_time(31)
    for page in pages[:3]:
        await ann.click("Buy", message=page)
    await bot_world.provider.wait_for(lambda provider: len(provider.ledger) == 3)
    toast = await ann.click("Buy", message=pages[3])
    assert toast is not None
    assert "It costs about 1.09. With today’s 3.27 that is over your daily limit of 4.30." in toast.text
    assert len(bot_world.asked("getNumber")) == 3


async def test_two_taps_at_once_cannot_pass_the_daily_limit_together(bot_world: World) -> None:
    """The limit is held in the transaction that places the order: of two orders at once one is refused."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.60"))
    ann = await bot_world.customer()
    await set_amount(ann, "Daily limit", "1")
    tokens = [token(await bot_world.open_page(ann)) for _ in range(2)]
    assert bot_world.app is not None
    purchases: Purchases = bot_world.app.features.purchases
    user = await bot_world.app.accounts.get_or_create(1, None)
    results = await asyncio.gather(
        *(purchases.order(user, one, None) for one in tokens), return_exceptions=True
    )
    assert sum(isinstance(result, errors.OverDayLimit) for result in results) == 1
    await bot_world.provider.wait_for(lambda provider: len(provider.ledger) == 1)
    assert len(bot_world.asked("getNumber")) == 1


@pytest.mark.parametrize("name", ["Price limit", "Daily limit"])
async def test_without_a_price_a_limit_refuses(world: World, name: str) -> None:
    """A limit that cannot be held is not held silently: nothing is bought, and that is said."""
    world.provider.dialect = replace(SMS3T, actions=SMS3T.actions - {"getPrices"})
    await world.start()
    ann = await world.customer()
    earlier = await world.open_page(ann)
    await set_amount(ann, name, "100")
    page = await world.open_page(ann)
    await ann.sees("Buy this number?", "shows no price", "I won’t buy it")
    await ann.click("Change limit", message=page)
    await ann.sees("Settings", name)
    toast = await ann.click("Buy", message=earlier)
    assert toast is not None
    assert "shows no price, so I can’t check it against your limit. Nothing was bought." in toast.text
    assert world.asked("getNumber") == []
    await ann.send("/settings")
    await ann.click(name)
    await ann.click("Off")
    await ann.sees(f"{name}: off")
    await world.buy(ann)


@pytest.mark.parametrize("name", ["Price limit", "Daily limit"])
async def test_a_limit_is_held_against_a_price_of_now(bot_world: World, name: str) -> None:
    """If no price is to be had at the tap, the one that the page showed holds no limit: nothing is bought."""
    ann = await bot_world.customer()
    await set_amount(ann, name, "100")
    await bot_world.open_page(ann)
    bot_world.pass_time(31)
    for action in ("getPrices", "getNumbersStatus"):
        bot_world.provider.fail(FaultKind.STATUS, action=action, status=503, times=None)
    toast = await ann.click("Buy")
    assert toast is not None
    assert "has a problem" in toast.text
    assert bot_world.asked("getNumber") == []
    bot_world.provider.heal()
    await ann.click("Buy")
    await ann.sees("Waiting for the code")


async def test_a_limit_switched_off_refuses_nothing(bot_world: World) -> None:
    """After Off a page that was refused can be used."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.75"))
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    await set_amount(ann, "Price limit", "0.50")
    toast = await ann.click("Buy", message=page)
    assert toast is not None
    assert "your price limit is 0.50" in toast.text
    await ann.send("/settings")
    await ann.click("Price limit")
    await ann.click("Off")
    await ann.sees("Price limit: off")
    await ann.click("Buy", message=page)
    await ann.sees("Waiting for the code")


async def test_the_users_price_limit_goes_along(world: World) -> None:
    """With SEND_MAX_PRICE the provider gets the user's own limit; without one it gets no limit."""
    world.provider.set_stock("tg", 50, price=Decimal("0.40"))
    await world.start(send_max_price="yes")
    ann = await world.customer()
    await world.buy(ann)
    await set_amount(ann, "Price limit", "5")
    await world.buy(ann)
    first, second = world.asked("getNumber")
    assert "maxPrice" not in first
    assert Decimal(second["maxPrice"]) == Decimal(5)


async def test_a_limit_that_refuses_is_named(world: World) -> None:
    """If the cheap numbers of a ladder are gone, the limit is why nothing was bought, and that is said."""
    world.provider.dialect = replace(SMS3T, prices=PriceShape.LADDER)
    world.provider.set_stock("tg", 122, price=Decimal("0.50"))
    world.provider.set_stock("tg", 1, price=Decimal("0.006"), operator="viettel")
    await world.start(send_max_price="yes")
    ann = await world.customer()
    await set_amount(ann, "Price limit", "0.10")
    pages = [await world.open_page(ann) for _ in range(3)]
    assert "Price: from about 0.006, at most 0.10 (your limit)" in pages[0].text
    assert "Buy from 0.006" in pages[0].labels
    await ann.click("Buy", message=pages[0])
    await ann.sees("Waiting for the code")
    (number,) = world.provider.numbers.values()
    assert number.price == Decimal("0.006")
    await ann.click("Buy", message=pages[1])
    await ann.sees("Nothing was bought.", "No number is left within your price limit of 0.10.")
    assert "🔔 Notify me" in pages[1].labels
    world.provider.fail(FaultKind.BODY, action="getNumber", body="WRONG_MAX_PRICE:0.50")
    await ann.click("Buy", message=pages[2])
    await ann.sees("Nothing was bought.", "at least 0.50, and your price limit is 0.10.")


async def test_numbers_at_once_are_the_users_choice(world: World) -> None:
    """The user's own limit of numbers holds below the bot's, and never above it."""
    await world.start(max_active=3)
    ann = await world.customer()
    await ann.send("/settings")
    await ann.click("Numbers at once")
    screen = await ann.sees("Numbers at once: 3", "The maximum is 3")
    assert [label for label in screen.labels if label[-1:].isdigit()] == ["1", "2", "✓ 3"]
    await ann.click("1", message=screen)
    await ann.sees("Numbers at once: 1")
    await world.buy(ann)
    await world.open_page(ann)
    toast = await ann.click("Buy")
    assert toast is not None
    assert "You have 1 active number; the limit is 1" in toast.text
    assert len(world.asked("getNumber")) == 1


@pytest.mark.parametrize(
    ("chosen", "price", "spent", "expected"),
    [
        (UserPreferences(), None, "9", None),
        (UserPreferences(price_limit=Decimal(1)), "1", "9", None),
        (UserPreferences(price_limit=Decimal(1)), "1.0001", "0", errors.OverPriceLimit),
        (UserPreferences(price_limit=Decimal(1)), None, "0", errors.PriceUnknown),
        (UserPreferences(day_limit=Decimal(1)), "0.4", "0.6", None),
        (UserPreferences(day_limit=Decimal(1)), "0.4", "0.6001", errors.OverDayLimit),
        (UserPreferences(day_limit=Decimal(1)), None, "0", errors.PriceUnknown),
    ],
)
def test_the_rules_of_the_limits(
    chosen: UserPreferences, price: str | None, spent: str, expected: type[errors.RuleError] | None
) -> None:
    """A limit is the most that is allowed, and without a price no limit can be held."""
    amount = None if price is None else Decimal(price)
    if expected is None:
        check_limits(chosen, amount, Decimal(spent))
    else:
        with pytest.raises(expected):
            check_limits(chosen, amount, Decimal(spent))
