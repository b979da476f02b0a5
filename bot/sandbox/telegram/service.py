"""The sandbox Telegram: all chats, and the bot's profile as a person sees it."""

import time
from collections.abc import Callable
from typing import Final

from bot.sandbox.telegram.chats import Chat, Group
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.state import TelegramState

TOKEN: Final = "1234567:SANDBOX-TOKEN-of-nobody-and-nothing"  # noqa: S105  # it opens only the sandbox


class Telegram(TelegramState):
    """All chats with the bot, in memory; `TelegramServer` serves it over HTTP."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "sandbox_bot",
        name: str = "Sandbox",
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(token=token, username=username, name=name, clock=clock)
        self._chats: dict[int, Chat] = {}

    def person(self, user_id: int, *, first_name: str = "Ann", language: str = "en") -> Person:
        """Return a person; the first call for an id creates them."""
        chat = self._chats.get(user_id)
        if chat is None:
            chat = self._chats[user_id] = Person(self, user_id, first_name, language)
        if not isinstance(chat, Person):
            raise TypeError(f"{user_id} is a group")
        return chat

    def group(self, chat_id: int, *, title: str = "Team") -> Group:
        """Return a group with the bot; the first call for an id creates it."""
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = Group(self, chat_id, title)
        if not isinstance(chat, Group):
            raise TypeError(f"{chat_id} is a person")
        return chat

    def chat(self, chat_id: object) -> Chat:
        """Return a chat by its id.

        Raises:
            RefusedCall: The id is empty or unknown.
        """
        if chat_id in (None, ""):
            raise bad_request("chat_id is empty")
        chat = self._chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def commands_for(self, person: Person) -> list[Json]:
        """Return the command menu of a person."""
        for scope in ("all_private_chats", "default"):
            for language in (person.language, ""):
                if (scope, language) in self.profile.commands:
                    return self.profile.commands[scope, language]
        return []

    def description_for(self, person: Person) -> str:
        """Return the description that an empty chat shows to a person."""
        texts = self.profile.descriptions
        return texts.get(person.language) or texts.get("", "")
