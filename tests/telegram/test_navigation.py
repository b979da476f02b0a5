"""Every screen that buttons lead to has a way out, and every tap costs one edit at most."""

from collections import Counter, deque

import pytest

from bot.sandbox.provider import WORLDWIDE
from bot.sandbox.telegram import Message, Person
from tests.conftest import World

MOST_OF_A_KIND = 8
"""Screens of one kind that are walked through: there are hundreds of services and operators."""
NOT_TAPPED = ("b:", "u:1", "es:language:vi", "es:language:ru")
"""What would buy, and what would end the walk: unbinding the key, and words it does not know."""
WAYS_OUT = {"Home", "Back"}


async def walk(world: World, ann: Person) -> dict[str, list[str]]:
    """Tap every kind of button, breadth first from Home; return the labels of each screen by its button."""
    start = await ann.sees("Balance", "Buy a number", after=await ann.send("/start"))
    seen = {"g:home": start.labels}
    kinds: Counter[str] = Counter()
    waiting = deque(_buttons(start))
    while waiting:
        data = waiting.popleft()
        kind = data.split(":")[0]
        if data in seen or data.startswith(NOT_TAPPED) or kinds[kind] >= MOST_OF_A_KIND:
            continue
        kinds[kind] += 1
        edits, messages = len(world.telegram.called("editMessageText")), len(ann.messages)
        await ann.press(data, message=start)
        if kind == "f":  # the star is answered before its page is drawn again
            await world.telegram.until_called("editMessageText", edits + 1)
        edits, messages = len(world.telegram.called("editMessageText")) - edits, len(ann.messages) - messages
        assert edits + messages <= 1, f"{data}: {edits} edits, {messages} messages"
        screen = ann.newest if messages else start
        seen[data] = screen.labels
        assert screen.force_reply or WAYS_OUT & set(screen.labels), f"{data}: {screen.text}"
        waiting.extend(_buttons(screen))
    return seen


def _buttons(message: Message) -> list[str]:
    return [button.data for button in message.buttons if button.data]


@pytest.mark.parametrize("countries", ["10", "all"])
async def test_every_screen_has_a_way_out(world: World, countries: str) -> None:
    """Nobody gets stuck, nothing flickers, and looking around buys nothing."""
    if countries == "all":
        world.provider.dialect = WORLDWIDE
        for number, country in enumerate(("22", "6", "4", "0", "1", "2", "3") * 4):
            world.provider.set_stock("tg", number, country=country)
    await world.start(countries=countries)
    ann = await world.customer()
    seen = await walk(world, ann)
    kinds = {data.split(":")[0] for data in seen}
    assert {"g", "s", "o", "m", "c", "r", "u"} <= kinds
    assert world.provider.ledger == []
    await ann.press("u:1")
    await ann.sees("API key removed", "Home")
