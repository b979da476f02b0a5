"""Receives updates by long polling: decodes each one by itself, and starts a task for each one."""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from aiogram import Bot, Dispatcher
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramUnauthorizedError
from aiogram.methods import TelegramMethod
from aiogram.types import Update

from bot.errors import SettingsError
from bot.telegram import telegram_errors
from bot.telegram.reduced_messages import has_content, reduced_message

LONG_POLL_TIMEOUT: Final = 20
"""Seconds for which Telegram waits for an update before it answers."""
BATCH: Final = 100
"""The most updates that Telegram puts into one answer."""
MAX_PENDING: Final = 5000
"""Updates that may wait or be handled at the same time; no others are fetched meanwhile."""
FIRST_PAUSE: Final = 0.5
"""Seconds before the next request after a failed one; the pause doubles from then on."""
MAX_PAUSE: Final = 5.0
MAX_TOLD_PAUSE: Final = 60.0
"""The longest pause in seconds that Telegram can tell."""
LOG_INTERVAL: Final = 60.0
"""Seconds between two log lines about the same failure."""
MAX_REFUSALS: Final = 3
"""Refusals of the token in a row after which it counts as revoked."""
CONFIRM_TIMEOUT: Final = 2.0
"""Seconds that an orderly stop waits for the confirmation of the last updates."""
MAX_FRESH: Final = 10.0
"""Age in seconds up to which a tap is surely not too old for Telegram."""
SECURE_TIMEOUT: Final = 2.0
"""Seconds that the next request waits until the deletions of messages with API keys are stored."""
USUAL_DELAY: Final = 0.1
"""Seconds between an answer and the next request that do not count."""
WAITED: Final = 1.0
"""Seconds after which an answer shows that the update came during the wait."""
KEPT_IDS: Final = 10_000
"""Ids of received updates that are remembered, so that an update that is sent again is not handled again."""

_MESSAGES: Final = ("message", "edited_message")
_KIND: Final = re.compile(r"[a-z_]{1,40}")

log = logging.getLogger(__name__)


