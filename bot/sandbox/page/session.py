"""The session of one browser tab: it sends the state to the page and receives the person's actions."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.page.panel import Panel
from bot.sandbox.page.view import view
from bot.sandbox.telegram import Message, Person, Query, Telegram

logger = logging.getLogger(__name__)

SPINNER_SECONDS = 15
LANGUAGES = ("en", "vi", "ru")

Event = dict[str, Any]


class PageSession:
    """The connection to one browser tab over a WebSocket."""

    def __init__(
        self,
        telegram: Telegram,
        person: Person,
        panel: Panel,
        socket: web.WebSocketResponse,
    ) -> None:
        self._telegram = telegram
        self._person = person
        self._panel = panel
        self._socket = socket
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: dict[str, Event] = {}
        self._latest_query: Query | None = None
        self._shown_query: Query | None = None
        self._actions: dict[str, Callable[[Event], Awaitable[None]]] = {
            "open_chat": self._open_chat,
            "block": self._block,
            "choose": self._choose,
            "delete": self._delete,
            "deliver": self._deliver,
            "edit": self._edit,
            "switch": self._switch,
            "inline": self._inline,
            "language": self._language,
            "send": self._send,
            "tap": self._tap,
        }

    async def run(self) -> None:
        """Send every change to the page and run the person's actions, until the tab is closed."""
        removals = [
            self._telegram.on_change(self._changed.set),
            self._panel.on_change(self._changed.set),
        ]
        self._spawn(self._send_states())
        try:
            async for frame in self._socket:
                if frame.type is WSMsgType.TEXT:
                    await self._receive(json.loads(frame.data))
        finally:
            for remove in removals:
                remove()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send_states(self) -> None:
        sent = ""
        while True:
            self._changed.clear()
            state = json.dumps(view(self._telegram, self._person, self._panel))
            if state != sent:
                await self._write(state)
                sent = state
            await self._changed.wait()

    async def _receive(self, event: dict[str, Any]) -> None:
        try:
            action = self._actions.get(event["type"])
            if action is not None:
                await action(event)
        except (AssertionError, LookupError, TypeError, ValueError) as error:
            # The page can show an old state: the tapped message may be deleted.
            logger.debug("ignored an action of the page: %r", error)

    async def _send(self, event: Event) -> None:
        reply_to = self._person.find(event.get("reply_to") or 0)
        await self._person.send(event["text"], reply_to=reply_to)

    async def _edit(self, event: Event) -> None:
        message = self._message(event)
        if not message.from_bot:
            await self._person.edit(message, event["text"])

    async def _delete(self, event: Event) -> None:
        self._person.delete(self._message(event))

    async def _inline(self, event: Event) -> None:
        self._spawn(self._search(event["text"]))

    async def _open_chat(self, _event: Event) -> None:
        if self._shown_query is not None:
            await self._person.press_over(self._shown_query)

    async def _choose(self, event: Event) -> None:
        self._person.choose(self._results[event["id"]], event.get("query", ""))

    async def _language(self, event: Event) -> None:
        if event["code"] in LANGUAGES:
            self._person.language = event["code"]
            self._person.changed()

    async def _block(self, event: Event) -> None:
        self._person.block() if event["value"] else self._person.unblock()

    async def _deliver(self, event: Event) -> None:
        self._panel.deliver(event["phone"], event["text"])

    async def _switch(self, event: Event) -> None:
        self._panel.set_switch(event["name"], bool(event["value"]))

    async def _tap(self, event: Event) -> None:
        message = self._message(event)
        button = message.rows[event["row"]][event["column"]]
        if button.data is not None:
            self._spawn(self._wait_for_answer(message, button.data, event["tap"]))

    async def _wait_for_answer(self, message: Message, data: str, tap: int) -> None:
        query = self._person.tap(message, data)
        with contextlib.suppress(AssertionError):
            await self._person.until(lambda _: query.answered, SPINNER_SECONDS)
        answer: Event = {"type": "answer", "tap": tap, "text": "", "alert": False}
        if query.toast is not None:
            answer |= {"text": query.toast.text, "alert": query.toast.alert, "url": query.toast.url}
        await self._write(json.dumps(answer))

    async def _search(self, text: str) -> None:
        query = self._latest_query = self._person.type(text)
        with contextlib.suppress(AssertionError):
            await self._person.until(lambda _: query.answered, SPINNER_SECONDS)
        if query is not self._latest_query:
            return  # the person has typed more
        results = query.results or []
        self._shown_query, self._results = query, {result["id"]: result for result in results}
        shown = [
            {
                "id": result["id"],
                "title": result.get("title", ""),
                "description": result.get("description", ""),
            }
            for result in results
        ]
        button = query.button["text"] if query.button else None
        await self._write(json.dumps({"type": "inline", "text": text, "results": shown, "button": button}))

    def _message(self, event: Event) -> Message:
        message = self._person.find(event["message"])
        if message is None:
            raise KeyError(event["message"])
        return message

    async def _write(self, text: str) -> None:
        with contextlib.suppress(ConnectionError):
            await self._socket.send_str(text)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
