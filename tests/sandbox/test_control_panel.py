"""Tests of the demo's control panel: its steps, its phones and its switches."""

import asyncio
from decimal import Decimal

import pytest
from aiohttp import ClientError, ClientSession

from bot.sandbox import switches
from bot.sandbox.control_panel import ControlPanel
from bot.sandbox.provider import ProviderServer, SandboxProvider
from bot.sandbox.switches import AT_HOME, DemoClock, Switches
from bot.sandbox.telegram import Telegram

KEY = "0123456789abcdef"


class Panel:
    """A control panel on a provider that can be asked over HTTP.

    Attributes:
        restarted: set when the bot is to be restarted.
    """

    def __init__(self) -> None:
        self.clock = DemoClock()
        self.provider = SandboxProvider(clock=self.clock, dialect=AT_HOME)
        self.account = self.provider.open_account(KEY)
        self.telegram = Telegram()
        self.person = self.telegram.person(1)
        self.restarted = asyncio.Event()
        self.switches = Switches(self.provider, self.clock, self.restarted.set)
        self.panel = ControlPanel(self.provider, self.switches, self.person, KEY)

    def turn(self, name: str, *, on: bool = True) -> None:
        """Turn a switch, and check that it is shown so."""
        self.panel.set_switch(name, on)
        assert self.is_on(name) == on

    def is_on(self, name: str) -> bool:
        """Return whether a switch is shown as on."""
        (switch,) = (switch for switch in self.panel.switches() if switch.name == name)
        return switch.on

    def price(self) -> Decimal:
        """Return the lowest price of Telegram."""
        return min(item.price for item in self.provider.stock.items("10", "tg"))

    async def ask(self, **params: str) -> str:
        """Send a request with the key to the provider, and return its response."""
        data = {"api_key": KEY, **params}
        async with (
            ProviderServer(self.provider) as server,
            ClientSession() as session,
            session.post(server.url, data=data) as response,
        ):
            return await response.text()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Panel:
    """A panel whose provider responds at once."""
    monkeypatch.setattr(switches, "QUICK", 0.0)
    return Panel()


async def test_steps_are_ticked_one_by_one(shown: Panel) -> None:
    """Each step is done when the person has done it, whatever way they did it."""
    shown.turn("by_itself", on=False)

    def done() -> list[bool]:
        return [step.done for step in shown.panel.steps()]

    assert done() == [False] * 5
    await shown.person.send("/start")
    assert done() == [True, False, False, False, False]
    await shown.ask(action="getBalance")
    assert done() == [True, True, False, False, False]
    number = shown.provider.buy(shown.account, "tg", "10")
    assert done() == [True, True, True, False, False]
    shown.panel.deliver(number.id, "48213")
    assert done() == [True, True, True, False, False]
    await shown.ask(action="getStatus", id=number.id)
    assert done() == [True, True, True, True, False]


def test_prices_rise_and_fall_back(shown: Panel) -> None:
    """The switch raises every price by half, also those of the other provider, and then restores them."""
    before = {item.operator: item.price for item in shown.provider.stock.items("10", "tg")}
    shown.turn("dear")
    assert shown.price() == round(min(before.values()) * Decimal("1.5"), 2)
    shown.turn("many_countries")
    assert (shown.restarted.is_set(), shown.switches.bot_settings) == (True, {"countries": "all"})
    abroad = shown.price()
    shown.turn("dear", on=False)
    assert shown.price() < abroad
    shown.turn("many_countries", on=False)
    assert {item.operator: item.price for item in shown.provider.stock.items("10", "tg")} == before


async def test_a_purchase_without_an_answer(shown: Panel) -> None:
    """The next purchase is done but not answered; then the switch is off, and the list shows the number."""
    shown.turn("lost_answer")
    with pytest.raises(ClientError):
        await shown.ask(action="getNumber", service="tg", country="10")
    assert not shown.is_on("lost_answer")
    (number,) = shown.provider.numbers.values()
    assert number.id in await shown.ask(action="getActiveActivations")
    shown.turn("lost_answer")
    shown.turn("lost_answer", on=False)
    assert "ACCESS_NUMBER" in await shown.ask(action="getNumber", service="tg", country="10")


async def test_the_last_minutes_of_a_number(shown: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock moves on as soon as a number waits; then the switch is off, and the bot restarts.

    The time of all numbers goes on.
    """
    monkeypatch.setattr(switches, "CARD_TIME", 0.0)
    shown.turn("by_itself", on=False)
    shown.turn("last_minutes")
    assert not shown.restarted.is_set()
    number = shown.provider.buy(shown.account, "tg", "10")
    await shown.restarted.wait()
    assert not shown.is_on("last_minutes")
    left = number.bought_at + shown.provider.lifetime - shown.clock()
    assert left == pytest.approx(switches.LAST_MINUTES, abs=1)
    assert number.state.is_open

    later = shown.provider.buy(shown.account, "tg", "10")
    shown.panel.set_switch("last_minutes", True)
    shown.restarted.clear()
    await shown.restarted.wait()
    phones = {phone.id: phone.can_receive for phone in shown.panel.phones()}
    assert phones == {number.id: False, later.id: True}


async def test_an_early_cancel_is_refused(shown: Panel) -> None:
    """The provider refuses a cancel for longer than before, until the switch is turned off."""
    shown.provider.cancel_after = 0
    panel = Switches(shown.provider, shown.clock, lambda: None)
    number = shown.provider.buy(shown.account, "tg", "10")
    panel.turn("late_cancel", True)
    cancel = {"action": "setStatus", "status": "8", "id": number.id}
    assert "EARLY_CANCEL_DENIED" in await shown.ask(**cancel)
    panel.turn("late_cancel", False)
    assert await shown.ask(**cancel) == "ACCESS_CANCEL"


async def test_a_provider_that_is_down(shown: Panel) -> None:
    """The provider returns errors until the switch is turned off; an unknown switch is ignored."""
    shown.turn("outage")
    assert "ACCESS_BALANCE" not in await shown.ask(action="getBalance")
    shown.panel.set_switch("unknown", True)
    shown.turn("outage", on=False)
    assert "ACCESS_BALANCE" in await shown.ask(action="getBalance")
