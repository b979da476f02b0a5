"""Links into the chat: they draw a confirmation page, never buy, and nothing hostile gets through."""

import re

import pytest
from hypothesis import given, strategies as st

from bot.data import country_operators, service_names
from bot.sandbox.provider import WORLDWIDE, FaultKind
from bot.telegram import callbacks
from bot.telegram.deep_links import HELLO, SERVICES, OfferLink, address
from tests.conftest import KEY, World

CODES = st.text(min_size=1, max_size=24) | st.from_regex(r"[A-Za-z0-9_-]{1,24}", fullmatch=True)
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")


@given(country=CODES, service=CODES, operators=st.lists(CODES, max_size=5))
def test_a_link_survives_packing(country: str, service: str, operators: list[str]) -> None:
    """What fits into a link comes out as it went in; what does not has no link."""
    link = OfferLink(country, service, tuple(operators))
    payload = link.pack()
    if payload is not None:
        assert START_PARAMETER.fullmatch(payload)
        assert OfferLink.unpack(payload) == link


@given(payload=st.text() | st.from_regex(r"buy(_[A-Za-z0-9_-]*){0,4}", fullmatch=True))
def test_any_payload_can_be_read(payload: str) -> None:
    """A payload is about an offer whose codes fit the buttons, or about none; packed again it is the same."""
    link = OfferLink.unpack(payload)
    if link is not None:
        assert START_PARAMETER.fullmatch(payload)
        assert link.pack() == payload
        assert callbacks.fits(link.country, link.service)


def test_links_look_as_people_write_them() -> None:
    """The documented forms, and what they are about."""
    assert OfferLink("10", "tg").pack() == "buy_10_tg"
    assert OfferLink("10", "tg", ("viettel",)).pack() == "buy_10_tg_viettel"
    assert OfferLink("0", "wa", ("mtt_virtual", "mts")).pack() == "buy_0_wa_mtt_virtual-mts"
    assert OfferLink.unpack("buy_10_tg_viettel-mobifone") == OfferLink("10", "tg", ("viettel", "mobifone"))
    assert OfferLink("11", "tg", ("o!",)).pack() is None
    assert (
        OfferLink(
            "10", "tg", ("viettel", "vinaphone", "vietnamobile", "mobifone", "itelecom", "wintel")
        ).pack()
        is None
    )
    assert address("a_bot", "buy_10_tg") == "https://t.me/a_bot?start=buy_10_tg"


def test_nearly_everything_known_has_a_link() -> None:
    """All services that ship with the bot can be linked to, and all operators without punctuation."""
    assert all(OfferLink("10", code).pack() for code in service_names())
    without = {
        operator
        for country, codes in country_operators().items()
        for operator in codes
        if OfferLink(country, "tg", (operator,)).pack() is None
    }
    assert all(re.search(r"\W", operator) for operator in without)


@pytest.mark.parametrize(
    ("payload", "operators"),
    [
        ("buy_10_tg", "any"),
        ("buy_10_tg_viettel", "Viettel"),
        ("buy_10_tg_viettel-mobifone", "Viettel, Mobifone"),
    ],
)
async def test_a_link_opens_the_confirmation_page(bot_world: World, payload: str, operators: str) -> None:
    """The page is drawn as after choosing by hand; nothing is bought until Buy is tapped."""
    ann = await bot_world.customer()
    await ann.send(f"/start {payload}")
    page = await ann.sees("Buy this number?", "Telegram", "Vietnam", f"Operator: {operators}")
    assert bot_world.provider.ledger == []
    await ann.click("Buy", message=page)
    await ann.sees("Waiting for the code")
    (request,) = bot_world.asked("getNumber")
    assert set(request.get("operator", "any").split(",")) == set(operators.lower().split(", "))


async def test_each_tap_of_a_link_draws_a_page_of_its_own(bot_world: World) -> None:
    """A link may be tapped again and again, and each page buys once."""
    ann = await bot_world.customer()
    await ann.send("/start buy_10_tg")
    first = await ann.sees("Buy this number?")
    await ann.send("/start buy_10_tg")
    await ann.sees("Buy this number?", after=first)
    assert bot_world.provider.ledger == []


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("buy_6_tg", "doesn’t offer this country"),
        ("buy_10_nosuch", "doesn’t offer this service"),
        ("buy_10_tg_nosuch", "doesn’t offer this operator"),
        ("buy_10_tg_viettel-nosuch", "doesn’t offer this operator"),
    ],
)
async def test_what_is_not_on_offer_is_said_with_a_way_on(bot_world: World, payload: str, words: str) -> None:
    """A link to what there is not gets a sentence, and leads to the services."""
    ann = await bot_world.customer()
    await ann.send(f"/start {payload}")
    message = await ann.sees(words, "All services", "Home")
    await ann.click("All services", message=message)
    await ann.sees("Choose a service")
    ann.sees_no("Buy this number?")


