"""Middlewares: answer taps in time, reject strangers, load the user, and answer errors."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol

from aiogram import BaseMiddleware, Bot
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import AiogramError
from aiogram.types import (
    Chat as TelegramChat,
    InlineKeyboardMarkup,
    Message,
    TelegramObject,
    Update,
    User as TelegramUser,
)

from bot.accounts.accounts import Accounts
from bot.activations.steps import ActivationSteps
from bot.catalog.catalogs import Catalogs
from bot.delivery.rate_limits import SendLimits
from bot.domain import User
from bot.errors import BotError, KeyMissing, StorageError
from bot.telegram import former_users, keyboards, telegram_errors, texts
from bot.telegram.chats import PrivateChat
from bot.telegram.context import Context
from bot.telegram.replies import InlineReply, Reply
from bot.telegram.screens import ScreenUpdates
from bot.telegram.silence import Silence
from bot.telegram.translations import Translations
from bot.telegram.translator import Html, Translator, escaped

SILENCE: Final = 3600.0
"""Seconds between two messages to a stranger or to a group."""

log = logging.getLogger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class ReplyMiddleware(BaseMiddleware):
    """Adds `reply` and `t` to each update, and acknowledges taps and inline queries in time."""

    def __init__(
        self,
        translations: Translations,
        screen_updates: ScreenUpdates,
        limits: SendLimits,
        acknowledge_after: float,
    ) -> None:
        self._translations = translations
        self._limits = limits
        self._screen_updates = screen_updates
        self._acknowledge_after = acknowledge_after

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle the update; drop updates of bots, and the bot's own inline results."""
        person: TelegramUser | None = data.get("event_from_user")
        if not isinstance(event, Update) or person is None or person.is_bot:
            return None
        bot: Bot = data["bot"]
        if event.message and event.message.via_bot and event.message.via_bot.id == bot.id:
            return None
        data["t"] = self._translations.find(person.language_code)
        reply = data["reply"] = self._reply(event, bot, person, data)
        if event.callback_query is None and event.inline_query is None:
            return await handler(event, data)
        timer = asyncio.create_task(reply.acknowledge_in_time())
        try:
            return await handler(event, data)
        finally:
            timer.cancel()
            with suppress(asyncio.CancelledError):
                await timer
            await reply.acknowledge()

    def _reply(self, event: Update, bot: Bot, person: TelegramUser, data: dict[str, Any]) -> Reply:
        chat: TelegramChat | None = data.get("event_chat")
        t: Translator = data["t"]
        if event.inline_query is not None:
            return InlineReply(
                PrivateChat(bot, self._limits, person.id), self._screen_updates, event.inline_query, t
            )
        if callback := event.callback_query:
            tapped = callback.message if isinstance(callback.message, Message) else None
            return Reply(
                PrivateChat(bot, self._limits, person.id),
                self._screen_updates,
                t,
                message=tapped,
                callback=callback,
                acknowledge_after=self._acknowledge_after,
                may_be_old=data.get("may_be_old", False),
            )
        return Reply(
            PrivateChat(bot, self._limits, chat.id if chat else person.id),
            self._screen_updates,
            t,
            message=event.message or event.edited_message,
            acknowledge_after=self._acknowledge_after,
        )


