"""Groups, strangers, and everything that is no command, text or good button: a sentence, never silence."""

import pytest

from bot.sandbox.provider import FaultKind
from bot.telegram import silence
from bot.telegram.silence import Silence
from tests.conftest import World


async def test_a_group_gets_one_sentence(bot_world: World) -> None:
    """In a group the bot says that it works in private chats, links to its own, and does nothing else."""
    ann = bot_world.telegram.person(1)
    group = bot_world.telegram.group(-100)
    await ann.send("/start", chat=group)
    message = await group.sees("Please use me in a private chat")
    assert [button.url for row in message.rows for button in row] == [
        f"https://t.me/{bot_world.telegram.username}"
    ]
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
    await ann.sees("· Telegram", "111111")
    await bob.sees("· Telegram", "222222")
    assert "222222" not in ann.transcript()
    assert "111111" not in bob.transcript()


async def test_a_stranger_is_answered_once(world: World) -> None:
    """A stranger's second message gets no answer, while each of their taps is answered in its own way."""
    await world.start(allowed_users="1")
    ann, bob = await world.customer(1), world.telegram.person(2)
    for _ in range(10):
        await bob.send("/start")
    message = await bob.sees("This bot is private")
    for _ in range(2):
        toast = await bob.press("g:home", message=message)
        assert toast is not None
        assert "private" in toast.text
    sent = await ann.send("/help")
    await ann.sees("How it works", after=sent)
    assert sum(each.from_bot for each in bob.messages) == 1


async def test_commands_in_a_group_are_answered_once(bot_world: World) -> None:
    """One person's commands in a group get one answer."""
    ann, group = await bot_world.customer(1), bot_world.telegram.group(-100)
    for _ in range(10):
        await ann.send("/start", chat=group)
    await group.sees("Please use me in a private chat")
    sent = await ann.send("/help")
    await ann.sees("How it works", after=sent)
    assert sum(each.from_bot for each in group.messages) == 1


def test_a_silence_ends_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each receiver is answered once in a period; the oldest receivers are forgotten."""
    monkeypatch.setattr(silence, "MAX_ENTRIES", 3)
    now = 0.0
    kept = Silence(10, lambda: now)
    assert kept.may_answer(1)
    assert not kept.may_answer(1)
    now = 10.0
    assert kept.may_answer(1)
    for receiver in range(100):
        kept.may_answer(receiver)
    assert len(kept) == 3


async def test_slow_work_is_acknowledged(world: World) -> None:
    """While the provider thinks, the button does not go on spinning."""
    world.patience = 0.1
    await world.start()
    ann = await world.customer()
    world.provider.fail(FaultKind.HANG, times=None)
    await ann.click("Buy a number", timeout=10)
    await ann.sees("Loading services")


async def test_a_user_who_is_no_longer_allowed_can_end_what_is_open(world: World) -> None:
    """They get their code, complete one number, cancel another, and delete their data; they buy nothing."""
    await world.start(cancel_after=0)
    ann = await world.customer()
    first, second = await world.buy(ann), await world.buy(ann, "WhatsApp")
    page = await world.open_page(ann)
    bought = len(world.provider.ledger)
    await world.stop()
    await world.start(allowed_users="2")
    world.provider.deliver(first.id, "5150")
    await ann.sees("· Telegram", "5150")
    for refused in ("/buy", "Telegram", "/start", "/settings", "/export", "/key"):
        await ann.send(refused)
    await ann.sees("This bot is private")
    toast = await ann.click("Buy", message=page)
    assert toast is not None
    assert "private" in toast.text
    toast = await ann.click("Get another code", message=await ann.sees("Code received", "5150"))
    assert toast is not None
    assert "private" in toast.text
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")
    await ann.send("/active")
    await ann.click("WhatsApp", message=await ann.sees("1 active number"))
    world.pass_time(130)
    await ann.click("Cancel")
    await ann.sees("✖️ Cancelled.")
    for text in ("Results for", "Settings\n", "Your API key is saved"):
        ann.sees_no(text)
    await ann.send("/forget")
    await ann.click("Yes, delete everything")
    await ann.sees("All your data is deleted")
    await ann.press("g:active")
    ann.sees_no("No active numbers")
    assert not second.state.is_open
    assert len(world.provider.ledger) == bought
