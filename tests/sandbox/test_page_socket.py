"""Tests of the chat page's server over its WebSocket and HTTP, without a browser."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
)

from bot.sandbox.page import PageServer, PhoneView, Step, Switch
from bot.sandbox.telegram import Telegram
from tests.sandbox.clients import ANN


class OnePhone:
    """A control panel with one phone and one switch."""

    def __init__(self) -> None:
        self.inbox: list[str] = []
        self.on = False
        self.listeners: list[Callable[[], object]] = []

    def steps(self) -> list[Step]:
        """Return the step, which is done when the phone has an SMS."""
        return [Step("Send the key", bool(self.inbox), "key")]

    def phones(self) -> list[PhoneView]:
        """Return the phone."""
        return [PhoneView("1", "+84 91", "Telegram", "Viettel", "waiting", list(self.inbox))]

    def deliver(self, phone_id: str, text: str) -> None:
        """Store an SMS."""
        assert phone_id == "1"
        self.inbox.append(text)
        self.changed()

    def switches(self) -> list[Switch]:
        """Return the switch."""
        return [Switch("auto", "By itself", self.on)]

    def set_switch(self, name: str, value: bool) -> None:
        """Set the switch."""
        assert name == "auto"
        self.on = value
        self.changed()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Store a listener."""
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def changed(self) -> None:
        """Call the listeners."""
        for listener in self.listeners:
            listener()


class Tab:
    """A client of the page's WebSocket, like a browser tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def until(self, wanted: Callable[[Any], object]) -> Any:
        """Read until an event matches, and return it."""
        async with asyncio.timeout(10):
            while True:
                event = await self.socket.receive_json()
                if wanted(event):
                    return event

    async def state(self, wanted: Callable[[Any], object]) -> Any:
        """Read until a state matches, and return it."""
        return await self.until(lambda event: event["type"] == "state" and wanted(event))

    async def send(self, **event: Any) -> None:
        """Send an action."""
        await self.socket.send_json(event)


@pytest.fixture
def phones() -> OnePhone:
    """Return the control panel."""
    return OnePhone()


@pytest.fixture
async def page(telegram: Telegram, phones: OnePhone) -> AsyncIterator[PageServer]:
    """Serve the page."""
    async with PageServer(telegram, phones, person_id=ANN) as page:
        yield page


@pytest.fixture
async def tab(page: PageServer) -> AsyncIterator[Tab]:
    """Open the page."""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{page.url}socket") as socket:
        yield Tab(socket)


async def test_the_page_is_served(page: PageServer) -> None:
    """The server serves the page and its files with a strict policy, and nothing else."""
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
    """The bot gets the person's messages, and the page shows the bot's messages."""
    state = await tab.state(lambda state: state["messages"] == [])
    assert state["bot"]["username"] == telegram.username
    assert state["steps"] == [{"text": "Send the key", "done": False, "offer": "key"}]
    await tab.send(type="send", text="/start")
    (update,) = await api.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == "/start"
    await api.send_message(ANN, "<b>Hello</b>", parse_mode="HTML")
    state = await tab.state(lambda state: len(state["messages"]) == 2)
    assert state["messages"][1]["entities"] == [{"type": "bold", "offset": 0, "length": 5}]


async def test_taps_are_answered(telegram: Telegram, api: Bot, tab: Tab) -> None:
    """A tap names the position of a button, and the bot's answer comes back with the id of the tap."""
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


async def test_invalid_actions_are_ignored(api: Bot, tab: Tab) -> None:
    """Invalid actions are ignored, and the session goes on."""
    await tab.send(type="tap", message=99, row=0, column=0, tap=1)
    await tab.send(type="dance")
    await tab.send(type="language", code="tlh")
    await tab.send(type="send", text=" ")
    await tab.send(type="send", text="still here")
    state = await tab.state(lambda state: state["messages"])
    assert [message["text"] for message in state["messages"]] == ["still here"]
    assert len(await api.get_updates()) == 1


async def test_a_person_can_edit_delete_and_block(telegram: Telegram, tab: Tab) -> None:
    """The page can edit and delete messages, change the language, and block the bot."""
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
    """An inline search returns results, and one of them can be sent."""
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
    """A document can be downloaded, a reply has the text it replies to, and the chat action is shown."""
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
    """A document is served as a download under its own name; a picture is served to be shown."""
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


async def test_the_button_above_results(api: Bot, tab: Tab) -> None:
    """The button above empty inline results starts the chat."""
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


async def test_the_control_panel(phones: OnePhone, tab: Tab) -> None:
    """The page delivers SMS and sets switches."""
    state = await tab.state(lambda state: state["phones"])
    assert state["phones"][0]["phone"] == "+84 91"
    await tab.send(type="deliver", phone="1", text="Code 1")
    await tab.state(lambda state: state["phones"][0]["messages"] == ["Code 1"])
    await tab.send(type="switch", name="auto", value=True)
    await tab.state(lambda state: state["switches"][0]["on"])
    assert phones.on


async def test_closing_closes_open_tabs(telegram: Telegram, phones: OnePhone) -> None:
    """Closing the server closes an open tab and removes its listeners."""
    async with aiohttp.ClientSession() as session:
        async with PageServer(telegram, phones, person_id=ANN) as page:
            socket = await session.ws_connect(f"{page.url}socket")
            await socket.receive_json()
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert phones.listeners == []
