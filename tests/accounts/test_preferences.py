"""The user's own settings: shown, changed, kept, and what each of them does."""

import asyncio
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from bot import errors
from bot.accounts.preferences import Preferences, parse_amount, parse_prefixes, prefixes_for
from bot.domain import Activation, Code, State, can_auto_complete
from bot.sandbox.provider import SMS_ACTIVATE, FaultKind, Number, NumberState
from bot.sandbox.telegram import Message, Person, TelegramFault
from tests.conftest import KEY, World

OTHER_KEY = "ffffeeeeddddcccc9999888877776666"


async def opened(person: Person, name: str) -> Message:
    """Have a person open one of the settings; return its screen."""
    await person.send("/settings")
    await person.click(name, message=await person.sees("Settings", "Price limit"))
    return await person.sees(name, "Back", "Home")


async def answered(person: Person, name: str, value: str) -> Message:
    """Have a person type the value of a setting; return their message."""
    await opened(person, name)
    await person.click("Change" if name == "Skipped prefixes" else "Other…")
    return await person.send(value, reply_to=await person.sees("Reply to this message"))


async def with_code(world: World, person: Person, text: str = "1111") -> Number:
    """Have a person buy a number and get a code."""
    number = await world.buy(person)
    world.provider.deliver(number.id, text)
    await person.sees("· Telegram", "📩", text)
    await person.sees("Code received", text)
    return number


async def look_again(world: World) -> None:
    """Restart the bot, and wait until it has looked at what is open."""
    await world.stop()
    asked = len(world.asked("getStatus"))
    await world.start()
    await world.provider.wait_for(lambda _: len(world.asked("getStatus")) > asked)


async def test_every_setting_is_on_one_screen(bot_world: World) -> None:
    """Home leads to the settings; each is shown with its value and has a button, a screen, and a way back."""
    ann = await bot_world.customer()
    await ann.send("/start")
    await ann.click("Settings", message=await ann.sees("Tap a button"))
    names = {
        "Language": "English",
        "Time zone": "UTC",
        "Daily limit": "off",
        "Price limit": "off",
        "Numbers at once": "5",
        "Skipped prefixes": "not set",
        "Auto-complete": "off",
        "Balance warning": "off",
        "Delete codes": "off",
    }
    for name, value in names.items():
        screen = await ann.sees("Settings", "Tap one to change it", f"{name}: {value}", name, "Home")
        await ann.click(name, message=screen)
        await ann.sees(f"{name}: {value}", "Back", "Home")
        await ann.click("Back", message=screen)


async def test_the_language_is_the_users_for_good(bot_world: World) -> None:
    """A chosen language is shown at once, holds for what comes by itself, and after a restart."""
    ann = await bot_world.customer()
    number = await bot_world.buy(ann)
    await ann.send("/language")
    await ann.click("Tiếng Việt", message=await ann.sees("Choose a language", "✓ English"))
    await ann.sees("Chọn ngôn ngữ", "✓ Tiếng Việt")
    ann.language = "ru"
    await bot_world.stop()
    await bot_world.start()
    bot_world.provider.deliver(number.id, "1111")
    await ann.sees("· Telegram", "📩", "1111")
    await ann.send("/settings")
    await ann.sees("Cài đặt", "Ngôn ngữ: Tiếng Việt")


async def test_the_language_needs_no_key(bot_world: World) -> None:
    """Somebody new can choose their language before anything else; until then it is Telegram's."""
    boris = bot_world.telegram.person(2, language="ru")
    await boris.send("/settings")
    await boris.sees("Настройки")
    await boris.send("/language")
    await boris.click("English")
    await boris.sees("Choose a language", "✓ English")


@pytest.mark.parametrize("name", ["Daily limit", "Price limit", "Balance warning"])
async def test_an_amount_is_typed(bot_world: World, name: str) -> None:
    """An amount may have a point or a comma; it is shown, kept over a restart, and can be switched off."""
    ann = await bot_world.customer()
    await answered(ann, name, " 12,5 ")
    await ann.sees(f"{name}: 12.50", "✓ Other…", "Off")
    await bot_world.stop()
    await bot_world.start()
    await answered(ann, name, "7.25")
    await ann.sees(f"{name}: 7.25")
    await ann.click("Off")
    off = await ann.sees(f"{name}: off", "✓ Off")
    assert "Other…" in off.labels


