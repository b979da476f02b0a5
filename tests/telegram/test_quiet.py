"""At a slow provider each tap is answered with what is being done, and no message of progress stays.

The delays are a tenth of the true ones; `tests/proof/test_quiet.py` has the true ones.
"""

from collections.abc import Awaitable, Callable

import pytest

from bot.sandbox.provider import FaultKind
from bot.telegram import callbacks
from bot.telegram.replies import ACKNOWLEDGE_AFTER
from bot.telegram.translations import LANGUAGES
from tests.conftest import World
from tests.quiet import LIVES, SlowLife


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("lives", LIVES)
async def test_a_slow_provider(
    world: World, language: str, lives: Callable[[SlowLife], Awaitable[None]]
) -> None:
    """In the chat remain cards, codes, notices, and what the person has opened."""
    patience = ACKNOWLEDGE_AFTER / 10
    life = await SlowLife.start(world, language, delay=0.04, patience=patience, strict=False)
    await lives(life)


async def test_a_tap_that_waits_for_its_turn(world: World) -> None:
    """A tap behind a slow command is answered with words at once; its screen comes later."""
    world.patience = 0.05
    await world.start()
    ann = await world.customer()
    home = ann.newest
    world.provider.fail(FaultKind.DELAY, action="getBalance", seconds=0.3)
    await ann.send("/balance")
    toast = await ann.click("Settings", message=home)
    assert toast is not None
    assert toast.text == "One moment…"
    await ann.until(lambda _: "Daily limit" in home.labels)


async def test_a_screen_that_is_on_its_way_needs_no_words(world: World) -> None:
    """A tap whose screen is shown with a placeholder is answered without words."""
    world.patience = 0.05
    await world.start()
    ann = await world.customer()
    home = ann.newest
    world.provider.fail(FaultKind.DELAY, seconds=0.3, times=None)
    toast = await ann.click("Buy a number", message=home)
    assert toast is not None
    assert toast.text == ""
    await ann.until(lambda _: "Loading" in home.text or "Choose a service" in home.text)


async def test_a_slow_tap_is_answered_in_the_chosen_language(world: World) -> None:
    """The words are in the language of the settings, not in that of the Telegram app."""
    world.patience = 0.1
    await world.start()
    ann = await world.customer()
    await ann.click("Tiếng Việt", message=await ann.sees("Tiếng Việt", after=await ann.send("/language")))
    home = ann.newest
    world.provider.fail(FaultKind.DELAY, seconds=0.4, times=None)
    alert = callbacks.CreateServiceAlert(country="10", service="tg").pack()
    toast = await ann.press(alert, message=home)
    assert toast is not None
    assert toast.text == "Đợi một chút…"
    await ann.until(lambda _: "Telegram" in home.text)
