"""A second tap on the same spot: no button that acts obeys it if another button was there a moment before."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal

import pytest

from bot.alerts.alerts import MaxPrice
from bot.domain import Quote
from bot.provider import budget
from bot.sandbox.telegram import Button, Message, Person
from bot.storage import alerts, favourites
from bot.telegram import callbacks
from tests import factories
from tests.conftest import World

REFUSED = "Please check the details first."
Grid = list[list[Button]]
PARTS = 12
"""Into how many columns a row is divided."""


@pytest.fixture(autouse=True)
def _large_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests wait for no budget, which does not refill while the clock stands."""
    monkeypatch.setattr(budget, "KEY_BURST", 10_000)


def grid(message: Message) -> Grid:
    """Return the buttons of a message as they are now."""
    return [list(row) for row in message.rows]


def covered(rows: Grid, data: str) -> set[tuple[str, int, int]]:
    """Return what a button covers: rows from the top and from the bottom, and parts of the width."""
    spots = set()
    for number, row in enumerate(rows):
        width = PARTS // len(row)
        for column, button in enumerate(row):
            if button.data == data:
                parts = range(column * width, (column + 1) * width)
                spots |= {("top", number, part) for part in parts}
                spots |= {("bottom", len(rows) - number, part) for part in parts}
    return spots


def under_the_finger(before: Grid, tapped: str, after: Grid) -> list[str]:
    """Return the data of the buttons that act and have come to the spot of another button."""
    spots = covered(before, tapped)
    data = [button.data for row in after for button in row if button.data]
    return [one for one in data if one != tapped and callbacks.acts(one) and covered(after, one) & spots]


async def refuses_second_taps(
    world: World, person: Person, before: Grid, tapped: str, message: Message
) -> int:
    """Tap each button that acts and has come to the spot; each is refused. Return how many there are."""
    found = under_the_finger(before, tapped, grid(message))
    for data in found:
        asked = len(world.asked("getNumber")) + len(world.asked("setStatus"))
        toast = await person.press(data, message=message)
        assert toast is not None
        assert toast.text == REFUSED, (tapped, data, message.labels)
        assert len(world.asked("getNumber")) + len(world.asked("setStatus")) == asked
    return len(found)


async def until_shows(person: Person, message: Message, fragment: str) -> None:
    """Wait until a message shows this."""
    await person.until(lambda _: message.shows(fragment))


async def furnished(world: World) -> Person:
    """Return a person with favourites, alerts, an ended number and a refused one, and a clock that stands."""
    world.reading_time = 1.0
    world.clock.stop()
    await world.start(poll_interval=3600.0)
    world.pass_time(2)
    ann = await world.customer()
    now = int(world.clock())
    offers = [("tg", "Telegram"), ("wa", "WhatsApp"), ("go", "Google")]

    def furnish(connection: sqlite3.Connection) -> None:
        for code, name in offers:
            favourites.add(
                connection,
                1,
                "own",
                country="10",
                service=code,
                service_name=name,
                operators=(),
                now=now,
                limit=9,
            )
            quote = Quote(code, 1, code, name, "10", (), Decimal("0.2"), now, "own")
            limit = MaxPrice.ANY.limit(None)
            alerts.add(connection, quote, limit, now=now, ends_at=now + 3600, limit=9)
        factories.add_ended(connection, 1, "1234", at=now - 600)
        factories.add_refused(connection, 1, at=now)

    async with factories.open_database(world) as db:
        await db.write(furnish)
    return ann


def untried(message: Message, tried: set[str]) -> Iterator[str]:
    """Yield the buttons whose kind was not tapped twice; a tap on Home only leaves."""
    for button in message.buttons:
        data = button.data or "g:home"
        if data.startswith("es:language"):
            continue  # the words that are compared are English
        kinds = [one for one in tried if one.partition(":")[0] == data.partition(":")[0]]
        if data != "g:home" and data not in tried and len(kinds) < 3:
            yield data


