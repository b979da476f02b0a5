"""The home screen: there at once, and right once the provider has answered."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain import Favourite
from bot.favourites import Shortcuts
from bot.sandbox.provider import WORLDWIDE, FaultKind
from bot.sandbox.telegram import Message, Person
from bot.telegram import keyboards, texts
from bot.telegram.texts.phones import pretty
from bot.telegram.translations import LANGUAGES, Translations
from bot.telegram.translator import utf16_length
from tests.conftest import KEY, World
from tests.telegram.test_texts import ACTIVATION

MENU = ["Active", "Favourites", "History", "Alerts", "Statistics", "Settings", "API key", "Help"]


async def home_of(person: Person) -> Message:
    """Open home and return it when its balance is there."""
    asked = await person.send("/start")
    return await person.sees("Balance: 9", "Tap a button", after=asked)


async def bought_and_starred(world: World) -> Person:
    """Return a person with a completed Google number, and a favourite for Telegram."""
    ann = await world.customer()
    number = await world.buy(ann, "Google")
    world.provider.deliver(number.id, "1111")
    await ann.sees("Code received")
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")
    page = await world.open_page(ann)
    await ann.click("☆ Favourite", message=page)
    await ann.until(lambda _: "★ Favourite" in page.labels)
    return ann


async def test_home_is_there_before_the_balance(world: World) -> None:
    """With a slow provider the buttons stand there at once; the balance is filled in when it is known."""
    world.patience = 0.05
    await world.start()
    ann = await world.customer()
    world.provider.fail(FaultKind.DELAY, action="getBalance", seconds=10)
    asked = await ann.send("/start")
    home = await ann.sees("Balance: …", "Buy a number", after=asked)
    world.provider.heal()
    await ann.until(lambda _: "Balance: 10.00" in home.text)
    assert home.labels[0] == "Buy a number"


async def test_home_works_without_a_balance(bot_world: World) -> None:
    """While the provider is down, home says that the balance cannot be read, and leads everywhere else."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.STATUS, action="getBalance", status=503, times=None)
    await ann.send("/start")
    await ann.sees("I can’t get your balance right now", "History", "Settings")


