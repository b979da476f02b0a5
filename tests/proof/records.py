"""Reads the record of the sandbox Telegram: what was drawn when, each poll, and each outage."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from bot.sandbox.telegram import Call, Telegram, TelegramFault

_UNANSWERED: Final = frozenset(
    {TelegramFault.COMMIT_THEN_CUT, TelegramFault.CUT_BODY, TelegramFault.DELAY, TelegramFault.HANG}
)
"""Faults after which the bot cannot know whether its call has worked."""
DONE_WITHIN: Final = 2.0
"""Seconds in which a process does what belongs together, for example stores what it has received."""
_CARD: Final = re.compile(r"📱<code>\+(\d+)</code>")


class Drawn(NamedTuple):
    """A text that the bot has sent, or put into an older message, as the bot wrote it."""

    at: float
    method: str
    text: str


class Records:
    """An index of the calls of the bot. It reads each call once.

    Attributes:
        deaths: the times at which the bot was killed.
        broken_storage: the times from which its database could not be used for a while.
    """

    def __init__(self, telegram: Telegram) -> None:
        self.deaths: list[float] = []
        self.broken_storage: list[float] = []
        self._telegram = telegram
        self._read = 0
        self._drawn: defaultdict[object, list[Drawn]] = defaultdict(list)
        self._shown_at: dict[str, float] = {}
        self._ids: defaultdict[str, set[str]] = defaultdict(set)
        self._polls: list[tuple[float, int]] = []

    def drawn(self, chat_id: int) -> list[Drawn]:
        """Return all texts that the bot has written in a chat, oldest first."""
        self._read_calls()
        return self._drawn[chat_id]

    def shown_at(self, data: str) -> float | None:
        """Return when a button was written for the first time."""
        self._read_calls()
        return self._shown_at.get(data)

    def ids(self, phone: str) -> set[str]:
        """Return the bot's own ids of a phone number, from the buttons of its cards."""
        self._read_calls()
        return self._ids[phone]

    def arrived_before(self, update_id: int) -> float | None:
        """Return a time at which an update had arrived at the bot: the next poll has confirmed it."""
        self._read_calls()
        return next((at for at, offset in self._polls if offset > update_id), None)

    def has_waited(self, since: float, until: float) -> bool:
        """Return whether an update of a time waited for a new process, or for the end of an outage."""
        failed = (hit.time for hit in self._telegram.faults.hits if hit.method == "getUpdates")
        if any(since <= at <= until for at in failed):
            return True
        last = max((at for at in self.deaths if at <= until), default=None)
        return last is not None and next((at for at, _ in self._polls if at > last), until) >= since

    def outages(self, chat_id: int, since: float, until: float) -> int:
        """Return how often the bot could not know whether a text had arrived, or could not delete it."""
        lost = (
            hit.time
            for hit in self._telegram.faults.hits
            if hit.chat_id == chat_id and (hit.kind in _UNANSWERED or hit.method == "deleteMessage")
        )
        return sum(since <= at <= until for at in (*self.deaths, *lost))

    def was_forgotten(self, sent_at: float) -> bool:
        """Return whether a message was lost with the process that had received it and not stored it yet.

        The second poll after a message confirms it.
        """
        self._read_calls()
        polls = [at for at, _ in self._polls if at >= sent_at][:2]
        death = min((at for at in self.deaths if polls and at >= polls[0]), default=None)
        if death is None:
            return False
        before = max((at for at in self.deaths if at < death), default=0.0)
        return death - polls[-1] < DONE_WITHIN or any(before <= at <= death for at in self.broken_storage)

    def _read_calls(self) -> None:
        calls = self._telegram.calls
        assert calls.maxlen is None or len(calls) < calls.maxlen  # the record is complete
        for call in islice(calls, self._read, None):
            self._index(call)
        self._read = len(calls)

    def _index(self, call: Call) -> None:
        if call.method == "getUpdates":
            self._polls.append((call.time, int(call.params.get("offset") or 0)))
        card = _CARD.search(ungrouped(str(call.params.get("text"))))
        for data in _buttons(call):
            self._shown_at.setdefault(data, call.time)
            if card and data.startswith("t:"):
                self._ids[card[1]].add(data.rpartition(":")[2])
        if "text" in call.params and "chat_id" in call.params:
            drawn = Drawn(call.time, call.method, str(call.params["text"]))
            self._drawn[call.params["chat_id"]].append(drawn)


def _buttons(call: Call) -> Iterator[str]:
    markup = call.params.get("reply_markup")
    if isinstance(markup, dict):
        for row in markup.get("inline_keyboard", ()):
            yield from (button["callback_data"] for button in row if "callback_data" in button)


def ungrouped(text: str) -> str:
    """Return a text without what groups the digits of a phone number."""
    return re.sub("[ ()-]", "", text)
