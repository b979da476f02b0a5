"""The chat page's server: what a browser is told, and what it can do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BufferedInputFile,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
)

from bot.sandbox.page import PageServer, PhoneView, Switch
from bot.sandbox.telegram import Telegram, TelegramServer

ANN = 7


class OnePhone:
    """A provider with one number and one switch."""

    def __init__(self) -> None:
        self.inbox: list[str] = []
        self.on = False
        self.listeners: list[Callable[[], object]] = []

    def phones(self) -> list[PhoneView]:
        """Return the phone."""
        return [PhoneView("1", "+84 91", "Telegram", "Viettel", "waiting", list(self.inbox))]

    def deliver(self, phone_id: str, text: str) -> None:
        """Take an SMS."""
        assert phone_id == "1"
        self.inbox.append(text)
        self.changed()

    def switches(self) -> list[Switch]:
        """Return the switch."""
        return [Switch("auto", "By itself", self.on)]

    def set_switch(self, name: str, value: bool) -> None:
        """Turn the switch."""
        assert name == "auto"
        self.on = value
        self.changed()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Remember who wants to know."""
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def changed(self) -> None:
        """Tell them."""
        for listener in self.listeners:
            listener()


class Tab:
    """A browser tab, as far as the server can see."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def until(self, wanted: Callable[[Any], object]) -> Any:
        """Read until something is as wanted."""
        async with asyncio.timeout(10):
            while True:
                event = await self.socket.receive_json()
                if wanted(event):
                    return event

    async def state(self, wanted: Callable[[Any], object]) -> Any:
        """Read until the state is as wanted."""
        return await self.until(lambda event: event["type"] == "state" and wanted(event))

    async def send(self, **event: Any) -> None:
        """Do something."""
        await self.socket.send_json(event)


@pytest.fixture
def telegram() -> Telegram:
    """Return a Telegram."""
    return Telegram()


@pytest.fixture
async def api(telegram: Telegram) -> AsyncIterator[Bot]:
    """Connect a real bot."""
    async with TelegramServer(telegram) as server:
        session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
        async with Bot(telegram.token, session=session) as bot:
            yield bot


@pytest.fixture
def phones() -> OnePhone:
    """Return the other side."""
    return OnePhone()


@pytest.fixture
async def page(telegram: Telegram, phones: OnePhone) -> AsyncIterator[PageServer]:
    """Serve the page."""
    async with PageServer(telegram, phones, person_id=ANN, hint="Use `key`") as page:
        yield page


@pytest.fixture
async def tab(page: PageServer) -> AsyncIterator[Tab]:
    """Open the page."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{page.url}socket") as socket:
        yield Tab(socket)


async def test_the_page_is_whole(page: PageServer) -> None:
    """The page and its parts are served, strictly, and nothing else is."""
    async with aiohttp.ClientSession() as session:
        for path in ("", "static/chat.css", "static/chat.js", "static/icon.svg"):
            async with session.get(page.url + path) as answer:
                assert answer.status == 200
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
                assert "http://" not in (await answer.text()).replace("http://www.w3.org", "")
        for path in ("static/server.py", "static/%2e%2e%2fserver.py", "files/nothing"):
            async with session.get(page.url + path) as answer:
                assert answer.status == 404


async def test_other_sites_cannot_chat(page: PageServer) -> None:
    """A socket opened by a page of another origin is refused."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{page.url}socket", origin="https://evil.example")


async def test_messages_go_both_ways(telegram: Telegram, api: Bot, tab: Tab) -> None:
    """What the person types reaches the bot, and what the bot sends is shown."""
    state = await tab.state(lambda state: state["messages"] == [])
    assert (state["hint"], state["bot"]["username"]) == ("Use `key`", telegram.username)
    await tab.send(type="send", text="/start")
    (update,) = await api.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == "/start"
    await api.send_message(ANN, "<b>Hello</b>", parse_mode="HTML")
    state = await tab.state(lambda state: len(state["messages"]) == 2)
    assert state["messages"][1]["entities"] == [{"type": "bold", "offset": 0, "length": 5}]


async def test_taps_are_answered(telegram: Telegram, api: Bot, tab: Tab) -> None:
    """A tap goes to the bot by its place, and the answer comes back to the tab that asked."""
    rows = [
        [InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="42"))],
        [InlineKeyboardButton(text="Go", callback_data="secret", style="danger")],
    ]
    sent = await api.send_message(ANN, "choose", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows))
    state = await tab.state(lambda state: state["messages"])
    assert state["messages"][0]["rows"] == [
        [{"text": "Copy", "kind": "copy", "value": "42", "style": None}],
        [{"text": "Go", "kind": "callback", "value": None, "style": "danger"}],
    ]
    await tab.send(type="tap", message=sent.message_id, row=1, column=0, tap=5)
    (update,) = await api.get_updates(timeout=5)
    assert update.callback_query is not None
    assert update.callback_query.data == "secret"
    await api.answer_callback_query(update.callback_query.id, text="Done", show_alert=True)
    answer = await tab.until(lambda event: event["type"] == "answer")
    assert (answer["tap"], answer["text"], answer["alert"]) == (5, "Done", True)
    assert telegram.notes == []


async def test_nonsense_does_no_harm(api: Bot, tab: Tab) -> None:
    """What does not fit the chat is ignored, and the page lives on."""
    await tab.send(type="tap", message=99, row=0, column=0, tap=1)
    await tab.send(type="dance")
    await tab.send(type="language", code="tlh")
    await tab.send(type="send", text=" ")
    await tab.send(type="send", text="still here")
    state = await tab.state(lambda state: state["messages"])
    assert [message["text"] for message in state["messages"]] == ["still here"]
    assert len(await api.get_updates()) == 1


async def test_a_person_can_edit_delete_block_and_speak(telegram: Telegram, tab: Tab) -> None:
    """The other things that a person does with a chat."""
    await tab.send(type="send", text="frist")
    state = await tab.state(lambda state: state["messages"])
    message_id = state["messages"][0]["id"]
    await tab.send(type="edit", message=message_id, text="first")
    await tab.state(lambda state: state["messages"][0]["text"] == "first" and state["messages"][0]["edited"])
    await tab.send(type="delete", message=message_id)
    await tab.state(lambda state: state["messages"] == [])
    await tab.send(type="language", code="vi")
    await tab.state(lambda state: state["person"]["language"] == "vi")
    await tab.send(type="block", value=True)
    await tab.state(lambda state: state["person"]["blocked"])
    await tab.send(type="block", value=False)
    await tab.state(lambda state: not state["person"]["blocked"])
    assert telegram.person(ANN).language == "vi"


async def test_inline_results(api: Bot, tab: Tab) -> None:
    """Typing the bot's name offers results, and one of them can be sent."""
    await tab.send(type="inline", text="tele")
    (update,) = await api.get_updates(timeout=5)
    assert update.inline_query is not None
    content = InputTextMessageContent(message_text="chosen")
    result = InlineQueryResultArticle(id="1", title="T", description="D", input_message_content=content)
    await api.answer_inline_query(update.inline_query.id, [result])
    found = await tab.until(lambda event: event["type"] == "inline")
    assert found == {
        "type": "inline",
        "text": "tele",
        "results": [{"id": "1", "title": "T", "description": "D"}],
        "button": None,
    }
    await tab.send(type="choose", id="1", query="tele")
    state = await tab.state(lambda state: state["messages"])
    assert state["messages"][0]["via_bot"]


