"""Finds messages with an API key before they wait in any queue, and stores that they must be deleted."""

import asyncio
import html
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from aiogram import BaseMiddleware, Bot
from aiogram.enums import ChatType
from aiogram.types import Message, TelegramObject, Update, User as TelegramUser
from pydantic import SecretStr

from bot import data
from bot.accounts.accounts import Accounts
from bot.catalog.fuzzy import normalized
from bot.delivery.message_deletion import FirstAttempt, MessageDeletion
from bot.errors import StorageError
from bot.provider.profiles import Profile
from bot.telegram import texts
from bot.telegram.api_key_patterns import find_keys, possible_key
from bot.telegram.prompts import AnswersNote, AnswersSetting, question_of
from bot.telegram.translations import Translations

MAX_QUEUED_KEYS: Final = 3
"""Messages with a key of one user that a full queue may not drop; further ones are deleted all the same."""

_COMMAND: Final = re.compile(r"/key(?:@\w+)?\s+(?P<key>\S.*)", re.DOTALL)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class KeyMessage:
    """A message of a user that may hold an API key and is being deleted.

    Attributes:
        keys: what may be a key in it.
        asked: the bot asked for a key, or the user gave it with the command; otherwise it is bound only for a
            user who has none.
        deletion: the first attempt to delete the message.
        provider: the id of the provider that the question named; None if it named none.
    """

    keys: tuple[SecretStr, ...]
    asked: bool
    deletion: FirstAttempt
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What may be a key in a message.

    Attributes:
        certain: the message is deleted also if its user has a key.
        provider: as for `KeyMessage`.
    """

    keys: tuple[str, ...]
    asked: bool = False
    certain: bool = True
    provider: str | None = None


class KeyPrompts:
    """The bot's questions for a key, in all languages."""

    def __init__(self, translations: Translations, profiles: Iterable[Profile]) -> None:
        self._providers: dict[str, str | None] = {
            str(texts.api_key.prompt(t)): None for t in translations.all()
        }
        for profile in profiles:
            for t in translations.all():
                self._providers[html.unescape(texts.api_key.prompt_for(t, profile))] = profile.id

    def asked_by(self, message: Message, bot: Bot) -> bool:
        """Return whether the message replies to such a question."""
        return question_of(message, bot) in self._providers

    def provider_of(self, message: Message, bot: Bot) -> str | None:
        """Return the id of the provider that the question names; None if it names none."""
        return self._providers.get(question_of(message, bot))


@dataclass(eq=False, slots=True)
class KeyGuard(BaseMiddleware):
    """Looks for an API key in each new or edited message, and stores that the message must be deleted.

    It comes before the queue of the user and never waits, so that updates keep their order and a full queue
    loses no key. `must_not_drop` tells the queue to keep the update. `secured` is set once no key of the
    update waits for its deletion to be stored.
    """

    accounts: Accounts
    deletions: MessageDeletion
    translations: Translations
    track_task: Callable[[asyncio.Task[Any]], None]
    _queued: Counter[int] = field(default_factory=Counter, init=False)
    _prompts: KeyPrompts = field(init=False)
    _answers_setting: AnswersSetting = field(init=False)
    _answers_note: AnswersNote = field(init=False)

    def __post_init__(self) -> None:
        profiles = [gateway.profile for gateway in self.accounts.gateways]
        self._prompts = KeyPrompts(self.translations, profiles)
        self._answers_setting = AnswersSetting(self.translations)
        self._answers_note = AnswersNote(self.translations)

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Start to delete a message with a key; pass all updates."""
        message = (event.message or event.edited_message) if isinstance(event, Update) else None
        is_private = message is not None and message.chat.type == ChatType.PRIVATE
        found = await self._find(message, data["bot"]) if message is not None and is_private else None
        secured: asyncio.Event = data["secured"]
        if message is None or found is None:
            secured.set()
            return await handler(event, data)
        person: TelegramUser = data["event_from_user"]
        task = data["key_search"] = asyncio.create_task(self._delete(found, message, person))
        task.add_done_callback(lambda _: secured.set())
        self.track_task(task)
        data["must_not_drop"] = found.certain and self._queued[person.id] < MAX_QUEUED_KEYS
        self._queued[person.id] += 1
        try:
            return await handler(event, data)
        finally:
            self._queued[person.id] -= 1
            if not self._queued[person.id]:
                del self._queued[person.id]

    async def _find(self, message: Message, bot: Bot) -> _Found | None:
        """Return what may be a key; None if the message holds no key."""
        text = (message.text or message.caption or "").strip()
        command = _COMMAND.fullmatch(text)
        if command is not None or self._prompts.asked_by(message, bot):
            answer = command["key"] if command is not None else text
            possible = possible_key(answer)
            keys = find_keys(answer) or (() if possible is None else (possible,))
            provider = self._prompts.provider_of(message, bot) if command is None else None
            return _Found(keys, asked=True, provider=provider)
        if keys := find_keys(text):
            return _Found(keys)
        possible = possible_key(text)
        if possible is None or text.startswith("/") or normalized(text) in _service_names():
            return None
        if await self._answers_setting(message, bot) or await self._answers_note(message, bot):
            return None
        return _Found((possible,), certain=False)

    async def _delete(self, found: _Found, message: Message, person: TelegramUser) -> KeyMessage | None:
        """Store that a message must be deleted; for an uncertain key only if the user has none."""
        if not found.certain:
            try:
                user = await self.accounts.find(person.id, person.language_code)
            except StorageError:
                return None  # the user is told of it when the update is handled
            if user.key_id is not None:
                return None
        deletion = await self.deletions.add(person.id, person.language_code, message.message_id)
        keys = tuple(map(SecretStr, found.keys))
        return KeyMessage(keys, found.asked, deletion, found.provider)


@cache
def _service_names() -> frozenset[str]:
    """Return the names of services, none of which is a key, as `normalized` returns them."""
    aliases = (alias for each in data.service_aliases().values() for alias in each)
    return frozenset(map(normalized, (*data.service_names().values(), *aliases)))


class KeyMessages(BaseMiddleware):
    """Adds `key_message` to an update with an API key, once the deletion of its message is stored."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Wait for the search that `KeyGuard` has started, and pass the update."""
        search: asyncio.Task[KeyMessage | None] | None = data.pop("key_search", None)
        if search is not None and (key_message := await search) is not None:
            data["key_message"] = key_message
        return await handler(event, data)
