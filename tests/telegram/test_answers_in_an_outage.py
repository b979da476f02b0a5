"""A tap that acts gets its words, however long Telegram takes no call after it."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from decimal import Decimal

import pytest

from bot.alerts.alerts import MaxPrice
from bot.delivery import attempts
from bot.domain import Quote
from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import Message, Person, TelegramFault
from bot.storage import alerts, favourites, outbox
from bot.telegram import callbacks, handled_taps, retries
from bot.telegram.texts.phones import pretty
from tests import factories
from tests.conftest import KEY, World
from tests.telegram.test_card_questions import unclear

METHODS = ("sendMessage", "editMessageText", "editMessageReplyMarkup", "answerCallbackQuery", "deleteMessage")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses before further attempts."""
    for name in ("PAUSES", "SEND_PAUSES"):
        monkeypatch.setattr(retries, name, (0.01,))
    monkeypatch.setattr(handled_taps, "LATER_PAUSES", (0.3,) * 9)
    monkeypatch.setattr(attempts, "MIN_BACKOFF", 0.05)


async def tap_in_an_outage(
    world: World, person: Person, message: Message, data: str, *, answered: bool = False
) -> None:
    """Tap a button while Telegram takes no call, or only the answer to the tap; return after its handler."""
    assert world.app is not None
    assert callbacks.acts(data), data
    for method in METHODS:
        if method != "answerCallbackQuery" or not answered:
            world.telegram.fail(TelegramFault.ERROR, method=method, times=None, status=502)
    person.tap(message, data)
    await until_handled(world)
    with suppress(TimeoutError):  # an answer that is sent from memory is a job too
        async with asyncio.timeout(1):
            while world.app.jobs._tasks:  # noqa: ASYNC110, SLF001  # nothing else shows that a handler has ended
                await asyncio.sleep(0.01)
    world.telegram.heal()


async def until_handled(world: World) -> None:
    """Wait until the handling of a tap has begun, and nothing more."""
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        while True:
            (count,) = connection.execute(
                "SELECT (SELECT count(*) FROM handled_taps) + (SELECT NOT count(*) FROM users)"
            ).fetchone()
            if count:
                return
            await asyncio.sleep(0.01)


def carried(message: Message, label: str) -> str:
    """Return what the first button with these words carries."""
    return next(button.data for button in message.buttons if label in button.text and button.data)


async def customer(world: World, service: str = "") -> tuple[Person, Message]:
    """Return a person with a favourite, an alert and perhaps a number, and the bot's newest message."""
    await world.start()
    ann = await world.customer()
    now = int(world.clock())

    def furnish(connection: sqlite3.Connection) -> None:
        favourites.add(
            connection,
            1,
            "own",
            country="10",
            service="wa",
            service_name="WhatsApp",
            operators=(),
            now=now,
            limit=9,
        )
        quote = Quote("q", 1, "wa", "WhatsApp", "10", (), Decimal("0.2"), now, "own")
        limit = MaxPrice.ANY.limit(None)
        alerts.add(connection, quote, limit, now=now, ends_at=now + 3600, limit=9)

    async with factories.open_database(world) as db:
        await db.write(furnish)
    if service:
        await world.buy(ann, service)
        with closing(sqlite3.connect(world.values["database_path"])) as connection, connection:
            connection.execute("DELETE FROM handled_taps")
        return ann, await ann.sees("Waiting for the code")
    return ann, ann.newest


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("u:1", "API key removed."),
        ("z:1", "All your data is deleted"),
        ("es:complete:1", "Auto-complete"),
        ("w:q:any", ""),
        ("wp:10:tg", "New alert"),
        ("wd:1:1", "No alerts yet"),
        ("wd:1:0", "Alert stopped."),
        ("fd:1", "No favourites yet"),
        ("b:nothing", "out of date"),
        ("t:cancel:99", "can’t find this number"),
    ],
)
async def test_screens(world: World, data: str, words: str, *, answered: bool) -> None:
    """The result of a tap on a screen comes as soon as Telegram takes calls again."""
    ann, home = await customer(world)
    if data.startswith("w:"):
        page = await world.open_page(ann)
        data, words = f"w:{carried(page, 'Buy at').partition(':')[2]}:any", "Alert set"
    before = ann.newest
    toasts = len(world.telegram.called("answerCallbackQuery"))
    await tap_in_an_outage(world, ann, home, data, answered=answered)
    if answered and data.startswith(("wd:1:0", "b:", "t:")):
        said = [call.params.get("text", "") for call in world.telegram.called("answerCallbackQuery")[toasts:]]
        assert words in said[0]  # these words fit into the answer to the tap
    else:
        await ann.sees(words, after=before)


