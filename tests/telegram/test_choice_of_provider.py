"""The choice of a provider, where several are on offer: before a key is asked for, and before it is sent."""

import pytest

from bot.sandbox.provider import SandboxProvider
from bot.sandbox.telegram import Person
from tests.conftest import KEY, World

OTHER_KEY = "b" * 32


@pytest.fixture
async def second(world: World) -> SandboxProvider:
    """Let the bot offer a second provider, which accepts both keys."""
    provider = await world.add_provider("second", "EUR")
    for key in (KEY, OTHER_KEY):
        provider.open_account(key)
    world.provider.open_account(OTHER_KEY)
    await world.start()
    return provider


def keys_sent(provider: SandboxProvider) -> set[str]:
    """Return the keys that a provider has received."""
    return {request.params["api_key"] for request in provider.requests}


async def welcome(world: World, language: str = "en") -> Person:
    """Return a person who has opened the bot."""
    ann = world.telegram.person(1, language=language)
    await ann.send("/start")
    await ann.sees("second.example")
    return ann


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Which provider"), ("vi", "nhà cung cấp nào"), ("ru", "Какого провайдера")]
)
async def test_the_provider_is_chosen_before_the_key(
    world: World, second: SandboxProvider, language: str, words: str
) -> None:
    """The welcome has a button for each provider; a tap names the host, and the key goes only there."""
    ann = await welcome(world, language)
    page = await ann.sees(words)
    assert page.labels[:2] == [world.values["provider_url"].split("/")[2], "second.example"]
    await ann.click("second.example", message=page)
    await ann.until(lambda _: "second.example" in page.text)
    await ann.send(KEY)
    await ann.sees("10.00 EUR" if language == "en" else "10,00 EUR")
    assert keys_sent(second) == {KEY}
    assert keys_sent(world.provider) == set()


async def test_the_choice_can_be_changed(world: World, second: SandboxProvider) -> None:
    """Another provider can be chosen before a key is sent; the last choice counts, also after a restart."""
    ann = await welcome(world)
    await ann.click("second.example")
    page = await ann.sees("To start, send me your API key")
    await ann.click("Other provider", message=page)
    await ann.until(lambda _: "Which provider" in page.text)
    await ann.press("pv:own", message=page)
    await ann.until(lambda _: "To start, send me your API key" in page.text)
    await world.stop()
    await world.start()
    await ann.send(KEY)
    await ann.sees("Your key works")
    assert keys_sent(world.provider) == {KEY}
    assert keys_sent(second) == set()


@pytest.mark.parametrize("text", [KEY, f"/key {KEY}"])
async def test_a_key_without_a_choice_is_sent_nowhere(
    world: World, second: SandboxProvider, text: str
) -> None:
    """A key before the choice is deleted and sent to no provider; the answer asks for the choice."""
    ann = await welcome(world)
    sent = await ann.send(text)
    answer = await ann.sees("I sent this key to no provider", after=sent)
    assert "second.example" in answer.labels
    await ann.until(lambda _: sent.deleted)
    assert keys_sent(world.provider) | keys_sent(second) == set()
    await ann.click("second.example", message=answer)
    await ann.until(lambda _: "To start, send me your API key" in answer.text)
    await ann.send(KEY)
    await ann.sees("Your key works")
    assert keys_sent(second) == {KEY}


async def test_a_key_is_replaced_by_one_of_another_provider(world: World, second: SandboxProvider) -> None:
    """Replace asks for the provider; a reply goes to the one that its prompt names."""
    ann = await welcome(world)
    await ann.press("pv:own", message=ann.newest)
    await ann.sees("To start, send me your API key")
    await ann.send(KEY)
    await ann.sees("Your key works")
    await ann.send("/key")
    screen = await ann.sees("Your API key is saved", "Provider:")
    await ann.click("Replace", message=screen)
    await ann.until(lambda _: "Which provider" in screen.text)
    await ann.click("second.example", message=screen)
    prompt = await ann.sees("I’ll send it to second.example", "only", after=screen)
    assert prompt.force_reply is not None
    await ann.press("pv:own", message=screen)
    await ann.sees("I’ll send it to 127.0.0.1", after=prompt)
    await ann.send(OTHER_KEY, reply_to=prompt)
    await ann.sees("Your key works", "10.00 EUR")
    assert keys_sent(second) == {OTHER_KEY}
    assert keys_sent(world.provider) == {KEY}
    await ann.send("/start")
    await ann.sees("Balance: 10.00 EUR")


async def test_a_key_of_a_user_with_a_key_needs_the_choice(world: World, second: SandboxProvider) -> None:
    """With a key bound, a key by command goes nowhere: nothing has named its provider."""
    ann = await welcome(world)
    await ann.click("second.example")
    await ann.sees("To start, send me your API key")
    await ann.send(KEY)
    await ann.sees("Your key works")
    await ann.send(f"/key {OTHER_KEY}")
    await ann.sees("I sent this key to no provider")
    assert keys_sent(second) == {KEY}
    assert keys_sent(world.provider) == set()


async def test_a_favourite_of_another_provider_leads_to_its_choice(
    world: World, second: SandboxProvider
) -> None:
    """The list shows it with the name of its provider; a tap asks for a key of that provider."""
    ann = await welcome(world)
    await ann.click("second.example")
    await ann.sees("To start, send me your API key")
    await ann.send(KEY)
    await ann.sees("Your key works")
    page = await world.open_page(ann)
    await ann.click("☆ Favourite", message=page)
    await ann.until(lambda _: "★ Favourite" in page.labels)
    await ann.press("pv:own", message=page)
    prompt = await ann.sees("I’ll send it to 127.0.0.1", after=page)
    await ann.send(KEY, reply_to=prompt)
    await ann.sees("Your key works", after=prompt)
    listed = await ann.sees("No favourites", after=await ann.send("/favourites"))
    assert "☆ Telegram · second.example" in listed.labels
    await ann.click("☆ Telegram · second.example", message=listed)
    await ann.sees("I’ll send it to second.example", after=listed)
    assert len(world.provider.ledger) + len(second.ledger) == 0


async def test_a_provider_that_is_not_on_offer_cannot_be_chosen(
    world: World, second: SandboxProvider
) -> None:
    """A forged button asks for the choice again."""
    ann = await welcome(world)
    await ann.press("pv:nobody", message=ann.newest)
    await ann.sees("Which provider is your API key from?")
    assert keys_sent(second) == set()


async def test_with_one_provider_there_is_no_choice(bot_world: World) -> None:
    """With one provider the welcome asks for the key at once, and Replace too."""
    ann = await bot_world.customer()
    await ann.send("/key")
    screen = await ann.sees("Your API key is saved")
    assert "Provider:" not in screen.text
    await ann.click("Replace", message=screen)
    await ann.sees("Reply to this message with your new API key. I’ll delete your message right away.")
