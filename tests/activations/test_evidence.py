"""The evidence from before a purchase is read with the quote: nothing but the purchase follows the tap."""

import pytest

from bot.sandbox.provider import SMS_ACTIVATE, FaultKind, SandboxProvider
from bot.sandbox.telegram import Message, Person
from bot.storage import activations
from tests import factories
from tests.conftest import KEY, World


async def opened(world: World, person: Person) -> Message:
    """Return a confirmation page after the evidence for it was read, and nothing else is under way."""
    page = await world.open_page(person)
    await world.until_idle()
    return page


def actions_since(provider: SandboxProvider, count: int) -> list[str]:
    """Return the actions after `count` requests up to a purchase, without status checks."""
    made = [request.action for request in list(provider.requests)[count:]]
    actions = [action for action in made if action != "getStatus"]
    return actions[: actions.index("getNumber") + 1]


async def bought(world: World, person: Person, page: Message) -> list[str]:
    """Tap Buy; return the actions that the provider was asked for from the tap to the purchase."""
    made, purchases = len(world.provider.requests), len(world.asked("getNumber"))
    await person.click("Buy", message=page)
    await world.provider.wait_for(lambda _: len(world.asked("getNumber")) > purchases)
    return actions_since(world.provider, made)


async def test_nothing_but_the_purchase_follows_the_tap(bot_world: World) -> None:
    """The purchase is the first request after a tap, and its evidence is stored."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    held = await bot_world.buy(ann)
    assert await bought(bot_world, ann, await opened(bot_world, ann)) == ["getNumber"]
    await ann.sees(
        "Waiting for the code", f"+{bot_world.provider.numbers[bot_world.provider.ledger[-1].id].phone}"
    )
    async with factories.open_database(bot_world) as db:
        order = (await db.read(activations.list_open))[-1]
    assert order.listed_before == (held.id,)
    assert order.balance_before == bot_world.provider.accounts[KEY].balance + held.price


async def test_old_evidence_is_read_again_with_the_price(bot_world: World) -> None:
    """After half a minute the price, the balance and the list are read again before the purchase."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    page = await opened(bot_world, ann)
    bot_world.pass_time(31)
    assert sorted(await bought(bot_world, ann, page)) == [
        "getActiveActivations",
        "getBalance",
        "getNumber",
        "getPrices",
    ]


@pytest.mark.parametrize("action", ["getBalance", "getActiveActivations"])
async def test_evidence_that_could_not_be_read_is_read_at_the_tap(bot_world: World, action: str) -> None:
    """If a request failed while the page was loading, both are sent again before the purchase."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    fault = bot_world.provider.fail(FaultKind.STATUS, action=action, status=503, times=None)
    page = await opened(bot_world, ann)
    await bot_world.provider.wait_for(lambda _: fault.hits > 0)
    bot_world.provider.heal(fault)
    assert action in await bought(bot_world, ann, page)


async def test_evidence_is_used_for_one_purchase(bot_world: World) -> None:
    """The second of two open pages reads the evidence again, because the first has changed it."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    first = await opened(bot_world, ann)
    bot_world.pass_time(3)
    second = await opened(bot_world, ann)
    assert await bought(bot_world, ann, first) == ["getNumber"]
    await ann.sees("Waiting for the code")
    assert "getActiveActivations" in await bought(bot_world, ann, second)


async def test_a_purchase_between_the_reading_and_the_tap_proves_no_charge(bot_world: World) -> None:
    """The balance of a reading proves no charge if another person has bought with the same key since then."""
    ann, bob = await bot_world.customer(), await bot_world.customer(2)
    page = await bot_world.open_page(ann)
    await bot_world.buy(bob)
    bot_world.pass_time(5)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body="ERROR_SQL")
    await ann.click("Buy", message=page)
    await ann.sees("It’s unclear whether a number was bought", "no list of your numbers")