@pytest.mark.parametrize("text", ["0", "-3", "five", "1e9", "1,000.50", "2.12345", "99999999", "٣", "1 2"])
async def test_a_bad_amount_is_asked_for_again(bot_world: World, text: str) -> None:
    """What is no amount gets a sentence and the question again; what was set before stays."""
    ann = await bot_world.customer()
    await answered(ann, "Price limit", "3")
    await ann.sees("Price limit: 3.00")
    bad = await answered(ann, "Price limit", text)
    again = await ann.sees("That amount doesn’t work", "Reply to this message", after=bad)
    assert again.force_reply == "Amount"
    await ann.send("/settings")
    await ann.sees("Settings", "Price limit: 3.00")
    await ann.send("4", reply_to=again)
    await ann.sees("Price limit: 4.00", "✓ Saved: 4.00 a number")


async def test_an_answer_is_never_a_key_or_a_search(bot_world: World) -> None:
    """Without a key too, a reply to a question about a setting is the value of that setting."""
    boris = bot_world.telegram.person(2)
    answer = await answered(boris, "Skipped prefixes", "7918,7900111")
    await boris.sees("Skipped prefixes: 7918, 7900111")
    assert not answer.deleted
    assert bot_world.asked("getBalance") == []
    ann = await bot_world.customer()
    await answered(ann, "Price limit", "telegram")
    await ann.sees("That amount doesn’t work")
    ann.sees_no("Results for")


async def test_a_key_in_answer_to_a_question_is_not_left_in_the_chat(bot_world: World) -> None:
    """What is surely a key is deleted, not bound, and nothing is set."""
    ann = await bot_world.customer()
    answer = await answered(ann, "Price limit", OTHER_KEY)
    await ann.sees("That looks like an API key")
    assert answer.deleted
    assert all(request["api_key"] == KEY for request in bot_world.asked("getBalance"))


async def test_an_old_question_in_another_language_is_still_known(bot_world: World) -> None:
    """The question is known by its text alone: after a restart, and after a change of the language."""
    ann = await bot_world.customer()
    await ann.send("/language")
    await ann.click("Tiếng Việt", message=await ann.sees("Choose a language"))
    await ann.send("/settings")
    await ann.click("Giới hạn giá", message=await ann.sees("Cài đặt"))
    await ann.click("Khác…")
    asked = await ann.sees("Hãy trả lời tin nhắn này")
    await ann.send("/language")
    await ann.click("English", message=await ann.sees("Chọn ngôn ngữ"))
    await bot_world.stop()
    await bot_world.start()
    await ann.send("0.5", reply_to=asked)
    await ann.sees("Price limit: 0.50")


async def test_values_of_somebodys_own_making_are_refused(bot_world: World) -> None:
    """Whatever a button is made to carry, only what is on offer is set."""
    ann = await bot_world.customer()
    for data in (
        "es:numbers:6",
        "es:numbers:0",
        "es:codes:1",
        "es:complete:2",
        "es:language:xx",
        "y:numbers",
        "y:language",
    ):
        toast = await ann.press(data)
        assert toast is not None
        assert "out of date" in toast.text
    await ann.press("es:nonsense:1")
    await ann.send("/settings")
    await ann.sees("Settings", "Language: English", "Numbers at once: 5", "Delete codes: off")


