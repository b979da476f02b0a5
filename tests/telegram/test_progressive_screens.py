"""Screens that are shown before everything on them is known: filled in once, in place, and never wrong."""

import asyncio
from contextlib import suppress

import pytest
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import EditMessageText
from hypothesis import given, settings, strategies as st

from bot import errors
from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import Message, Person, TelegramFault
from bot.telegram import screens
from bot.telegram.screens import ProgressiveScreen, ScreenContent, ScreenUpdates
from bot.telegram.translations import Translations
from bot.telegram.translator import Html
from tests.conftest import World

T = Translations().find("en")
PLACE = (1, 2)


@pytest.fixture
async def hasty(world: World) -> World:
    """The running bot, which shows a screen after a twentieth of a second, finished or not."""
    world.patience = 0.05
    await world.start()
    return world


def edits(world: World, message: Message) -> list[str]:
    """Return the texts that were put into a message after it was sent, oldest first."""
    calls = world.telegram.called("editMessageText")
    return [call.params["text"] for call in calls if call.params.get("message_id") == message.message_id]


def tasks() -> set[str]:
    """Return the names of what is under way."""
    return {getattr(task.get_coro(), "__name__", "") for task in asyncio.all_tasks()}


async def half_drawn(world: World, ann: Person) -> Message:
    """Have a screen of operators stand there with open counts, which come when the provider is healed."""
    screen = await ann.sees("Choose a service", after=await ann.send("/buy"))
    world.provider.fail(FaultKind.DELAY, action="getNumbersStatus", seconds=10, times=None)
    await ann.click("Telegram", message=screen)
    await ann.until(lambda _: "Viettel · …" in screen.labels)
    return screen


async def a_screen_is_filled(world: World, ann: Person) -> None:
    """Wait until another screen, asked for from now on and as slow, has been filled in."""
    services = await ann.sees("Choose a service", after=await ann.send("/buy"))
    await ann.click("Viber", message=services)
    await ann.until(lambda _: len(edits(world, services)) == 2)


async def test_operators_are_shown_at_once_and_filled_in(hasty: World) -> None:
    """With a slow provider the operators stand there with open counts; one more edit brings them all."""
    hasty.provider.set_stock("tg", 7, operator="viettel")
    ann = await hasty.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    hasty.provider.fail(FaultKind.DELAY, action="getNumbersStatus", seconds=10, times=None)
    await ann.click("Telegram", message=screen)
    await ann.sees("Choose an operator", "Viettel · …")
    hasty.provider.heal()
    await ann.sees("Choose an operator", "Viettel · 7")
    assert not [label for label in screen.labels if label.endswith("…") and label != "Several…"]
    assert len(edits(hasty, screen)) in (2, 3)  # on a slow machine the placeholder is an edit of its own


async def test_a_quick_provider_costs_one_edit(bot_world: World) -> None:
    """When all answers come in time the screen is drawn once."""
    ann = await bot_world.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    await ann.click("Telegram", message=screen)
    await ann.sees("Choose an operator")
    assert len(edits(bot_world, screen)) == 1


async def test_a_fill_does_not_come_over_the_next_screen(hasty: World) -> None:
    """Whoever goes back before the counts are there stays where they went."""
    ann = await hasty.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    hasty.provider.fail(FaultKind.DELAY, action="getNumbersStatus", seconds=0.5, times=None)
    await ann.click("Telegram", message=screen)
    await ann.sees("Viettel · …")
    await ann.click("Back", message=screen)
    await ann.until(lambda _: "Choose a service" in screen.text)
    await a_screen_is_filled(hasty, ann)
    assert "Choose a service" in screen.text
    assert len(edits(hasty, screen)) in (2, 3)  # on a slow machine the placeholder is an edit of its own


async def test_a_fill_does_not_come_over_a_card(hasty: World) -> None:
    """A page bought from before its balance was there is a card from then on, and nothing else."""
    ann = await hasty.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    await ann.click("Telegram", message=screen)
    await ann.sees("Viettel · ")
    hasty.provider.fail(FaultKind.DELAY, action="getBalance", seconds=0.5, times=None)
    await ann.click("Viettel", message=screen)
    await ann.sees("Balance: …")
    await ann.click("Buy", message=screen)
    card = await ann.sees("Waiting for the code")
    assert card.message_id == screen.message_id
    shown = edits(hasty, screen)
    first = next(place for place, text in enumerate(shown) if "Buying the number" in text)
    assert not [text for text in shown[first:] if "Buy this number" in text]


