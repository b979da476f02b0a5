"""The state of the sandbox Telegram that all chats share."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import count

from bot.sandbox.telegram.faults import Failure, Faults, TelegramFault
from bot.sandbox.telegram.limits import FloodControl, TelegramLimits
from bot.sandbox.telegram.objects import Call, Json, Query, UploadedFile
from bot.sandbox.telegram.updates import Updates

KEPT_CALLS = 100_000
KEPT_QUERIES = 10_000


@dataclass
class BotProfile:
    """The bot's descriptions by language, and its commands by scope and language."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)


class TelegramState:
    """Recorded calls, files, queries, updates, limits and faults.

    Attributes:
        calls: The latest calls, oldest first.
        date: The Date header of the answers; a test replaces it.
        notes: What the bot used that Telegram or the sandbox does not know; tests expect this to be empty.
    """

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
        self.date: Callable[[], str] = lambda: formatdate(clock(), usegmt=True)
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
        """Record a call."""
        self.calls.append(call)
        called, self._called = self._called, asyncio.Event()
        called.set()

    async def until_called(self, method: str, times: int = 1, timeout: float = 10) -> Call:  # noqa: ASYNC109 - a parameter is shorter in tests
        """Wait until the bot has called a method this many times, and return the last of these calls.

        Raises:
            AssertionError: It has not in time; the error lists the calls that were made.
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
        """Make calls fail.

        Args:
            kind: The kind of failure.
            method: The method whose calls fail; None for all. With None, getUpdates fails only if `times` is
                None, because the polling would use up a counted failure.
            chat_id: The chat whose calls fail; None for all.
            times: How many calls fail; None for all until `heal`.
            chance: The probability that a matching call fails, 0 to 1.
            seconds: The delay of DELAY before the call, or of HANG before it closes the connection; HANG
                with 0 never closes it.
            status: The HTTP status of ERROR and PAGE, 500 by default.
            retry_after: The seconds in RETRY_AFTER, 1 by default.
        """
        failure = Failure(TelegramFault(kind), method, chat_id, times, chance, seconds, status or 500)
        failure.retry_after = 1 if retry_after is None else retry_after
        self.faults.add(failure)

    def heal(self) -> None:
        """Remove all failures."""
        self.faults.clear()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call the callback, without arguments, after every visible change.

        Returns:
            A function that removes the callback.
        """
        self._listeners.append(callback)

        def unsubscribe() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return unsubscribe

    def changed(self) -> None:
        """Call the listeners."""
        for listener in tuple(self._listeners):
            listener()

    def now(self) -> int:
        """Return the time in whole seconds, as messages have it."""
        return int(self.clock())

    def me(self) -> Json:
        """Return the bot as a user of the Bot API."""
        return {
            "id": int(self.token.partition(":")[0]),
            "is_bot": True,
            "first_name": self.name,
            "username": self.username,
        }

    def next_message_id(self) -> int:
        """Return a new message id."""
        return next(self._message_ids)

    def add_file(self, name: str, mime: str, content: bytes) -> UploadedFile:
        """Store an uploaded file."""
        file = UploadedFile(secrets.token_hex(16), name, mime, content)
        self.files[file.file_id] = file
        return file

    def expire_queries(self) -> None:
        """Make all taps and inline searches too old to be answered."""
        for query in self.queries.values():
            query.asked_at -= self.limits.query_seconds + 1

    def open_query(self, user_id: int, *, inline: bool) -> Query:
        """Store a tap or an inline search of a person, and return it."""
        query = Query(str(next(self._query_ids)), user_id, self.clock(), inline=inline)
        self.queries[query.query_id] = query
        if len(self.queries) > KEPT_QUERIES:
            del self.queries[next(iter(self.queries))]
        return query