async def test_excluded_prefixes_go_along_where_they_belong(world: World) -> None:
    """Prefixes are sent with purchases in their own country, the page says so, and the number heeds them."""
    for country in ("0", "2"):
        world.provider.set_stock("tg", 50, price="0.50", country=country)
    await world.start(countries="10,0,2")
    ann = await world.customer()
    await answered(ann, "Skipped prefixes", "+84912, 7918,7918")
    await ann.sees("Skipped prefixes: 84912, 7918")
    seen = []
    for country in ("Vietnam", "Russia", "Kazakhstan"):
        await ann.send(f"telegram {country}")
        await ann.click("Any operator", message=await ann.sees("Choose an operator", country))
        page = await ann.sees("Buy this number?", country, "Skipped prefixes")
        seen.append(next(line for line in page.text.splitlines() if "Skipped" in line))
        await ann.click("Buy")
        await ann.sees("Waiting for the code", country)
    assert seen == [f"Skipped prefixes: {prefix}" for prefix in ("84912", "7918", "7918")]
    sent = [request.get("phoneException") for request in world.asked("getNumber")]
    assert sent == ["84912", "7918", "7918"]


async def test_foreign_prefixes_stay_at_home(bot_world: World) -> None:
    """Prefixes of another country are neither sent nor shown."""
    ann = await bot_world.customer()
    await answered(ann, "Skipped prefixes", "7918")
    await ann.sees("Skipped prefixes: 7918")
    page = await bot_world.open_page(ann)
    assert "Skipped" not in page.text
    await ann.click("Buy")
    await ann.sees("Waiting for the code")
    assert "phoneException" not in bot_world.asked("getNumber")[0]


@pytest.mark.parametrize("text", ["79", "7918000111", "999123", "7918;7900", "abc", "7918,x", ",", "٧٩١٨"])
async def test_a_bad_prefix_is_named(bot_world: World, text: str) -> None:
    """What is no prefix is said by name, with an example, and asked for again."""
    ann = await bot_world.customer()
    await answered(ann, "Skipped prefixes", text)
    again = await ann.sees("doesn’t work", "such as 7918", "Reply to this message")
    assert again.force_reply == "Prefixes"


@pytest.mark.usefixtures("quick_retries")
async def test_a_number_completes_itself_after_the_first_code(world: World) -> None:
    """Once the code is in the chat, and not before, the number is completed, at once and once."""
    await world.start(poll_interval=3600.0)
    ann = await world.customer()
    await opened(ann, "Auto-complete")
    await ann.click("On")
    await ann.sees("Auto-complete: on", "✓ On")
    number = await world.buy(ann)
    world.pass_time(121)
    world.telegram.fail(TelegramFault.ERROR, method="sendMessage", times=None)
    world.provider.deliver(number.id, "1111")
    calls = len(world.telegram.called("sendMessage"))
    await ann.click("Cancel")  # the look before it finds the code
    await world.telegram.until_called("sendMessage", calls + 2)
    assert world.asked("setStatus") == []
    world.telegram.heal()
    await ann.sees("· Telegram", "📩", "1111", timeout=20)
    await ann.sees("✔️ Completed.", "1111")
    assert number.state is NumberState.FINISHED
    assert [request["status"] for request in world.asked("setStatus")] == ["6"]


async def test_a_completion_outlives_a_crash(world: World) -> None:
    """If the program dies between the delivery and the completion, the next start completes."""
    await world.start()
    ann = await world.customer()
    number = await with_code(world, ann)
    await world.kill()
    with closing(sqlite3.connect(world.values["database_path"])) as connection, connection:
        connection.execute("UPDATE activations SET complete_scheduled = 1")  # as the delivery leaves it
    await world.start(poll_interval=3600.0)
    await ann.sees("✔️ Completed.", "1111")
    assert number.state is NumberState.FINISHED


async def test_a_completion_cut_off_is_not_sent_again(world: World) -> None:
    """If the program dies while the provider is asked to complete, it is left to the user."""
    await world.start()
    ann = await world.customer()
    await opened(ann, "Auto-complete")
    await ann.click("On")
    world.provider.fail(FaultKind.HANG, action="setStatus", times=None)
    await with_code(world, ann)
    await world.provider.wait_for(lambda _: len(world.asked("setStatus")) == 1)
    await world.kill()
    world.provider.heal()
    await world.start()
    asked = len(world.asked("getStatus"))
    await world.provider.wait_for(lambda _: len(world.asked("getStatus")) > asked)
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")
    assert len(world.asked("setStatus")) == 2