async def test_buy_stands_only_on_a_page_that_exists(hasty: World) -> None:
    """While the price is still asked for there is no button to buy with."""
    ann = await hasty.customer()
    fault = hasty.provider.fail(FaultKind.DELAY, action="getPrices", seconds=10)
    await ann.press("c:10:tg:0:0")
    screen = await ann.sees("Loading the price")
    assert screen.labels == ["Back", "Home"]
    hasty.provider.heal()
    await ann.sees("Buy this number?", "Buy", "Balance: 10.00")
    assert fault.hits == 1
    await ann.click("Buy", message=screen)
    await ann.sees("Waiting for the code")


async def test_services_that_are_not_known_yet(hasty: World) -> None:
    """The first list is announced, and filled in when it is there."""
    ann = await hasty.customer()
    slow = hasty.provider.fail(FaultKind.DELAY, action="getPrices", seconds=10)
    await ann.click("Buy a number")
    screen = await ann.sees("Loading services")
    assert screen.labels == ["Home"]
    hasty.provider.heal()
    await ann.sees("Choose a service", "Telegram · ")
    assert len(edits(hasty, screen)) in (2, 3)  # on a slow machine the placeholder is an edit of its own
    assert slow.hits == 1


async def test_an_old_list_is_shown_with_open_prices(hasty: World) -> None:
    """Where only the prices are out of date the services stand there at once, without any."""
    ann = await hasty.customer()
    screen = await ann.sees("Choose a service", after=await ann.send("/buy"))
    assert hasty.app is not None
    hasty.app.features.catalog.lists.expire_offers("10")
    hasty.provider.set_stock("tg", 77, price="0.50")
    hasty.provider.fail(FaultKind.DELAY, action="getPrices", seconds=10)
    await ann.press("s:10:0", message=screen)
    await ann.sees("Choose a service", "Telegram · …")
    hasty.provider.heal()
    await ann.sees("Choose a service", "Telegram · 0.50 · 77")
    assert len(edits(hasty, screen)) in (2, 3)  # on a slow machine the placeholder is an edit of its own


async def test_a_failure_after_the_screen_is_a_sentence_on_it(hasty: World) -> None:
    """What goes wrong later is said where the person looks, with a way to try again and a way home."""
    ann = await hasty.customer()
    hasty.provider.fail(FaultKind.STATUS, action="getPrices", seconds=0.3, times=None)
    hasty.provider.fail(FaultKind.STATUS, action="getNumbersStatus", times=None)
    await ann.click("Buy a number")
    screen = await ann.sees("Loading services")
    await ann.sees("has a problem", "Try again", "Home")
    hasty.provider.heal()
    await ann.click("Try again", message=screen)
    await ann.sees("Choose a service")
    assert "Choose a service" in screen.text


async def test_counts_that_do_not_come_are_left_out(hasty: World) -> None:
    """When it is clear that counts will not come, the screen says nothing about them."""
    ann = await hasty.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    hasty.provider.fail(FaultKind.STATUS, action="getNumbersStatus", seconds=0.3, times=None)
    await ann.click("Telegram", message=screen)
    await ann.sees("Viettel · …")
    await ann.until(lambda _: "Viettel" in screen.labels)
    assert len(edits(hasty, screen)) in (2, 3)  # on a slow machine the placeholder is an edit of its own


async def test_a_search_is_answered_at_once(hasty: World) -> None:
    """A typed name is acknowledged by a message, which becomes what was found."""
    ann = await hasty.customer()
    hasty.provider.fail(FaultKind.DELAY, action="getPrices", seconds=10)
    await ann.send("telegarm")
    message = await ann.sees("Searching for “telegarm”", "Home")
    hasty.provider.heal()
    await ann.sees("Results for “telegarm”", "Telegram · ")
    assert "Results for" in message.text


@pytest.mark.parametrize("kind", [TelegramFault.RETRY_AFTER, TelegramFault.ERROR])
async def test_a_fill_that_fails_is_tried_again(hasty: World, kind: TelegramFault) -> None:
    """One refusal of Telegram's, for haste or for trouble of its own, leaves no screen half drawn."""
    ann = await hasty.customer()
    screen = await half_drawn(hasty, ann)
    before = len(edits(hasty, screen))
    hasty.telegram.fail(kind, method="editMessageText")
    hasty.provider.heal()
    await ann.until(lambda _: "…" not in "".join(screen.labels).replace("Several…", ""))
    assert "Viettel · " in "".join(screen.labels)
    assert len(edits(hasty, screen)) - before == 2


