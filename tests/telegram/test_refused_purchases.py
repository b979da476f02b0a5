"""Why a purchase was refused, in the words of what happened."""

import json

import pytest

from bot.sandbox.provider import FaultKind
from tests.conftest import World

BAN = {"scope": "specific", "readable_date": "2026-12-01 12:00:00"}
EDGE = "<html><title>Attention Required! | Cloudflare</title></html>"
REFUSALS = {
    "a ban of one service, with its end": (
        json.dumps({"title": "BANNED", "info": BAN}),
        403,
        "barred your account from this service here until 2026-12-01 12:00:00.",
    ),
    "a ban of one service": (
        json.dumps({"title": "BANNED", "info": {"scope": "specific"}}),
        403,
        "barred your account from this service here for a while.",
    ),
    "the region of the server": (
        "SERVICE_UNAVAILABLE_REGION",
        200,
        "refuses requests from the address of this bot’s server. Please tell the bot’s owner",
    ),
    "a block page": (EDGE, 403, "The provider’s protection is blocking my requests. Try again in 1 minute."),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refused_purchase_says_what_happened(bot_world: World, name: str) -> None:
    """The card says that nothing was bought and why; its button leads on, and one request was sent."""
    body, status, words = REFUSALS[name]
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.BODY, action="getNumber", body=body, status=status)
    await ann.click("Buy")
    card = await ann.sees("Nothing was bought.", words)
    assert not card.shows("Too many requests")
    assert "Try again" in [button.text for button in card.buttons]
    assert len(bot_world.asked("getNumber")) == 1
    assert bot_world.provider.ledger == []


async def test_an_unknown_form_of_a_purchase_bought_nothing(world: World) -> None:
    """Where getNumberV2 is unknown, the tap buys nothing and says so; the next tap buys with getNumber."""
    file = world.values["database_path"].with_name("providers.toml")
    file.write_text(f'[herosms]\nurl = "{world.values.pop("provider_url")}"\n')
    await world.start(providers="herosms", providers_file=file)
    ann = await world.customer()
    await world.open_page(ann)
    world.provider.fail(FaultKind.BODY, action="getNumberV2", body="BAD_ACTION", times=None)
    await ann.click("Buy")
    card = await ann.sees("Nothing was bought.", "Tap again, and I’ll ask in another way.")
    assert len(world.asked("getNumberV2")) == 1
    assert world.asked("getNumber") == []
    await ann.click("Try again", message=card)
    await ann.sees("Buy this number?")
    await ann.click("Buy")
    await ann.sees("Waiting for the code")
    assert len(world.asked("getNumberV2")) == 1
    assert len(world.asked("getNumber")) == len(world.provider.ledger) == 1


async def test_a_block_page_is_no_throttling(bot_world: World) -> None:
    """A block page under a read is called one."""
    ann = await bot_world.customer()
    bot_world.provider.fail(FaultKind.HTML, action="getBalance", status=403)
    await ann.send("/balance")
    problem = await ann.sees("The provider’s protection is blocking my requests.")
    assert not problem.shows("Too many requests")
    assert problem.buttons