async def test_a_refused_completion_is_quiet_and_not_repeated(bot_world: World) -> None:
    """If the provider refuses, the card keeps its buttons, nothing is said, and nothing is tried again."""
    ann = await bot_world.customer()
    await opened(ann, "Auto-complete")
    await ann.click("On")
    bot_world.provider.fail(FaultKind.BODY, action="setStatus", body="BAD_STATUS", times=None)
    await with_code(bot_world, ann)
    await bot_world.provider.wait_for(lambda _: bool(bot_world.asked("setStatus")))
    said = len(ann.messages)
    for _ in range(2):
        await look_again(bot_world)
        await ann.send("/active")
        await ann.sees("1 active number. Tap it", after=ann.newest)
    assert len(bot_world.asked("setStatus")) == 1
    assert len(ann.messages) == said + 4
    bot_world.provider.heal()
    await ann.click("Complete")
    await ann.sees("✔️ Completed.")


async def test_after_resend_completing_is_left_to_the_user(bot_world: World) -> None:
    """A number for which another code was asked is not completed by itself, nor is one without the wish."""
    ann = await bot_world.customer()
    number = await with_code(bot_world, ann)
    assert bot_world.asked("setStatus") == []
    await ann.click("Get another code")
    await ann.sees("Waiting for another code")
    await opened(ann, "Auto-complete")
    await ann.click("On")
    await ann.sees("Auto-complete: on")
    await bot_world.provider.wait_for(lambda p: p.requests[-1].action == "getStatus")
    bot_world.provider.deliver(number.id, "2222")
    await ann.sees("· Telegram · code 2", "2222")
    await ann.sees("Code received", "Code 2: 2222", "Get another code", "Complete")
    await look_again(bot_world)
    await ann.send("/active")
    await ann.sees("1 active number. Tap it")
    assert [request["status"] for request in bot_world.asked("setStatus")] == ["3"]


async def test_a_code_without_text_completes_nothing(bot_world: World) -> None:
    """A number whose only SMS cannot be read is left to its owner, who may want another code."""
    ann = await bot_world.customer()
    await opened(ann, "Auto-complete")
    await ann.click("On")
    await ann.sees("Auto-complete: on")
    number = await bot_world.buy(ann)
    bot_world.provider.deliver(number.id, "")
    await ann.sees("📩", "The SMS arrived without readable text.")
    await ann.sees("Code received", "no text", "Get another code", "Complete")
    assert bot_world.asked("setStatus") == []
    toast = await ann.click("Complete")
    assert toast is not None
    assert toast.text == "Completed."
    assert len(bot_world.asked("setStatus")) == 1


async def test_a_code_that_only_the_card_shows_is_left_there(bot_world: World) -> None:
    """A code Telegram takes no message with completes nothing, and the card shows it to the end and after."""
    ann = await bot_world.customer()
    await opened(ann, "Auto-complete")
    await ann.click("On")
    await opened(ann, "Delete codes")
    await ann.click("after 5 min")
    await ann.sees("Delete codes: after 5 min", "✓ after 5 min")
    number = await bot_world.buy(ann)
    bot_world.telegram.fail(TelegramFault.ERROR, method="sendMessage", chat_id=1, times=3, status=400)
    bot_world.provider.deliver(number.id, "1111")
    await ann.sees("Code received", "1111", "Get another code", "Complete")
    ann.sees_no("📩")
    assert bot_world.asked("setStatus") == []
    bot_world.pass_time(301)
    toast = await ann.click("Complete")
    assert toast is not None
    assert toast.text == "Completed."
    await ann.sees("✔️ Completed.", "1111", "📋 1111")
    ann.sees_no("hidden")


