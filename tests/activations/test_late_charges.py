"""A provider that charges when the code comes: its balance says nothing about a purchase."""

from decimal import Decimal

from bot.sandbox.provider import FAMILY, FaultKind
from bot.sandbox.telegram import Person
from tests.conftest import KEY, World


async def privatesms(world: World, more: str = "") -> Person:
    """Start the bot at PrivateSMS; return a person with a key, whose confirmation page is shown."""
    world.provider.become(FAMILY["privatesms"])
    file = world.values["database_path"].with_name("providers.toml")
    file.write_text(f'[privatesms]\nurl = "{world.values.pop("provider_url")}"\n{more}')
    await world.start(providers="privatesms", providers_file=file)
    ann = await world.customer()
    await ann.sees("Choose an operator", after=await ann.send("telegram vietnam"))
    await ann.click("Any operator")
    await ann.sees("Buy this number?")
    return ann


async def test_an_unchanged_balance_proves_nothing(world: World) -> None:
    """After a lost answer the purchase stays unclear, though the balance is the same for minutes (M2)."""
    ann = await privatesms(world)
    balance = world.provider.accounts[KEY].balance
    world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber")
    await ann.click("Buy")
    await ann.sees("It’s unclear whether a number was bought", "Look for the number on its website")
    assert world.provider.accounts[KEY].balance == balance
    for _ in range(3):
        world.pass_time(90)
        await ann.click("Check again")
        await world.until_idle()
    card = await ann.sees("It’s unclear whether a number was bought")
    assert not card.shows("balance")
    assert not any(message.shows("othing was bought") for message in ann.messages)
    assert len(world.provider.ledger) == 1


async def test_a_fallen_balance_proves_nothing_either(world: World) -> None:
    """A balance that falls meanwhile was charged for the code of another number."""
    ann = await privatesms(world)
    world.provider.fail(FaultKind.COMMIT_THEN_CUT, action="getNumber")
    world.provider.accounts[KEY].balance -= Decimal("0.25")
    await ann.click("Buy")
    card = await ann.sees("It’s unclear whether a number was bought", "no list of your numbers")
    assert not card.shows("balance dropped")
