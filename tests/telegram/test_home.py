"""The home screen: there at once, and right once the provider has answered."""

from bot.sandbox.provider import FaultKind
from tests.conftest import World


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
    """A key that the provider no longer takes is said, with what to do."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.BODY, action="getBalance", body="BAD_KEY", times=None)
    await ann.send("/start")
    await ann.sees("doesn’t accept your API key", "/key")