async def test_a_low_balance_is_told_once(bot_world: World) -> None:
    """The user hears it when the balance is seen to fall under the amount, and again after it was above."""
    account = bot_world.provider.accounts[KEY]
    account.balance = Decimal("5.10")
    bot_world.provider.set_stock("tg", 50, price=Decimal("0.20"))
    ann = await bot_world.customer()
    await answered(ann, "Balance warning", "5")
    await ann.sees("Balance warning: 5.00")
    await ann.send("/balance")
    await ann.sees("Balance: 5.10")
    ann.sees_no("below your limit of 5.00")
    await bot_world.buy(ann)
    told = await ann.sees("Your balance is 4.90, below your limit of 5.00.", "Settings", "Home")
    await ann.send("/balance")
    await ann.sees("Balance: 4.90")
    await ann.send("/start")
    await ann.sees("Balance: 4.90", "Buy a number")
    account.balance = Decimal(5)
    await ann.send("/balance")
    await ann.sees("Balance: 5.00")
    assert sum("below your limit" in message.text for message in ann.messages) == 1
    assert bot_world.app is not None
    preferences: Preferences = bot_world.app.features.preferences
    await asyncio.gather(*(preferences.check_low_balance(1, Decimal("4.98")) for _ in range(5)))
    told = await ann.sees("Your balance is 4.98", after=told)
    await ann.send("/balance")
    await ann.sees("Balance: 5.00", after=told)
    assert sum("below your limit" in message.text for message in ann.messages) == 2
    account.balance = Decimal("4.99")
    await ann.send("/balance")
    await ann.sees("Your balance is 4.99", after=told)


async def test_without_a_threshold_the_balance_is_not_read_more_often(bot_world: World) -> None:
    """Where the list says the charge, the balance after a purchase is for those who want the notice."""
    bot_world.provider.dialect = SMS_ACTIVATE
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    before = len(bot_world.asked("getBalance"))
    await ann.click("Buy")
    await ann.sees("Waiting for the code")
    await bot_world.stop()
    assert len(bot_world.asked("getBalance")) == before


@given(st.decimals(min_value=Decimal("0.0001"), max_value=Decimal("9999999.9999"), places=4), st.booleans())
def test_every_sensible_amount_is_understood(value: Decimal, comma: bool) -> None:
    """Any positive amount of up to seven digits and four decimals is taken as it is."""
    text = f"{value:f}"
    assert parse_amount(text.replace(".", ",") if comma else text) == value


@given(st.text(max_size=12))
def test_no_text_is_taken_for_a_wrong_amount(text: str) -> None:
    """Whatever is typed either is a positive amount within bounds, or is refused."""
    try:
        value = parse_amount(text)
    except errors.NotAnAmount:
        return
    assert Decimal(0) < value < Decimal(10**7)
    assert value == Decimal(text.replace(",", "."))


@given(st.lists(st.from_regex(r"7[0-9]{3,6}", fullmatch=True), min_size=1, max_size=20, unique=True))
def test_prefixes_come_back_as_they_were_typed(prefixes: list[str]) -> None:
    """Any list of a country code with three to six digits is taken, without doubles and in its order."""
    assert parse_prefixes(" , ".join([*prefixes, prefixes[0]])) == tuple(prefixes)
    assert prefixes_for(prefixes, "0") == prefixes_for(prefixes, "2") == tuple(prefixes)
    assert prefixes_for(prefixes, "10") == prefixes_for(prefixes, "unheard-of") == ()


def test_more_prefixes_than_fit_are_refused() -> None:
    """A list that is too long is refused whole."""
    with pytest.raises(errors.NotAPrefix):
        parse_prefixes(",".join(f"7{number}" for number in range(100, 121)))


@pytest.mark.parametrize(
    ("state", "codes", "expected"),
    [
        (State.WAITING, (), False),
        (State.RECEIVED, ("1",), True),
        (State.RECEIVED, ("",), False),
        (State.RECEIVED, (" \n",), False),
        (State.WAITING, ("1",), False),
        (State.RECEIVED, ("1", "2"), False),
        (State.COMPLETED, ("1",), False),
    ],
)
def test_only_a_first_code_completes_a_number(
    state: State, codes: tuple[str, ...], *, expected: bool
) -> None:
    """A number waiting for another code, with a second one, an unreadable one, or ended, is left alone."""
    activation = Activation(
        id=1,
        token="t",
        user_id=1,
        key_id=1,
        provider="own",
        service="tg",
        service_name="Telegram",
        country="10",
        operators=(),
        price=None,
        state=state,
        ordered_at=1,
        codes=tuple(Code(ordinal, text, 1) for ordinal, text in enumerate(codes, start=1)),
    )
    assert can_auto_complete(activation) is expected


