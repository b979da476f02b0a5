"""The whole bot with each shipped profile, which a file of the operator points at the sandbox provider."""

import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from bot.provider import profile_files
from bot.sandbox.provider import FAMILY, NumberState
from bot.sandbox.telegram import Message
from tests.conftest import World

PROFILES = profile_files.load()


def labels(message: Message) -> list[str]:
    """Return what stands on the buttons of a message."""
    return [button.text for button in message.buttons]


@pytest.mark.parametrize("name", PROFILES)
async def test_a_number_of_each_provider(world: World, name: str) -> None:
    """A key is bound, a number is bought with one request, its code arrives, and it is completed."""
    profile = PROFILES[name]
    world.provider.become(FAMILY[name])
    country = profile.only_countries[0] if profile.only_countries else "10"
    world.provider.set_stock("tg", 5, price=Decimal("0.5"), country=country)
    file = world.values["database_path"].with_name("providers.toml")
    file.write_text(f'[{name}]\nurl = "{world.values.pop("provider_url")}"\n')
    await world.start(providers=name, providers_file=file)
    ann = await world.customer()
    several = not profile.only_countries and profile.countries == "own"
    page = await ann.sees(
        "Choose an operator", after=await ann.send("telegram vietnam" if several else "telegram")
    )
    if not profile.operators:
        await ann.until(lambda _: page.shows("Any operator · 5"))
        assert not page.shows("Viettel")
    await ann.click("Any operator")
    await ann.sees("Buy this number?")
    await ann.click("Buy")
    card = await ann.sees("Waiting for the code")
    assert ("I’ve requested the code" in labels(card)) == profile.sms_sent
    (number,) = world.provider.numbers.values()
    world.provider.deliver(number.id, "Code 12345")
    message = await ann.sees("12345", after=page)
    card = await ann.sees("Code received")
    for shown in (card, message):
        assert ("Get another code" in labels(shown)) == profile.resend
    await ann.click("Complete")
    await ann.sees("Completed.")
    assert number.state is NumberState.FINISHED
    assert len(world.provider.ledger) == 1
    bought = [each.action for each in world.provider.requests if each.action.startswith("getNumber")]
    assert [action for action in bought if action != "getNumbersStatus"] == [
        "getNumberV2" if profile.number_v2 else "getNumber"
    ]
    assert {each.method for each in world.provider.requests} == {profile.method.upper()}
    lacks = profile.lacks or frozenset()
    assert not lacks & {each.action for each in world.provider.requests}


async def test_the_true_end_of_a_number(world: World) -> None:
    """Where the answer to a purchase says when the number ends, the card has that time."""
    world.provider.become(FAMILY["herosms"])
    world.provider.lifetime = 2700
    file = world.values["database_path"].with_name("providers.toml")
    file.write_text(f'[herosms]\nurl = "{world.values.pop("provider_url")}"\n')
    await world.start(providers="herosms", providers_file=file)
    ann = await world.customer()
    await world.buy(ann)
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        (left,) = connection.execute("SELECT ends_at - bought_at FROM activations").fetchone()
    assert left == 2700