STEPS = {
    "Buy": ("b", "", "Waiting for the code"),
    "Cancel, too early": ("t:cancel:1", "", "Shall I cancel it then"),
    "Cancel, refused": ("t:cancel:1", "BAD_STATUS", "The provider refused to cancel this number."),
    "Cancel": ("t:cancel:1", "", "✖️ Cancelled."),
    "Another number": ("x:1", "", "Buy this number?"),
    "Cancel at": ("l:1:1", "", "I’ll cancel it at"),
    "Keep it": ("l:1:0", "", ""),
    "I’ve requested the code": ("t:sms_sent:1", "", "Checking more often now."),
    "Get another code": ("t:resend:1", "", "Waiting for another code"),
    "Complete": ("t:complete:1", "", "✔️ Completed."),
}


@pytest.mark.parametrize("name", STEPS)
async def test_steps(world: World, name: str) -> None:
    """The result of a step comes to the card or as a message as soon as Telegram takes calls again."""
    data, refusal, words = STEPS[name]
    ann, card = await customer(world, "" if name == "Buy" else "Telegram")
    if name == "Buy":
        card = await world.open_page(ann)
        data = carried(card, "Buy at")
    if name in ("Cancel, refused", "Cancel", "Another number"):
        world.pass_time(125)
    if name in ("Get another code", "Complete"):
        world.provider.deliver(next(iter(world.provider.numbers)), "1234")
        await ann.until(lambda _: "Code received" in card.text)
    if refusal:
        world.provider.fail(FaultKind.BODY, action="setStatus", body=refusal)
    await tap_in_an_outage(world, ann, card, data)
    if words:
        await ann.sees(words)
    assert len(world.provider.ledger) == 1


async def test_a_candidate(bot_world: World) -> None:
    """The number that a person has chosen is on the card as soon as Telegram takes calls again."""
    ann, card, numbers = await unclear(bot_world)
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection, connection:
        connection.execute("DELETE FROM handled_taps")
    await tap_in_an_outage(bot_world, ann, card, carried(card, numbers[0].id))
    await ann.until(lambda _: card.shows("Waiting for the code", pretty(numbers[0].phone)))


async def test_a_price_that_rose(world: World) -> None:
    """The new price is told, also if its page could not be shown; nothing is bought."""
    ann, _ = await customer(world)
    page = await world.open_page(ann)
    world.provider.set_stock("tg", 50, price=Decimal("9.50"))
    world.pass_time(31)
    await tap_in_an_outage(world, ann, page, carried(page, "Buy at"))
    notice = await ann.sees("The price rose from about", "nothing was bought", after=page)
    assert notice.labels == ["Home"]
    assert world.asked("getNumber") == []


async def test_an_unexpected_error(world: World) -> None:
    """Words about an error that could not be said are sent later, also after a restart."""
    ann, _ = await customer(world)
    page = await world.open_page(ann)
    with world.full_disk("INSERT ON activations"):
        await tap_in_an_outage(world, ann, page, carried(page, "Buy at"))
    await ann.sees("I can’t use my database right now.", after=page)
    assert world.asked("getNumber") == []


async def test_an_answer_survives_a_crash(world: World) -> None:
    """The answer to a tap is stored with the deliveries, so that the next start sends it."""
    ann, home = await customer(world)
    for method in METHODS:
        world.telegram.fail(TelegramFault.ERROR, method=method, times=None, status=502)
    ann.tap(home, "u:1")
    async with factories.open_database(world) as db:
        while await db.read(outbox.next_delivery, 1) is None:  # noqa: ASYNC110  # a database sets no event
            await asyncio.sleep(0.01)
    await world.kill()
    world.telegram.heal()
    await world.start()
    await ann.sees("API key removed.", after=home)
    assert KEY not in ann.transcript()