async def test_home_says_when_the_key_is_refused(bot_world: World) -> None:
    """A key that the provider no longer takes is said, with what to do; the menu still leads everywhere."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.BODY, action="getBalance", body="BAD_KEY", times=None)
    asked = await ann.send("/start")
    await ann.sees("doesn’t accept your API key", "/key", "API key", "History", after=asked)


async def test_home_is_a_dashboard(world: World) -> None:
    """Home begins with the active numbers and the minutes left, then shortcuts with prices, then the menu."""
    await world.start()
    ann = await bought_and_starred(world)
    number = await world.buy(ann)
    world.pass_time(330)
    home = await home_of(ann)
    assert "1 active number" in home.text
    digits = number.phone[-4:]
    assert home.labels == [
        f"⏳ Telegram …{digits} · 14 min",
        "★ Telegram 0.62",
        "↺ Google · 0.18",
        "Buy a number",
        *MENU,
    ]
    await ann.click(f"…{digits}", message=home)
    card = await ann.sees("Waiting for the code", pretty(number.phone), after=home)
    assert f"+{number.phone}" in card.labels


async def test_a_repeated_purchase_takes_two_taps_from_home(bot_world: World) -> None:
    """A tap on a shortcut turns home into the confirmation page, and a tap on Buy buys."""
    ann = await bought_and_starred(bot_world)
    home = await home_of(ann)
    await ann.click("↺ Google", message=home)
    await ann.until(lambda _: home.shows("Buy this number?"))
    await ann.click("Buy at", message=home)
    await ann.until(lambda _: home.shows("Waiting for the code"))
    assert [order["service"] for order in bot_world.asked("getNumber")] == ["go", "go"]


async def test_home_shows_five_numbers_and_leads_to_the_others(world: World) -> None:
    """Of more than five active numbers the first five have a button, and one button leads to all."""
    await world.start(max_active=10)
    world.provider.accounts[KEY].balance *= 10
    ann = await world.customer()
    for _ in range(6):
        await world.buy(ann)
    home = await ann.sees("6 active numbers", "Balance: 9", after=await ann.send("/start"))
    assert len([label for label in home.labels if label.startswith("⏳ Telegram …")]) == 5
    await ann.click("All active (6)", message=home)
    await ann.until(lambda _: home.shows("6 active numbers. Tap one"))


async def test_prices_are_filled_in_by_the_same_edit_as_the_balance(world: World) -> None:
    """With a slow provider the shortcuts stand there at once; one edit brings the balance and the prices."""
    await world.start()
    ann = await bought_and_starred(world)
    await world.stop()
    world.patience = 0.05
    await world.start()
    for action in ("getBalance", "getPrices", "getNumbersStatus"):
        world.provider.fail(FaultKind.DELAY, action=action, seconds=0.3, times=None)
    asked = await ann.send("/start")
    home = await ann.sees("Balance: …", "★ Telegram · …", "↺ Google · …", after=asked)
    places = len(home.labels)
    edits = len(world.telegram.called("editMessageText"))
    await ann.until(lambda _: home.shows("★ Telegram 0.62") and home.shows("Balance: 9"))
    assert "↺ Google · 0.18" in home.labels
    assert len(home.labels) == places
    assert len(world.telegram.called("editMessageText")) == edits + 1


async def test_home_costs_few_requests(bot_world: World) -> None:
    """Home asks for the balance, and for the prices at most once a minute."""
    ann = await bought_and_starred(bot_world)
    bot_world.pass_time(61)
    bot_world.provider.requests.clear()
    await home_of(ann)
    asked = [request.action for request in bot_world.provider.requests]
    assert asked.count("getBalance") == 1
    assert len(asked) <= 3
    bot_world.provider.requests.clear()
    await home_of(ann)
    assert [request.action for request in bot_world.provider.requests] == ["getBalance"]


async def test_home_without_prices_shows_none(bot_world: World) -> None:
    """If the prices cannot be had, the shortcuts have none; an old one is not shown as new."""
    ann = await bought_and_starred(bot_world)
    bot_world.pass_time(61)
    for action in ("getPrices", "getNumbersStatus"):
        bot_world.provider.fail(FaultKind.STATUS, action=action, status=503, times=None)
    home = await home_of(ann)
    assert {"★ Telegram", "↺ Google"} <= set(home.labels)


async def test_home_asks_for_the_prices_of_two_countries_at_most(world: World) -> None:
    """Shortcuts in many countries do not make home expensive."""
    world.provider.dialect = WORLDWIDE
    await world.start(countries="all")
    world.provider.accounts[KEY].balance *= 10
    ann = await world.customer()
    for country in ("22", "6", "4", "0"):
        world.provider.set_stock("tg", 5, country=country)
        await ann.press(f"c:{country}:tg:0:0")
        await ann.sees("Buy this number?")
        await ann.click("Buy at")
        await ann.until(lambda _: ann.newest.shows("Waiting for the code"))
    world.pass_time(61)
    asked = len(world.asked("getPrices"))
    home = await ann.sees("4 active numbers", after=await ann.send("/start"))
    shortcuts = [label for label in home.labels if label.startswith("↺")]
    assert len(shortcuts) == 4
    assert len([label for label in shortcuts if label[-1].isdigit()]) == 2
    assert len(world.asked("getPrices")) == asked + 2


@pytest.mark.parametrize(
    ("phone", "label"),
    [("84396368886", "⏳ Google …8886 · 14 min"), (None, "⏳ Google · no number yet · 14 min")],
)
def test_an_active_number_has_a_short_label(phone: str | None, label: str) -> None:
    """A label has the short name of the service and the last digits, in the list as on home."""
    number = replace(ACTIVATION, service_name="Google / YouTube / Gmail", phone=phone, ends_at=1000)
    t = Translations().find("en")
    assert texts.home.number_label(t, number, 130) == label
    assert f"{texts.home.active_label(t, number)} · 14 min" == label


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_menu_fits_two_columns(language: str) -> None:
    """No label in two columns has more than 16 characters, in any language."""
    rows = keyboards.home.menu(Translations().find(language)).inline_keyboard
    assert sum(len(row) for row in rows) == 9
    assert max(utf16_length(one.text) for row in rows if len(row) > 1 for one in row) <= 16


@pytest.mark.parametrize(("language", "label"), [("en", "14 min"), ("vi", "14 phút"), ("ru", "14 мин")])
async def test_home_speaks_the_readers_language(bot_world: World, language: str, label: str) -> None:
    """The time left of an active number is in the reader's language."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.press(f"es:language:{language}")
    bot_world.pass_time(310)
    await ann.sees(f"…{number.phone[-4:]} · {label}", after=await ann.send("/start"))


@pytest.mark.parametrize(
    ("currency", "operators", "columns"), [("", (), 2), ("USD", (), 2), ("", ("viettel",), 1)]
)
def test_shortcuts_stand_in_pairs_if_they_fit(
    currency: str, operators: tuple[str, ...], columns: int
) -> None:
    """Two shortcuts share a row only if neither is cut; a price that is still loading changes no row."""
    t = Translations(currency).find("en")
    kept = Shortcuts(
        tuple(Favourite(number, "tg", "Telegram", "10", operators, "own") for number in range(4))
    )
    for price in ("…", t.short_amount(Decimal("0.62"))):
        rows = keyboards.favourites.priced_shortcuts(t, kept, lambda _: None, price.format)
        assert {len(row) for row in rows} == {columns}
        assert all(one.text.endswith(price) for row in rows for one in row)


async def test_help_has_the_times_of_the_users_provider(world: World) -> None:
    """With two providers, the help says how long a number lives at the provider of the user's key."""
    other = await world.add_provider("other")
    other.open_account("f" * 32)
    world.more_profiles[0] = replace(world.more_profiles[0], lifetime=900, cancel_after=45)
    await world.start()
    ann = world.telegram.person(1)
    await ann.sees("about 20 minutes", "after 120 seconds", after=await ann.send("/help"))
    await world.bind(1, "f" * 32, "other")
    await ann.sees("about 15 minutes", "after 45 seconds", after=await ann.send("/help"))
