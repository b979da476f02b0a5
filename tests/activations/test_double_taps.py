"""A double tap is no second decision: a page obeys no tap in the first second after it was shown."""

import asyncio
from decimal import Decimal

import pytest

from bot.provider import budget
from bot.sandbox.provider import FaultKind, Number
from bot.sandbox.telegram import Message, Person, TelegramFault
from bot.telegram.reading_time import MAX_DRAWING, ReadingTime
from tests.activations.test_doubt import pass_checks
from tests.conftest import World

GAPS = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
"""Seconds between the moment at which a page is shown and the second tap."""
REFUSED = "Please check the details first."


@pytest.fixture(autouse=True)
def _large_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests wait for no budget, which does not refill while the clock stands."""
    monkeypatch.setattr(budget, "KEY_BURST", 10_000)


async def started(world: World) -> Person:
    """Start the bot with the reading time of production, and a clock that only the test moves."""
    world.reading_time = 1.0
    world.clock.stop()
    await world.start()
    world.pass_time(2)
    return await world.customer()


def buy_data(page: Message) -> str:
    """Return the data of the Buy button."""
    (data,) = [button.data for button in page.buttons if button.text.startswith("Buy at")]
    assert data is not None
    return data


async def tap_again(world: World, ann: Person, page: Message, gap: float) -> None:
    """Tap Buy so many seconds after the page was shown, which must buy nothing, and then after a second."""
    data, asked = buy_data(page), len(world.asked("getNumber"))
    await world.until_confirmed()
    world.pass_time(gap)
    toast = await ann.press(data, message=page)
    assert toast is not None
    assert toast.text == REFUSED
    assert len(world.asked("getNumber")) == asked
    world.pass_time(1.001 - gap)
    await ann.press(data, message=page)
    await ann.sees("Waiting for the code")
    assert len(world.asked("getNumber")) == asked + 1


@pytest.mark.parametrize("gap", GAPS)
async def test_a_double_tap_on_continue(world: World, gap: float) -> None:
    """The second tap on Continue meets the page that the first one has opened."""
    ann = await started(world)
    await ann.send("/buy")
    await ann.click("Telegram")
    await ann.click("Several…")
    await ann.click("Viettel")
    await ann.sees("✓ Viettel")
    await ann.click("Continue")
    await tap_again(world, ann, await ann.sees("Buy this number?"), gap)


@pytest.mark.parametrize("gap", GAPS)
async def test_a_double_tap_on_buy_at_a_risen_price(world: World, gap: float) -> None:
    """The second tap on Buy meets the page with the higher price."""
    world.provider.set_stock("tg", 50, price=Decimal("0.40"))
    ann = await started(world)
    page = await world.open_page(ann)
    await world.until_confirmed()
    world.provider.set_stock("tg", 50, price=Decimal("0.50"))
    world.pass_time(31)
    await ann.press(buy_data(page), message=page)
    await ann.sees("The price rose from about 0.40 to about 0.50")
    await tap_again(world, ann, page, gap)


async def test_the_time_counts_from_the_confirmed_edit(world: World) -> None:
    """A page whose edit Telegram confirms late obeys no tap before that, however long ago it was drawn."""
    ann, method = await started(world), "editMessageText"
    await ann.send("/buy")
    await ann.click("Telegram")
    screen = await ann.sees("Choose an operator")
    made = len(world.telegram.called(method))
    world.telegram.fail(TelegramFault.DELAY, method=method, seconds=0.5)
    tapped = next(button.data for button in screen.buttons if button.text.startswith("Any operator"))
    assert tapped is not None
    query = ann.tap(screen, tapped)
    await world.telegram.until_called(method, made + 1)
    world.pass_time(20)
    await ann.until(lambda _: query.answered and "Buy this number?" in screen.text)
    await tap_again(world, ann, screen, 0.9)


async def test_the_time_counts_from_the_completion_with_the_button(world: World) -> None:
    """A page that was a placeholder first counts from the edit that has put the button there."""
    world.patience = 0.05
    ann = await started(world)
    await ann.send("/buy")
    await ann.click("Telegram")
    screen = await ann.sees("Choose an operator")
    world.pass_time(61)  # the prices must be asked again
    world.provider.fail(FaultKind.DELAY, action="getPrices", seconds=10)
    await ann.click("Any operator", message=screen)
    await ann.until(lambda _: "Loading the price" in screen.text)
    world.pass_time(20)
    world.provider.heal()
    await ann.until(lambda _: "Buy this number?" in screen.text)
    await tap_again(world, ann, screen, 0.9)


async def test_a_tap_that_waited_in_the_queue_counts_from_its_arrival(world: World) -> None:
    """A tap that came too soon does not become valid by waiting behind another update."""
    ann = await started(world)
    page = await world.open_page(ann)
    world.provider.fail(FaultKind.DELAY, action="getBalance", seconds=0.5)
    await ann.send("/balance")
    asked = len(world.asked("getBalance"))
    await world.provider.wait_for(lambda _: len(world.asked("getBalance")) >= asked)
    query = ann.tap(page, buy_data(page))
    world.pass_time(0.5)
    await ann.until(lambda _: query.answered)
    assert query.toast is not None
    assert query.toast.text == REFUSED


async def test_a_restart_makes_no_page_readable(world: World) -> None:
    """A page of an earlier process obeys no tap in the first second of the new one."""
    ann = await started(world)
    page = await world.open_page(ann)
    await world.stop()
    await world.start()
    await world.until_listening()
    await tap_again(world, ann, page, 0.9)


async def test_a_tap_that_waited_for_the_next_process(world: World) -> None:
    """It may be a double tap on a page of the earlier process, so it buys nothing; the next tap does."""
    ann = await started(world)
    page = await world.open_page(ann)
    await world.stop()
    query = ann.tap(page, buy_data(page))
    world.telegram.fail(TelegramFault.DELAY, method="getMe", seconds=0.3)
    asked = len(world.telegram.called("getMe"))
    await world.start()
    await world.telegram.until_called("getMe", asked + 1)
    world.pass_time(5)
    await ann.until(lambda _: query.answered)
    assert query.toast is not None
    assert query.toast.text == REFUSED
    assert world.asked("getNumber") == []
    await world.until_listening()
    await ann.press(buy_data(page), message=page)
    await ann.sees("Waiting for the code")
    assert len(world.asked("getNumber")) == 1


def test_times_are_forgotten_only_when_they_no_longer_matter() -> None:
    """A button is remembered while it may refuse a tap; without a confirmation it counts as shown later."""
    now = 1000.0
    reading = ReadingTime(lambda: now, 1.0)
    lost, shown, refused = (1, "lost"), (1, "shown"), (1, "refused")
    now += 10
    reading.drawn([lost, shown, refused])
    reading.shown([shown])
    reading.refused([refused])
    for at, button, too_soon in [
        (0.9, shown, True),
        (1.0, shown, False),
        (0.9, refused, False),
        (59.9, lost, True),
    ]:
        now = 1010 + at
        assert reading.is_too_soon(button, now) is too_soon
    now = 1010 + MAX_DRAWING
    assert not reading.is_too_soon(lost, now)
    reading.drawn([(1, "next")])
    assert not reading.is_too_soon(shown, now)


async def test_without_a_current_price_an_old_page_is_asked_again(bot_world: World) -> None:
    """If the price has tripled and cannot be asked, the tap shows a new page, which can be bought."""
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.40"))
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    bot_world.provider.set_stock("tg", 50, price=Decimal("1.20"))
    bot_world.pass_time(31)
    bot_world.provider.fail(FaultKind.STATUS, action="getPrices", status=503)
    await ann.click("Buy", message=page)
    await ann.sees("I couldn’t check the price, so nothing was bought", "about 1.20")
    assert bot_world.asked("getNumber") == []
    assert "Buy at 1.20" in page.labels
    await ann.click("Buy at 1.20", message=page)
    await ann.sees("Waiting for the code")


async def test_a_price_that_fails_everywhere_buys_nothing(bot_world: World) -> None:
    """While the provider gives no prices at all, an old page buys nothing, and says so."""
    ann = await bot_world.customer()
    page = await bot_world.open_page(ann)
    bot_world.pass_time(31)
    for action in ("getPrices", "getNumbersStatus"):
        bot_world.provider.fail(FaultKind.STATUS, action=action, status=503, times=None)
    toast = await ann.click("Buy", message=page)
    assert toast is not None
    assert "has a problem" in toast.text
    assert bot_world.asked("getNumber") == []


FAILURES = {
    "a fault before it is sent": {"kind": FaultKind.CUT},
    "a gateway's page": {"kind": FaultKind.HTML, "status": 502},
    "a server error": {"kind": FaultKind.STATUS, "status": 500},
    "a refusal": {"kind": FaultKind.BODY, "body": "BAD_STATUS"},
    "an unreadable answer": {"kind": FaultKind.BODY, "body": "WHAT_IS_THIS"},
}


async def with_code(world: World) -> tuple[Person, Number, Message, str]:
    """Return a person, their number, the message with its code, and the data of Get another code."""
    ann = await started(world)
    await world.open_page(ann)
    await world.until_confirmed()
    world.pass_time(1.001)
    await ann.click("Buy at")
    await ann.sees("Waiting for the code")
    (number,) = world.provider.numbers.values()
    world.provider.deliver(number.id, "1111")
    await pass_checks(world, 10)
    message = await ann.sees("· Telegram", "1111")
    await world.until_confirmed()
    world.pass_time(1.001)
    data = next(button.data for button in message.buttons if button.text == "Get another code")
    assert data is not None
    return ann, number, message, data


async def gets_second_code(world: World, ann: Person, number: Number) -> None:
    """Let the provider get another code, and see it."""
    await ann.sees("Waiting for another code")
    world.provider.deliver(number.id, "2222")
    await pass_checks(world, 10)
    await ann.sees("· Telegram · code 2", "2222")


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("gap", [None, 0.0, 0.9])
async def test_a_double_tap_on_another_code_that_fails(world: World, kind: str, gap: float | None) -> None:
    """The second tap has not seen the failure, so it requests nothing; a tap a second later does."""
    ann, number, message, data = await with_code(world)
    fault = world.provider.fail(action="setStatus", times=None, **FAILURES[kind])  # type: ignore[arg-type]
    if gap is None:
        first, second = await asyncio.gather(
            ann.press(data, message=message), ann.press(data, message=message)
        )
    else:
        first = await ann.press(data, message=message)
        world.pass_time(gap)
        second = await ann.press(data, message=message)
    assert first is not None
    assert second is not None
    assert first.text != REFUSED
    assert second.text == REFUSED
    assert len(world.asked("setStatus")) == 1
    world.provider.heal(fault)
    world.pass_time(1.001)
    await ann.press(data, message=message)
    assert len(world.asked("setStatus")) == 2
    await gets_second_code(world, ann, number)


@pytest.mark.parametrize("lost", [FaultKind.COMMIT_THEN_CUT, FaultKind.HALF_BODY])
async def test_a_double_tap_on_another_code_whose_answer_is_lost(world: World, lost: FaultKind) -> None:
    """The request was carried out, so neither the second tap nor the bot sends it again."""
    ann, number, message, data = await with_code(world)
    world.provider.fail(lost, action="setStatus", times=None)
    await asyncio.gather(ann.press(data, message=message), ann.press(data, message=message))
    assert len(world.asked("setStatus")) == 1
    await gets_second_code(world, ann, number)