@pytest.mark.parametrize(
    ("name", "label", "saved"),
    [
        ("Daily limit", "$5", "✓ Saved: 5.00 USD a day"),
        ("Price limit", "$0.50", "✓ Saved: 0.50 USD a number"),
        ("Balance warning", "$2", "✓ Saved: 2.00 USD"),
    ],
)
async def test_an_amount_is_one_tap(world: World, name: str, label: str, saved: str) -> None:
    """Presets are buttons; the toast says what was saved, and the screen has two lines and a mark."""
    await world.start(currency="USD")
    ann = await world.customer()
    screen = await opened(ann, name)
    toast = await ann.click(label, message=screen)
    assert toast is not None
    assert toast.text == saved
    screen = await ann.sees(f"✓ {label}")
    assert len(screen.text.split("\n")) == 2
    toast = await ann.click("Off", message=screen)
    assert toast is not None
    assert toast.text == "✓ Saved: off"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Daily limit", "midnight in your time zone (UTC)"),
        ("Price limit", "Numbers without a shown price"),
        ("Skipped prefixes", "Some providers ignore this"),
        ("Auto-complete", "gets no more codes"),
        ("Balance warning", "around each purchase"),
        ("Delete codes", "its card hides the codes too"),
    ],
)
async def test_details_are_one_tap_away(bot_world: World, name: str, sentence: str) -> None:
    """The sentence about the details is not on the screen but behind its button, which leads back."""
    ann = await bot_world.customer()
    screen = await opened(ann, name)
    assert sentence not in screen.text
    await ann.click("How is it counted?" if name == "Daily limit" else "How does it work?", message=screen)
    await ann.sees(name, sentence)
    await ann.click("Back", message=screen)
    await ann.sees(f"{name}: ")


async def test_a_bare_amount_answers_the_last_question(bot_world: World) -> None:
    """With the reply bar closed an amount still is the answer; it answers once."""
    ann = await bot_world.customer()
    await opened(ann, "Daily limit")
    await ann.click("Other…")
    await ann.sees("Reply to this message")
    await ann.send("7,5")
    await ann.sees("✓ Saved: 7.50 a day", "Daily limit: 7.50")
    await ann.send("5")
    await ann.sees("No service called “5”")
    await ann.send("/settings")
    await ann.sees("Daily limit: 7.50")


@pytest.mark.parametrize("between", ["late", "vkontakt"])
async def test_a_bare_amount_is_a_search_later(bot_world: World, between: str) -> None:
    """After five minutes, or after another message, an amount answers nothing."""
    ann = await bot_world.customer()
    await opened(ann, "Daily limit")
    await ann.click("Other…")
    await ann.sees("Reply to this message")
    if between == "late":
        bot_world.pass_time(301)
    else:
        await ann.send(between)
        await ann.sees("Results for")
    await ann.send("5")
    await ann.sees("No service called “5”")
    await ann.send("/settings")
    await ann.sees("Daily limit: off")


async def test_bare_prefixes_answer_their_question(bot_world: World) -> None:
    """Prefixes are an answer without a reply too; a bad one is asked for again."""
    ann = await bot_world.customer()
    await opened(ann, "Skipped prefixes")
    await ann.click("Change")
    await ann.sees("Reply to this message")
    await ann.send("7918, 9999999")
    await ann.sees("doesn’t work", "Reply to this message")
    await ann.send("7918, 7900111")
    await ann.sees("✓ Saved: 7918, 7900111")


async def test_the_bots_maximum_of_numbers_has_a_button(world: World) -> None:
    """Up to five numbers have buttons, and the most that the bot allows."""
    await world.start(max_active=20)
    ann = await world.customer()
    screen = await opened(ann, "Numbers at once")
    assert screen.labels[:6] == ["1", "2", "3", "4", "5", "✓ 20"]