class GetRawUpdates(TelegramMethod[list[Any]]):
    """The method getUpdates, with updates that are not decoded."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class _Moment(NamedTuple):
    """A moment on the monotonic clock, which stops in a suspended computer, and on the wall clock."""

    monotonic: float
    wall: float

    @classmethod
    def now(cls) -> "_Moment":
        return cls(time.monotonic(), time.time())

    def elapsed(self) -> float:
        """Return the seconds since then by the clock that shows more."""
        return max(time.monotonic() - self.monotonic, time.time() - self.wall)


@dataclass(eq=False, slots=True, kw_only=True)
class UpdateSource:
    """Long polling of one bot.

    Attributes:
        bot: the bot.
        dispatcher: handles the updates.
        kinds: the kinds of updates to ask for.
        track_task: called with the task of each update, so that the program can wait for it at its end.
        unreadable: number of updates that could not be decoded.
    """

    bot: Bot
    dispatcher: Dispatcher
    kinds: list[str]
    track_task: Callable[[asyncio.Task[Any]], None]
    unreadable: int = field(default=0, init=False)
    _offset: int | None = field(default=None, init=False)
    _confirmed: int | None = field(default=None, init=False)
    _received: OrderedDict[int, None] = field(default_factory=OrderedDict, init=False)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_PENDING), init=False)
    _complete_at: _Moment | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)
    _refusals: int = field(default=0, init=False)
    _logged: dict[str, float] = field(default_factory=dict, init=False)
    _unsecured: list[asyncio.Event] = field(default_factory=list, init=False)

    async def run(self) -> None:
        """Receive updates until cancelled.

        Raises:
            SettingsError: Telegram does not accept the bot token any more.
        """
        while True:
            began = _Moment.now()
            try:
                updates = await self._fetch(0 if self._has_backlog() else LONG_POLL_TIMEOUT)
            except AiogramError as error:
                await asyncio.sleep(self._note_failure(error))
                continue
            self._note_success()
            delay = self._unwatched(began)
            may_be_old = self._may_be_old(began, len(updates))
            offset = self._offset
            for raw in updates:
                await self._take(raw, may_be_old=may_be_old, delay=delay)
            await self._until_secured()
            if updates and self._offset == offset:  # nothing can be confirmed, so Telegram answers at once
                await asyncio.sleep(FIRST_PAUSE)

    async def confirm(self) -> None:
        """Confirm the received updates, so that Telegram does not send them again at the next start."""
        if self._offset == self._confirmed:
            return
        with suppress(AiogramError, TimeoutError):
            async with asyncio.timeout(CONFIRM_TIMEOUT):
                await self._fetch(0, limit=1)

    async def _fetch(self, seconds: int, limit: int | None = None) -> list[Any]:
        """Confirm the received updates and return the next ones, not decoded."""
        offset = self._offset
        method = GetRawUpdates(offset=offset, limit=limit, timeout=seconds, allowed_updates=list(self.kinds))
        timeout = int(self.bot.session.timeout + seconds) or 1
        updates = await self.bot(method, request_timeout=timeout)
        self._confirmed = offset
        return updates or []

    async def _take(self, raw: object, *, may_be_old: bool, delay: float) -> None:
        """Start a task for an update; skip one that cannot be decoded, or that was received before.

        Args:
            raw: the update.
            may_be_old: it may have waited at Telegram for a long time.
            delay: seconds for which it may have waited there because no request asked for updates.
        """
        update_id = raw.get("update_id") if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or not isinstance(update_id, int):
            self.unreadable += 1
            log.warning("an update without an id is skipped")
            return
        if update_id in self._received:
            log.info("update %d came again and is skipped", update_id)
        elif update := self._decode(raw, update_id):
            await self._slots.acquire()
            self._unsecured.append(secured := asyncio.Event())
            task = asyncio.create_task(self._handle(update, secured, may_be_old, delay))
            task.add_done_callback(lambda _: self._slots.release())
            self.track_task(task)
        self._received[update_id] = None
        if len(self._received) > KEPT_IDS:
            self._received.popitem(last=False)
        self._offset = update_id + 1

    def _decode(self, raw: dict[str, Any], update_id: int) -> Update | None:
        """Return an update; None if it is of an unknown kind or form. Its content is not logged.

        A message is reduced to its text if the rest of it is unknown: it may hold an API key.
        """
        try:
            return self._model(raw)
        except Exception:  # noqa: BLE001  # whatever is wrong with one update must not stop the others
            self.unreadable += 1
        kinds = [key for key in raw if key != "update_id" and _KIND.fullmatch(str(key))]
        update = self._decode_text(raw)
        log.warning(
            "update %d (%s) cannot be decoded and is %s; so far: %d",
            update_id,
            ", ".join(kinds[:2]) or "no kind",
            "skipped" if update is None else "reduced to its text",
            self.unreadable,
        )
        return update

    def _decode_text(self, raw: dict[str, Any]) -> Update | None:
        """Return an update with nothing of its message but the text; None if it has no text."""
        for kind in _MESSAGES:
            try:
                message = reduced_message(raw[kind])
                if has_content(message):
                    return self._model({"update_id": raw["update_id"], kind: message})
            except Exception:  # noqa: BLE001, S112  # as above
                continue
        return None

    def _model(self, raw: dict[str, Any]) -> Update:
        update = Update.model_validate(raw, context={"bot": self.bot})
        update.event_type  # noqa: B018  # raises an error for an unknown kind
        return update

    async def _handle(self, update: Update, secured: asyncio.Event, may_be_old: bool, delay: float) -> None:
        try:
            await self.dispatcher.feed_update(
                self.bot, update, may_be_old=may_be_old, delay=delay, secured=secured
            )
        except Exception:
            log.exception("update %d failed", update.update_id, extra={"without_texts": True})
        finally:
            secured.set()

    async def _until_secured(self) -> None:
        """Wait until no received update holds an API key whose deletion is not stored.

        The next request confirms the updates; after a crash Telegram would not send them again.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(SECURE_TIMEOUT):
                for secured in self._unsecured:
                    await secured.wait()
        self._unsecured.clear()

    def _has_backlog(self) -> bool:
        """Return whether old updates may wait at Telegram; they are fetched apart from new ones."""
        return self._complete_at is None or self._complete_at.elapsed() > self._longest_poll()

    def _longest_poll(self) -> float:
        """Return the seconds within which a request and the one after it are answered without an outage."""
        return LONG_POLL_TIMEOUT + self.bot.session.timeout + MAX_FRESH

    def _unwatched(self, began: _Moment) -> float:
        """Return the seconds between the last answer that left no update behind and this request, or 0."""
        if self._complete_at is None:
            return float("inf")
        delay = self._complete_at.elapsed() - began.elapsed()
        return delay if delay > USUAL_DELAY else 0.0

    def _may_be_old(self, began: _Moment, count: int) -> bool:
        """Return whether the updates of an answer may have waited at Telegram for a long time.

        An update is at most as old as the last answer that left none behind. If Telegram has waited with
        this answer, the update came during the wait.
        """
        waited = began.elapsed()
        age = self._complete_at.elapsed() if self._complete_at else float("inf")
        if count < BATCH:
            self._complete_at = _Moment.now()
        return age > MAX_FRESH and not (waited > WAITED and age <= self._longest_poll())

    def _note_failure(self, error: AiogramError) -> float:
        """Log a failed request, at most once a minute for each kind; return the seconds to wait.

        Raises:
            SettingsError: Telegram has refused the token several times in a row.
        """
        self._failures += 1
        self._refusals = self._refusals + 1 if isinstance(error, TelegramUnauthorizedError) else 0
        if self._refusals >= MAX_REFUSALS:
            raise SettingsError(["BOT_TOKEN is not accepted by Telegram any more."])
        if isinstance(error, TelegramConflictError):
            self._log_rarely("conflict", "another program receives the updates of this bot; run only one")
        else:
            what = telegram_errors.describe(error)
            self._log_rarely(type(error).__name__, f"updates cannot be fetched, retrying: {what}")
        told = telegram_errors.seconds_to_wait(error)
        if told is not None:
            return min(told, MAX_TOLD_PAUSE)
        return min(FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10), MAX_PAUSE)

    def _note_success(self) -> None:
        if self._failures:
            self._log_rarely("success", "updates can be fetched again")
        self._failures = self._refusals = 0

    def _log_rarely(self, kind: str, sentence: str) -> None:
        now = time.monotonic()
        if now - self._logged.get(kind, -LOG_INTERVAL) >= LOG_INTERVAL:
            self._logged[kind] = now
            log.warning("%s", sentence)
