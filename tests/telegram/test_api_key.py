"""The API key: bound, replaced, unbound, and never left lying about."""

import sqlite3

import pytest

from bot.sandbox.provider import FaultKind
from tests.conftest import KEY, World

OTHER_KEY = "ffffeeeeddddcccc9999888877776666"


async def test_a_newcomer_is_asked_for_the_key(bot_world: World) -> None:
    """Start says what the bot is and where the key is found."""
    ann = bot_world.telegram.person(1)
    await ann.send("/start")
    welcome = await ann.sees("API key", "profile")
    assert "plain http" not in welcome.text  # the key stays on this machine


async def test_a_button_leads_to_the_page_with_the_key(world: World) -> None:
    """Without a key each answer has a button to the page of a known provider, on its own site."""
    await world.start(provider_url="http://vps.sms3t.com/stubs/handler_api.php")
    ann = world.telegram.person(1)
    for words, answer in (
        ("/start", "plain http"),
        ("/balance", "I need your API key first"),
        ("hello there", "I need your API key first"),
        ("see https://example.org/account", "look like an API key"),
    ):
        message = await ann.sees(answer, after=await ann.send(words))
        (button,) = (button for row in message.rows for button in row if button.url)
        assert (button.text, button.url) == ("Open sms3t.com", "https://sms3t.com/account/api")


async def test_a_newcomer_chooses_a_language(bot_world: World) -> None:
    """The welcome offers the languages until one was chosen by hand; then it is drawn in that one."""
    ann = bot_world.telegram.person(1, language="vi")
    await ann.send("/start")
    welcome = await ann.sees("API key")
    assert welcome.labels == ["English", "Tiếng Việt", "Русский"]
    await ann.click("Русский", message=welcome)
    await ann.until(lambda _: not welcome.labels)
    assert "API-ключ" in welcome.text
    await ann.send("/start")
    assert (await ann.sees("API-ключ")).labels == []
    await ann.send(KEY)
    await ann.click("Купить номер")


async def test_the_key_is_checked_sealed_and_its_message_deleted(bot_world: World) -> None:
    """Only the sealed key is kept: it is in no message and in no file."""
    ann = await bot_world.customer()
    assert KEY not in ann.transcript()
    files = [path.read_bytes() for path in bot_world.values["database_path"].parent.iterdir()]
    assert not any(KEY.encode() in content for content in files)


async def test_the_message_goes_first(bot_world: World) -> None:
    """The message with the key is deleted before the provider is even asked."""
    bot_world.provider.fail(FaultKind.HANG, action="getBalance")
    ann = bot_world.telegram.person(1)
    message = await ann.send(KEY)
    await ann.until(lambda _: message.deleted)
    await bot_world.kill()  # an orderly stop would wait for the provider


async def test_a_wrong_key_is_not_stored(bot_world: World) -> None:
    """A key the provider does not know is refused in words, and nothing is kept."""
    ann = bot_world.telegram.person(1)
    await ann.send(OTHER_KEY)
    await ann.sees("doesn’t accept this key", "I didn’t save it")
    await ann.send("/balance")
    await ann.sees("I need your API key first")
    with sqlite3.connect(bot_world.values["database_path"]) as connection:
        assert connection.execute("SELECT count(*) FROM api_keys").fetchone() == (0,)
    connection.close()


async def test_a_provider_with_trouble_binds_nothing(bot_world: World) -> None:
    """If the key cannot be checked it is not stored, and the user is told to send it again."""
    bot_world.provider.fail(FaultKind.HTML, action="getBalance")
    ann = bot_world.telegram.person(1)
    await ann.send(KEY)
    await ann.sees("couldn’t check the key, so I didn’t save it")


async def test_chatter_is_not_taken_for_a_key(bot_world: World) -> None:
    """A text that is no key is answered and left where it is."""
    ann = bot_world.telegram.person(1)
    message = await ann.send("hello there")
    await ann.sees("need your API key first")
    assert not message.deleted
    assert bot_world.asked("getBalance") == []


async def test_the_key_is_replaced_by_a_reply(bot_world: World) -> None:
    """Replace asks with a prompt, and the reply to it is the new key."""
    bot_world.provider.open_account(OTHER_KEY, "33.30")
    ann = await bot_world.customer()
    await ann.send("/key")
    await ann.sees("Your API key is saved", "Replace", "Remove")
    await ann.click("Replace")
    prompt = await ann.sees("Reply to this message with your new API key")
    assert prompt.force_reply == "API key"
    answer = await ann.send(OTHER_KEY, reply_to=prompt)
    await ann.sees("33.30")
    assert answer.deleted


