"""Groups, strangers, and everything that is no command, text or good button: a sentence, never silence."""

import pytest

from bot.sandbox.provider import FaultKind
from bot.telegram.update_queues import MAX_QUEUED
from tests.conftest import World


async def test_a_group_gets_one_sentence(bot_world: World) -> None:
    """In a group the bot says that it works in private chats, and does nothing else."""
    ann = bot_world.telegram.person(1)
    group = bot_world.telegram.group(-100)
    await ann.send("/start", chat=group)
    await group.sees("Please use me in a private chat")
    assert bot_world.provider.requests == type(bot_world.provider.requests)()


async def test_a_button_in_a_group_does_nothing(bot_world: World) -> None:
    """A tap in a group is answered, and buys nothing."""
    ann = bot_world.telegram.person(1)
    group = bot_world.telegram.group(-100)
    await ann.send("/start", chat=group)
    message = await group.sees("Please use me in a private chat")
    toast = await ann.press("b:anything", message=message)
    assert toast is not None
    assert "use me in a private chat" in toast.text


async def test_only_allowed_users_get_in(world: World) -> None:
    """With ALLOWED_USERS set, everybody else hears that the bot is private: messages and taps alike."""
    await world.start(allowed_users="1")
    await world.customer(1)
    bob = world.telegram.person(2)
    await bob.send("/start")
    message = await bob.sees("This bot is private")
    toast = await bob.press("g:home", message=message)
    assert toast is not None
    assert "private" in toast.text


@pytest.mark.parametrize("kind", ["photo", "sticker", "voice", "document"])
async def test_other_kinds_of_messages_get_a_sentence(bot_world: World, kind: str) -> None:
    """A photo, a sticker, a voice message or a file is answered."""
    ann = await bot_world.customer()
    match kind:
        case "photo":
            await ann.send_photo(caption="Telegram")
        case "sticker":
            await ann.send_sticker()
        case "voice":
            await ann.send_voice()
        case _:
            await ann.send_document(b"x")
    await ann.sees("I can only read text")


async def test_an_edited_message_gets_a_sentence(bot_world: World) -> None:
    """An edited message is not obeyed, and the user is told."""
    ann = await bot_world.customer()
    message = await ann.send("zzzzzz")
    await ann.sees("No service called")
    await ann.edit(message, "Telegram")
    await ann.sees("I don’t read edited messages")


async def test_an_unknown_command_gets_a_sentence(bot_world: World) -> None:
    """A command that is none is answered with where to look."""
    ann = await bot_world.customer()
    await ann.send("/frobnicate")
    await ann.sees("I don’t know this command", "/help")


@pytest.mark.parametrize(
    "data",
    [
        "x",
        "b",
        "b:",
        "b:nosuchtoken",
        "t:cancel:999999",
        "t:fly:1",
        "g:nowhere",
        "c:10",
        "d:-5",
        "t:cancel:99999999999999999999999999",
        "s:10:notanumber",
        "a:1",
        "k:1",
        "l:1:1",
        "m:10:tg:zzz:zz:0:0",
        "c:10:tg:1:beef",
        "\u0000",
        "%",
    ],
)
async def test_forged_and_stale_buttons_are_answered(bot_world: World, data: str) -> None:
    """Whatever a button carries, the tap is answered and nothing is bought."""
    ann = await bot_world.customer()
    toast = await ann.press(data)
    assert toast is not None
    assert bot_world.provider.ledger == []


async def test_a_button_of_somebody_else_does_nothing(bot_world: World) -> None:
    """Neither the page nor the number of another user can be touched."""
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    ann = await bot_world.customer(1)
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    page = await bot_world.open_page(ann)
    data = next(button.data for button in page.buttons if button.text.startswith("Buy at"))
    assert data is not None
    toast = await bob.press(data)
    assert toast is not None
    assert "out of date" in toast.text
    assert bot_world.provider.ledger == []
    number = await bot_world.buy(ann)
    card = await ann.sees("Waiting for the code")
    for button in card.buttons:
        if button.data and button.text != "Home":
            toast = await bob.press(button.data)
            assert toast is not None
            assert "can’t find this number" in toast.text
    assert number.state.is_open


async def test_two_users_do_not_see_each_other(bot_world: World) -> None:
    """A code goes to whoever bought the number, and to nobody else."""
    bot_world.provider.open_account("k2k2k2k2k2k2k2k2k2k2")
    ann = await bot_world.customer(1)
    bob = await bot_world.customer(2, "k2k2k2k2k2k2k2k2k2k2")
    of_ann, of_bob = await bot_world.buy(ann), await bot_world.buy(bob)
    bot_world.provider.deliver(of_bob.id, "222222")
    bot_world.provider.deliver(of_ann.id, "111111")
    await ann.sees("Code for Telegram", "111111")
    await bob.sees("Code for Telegram", "222222")
    assert "222222" not in ann.transcript()
    assert "111111" not in bob.transcript()


async def test_taps_on_top_of_taps_are_answered(bot_world: World) -> None:
    """Of forty taps at once a few wait for each other; the others are told to take their time."""
    ann = await bot_world.customer()
    message = ann.messages[-1]
    asked = len(bot_world.asked("getBalance"))
    bot_world.provider.fail(FaultKind.DELAY, action="getBalance", seconds=1)
    queries = [ann.tap(message, "g:home") for _ in range(40)]
    await ann.until(lambda _: all(query.answered for query in queries))
    told = [
        query for query in queries if query.toast and query.toast.text == "Too fast. Please wait a second."
    ]
    assert len(told) == 40 - MAX_QUEUED
    await bot_world.provider.wait_for(lambda _: len(bot_world.asked("getBalance")) == asked + MAX_QUEUED)


async def test_slow_work_is_acknowledged(world: World) -> None:
    """While the provider thinks, the button does not go on spinning."""
    world.patience = 0.1
    await world.start()
    ann = await world.customer()
    world.provider.fail(FaultKind.HANG, times=None)
    await ann.click("Buy a number", timeout=10)
    await ann.sees("Loading services")
