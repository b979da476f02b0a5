"""What every update passes: a tap is answered, strangers are told off, one thing at a time, who it is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiogram import BaseMiddleware, Bot
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Chat, Message, TelegramObject, Update, User as TelegramUser

from bot.accounts.accounts import Accounts
from bot.activations.steps import ActivationSteps
from bot.domain import User
from bot.errors import BotError
from bot.telegram import texts
from bot.telegram.handlers.inline import InlineReply
from bot.telegram.replies import Reply
from bot.telegram.screens import ScreenUpdates
from bot.telegram.translations import Translations
from bot.telegram.translator import Html, Translator

MAX_QUEUED: Final = 5
"""Updates of one person that may wait for each other; what comes on top is answered and dropped."""
GROUP_QUIET: Final = 3600.0
"""Seconds a group is left in peace after the bot said that it works in private chats only."""

log = logging.getLogger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class ReplyMiddleware(BaseMiddleware):
    """Gives each update its reply and translator, and sees that taps and queries are answered in time."""

    def __init__(
        self,
        translations: Translations,
        under_way: Callable[[asyncio.Task[Any]], None],
        screen_updates: ScreenUpdates,
        patience: float,
    ) -> None:
        self._translations = translations
        self._under_way = under_way
        self._screen_updates = screen_updates
        self._patience = patience

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Let the update through with a reply, or drop one that has nobody to reply to."""
        if task := asyncio.current_task():
            self._under_way(task)
        person: TelegramUser | None = data.get("event_from_user")
        if not isinstance(event, Update) or person is None or person.is_bot:
            return None
        bot: Bot = data["bot"]
        if event.message and event.message.via_bot and event.message.via_bot.id == bot.id:
            return None  # a result of inline mode: sent to others, it comes by here too
        chat: Chat | None = data.get("event_chat")
        data["t"] = self._translations.find(person.language_code)
        reply: Reply
        if callback := event.callback_query:
            tapped = callback.message if isinstance(callback.message, Message) else None
            reply = Reply(
                bot,
                person.id,
                self._screen_updates,
                message=tapped,
                callback=callback,
                patience=self._patience,
            )
        elif event.inline_query is not None:
            reply = InlineReply(bot, self._screen_updates, event.inline_query, data["t"])
        else:
            message = event.message or event.edited_message
            chat_id = chat.id if chat else person.id
            data["reply"] = Reply(
                bot, chat_id, self._screen_updates, message=message, patience=self._patience
            )
            return await handler(event, data)
        data["reply"] = reply
        timer = asyncio.create_task(reply.settle_in_time())
        try:
            return await handler(event, data)
        finally:
            timer.cancel()
            with suppress(asyncio.CancelledError):
                await timer
            await reply.settle()


class AccessMiddleware(BaseMiddleware):
    """Lets only private chats of allowed users in; everybody else gets one sentence."""

    def __init__(self, allowed: frozenset[int], clock: Callable[[], float]) -> None:
        self._allowed = allowed
        self._clock = clock
        self._told: dict[int, float] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Let the update in, or answer it with why not."""
        if not isinstance(event, Update):
            return None
        chat: Chat | None = data.get("event_chat")
        person: TelegramUser = data["event_from_user"]
        reply: Reply = data["reply"]
        t: Translator = data["t"]
        if chat is not None and chat.type != ChatType.PRIVATE:
            if self._worth_telling(event, chat):
                await _say(reply, texts.problems.private_only(t))
            return None
        if self._allowed and person.id not in self._allowed:
            if event.my_chat_member is None:
                await _say(reply, texts.problems.not_allowed(t))
            return None
        return await handler(event, data)

    def _worth_telling(self, event: Update, chat: Chat) -> bool:
        """Return whether a group is to be told: always after a tap or a command, else once an hour."""
        if event.callback_query is not None:
            return True
        if event.my_chat_member is not None:
            return event.my_chat_member.new_chat_member.status in ("member", "administrator")
        text = event.message.text if event.message else None
        now = self._clock()
        if text and text.startswith("/"):
            return True
        if self._told.get(chat.id, 0.0) > now - GROUP_QUIET:
            return False
        self._told = {id_: at for id_, at in self._told.items() if at > now - GROUP_QUIET}
        self._told[chat.id] = now
        return True


def _stays_away(event: TelegramObject) -> bool:
    """Return whether an update is no sign that the person can be written to."""
    if not isinstance(event, Update):
        return False
    member = event.my_chat_member
    left = member is not None and member.new_chat_member.status == ChatMemberStatus.KICKED
    return left or event.inline_query is not None


@dataclass(slots=True)
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class PerUserQueue(BaseMiddleware):
    """Handles one update of a person at a time, in their order."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Wait for the person's updates before this one; drop it if too many wait already."""
        if isinstance(event, Update) and event.inline_query is not None:
            return await handler(event, data)  # these have a line of their own, see NewestQuery
        person: TelegramUser = data["event_from_user"]
        line = self._lines.setdefault(person.id, _Line())
        if line.waiting >= MAX_QUEUED:
            reply: Reply = data["reply"]
            if isinstance(event, Update) and event.callback_query is not None:
                await reply.toast(texts.problems.too_fast(data["t"]))
            return None
        line.waiting += 1
        try:
            async with line.lock:
                return await handler(event, data)
        finally:
            line.waiting -= 1
            if not line.waiting:
                self._lines.pop(person.id, None)


class DeliveryResumer(Protocol):
    """Has kept what could not be brought."""

    async def resume(self, user: User) -> None:
        """Bring a user who could not be reached what was kept for them."""


class UserMiddleware(BaseMiddleware):
    """Loads the user and what was tapped, and brings what was kept for one who could not be reached."""

    def __init__(
        self,
        accounts: Accounts,
        activations: ActivationSteps,
        outbox: DeliveryResumer,
        translations: Translations,
    ) -> None:
        self._accounts = accounts
        self._activations = activations
        self._outbox = outbox
        self._translations = translations

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Add the user and their translator."""
        person: TelegramUser = data["event_from_user"]
        reply: Reply = data["reply"]
        try:
            # Whoever blocks the bot or types its name elsewhere does not come to it.
            meet = self._accounts.find if _stays_away(event) else self._accounts.meet
            user = await meet(person.id, person.language_code)
            if isinstance(event, Update) and event.callback_query is not None and reply.message is not None:
                # Read only now: an update before this one may have made a card of the tapped screen.
                reply.on_card = await self._activations.is_card(person.id, reply.message.message_id)
            if user.unreachable and not _stays_away(event):
                await self._outbox.resume(user)
        except BotError as error:
            await say_problem(reply, data["t"], error)
            return None
        data["user"] = user
        data["t"] = self._translations.find(user.language)
        return await handler(event, data)


class ErrorMiddleware(BaseMiddleware):
    """Turns what goes wrong in a handler into a sentence."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Run the handler; answer its error."""
        try:
            return await handler(event, data)
        except BotError as error:
            await say_problem(data["reply"], data["t"], error)
        except TelegramAPIError as error:
            log.warning("an answer did not get there: %s", type(error).__name__)
        except Exception:
            log.exception("a handler failed")
            await _say(data["reply"], texts.problems.unexpected(data["t"]))
        return None


async def say_problem(reply: Reply, t: Translator, error: BotError) -> None:
    """Answer an error with its sentence."""
    await _say(reply, texts.problems.problem(t, error))


async def _say(reply: Reply, sentence: Html | str) -> None:
    with suppress(TelegramAPIError):
        await reply.say(sentence)