async def test_a_fill_that_waits_for_another_try_leaves_the_next_screen_alone(hasty: World) -> None:
    """However long Telegram wants to be left alone, a tap is answered at once, and its screen stays."""
    ann = await hasty.customer()
    screen = await half_drawn(hasty, ann)
    hasty.telegram.fail(TelegramFault.RETRY_AFTER, method="editMessageText", retry_after=3600)
    made = len(hasty.telegram.called("editMessageText"))
    hasty.provider.heal()
    await hasty.telegram.until_called("editMessageText", made + 1)
    await ann.click("Back", message=screen)
    await ann.until(lambda _: "Choose a service" in screen.text)
    assert len(edits(hasty, screen)) == 3
    assert "_fill" not in tasks()


async def test_an_orderly_end_leaves_nothing_open(hasty: World) -> None:
    """When the bot stops, a screen gets what is known by then, and the bot does not wait for the rest."""
    ann = await hasty.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    hasty.provider.fail(FaultKind.HANG, action="getNumbersStatus", times=None)
    await ann.click("Telegram", message=screen)
    await ann.sees("Viettel · …")
    await hasty.stop()
    assert "Viettel" in screen.labels
    assert len(edits(hasty, screen)) in (2, 3)  # on a slow machine the placeholder is an edit of its own


async def test_a_crash_leaves_no_task_behind(hasty: World) -> None:
    """A killed bot touches no screen any more."""
    ann = await hasty.customer()
    await ann.send("/buy")
    screen = await ann.sees("Choose a service")
    hasty.provider.fail(FaultKind.HANG, action="getNumbersStatus", times=None)
    await ann.click("Telegram", message=screen)
    await ann.sees("Viettel · …")
    await hasty.kill()
    assert "Viettel · …" in screen.labels
    assert not tasks() & {"_fill", "_learn"}


EDIT = EditMessageText(text="filled")


def in_haste(seconds: int) -> TelegramRetryAfter:
    """Return Telegram's wish to be left alone for so many seconds."""
    return TelegramRetryAfter(EDIT, "Too Many Requests", seconds)


class Chat:
    """One message as Telegram keeps it, and a fill of it that comes when the test says so."""

    def __init__(self) -> None:
        self.screen_updates = ScreenUpdates()
        self.answer = asyncio.Event()
        self.arrived = asyncio.Event()
        self.let_through = asyncio.Event()
        self.allowed = asyncio.Event()
        self.allowed.set()
        self.refusals: list[AiogramError] = []
        self.edits = 0
        self.shows = "draft"
        self.learning = asyncio.create_task(self.load())

    async def load(self) -> None:
        """Wait for the provider."""
        await self.answer.wait()

    async def turn(self) -> None:
        """Wait for the rate limits."""
        await self.allowed.wait()

    async def edit(self, screen: ScreenContent) -> None:
        """Put a screen into the message, as slowly as the network is, unless Telegram refuses."""
        self.edits += 1
        self.arrived.set()
        await self.let_through.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        self.shows = screen[0]

    def begin(self, draft: ProgressiveScreen | None = None) -> None:
        """Show the draft."""
        draft = draft or ProgressiveScreen(T, self.load, lambda _: (Html("filled"), None))
        self.screen_updates.add(PLACE, draft, self.learning, (Html("draft"), None), self.edit, self.turn)

    async def show(self, text: str) -> None:
        """Show another screen in the message."""
        await self.screen_updates.stop(PLACE)
        self.shows = text


async def test_an_edit_that_waits_for_its_turn_is_not_waited_for() -> None:
    """What the rate limits hold back is called back, so that the next screen need not wait for it."""
    chat = Chat()
    chat.allowed.clear()
    chat.begin()
    chat.answer.set()
    await asyncio.sleep(0.01)  # the update waits for its turn by now
    await chat.show("next")
    chat.allowed.set()
    assert (chat.shows, chat.edits) == ("next", 0)


