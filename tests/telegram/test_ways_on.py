"""Every message about a problem has a button that leads on."""

from collections.abc import Iterator

import pytest
from aiogram.types import CallbackQuery, Chat, Message as TelegramMessage, User

from bot import errors
from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import Message, Person
from bot.telegram import callbacks, keyboards
from bot.telegram.callbacks import OpenScreen, Screen
from bot.telegram.texts import profile
from bot.telegram.translations import Translations
from tests.conftest import KEY, World
from tests.telegram.test_texts import example, tree

RETRY = callbacks.ShowServices(country="10", page=0).pack()
TYPED = ["telegram", "no such service", "/nothing", "/start buy_10_tg_viettel", "/start nonsense", "👩‍👩‍👧"]
TAPPED = [
    *(OpenScreen(screen=screen).pack() for screen in Screen),
    *("s:10:0", "s:99:0", "o:10:tg:0", "o:10:nothing:0", "m:10:tg:0:0:0:0", "c:10:tg:0:0", "c:10:tg:1:0"),
    *("q:tg:0", "j:1", "j:99", "a:1:0", "a:99:1", "n:0", "k:99", "d:99", "xo:99", "fv:99", "wb:99"),
    *("b:nothing", "t:cancel:99", "t:complete:1", "x:1", "l:1:1", "wp:10:tg", "h:0::a", "e:language", "?"),
]
FAULTS: dict[str, tuple[FaultKind, dict[str, str | int]]] = {
    "down": (FaultKind.STATUS, {"status": 503}),
    "the key is refused": (FaultKind.BODY, {"body": "BAD_KEY"}),
    "banned": (FaultKind.BODY, {"body": "BANNED:'2030-01-01 10:00:00'"}),
}


def without_a_way_on(person: Person) -> list[str]:
    """Return the bot's messages that lead nowhere; the welcome asks for the key, which is a way on."""
    return [
        message.text
        for message in person.messages
        if message.from_bot and not message.deleted and message.kind == "text" and not leads_on(message)
        if "To start, send me your API key" not in message.text
    ]


def leads_on(message: Message) -> bool:
    """Return whether a message has a button with an effect in the bot, or is answered by a reply."""
    return bool(message.force_reply) or any(button.data or button.url for button in message.buttons)


async def crawl(ann: Person) -> None:
    """Give each command and some texts, then tap a button of each kind on one message."""
    for text in [*(f"/{name}" for name in profile.COMMANDS), *TYPED]:
        await ann.sees("", after=await ann.send(text))
    tapped = ann.newest
    for data in TAPPED:
        await ann.press(data, message=tapped)
        assert without_a_way_on(ann) == [], data


@pytest.mark.parametrize(
    ("name", "patience"),
    [("down", 3.0), ("down", 0.0), ("the key is refused", 3.0), ("the key is refused", 0.0), ("banned", 0.0)],
)
async def test_no_screen_is_a_dead_end(world: World, name: str, patience: float) -> None:
    """Whatever fails at the provider, and whether the tap was answered before or not, there is a way on."""
    world.patience = patience
    await world.start()
    ann = await world.customer()
    first = len(ann.messages)
    kind, values = FAULTS[name]
    world.provider.fail(kind, times=None, **values)  # type: ignore[arg-type]  # the values are of several types
    await crawl(ann)
    await world.stop()  # it completes every screen
    assert len([message for message in ann.messages[first:] if message.from_bot]) > 20
    assert without_a_way_on(ann) == []


@pytest.mark.parametrize("patience", [3.0, 0.0])
async def test_a_full_disk_is_no_dead_end(world: World, patience: float) -> None:
    """If the database takes nothing, each sentence about it has a way on."""
    world.patience = patience
    await world.start()
    ann = await world.customer()
    for table, data in [("handled_taps", "b:nothing"), ("handled_taps", "x:1"), ("quotes", "c:10:tg:0:0")]:
        with world.full_disk(f"INSERT ON {table}"):
            help_ = await ann.sees("How it works", after=await ann.send("/help"))
            await ann.press(data, message=help_)
            await ann.sees("How it works", after=await ann.send("/help"))
    await world.stop()
    assert without_a_way_on(ann) == []