class AccessMiddleware(BaseMiddleware):
    """Passes updates of allowed users in private chats; all others get one sentence an hour.

    The answer to a tap or to an inline query is no message, so it is always given. A stored user who is no
    longer allowed may still end their numbers and delete their data.
    """

    def __init__(self, allowed: frozenset[int], accounts: Accounts, clock: Callable[[], float]) -> None:
        self._allowed = allowed
        self._accounts = accounts
        self._silence = Silence(SILENCE, clock)

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Pass the update, or say why not."""
        if not isinstance(event, Update):
            return None
        chat: TelegramChat | None = data.get("event_chat")
        person: TelegramUser = data["event_from_user"]
        reply: Reply = data["reply"]
        t: Translator = data["t"]
        if chat is not None and chat.type != ChatType.PRIVATE:
            way_on = partial(_private_chat, data["bot"], t)
            await self._refuse(
                event, reply, texts.problems.private_only(t), self._group_key(event, chat), way_on
            )
            return None
        if self._allowed and person.id not in self._allowed and not await self._may_end(event, person.id):
            stranger = None if event.my_chat_member is not None else (person.id,)
            await self._refuse(event, reply, texts.problems.not_allowed(t), stranger)
            return None
        return await handler(event, data)

    async def _may_end(self, event: Update, user_id: int) -> bool:
        """Return whether an update of a person who is not allowed ends something of theirs."""
        if not former_users.ends_something(event):
            return False
        with suppress(StorageError):
            return await self._accounts.is_stored(user_id)
        return False

    async def _refuse(
        self,
        event: Update,
        reply: Reply,
        sentence: str,
        receiver: tuple[int | str, ...] | None,
        way_on: Callable[[], Awaitable[InlineKeyboardMarkup | None]] | None = None,
    ) -> None:
        """Say the sentence, unless the receiver has been told within the hour; None gets no message."""
        if event.callback_query is not None:
            await reply.hint(sentence)
        elif event.inline_query is not None:
            await _say(reply, sentence)
        elif receiver and self._silence.may_answer(receiver):
            with suppress(AiogramError):
                await reply.send(escaped(sentence), await way_on() if way_on else None)

    def _group_key(self, event: Update, chat: TelegramChat) -> tuple[int | str, ...] | None:
        """Return who is told in a group: the group, and each person who gives a command there."""
        if event.my_chat_member is not None:
            joined = event.my_chat_member.new_chat_member.status in ("member", "administrator")
            return (chat.id, "joined") if joined else None
        text = event.message.text if event.message else None
        if event.message and event.message.from_user and text and text.startswith("/"):
            return (chat.id, event.message.from_user.id)
        return (chat.id,)


class DeliveryResumer(Protocol):
    """The outbox, as far as the middleware uses it."""

    async def resume(self, user: User) -> None:
        """Deliver what was stored while the user was unreachable."""


class Reachability:
    """Notes that a user can be written to, for updates that are not handled."""

    def __init__(self, accounts: Accounts, outbox: DeliveryResumer) -> None:
        self._accounts = accounts
        self._outbox = outbox

    async def note(self, person: TelegramUser) -> None:
        """Resume the deliveries to a user who was unreachable; a storage error is only logged."""
        try:
            user = await self._accounts.find(person.id, person.language_code)
            if user.unreachable:
                await self._outbox.resume(user)
        except BotError as error:
            log.warning("user %d cannot be marked as reachable: %s", person.id, type(error).__name__)


class UserMiddleware(BaseMiddleware):
    """Adds `context` to each update, and resumes deliveries to a user who was unreachable."""

    def __init__(
        self,
        accounts: Accounts,
        steps: ActivationSteps,
        outbox: DeliveryResumer,
        translations: Translations,
        catalogs: Catalogs,
    ) -> None:
        self._catalogs = catalogs
        self._accounts = accounts
        self._steps = steps
        self._outbox = outbox
        self._translations = translations

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Load the user and handle the update; a storage error is answered with its sentence."""
        person: TelegramUser = data["event_from_user"]
        reply: Reply = data["reply"]
        try:
            # Blocking the bot and inline mode do not open the private chat, so they store no user.
            load = self._accounts.get_or_create if _opens_chat(event) else self._accounts.find
            user = await load(person.id, person.language_code)
            if isinstance(event, Update) and event.callback_query is not None and reply.message is not None:
                # Read in the queue: an earlier update may have turned the tapped screen into a card.
                reply.on_card = await self._steps.is_card(person.id, reply.message.message_id)
            if user.unreachable and _opens_chat(event):
                await self._outbox.resume(user)
        except BotError as error:
            t: Translator = data["t"]
            await _say(reply, texts.problems.problem(t, error), keyboards.ways_on.from_problem(t, error))
            return None
        reply.t = self._translations.of(user)
        data["context"] = Context(user, reply.t, reply, self._catalogs)
        return await handler(event, data)


def _opens_chat(event: TelegramObject) -> bool:
    """Return whether an update shows that the user can be written to."""
    if not isinstance(event, Update):
        return True
    member = event.my_chat_member
    blocked = member is not None and member.new_chat_member.status == ChatMemberStatus.KICKED
    return not blocked and event.inline_query is None


class ErrorMiddleware(BaseMiddleware):
    """Answers an error of a handler with a sentence.

    Without an API key, a button leads to the provider's page with the key, if its address is known.
    """

    def __init__(self, key_page: str | None) -> None:
        self._key_page = key_page

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Run the handler; answer its error."""
        context: Context = data["context"]
        try:
            return await handler(event, data)
        except BotError as error:
            await self._explain(context, texts.problems.problem(context.t, error), error, event)
        except AiogramError as error:
            log.warning("an answer was not delivered: %s", telegram_errors.describe(error))
            if telegram_errors.is_temporary(error):
                words = texts.problems.telegram_slow if context.reply.acts else texts.problems.telegram_failed
                await context.reply.hint(words(context.t))
        except Exception as error:
            log.exception("a handler failed", extra={"without_texts": True})
            await self._explain(context, texts.problems.unexpected(context.t), error, event)
        return None

    async def _explain(
        self, context: Context, sentence: Html, error: Exception, event: TelegramObject
    ) -> None:
        """Say the sentence with the ways on from the error."""
        retry = keyboards.ways_on.retry_of(event)
        ways_on = keyboards.ways_on.from_problem(context.t, error, retry)
        if isinstance(error, KeyMissing) and self._key_page:
            with suppress(AiogramError):
                await context.reply.send(
                    sentence, keyboards.api_key.find_key(context.t, self._key_page, ways_on)
                )
        else:
            await _say(context.reply, sentence, ways_on)


async def _say(reply: Reply, sentence: Html | str, markup: InlineKeyboardMarkup | None = None) -> None:
    with suppress(AiogramError):
        await reply.say(sentence, markup)


async def _private_chat(bot: Bot, t: Translator) -> InlineKeyboardMarkup | None:
    """Return a link to the private chat; None if Telegram does not give the bot's name now."""
    with suppress(AiogramError):
        return keyboards.deep_links.open_chat(t, (await bot.me()).username or "")
    return None
