"""The state of the sandbox Telegram that does not belong to one chat."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from bot.sandbox.telegram.faults import Failure, Faults, TelegramFault
from bot.sandbox.telegram.limits import FloodControl, TelegramLimits
from bot.sandbox.telegram.objects import Call, Json, Query, UploadedFile
from bot.sandbox.telegram.updates import Updates

KEPT_CALLS = 100_000
KEPT_QUERIES = 10_000


@dataclass
class BotProfile:
    """What the bot says about itself, by language, and its commands, by scope and language."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)


class TelegramState:
    """Counters, files, queries, updates, limits and faults: what all chats share."""

    def __init__(
        self,
        *,
        token: str,
        username: str,
        name: str,
        clock: Callable[[], float],
    ) -> None:
        self.token = token
        self.username = username
        self.name = name
        self.clock = clock
        self.limits = TelegramLimits()
        self.flood = FloodControl(self.limits)
        self.faults = Faults()
        self.profile = BotProfile()
        self.updates = Updates(clock, self.limits)
        self.calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self.notes: list[str] = []
        self.files: dict[str, UploadedFile] = {}
        self.queries: dict[str, Query] = {}
        self._message_ids = count(1)
        self._query_ids = count(10**15)
        self._called = asyncio.Event()
        self._listeners: list[Callable[[], object]] = []

    def called(self, method: str) -> list[Call]:
        """Return the calls of one method, oldest first."""
        return [call for call in self.calls if call.method == method]

    def record(self, call: Call) -> None:
        """Write a call down."""
        self.calls.append(call)
        called, self._called = self._called, asyncio.Event()
        called.set()

    async def until_called(self, method: str, times: int = 1, timeout: float = 10) -> Call:  # noqa: ASYNC109 - the test's patience is part of the question
        """Wait until the bot has called a method so many times in all, and return the last of these calls.

        Raises:
            AssertionError: with what was called instead, when it does not happen in time.
        """
        try:
            async with asyncio.timeout(timeout):
                while len(self.called(method)) < times:
                    await self._called.wait()
        except TimeoutError:
            made = ", ".join(call.method for call in self.calls) or "nothing"
            raise AssertionError(f"{method} was not called {times} times, but: {made}") from None
        return self.called(method)[times - 1]

    def fail(
        self,
        kind: TelegramFault | str,
        *,
        method: str | None = None,
        chat_id: int | None = None,
        times: int | None = 1,
        chance: float = 1.0,
        seconds: float = 0,
        status: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Arrange for calls to go wrong.

        Args:
            kind: What happens to the call.
            method: Only calls of this method. Of no method in particular, a lasting failure covers getUpdates
                too and a counted one does not, since the polling would use it up.
            chat_id: Only calls about this chat.
            times: How many calls; without a number, all until `heal`.
            chance: How likely each of them is to fail.
            seconds: How long DELAY waits before it does the work, and HANG before it hangs up (0: never).
            status: The HTTP status of ERROR, 500 by default.
            retry_after: The seconds that RETRY_AFTER asks for, 1 by default.
        """
        failure = Failure(TelegramFault(kind), method, chat_id, times, chance, seconds, status or 500)
        failure.retry_after = 1 if retry_after is None else retry_after
        self.faults.add(failure)

    def heal(self) -> None:
        """Let everything work again."""
        self.faults.clear()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back, without arguments, whenever something that can be seen has changed.

        Returns:
            A function that ends it.
        """
        self._listeners.append(callback)

        def unsubscribe() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return unsubscribe

    def changed(self) -> None:
        """Tell the listeners."""
        for listener in tuple(self._listeners):
            listener()

    def now(self) -> int:
        """Return the time as messages carry it."""
        return int(self.clock())

    def me(self) -> Json:
        """Return the bot as a user."""
        return {
            "id": int(self.token.partition(":")[0]),
            "is_bot": True,
            "first_name": self.name,
            "username": self.username,
        }

    def next_message_id(self) -> int:
        """Number a message."""
        return next(self._message_ids)

    def add_file(self, name: str, mime: str, content: bytes) -> UploadedFile:
        """Keep an uploaded file."""
        file = UploadedFile(secrets.token_hex(16), name, mime, content)
        self.files[file.file_id] = file
        return file

    def open_query(self, user_id: int, *, inline: bool) -> Query:
        """Store a tap or an inline search of a person, and return it."""
        query = Query(str(next(self._query_ids)), user_id, self.clock(), inline=inline)
        self.queries[query.query_id] = query
        if len(self.queries) > KEPT_QUERIES:
            del self.queries[next(iter(self.queries))]
        return query