@pytest.mark.parametrize("text", [KEY[::-1], f"{KEY} {KEY[::-1]}", "/key x"])
async def test_a_bad_key_is_no_dead_end(bot_world: World, text: str) -> None:
    """After something that is no key, or a wrong one, a button asks for the key again."""
    ann = bot_world.telegram.person(1)
    await ann.sees("API key", after=await ann.send("/start"))
    answer = await ann.sees("Try again", "Home", after=await ann.send(text))
    await ann.click("Try again", message=answer)
    await ann.until(lambda _: ann.newest.force_reply is not None)


async def test_other_words_before_the_key_lead_to_the_key(bot_world: World) -> None:
    """A text that holds no key is answered with a button to the welcome, which asks for the key."""
    ann = bot_world.telegram.person(1)
    answer = await ann.sees("API key first", "Home", after=await ann.send("hello"))
    await ann.click("API key", message=answer)
    await ann.until(lambda _: "To start, send me your API key." in answer.text)


async def test_what_the_bot_cannot_read_is_no_dead_end(bot_world: World) -> None:
    """A sticker, an edited message, an unknown command, an old button, a misplaced key: each has a way on."""
    ann = await bot_world.customer()
    sticker = await ann.send_sticker()
    await ann.sees("I can only read text", "Buy a number", "Home", after=sticker)
    asked = await ann.send("telegram")
    await ann.sees("Choose an operator", after=asked)
    await ann.edit(asked, "viber")
    await ann.sees("I don’t read edited messages", "Home")
    await ann.sees("I don’t know this command", "Help", "Home", after=await ann.send("/nothing"))
    await ann.sees("looks like an API key", "API key", "Home", after=await ann.send(KEY[::-1]))


async def test_a_notice_that_the_key_is_refused_leads_to_the_key(world: World) -> None:
    """The notice that the provider no longer takes the key has a button that opens the key's screen."""
    await world.start()
    ann = await world.customer()
    await world.buy(ann)
    world.provider.fail(FaultKind.BODY, action="getStatus", body="BAD_KEY", times=None)
    notice = await ann.sees("no longer accepts your API key", "API key", "Home")
    await ann.click("API key", message=notice)
    await ann.until(lambda _: "Replace" in notice.labels)


T = Translations().find("en")


def labels(error: Exception, retry: str | None) -> list[str]:
    """Return the labels under an error."""
    rows = keyboards.ways_on.from_problem(T, error, retry).inline_keyboard
    return [one.text for row in rows for one in row]


def test_every_error_has_ways_on() -> None:
    """Each error has Home, Try again where the request can be repeated, and else another choice."""
    for kind in tree(errors.BotError):
        assert labels(example(kind), RETRY)[0] == "Try again", kind
        assert labels(example(kind), RETRY)[-1] == "Home", kind
        assert len(labels(example(kind), None)) == 2, kind
    assert labels(RuntimeError(), RETRY) == ["Try again", "Active", "Home"]


@pytest.mark.parametrize(
    ("error", "choice"),
    [
        (errors.KeyRefused(), "API key"),
        (errors.KeyMissing(), "API key"),
        (errors.QuoteExpired(), "Buy a number"),
        (errors.TooManyActive(5, 5), "Active"),
        (errors.FavouritesFull(30), "Favourites"),
        (errors.TooManyAlerts(20), "Alerts"),
        (errors.PriceUnknown(), "Settings"),
    ],
)
def test_an_error_names_another_choice(error: errors.BotError, choice: str) -> None:
    """The button beside Try again opens the screen where the problem is solved."""
    assert labels(error, RETRY) == ["Try again", choice, "Home"]


def events() -> Iterator[tuple[CallbackQuery | TelegramMessage, str | None]]:
    """Yield updates with the data of the button that repeats them."""
    ann = User(id=1, is_bot=False, first_name="Ann")
    taps = [(RETRY, RETRY), ("b:token", None), ("t:cancel:1", None), ("u:1", None), ("u:0", "u:0")]
    for data, repeated in taps:
        yield CallbackQuery(id="1", from_user=ann, chat_instance="1", data=data), repeated
    chat = Chat(id=1, type="private")
    for text, again in [("/history", "h:0::a"), ("/buy", "g:buy"), ("/forget", None), ("telegram", None)]:
        yield TelegramMessage(message_id=1, date=1, chat=chat, text=text), again  # type: ignore[arg-type]  # UTC


def test_only_harmless_requests_are_repeated() -> None:
    """Try again makes the same request, but never one that buys, ends or deletes something."""
    for event, repeated in events():
        assert keyboards.ways_on.retry_of(event) == repeated, event