async def test_the_prompt_works_after_a_restart(bot_world: World) -> None:
    """The reply is recognised by what it replies to; nothing else is remembered."""
    bot_world.provider.open_account(OTHER_KEY, "33.30")
    ann = await bot_world.customer()
    await ann.send("/key")
    await ann.click("Replace")
    prompt = await ann.sees("Reply to this message with your new API key")
    await bot_world.stop()
    await bot_world.start()
    await ann.send(OTHER_KEY, reply_to=prompt)
    await ann.sees("33.30")


async def test_a_key_behind_the_command_is_taken(bot_world: World) -> None:
    """/key with the key behind it binds it and deletes the message."""
    ann = bot_world.telegram.person(1)
    message = await ann.send(f"/key {KEY}")
    await ann.sees("Your key works")
    assert message.deleted


async def test_a_key_where_a_search_is_expected_is_deleted(bot_world: World) -> None:
    """What is surely a key does not stay in the chat, and is not bound by accident."""
    ann = await bot_world.customer()
    message = await ann.send(OTHER_KEY)
    await ann.sees("That looks like an API key")
    assert message.deleted
    assert all(request["api_key"] == KEY for request in bot_world.asked("getBalance"))


async def test_unbinding_asks_first(bot_world: World) -> None:
    """Unbind is asked once more; then the key is gone from the database."""
    ann = await bot_world.customer()
    await ann.send("/key")
    await ann.click("Remove")
    await ann.sees("Remove your API key?")
    await ann.click("Back")
    await ann.sees("Your API key is saved")
    await ann.click("Remove")
    await ann.click("Yes, remove")
    await ann.sees("API key removed")
    with sqlite3.connect(bot_world.values["database_path"]) as connection:
        assert connection.execute("SELECT count(*) FROM api_keys").fetchone() == (0,)
    connection.close()


async def test_an_unbound_key_serves_its_open_number(bot_world: World) -> None:
    """A number outlives its key's binding: the code still comes, and then the key is forgotten."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.send("/key")
    await ann.click("Remove")
    await ann.sees("1 number is still active")
    await ann.click("Yes, remove")
    await ann.sees("API key removed")
    bot_world.provider.deliver(number.id, "5150")
    await ann.sees("· Telegram", "5150")
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")
    with sqlite3.connect(bot_world.values["database_path"]) as connection:
        assert connection.execute("SELECT count(*) FROM api_keys").fetchone() == (0,)
    connection.close()


async def test_a_refused_key_is_told_once_and_another_takes_over(bot_world: World) -> None:
    """When a key in use is revoked, polling stops, the user hears it once, and a new key goes on."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    account = bot_world.provider.accounts[KEY]
    bot_world.provider.close_account(KEY)
    await ann.sees("no longer accepts your API key")
    asked = len(bot_world.asked("getStatus"))
    bot_world.provider.open_account(OTHER_KEY, account.balance)
    number.key = OTHER_KEY
    await ann.send("/key")
    await ann.click("Replace")
    await ann.send(OTHER_KEY, reply_to=await ann.sees("Reply to this message with your new API key"))
    await ann.sees("This key now serves 1 number")
    assert len(bot_world.asked("getStatus")) <= asked + 2
    bot_world.provider.deliver(number.id, "9000")
    await ann.sees("· Telegram", "9000")
    told = [message for message in ann.messages if "no longer accepts" in message.text]
    assert len(told) == 1


async def test_a_key_that_works_again_is_used_again(bot_world: World) -> None:
    """After a passing refusal, a balance that can be read is enough to go on with the open numbers."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    account = bot_world.provider.accounts[KEY]
    bot_world.provider.close_account(KEY)
    await ann.sees("no longer accepts your API key")
    bot_world.provider.open_account(KEY, account.balance)
    bot_world.provider.deliver(number.id, "9000")
    await ann.send("/balance")
    await ann.sees("· Telegram", "9000")


@pytest.mark.parametrize("text", [KEY, "key-1234"])
async def test_an_edited_message_with_a_key_is_deleted(bot_world: World, text: str) -> None:
    """Edited messages are not read, but a key in one does not stay."""
    ann = bot_world.telegram.person(1)
    message = await ann.send("hello there")
    await ann.sees("need your API key first")
    await ann.edit(message, text)
    await ann.until(lambda _: message.deleted)
    await ann.sees("That looks like an API key")