async def test_an_edit_that_is_under_way_is_waited_for() -> None:
    """What is on its way to Telegram cannot be called back, so the next screen comes after it."""
    chat = Chat()
    chat.begin()
    chat.answer.set()
    await chat.arrived.wait()
    showing = asyncio.create_task(chat.show("next"))
    done, _ = await asyncio.wait({showing}, timeout=0)
    assert not done
    chat.let_through.set()
    await showing
    assert chat.shows == "next"


async def test_a_stop_does_not_wait_for_another_try() -> None:
    """An edit that is under way when the next screen comes is not made again if it fails."""
    chat = Chat()
    chat.refusals = [in_haste(3600)]
    chat.begin()
    chat.answer.set()
    await chat.arrived.wait()
    showing = asyncio.create_task(chat.show("next"))
    await asyncio.wait({showing}, timeout=0)
    chat.let_through.set()
    await showing
    assert (chat.shows, chat.edits) == ("next", 1)
    assert not chat.screen_updates.is_pending(PLACE)


TROUBLE = [
    in_haste(0),
    TelegramServerError(EDIT, "Bad Gateway"),
    TelegramNetworkError(EDIT, "gone"),
    ClientDecodeError("no JSON", ValueError(), "<html>"),
]


@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda error: type(error).__name__)
async def test_trouble_that_lasts_ends_a_fill(monkeypatch: pytest.MonkeyPatch, trouble: AiogramError) -> None:
    """Whatever passes is sat out, a few times; then the screen stays as it is."""
    monkeypatch.setattr(screens, "FIRST_PAUSE", 0.001)
    for times, shown in ((screens.MAX_ATTEMPTS - 1, "filled"), (screens.MAX_ATTEMPTS, "draft")):
        chat = Chat()
        chat.refusals = [trouble] * times
        chat.let_through.set()
        chat.begin()
        chat.answer.set()
        await chat.screen_updates.finish(5)
        assert (chat.shows, chat.edits) == (shown, screens.MAX_ATTEMPTS)


async def test_a_refusal_ends_a_fill() -> None:
    """What Telegram will not take, such as a message that is gone, is tried once."""
    chat = Chat()
    chat.refusals = [TelegramBadRequest(EDIT, "message to edit not found")]
    chat.let_through.set()
    chat.begin()
    chat.answer.set()
    await chat.screen_updates.finish(5)
    assert (chat.shows, chat.edits) == ("draft", 1)


@given(
    steps=st.lists(st.sampled_from(["answer", "let through", "turn"]), max_size=12),
    stop=st.integers(0, 12),
    refusals=st.integers(0, 3),
)
@settings(deadline=None)
async def test_nothing_comes_after_a_stop(steps: list[str], stop: int, refusals: int) -> None:
    """Whenever the next screen is shown, it stays: before, while and after the rest is learnt and sent."""
    chat = Chat()
    chat.refusals = [in_haste(0)] * refusals
    chat.begin()
    showing = None
    for place, step in enumerate(steps):
        if place == stop:
            showing = asyncio.create_task(chat.show("next"))
        if step == "answer":
            chat.answer.set()
        elif step == "let through":
            chat.let_through.set()
        else:
            await asyncio.sleep(0)
    showing = showing or asyncio.create_task(chat.show("next"))
    for _ in range(5):
        await asyncio.sleep(0)
    chat.let_through.set()
    await showing
    chat.answer.set()
    with suppress(asyncio.CancelledError):
        await chat.learning
    for _ in range(20):
        await asyncio.sleep(0)
    assert chat.shows == "next"
    await chat.screen_updates.close()


async def test_a_mistake_of_ours_is_said_too() -> None:
    """An error nobody foresaw becomes the general sentence, and leaves no screen open."""

    def draw(_: bool) -> ScreenContent:
        raise ZeroDivisionError

    chat = Chat()
    chat.let_through.set()
    chat.begin(ProgressiveScreen(T, chat.load, draw))
    chat.answer.set()
    await chat.screen_updates.finish(5)
    assert "Something went wrong" in chat.shows


async def test_what_cannot_be_drawn_without_an_answer_is_a_sentence() -> None:
    """A draft that lacks what it needs when nothing more comes says so."""

    def draw(_: bool) -> ScreenContent:
        raise errors.NoAnswer

    chat = Chat()
    chat.let_through.set()
    chat.begin(ProgressiveScreen(T, chat.load, draw))
    await chat.screen_updates.finish(5)
    assert "didn’t answer in time" in chat.shows