@pytest.mark.parametrize(
    "payload",
    [
        "buy",
        "buy_10",
        "buy_10_",
        "buy__tg",
        "buy_10_tg_",
        "buy_10_tg_-",
        "sell_10_tg",
        "BUY_10_TG",
        "buy_10_tg viettel",
        "buy_10_<b>tg</b>",
        "buy_10_tg_o!",
        "buy_1०_tg",
        "../../etc/passwd",
        "' OR 1=1 --",
        "%00",
        "b:token",
        "buy_" + "1" * 40 + "_tg",
        "x" * 4000,
    ],
)
async def test_a_damaged_or_hostile_payload_gets_a_sentence(bot_world: World, payload: str) -> None:
    """Whatever stands behind /start, nothing happens but a sentence with a way on."""
    ann = await bot_world.customer()
    asked = len(bot_world.provider.requests)
    await ann.send(f"/start {payload}")
    await ann.sees("This link doesn’t work", "All services", "Home")
    assert len(bot_world.provider.requests) == asked


async def test_a_link_is_opened_after_the_key_is_added(bot_world: World) -> None:
    """A link without a key is remembered, also over a restart; it is opened once, and buys nothing."""
    ann = bot_world.telegram.person(1)
    await ann.send("/start buy_10_tg_viettel")
    await ann.sees("Hello!", "API key", "within an hour")
    await bot_world.stop()
    await bot_world.start()
    await ann.send("/start")
    await ann.sees("Hello!", "within an hour")
    await ann.send(KEY)
    await ann.sees("Your key works", "Buy a number")
    page = await ann.sees("Buy this number?", "Telegram", "Operator: Viettel")
    assert bot_world.provider.ledger == []
    await ann.send(f"/key {KEY}")
    await ann.until(lambda _: sum("Your key works" in message.text for message in ann.messages) > 1)
    await ann.send("/balance")
    await ann.sees("Balance", "Home")
    assert [message for message in ann.messages if "Buy this number?" in message.text] == [page]


async def test_a_link_is_forgotten_after_an_hour(bot_world: World) -> None:
    """A key that comes later opens no link."""
    ann = bot_world.telegram.person(1)
    await ann.send("/start services")
    await ann.sees("Hello!", "within an hour")
    bot_world.pass_time(3601)
    await ann.send("/start")
    await ann.until(lambda _: "within an hour" not in ann.newest.text)
    await ann.send(KEY)
    await ann.sees("Your key works")
    await ann.send("/balance")
    await ann.sees("Balance", "Home")
    ann.sees_no("Choose a service")


async def test_a_damaged_link_greets_somebody_without_a_key(bot_world: World) -> None:
    """The greeting promises nothing of a link that leads nowhere."""
    ann = bot_world.telegram.person(1)
    await ann.send("/start nonsense")
    greeting = await ann.sees("Hello!", "API key")
    assert "link" not in greeting.text


async def test_a_key_behind_start_is_not_left_in_the_chat(bot_world: World) -> None:
    """What is surely a key is deleted here too, and not taken for a link."""
    ann = await bot_world.customer()
    message = await ann.send(f"/start {KEY}")
    await ann.sees("That looks like an API key", "deleted")
    assert message.deleted


async def test_links_of_the_bot_itself(bot_world: World) -> None:
    """One payload only says hello, another leads to the services."""
    ann = await bot_world.customer()
    await ann.send(f"/start {HELLO}")
    await ann.sees("Tap a button or type")
    await ann.send(f"/start {SERVICES}")
    await ann.sees("Choose a service")


async def test_a_link_leads_to_any_country_on_offer(world: World) -> None:
    """With all countries on offer a link goes to any of them; an unknown one gets a sentence."""
    world.provider.dialect = WORLDWIDE
    world.provider.set_stock("tg", 5, country="6", operator="telkomsel")
    await world.start(countries="all")
    ann = await world.customer()
    await ann.send("/start buy_6_tg_telkomsel")
    await ann.sees("Buy this number?", "Indonesia", "Telkomsel")
    await ann.send("/start buy_99999_tg")
    await ann.sees("doesn’t offer", "All services")


async def test_trouble_of_the_provider_is_said(bot_world: World) -> None:
    """While the provider has trouble a link gets a sentence, and works afterwards."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.STATUS, status=503, times=None)
    await ann.send("/start buy_10_tg")
    await ann.sees("has a problem")
    bot_world.provider.heal()
    await ann.send("/start buy_10_tg")
    await ann.sees("Buy this number?")