@pytest.mark.parametrize(
    "start",
    ["/start", "/buy", "/favourites", "/alerts", "/settings", "/key", "/forget", "/history", "c:10:tg:0:0"],
)
async def test_every_screen(world: World, start: str) -> None:
    """Walk over the screens; whatever a tap shows, a second tap on its spot does nothing that acts."""
    ann = await furnished(world)
    tried: set[str] = set()
    before_start = ann.newest
    if start.startswith("/"):
        await ann.send(start)
    else:
        await ann.press(start)
    await ann.until(lambda _: ann.newest is not before_start or not start.startswith("/"))
    message = ann.newest
    while data := next(untried(message, tried), None):
        tried.add(data)
        await world.until_confirmed()
        world.pass_time(1.1)
        before = grid(message)
        await ann.press(data, message=message)
        await ann.press("nothing")  # handled when the tap before it is
        for shown in {message.message_id, ann.newest.message_id}:
            if (found := ann.find(shown)) is not None:
                await refuses_second_taps(world, ann, before, data, found)
        message = ann.newest
    assert tried or start == "/forget"


LIFE = [
    ("Buy at", "Waiting for the code"),
    ("Cancel", "Cancel at"),
    ("Keep it", "You can cancel from"),
    ("Cancel", "Cancel at"),
    ("Cancel at", "I’ll cancel it at"),
    ("Don’t cancel", "You can cancel from"),
    ("I’ve requested the code", "Code received"),
    ("Get another code", "Waiting for another code"),
    ("Complete", "Completed."),
]
"""The life of a number: what is tapped on its card, and what the card shows then."""


async def test_the_card(world: World) -> None:
    """Through the life of a number, each change of its card's keyboard refuses a second tap on the spot."""
    world.reading_time = 1.0
    world.clock.stop()
    await world.start()
    world.pass_time(2)
    ann = await world.customer()
    card = await world.open_page(ann)
    for label, shows in LIFE:
        await world.until_confirmed()
        world.pass_time(1.1)
        before = grid(card)
        tapped = next(one.data for one in card.buttons if one.data and one.text.startswith(label))
        if label.startswith("I’ve"):
            number = next(iter(world.provider.numbers.values()))
            world.provider.deliver(number.id, "1234")
        await ann.press(tapped, message=card)
        await until_shows(ann, card, shows)
        await refuses_second_taps(world, ann, before, tapped, card)


@pytest.mark.parametrize(
    ("command", "list_button", "sign", "done"),
    [("/favourites", "Remove…", "✕", "✓ Removed"), ("/start", "Alerts", "Stop:", "✓ Stopped")],
)
async def test_rows_that_keep_their_places_obey_at_once(
    world: World, command: str, list_button: str, sign: str, done: str
) -> None:
    """Two favourites can be removed, and two alerts stopped, one right after the other."""
    ann = await furnished(world)
    if command == "/start":
        await ann.click("Favourites")
    else:
        await ann.send(command)
    await ann.click(list_button)
    listed = await ann.sees(sign)
    await world.until_confirmed()
    world.pass_time(1.1)
    for data in [button.data for button in listed.buttons if button.text.startswith(sign)][:2]:
        assert data is not None
        await ann.press(data, message=listed)
    await ann.until(lambda _: listed.labels.count(done) == 2)


async def test_the_guard_counts_from_the_change_of_the_place(world: World) -> None:
    """A button that a redraw leaves where it was obeys at once; one that a new message brings does not."""
    ann = await furnished(world)
    await ann.send("/settings")
    await ann.click("Auto-complete", message=await ann.sees("Settings", "Price limit"))
    shown = ann.newest
    on, off = (next(one.data for one in shown.buttons if word in one.text) for word in ("On", "Off"))
    assert on
    assert off
    toast = await ann.press(on, message=shown)
    assert toast is not None
    assert toast.text == REFUSED
    world.pass_time(1.1)
    for data, label in ((on, "✓ On"), (off, "✓ Off"), (on, "✓ On")):
        await ann.press(data, message=shown)
        await until_shows(ann, shown, label)


async def test_a_place_that_is_not_known_any_more_counts_as_new(world: World) -> None:
    """After a restart the first second obeys nothing that acts; the buttons before it work then."""
    ann = await furnished(world)
    await ann.send("/key")
    await ann.click("Remove", message=await ann.sees("Your API key"))
    question = await ann.sees("Yes, remove")
    world.pass_time(5)
    await world.stop()
    await world.start()
    await world.until_listening()
    toast = await ann.click("Yes, remove", message=question)
    assert toast is not None
    assert toast.text == REFUSED
    world.pass_time(1.1)
    await ann.click("Yes, remove", message=question)
    await ann.sees("API key removed.")
    with closing(sqlite3.connect(world.values["database_path"])) as connection:
        assert connection.execute("SELECT count(*) FROM handled_taps").fetchone() == (1,)