async def test_files_and_replies_are_shown(page: PageServer, api: Bot, tab: Tab) -> None:
    """A document can be fetched from the page, a reply shows what it answers, and a busy bot is shown."""
    question = (await api.send_message(ANN, "question")).message_id
    await api.send_chat_action(ANN, "typing")
    state = await tab.state(lambda state: state["action"])
    assert state["action"]["name"] == "typing"
    await api.send_document(ANN, BufferedInputFile(b"data", "a.txt"))
    state = await tab.state(lambda state: len(state["messages"]) == 2)
    assert state["action"] is None
    shown = state["messages"][1]
    assert (shown["file"]["name"], shown["file"]["size"]) == ("a.txt", 4)
    async with aiohttp.ClientSession() as session, session.get(page.url + shown["file"]["url"][1:]) as answer:
        assert await answer.read() == b"data"
    await tab.send(type="send", text="answer", reply_to=question)
    state = await tab.state(lambda state: len(state["messages"]) == 3)
    assert state["messages"][2]["reply_to"] == {"id": question, "own": False, "text": "question"}


async def test_only_pictures_are_opened_in_the_page(page: PageServer, api: Bot, telegram: Telegram) -> None:
    """A document comes as a download under its own name, whatever it holds; a picture is shown."""
    telegram.person(ANN)
    await api.send_document(ANN, BufferedInputFile(b"<script>alert(1)</script>", 'Số "1".html'))
    await api.send_photo(ANN, BufferedInputFile(b"GIF89a....", "x"))
    document, photo = (f"{page.url}files/{file_id}" for file_id in telegram.files)
    async with aiohttp.ClientSession() as session:
        async with session.get(document) as answer:
            disposition = answer.headers["Content-Disposition"]
            assert disposition == "attachment; filename*=UTF-8''S%E1%BB%91%20%221%22.html"
        async with session.get(photo) as answer:
            assert "Content-Disposition" not in answer.headers
            assert answer.content_type == "image/gif"


async def test_the_way_to_the_chat(api: Bot, tab: Tab) -> None:
    """Where there are no results, the button over them begins the chat."""
    await tab.send(type="open_chat")
    await tab.send(type="inline", text="x")
    (update,) = await api.get_updates(timeout=5)
    assert update.inline_query is not None
    button = InlineQueryResultsButton(text="Begin", start_parameter="p")
    await api.answer_inline_query(update.inline_query.id, [], button=button)
    found = await tab.until(lambda event: event["type"] == "inline")
    assert (found["results"], found["button"]) == ([], "Begin")
    await tab.send(type="open_chat")
    state = await tab.state(lambda state: state["messages"])
    assert state["messages"][0]["text"] == "/start p"


async def test_the_drawer(phones: OnePhone, tab: Tab) -> None:
    """SMS are delivered, and switches are flipped."""
    state = await tab.state(lambda state: state["phones"])
    assert state["phones"][0]["phone"] == "+84 91"
    await tab.send(type="deliver", phone="1", text="Code 1")
    await tab.state(lambda state: state["phones"][0]["messages"] == ["Code 1"])
    await tab.send(type="switch", name="auto", value=True)
    await tab.state(lambda state: state["switches"][0]["on"])
    assert phones.on


async def test_closing_hangs_up(telegram: Telegram, phones: OnePhone) -> None:
    """The server closes with an open tab, and forgets it."""
    async with aiohttp.ClientSession() as session:
        async with PageServer(telegram, phones, person_id=ANN) as page:
            socket = await session.ws_connect(f"{page.url}socket")
            await socket.receive_json()
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert phones.listeners == []
