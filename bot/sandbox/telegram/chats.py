"""Messages, chats with their visible messages, and waiting for a message."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from aiogram.types import MessageEntity
from aiogram.utils.text_decorations import html_decoration
from typing_extensions import override

from bot.sandbox.telegram.objects import Button, Json, Rows, UploadedFile
from bot.sandbox.telegram.pictures import picture_size
from bot.sandbox.telegram.state import TelegramState


@dataclass(eq=False)
class Message:
    """A message in a chat, as a person sees it.

    Attributes:
        drawn_at: When its text or its buttons were last set, in seconds of the clock.
    """

    message_id: int
    chat: "Chat" = field(repr=False)
    sender: Json = field(repr=False)
    from_bot: bool
    date: int
    text: str = ""
    entities: list[Json] = field(default_factory=list, repr=False)
    rows: Rows = field(default_factory=list)
    kind: str = "text"
    file: UploadedFile | None = None
    reply_to: "Message | None" = field(default=None, repr=False)
    force_reply: str | None = None
    edited_at: int | None = None
    deleted: bool = False
    via_bot: bool = False
    drawn_at: float = 0.0

    @property
    def chat_id(self) -> int:
        """The id of the message's chat."""
        return self.chat.chat_id

    @property
    def edited(self) -> bool:
        """Whether the text was changed after it was sent."""
        return self.edited_at is not None

    @property
    def html(self) -> str:
        """The text with its formatting, as HTML."""
        return html_decoration.unparse(self.text, [MessageEntity(**entity) for entity in self.entities])

    @property
    def buttons(self) -> list[Button]:
        """All buttons, row by row."""
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        """The texts of the buttons."""
        return [button.text for button in self.buttons]

    def shows(self, *fragments: str) -> bool:
        """Return whether each fragment is in the text or on a button."""
        return all(
            fragment in self.text or any(fragment in label for label in self.labels) for fragment in fragments
        )

    def to_json(self, *, with_reply: bool = True) -> Json:
        """Return the message as the Bot API describes it."""
        body: Json = {
            "message_id": self.message_id,
            "from": self.sender,
            "chat": self.chat.to_json(),
            "date": self.date,
        }
        if self.kind == "text":
            body["text"] = self.text
            if self.entities:
                body["entities"] = self.entities
        elif self.text:
            body["caption"] = self.text
            if self.entities:
                body["caption_entities"] = self.entities
        if self.file is not None:
            body |= self._file_json(self.file)
        if self.edited_at is not None:
            body["edit_date"] = self.edited_at
        if self.reply_to is not None and with_reply:
            body["reply_to_message"] = self.reply_to.to_json(with_reply=False)
        if self.rows:
            body["reply_markup"] = {
                "inline_keyboard": [[button.wire for button in row] for row in self.rows],
            }
        if self.via_bot:
            body["via_bot"] = self.chat.telegram.me()
        return body

    def _file_json(self, file: UploadedFile) -> Json:
        about: Json = {
            "file_id": file.file_id,
            "file_unique_id": file.file_id[-16:],
            "file_size": len(file.content),
        }
        match self.kind:
            case "photo":
                width, height = picture_size(file.content) or (512, 512)
                return {"photo": [about | {"width": width, "height": height}]}
            case "sticker":
                shape = {"type": "regular", "width": 512, "height": 512}
                return {"sticker": about | shape | {"is_animated": False, "is_video": False}}
            case "voice":
                return {"voice": about | {"duration": 1}}
            case _:
                return {self.kind: about | {"file_name": file.name, "mime_type": file.mime}}


class Chat:
    """The visible messages of a chat, and methods that wait for a change."""

    def __init__(self, telegram: TelegramState, chat_id: int) -> None:
        self.telegram = telegram
        self.chat_id = chat_id
        self.action: tuple[str, float] | None = None
        self._messages: dict[int, Message] = {}
        self._change = asyncio.Event()

    @property
    def messages(self) -> list[Message]:
        """The visible messages, oldest first."""
        return list(self._messages.values())

    @property
    def newest(self) -> Message:
        """The newest message of the bot."""
        for message in reversed(self.messages):
            if message.from_bot:
                return message
        raise AssertionError(f"The bot has sent no message.\n{self.transcript()}")

    def find(self, message_id: int) -> Message | None:
        """Return a visible message, or None."""
        return self._messages.get(message_id)

    def add(self, message: Message) -> None:
        """Add a message."""
        self._messages[message.message_id] = message
        if message.from_bot:
            self.action = None
        self.changed()

    def remove(self, message: Message) -> None:
        """Delete a message for everybody."""
        message.deleted = True
        self._messages.pop(message.message_id, None)
        self.changed()

    def changed(self) -> None:
        """Notify the waiters and listeners of a change."""
        change, self._change = self._change, asyncio.Event()
        change.set()
        self.telegram.changed()

    def to_json(self) -> Json:
        """Return the chat as the Bot API describes it."""
        raise NotImplementedError

    async def until(self, predicate: Callable[[Self], object], timeout: float = 30) -> None:  # noqa: ASYNC109 - a parameter is shorter in tests
        """Wait until a condition on the chat is true.

        Raises:
            AssertionError: It was not true in time; the message has the whole chat.
        """
        try:
            async with asyncio.timeout(timeout):
                while not predicate(self):
                    await self._change.wait()
        except TimeoutError:
            raise AssertionError(
                f"The condition is not true after {timeout} s.\n{self.transcript()}"
            ) from None

    async def sees(self, *fragments: str, timeout: float = 30, after: Message | None = None) -> Message:  # noqa: ASYNC109 - as above
        """Wait for a message of the bot that shows all fragments, and return the newest one.

        Args:
            *fragments: Pieces of the plain text or of button labels.
            timeout: The maximum time to wait, in seconds.
            after: A message; only newer messages count.

        Raises:
            AssertionError: No such message came in time; the error has the whole chat.
        """

        def find_newest() -> Message | None:
            for message in reversed(self.messages):
                if after is not None and message.message_id <= after.message_id:
                    return None
                if message.from_bot and message.shows(*fragments):
                    return message
            return None

        try:
            await self.until(lambda _: find_newest() is not None, timeout)
        except AssertionError:
            wanted = " and ".join(map(repr, fragments))
            raise AssertionError(
                f"No message shows {wanted} within {timeout} s.\n{self.transcript()}"
            ) from None
        message = find_newest()
        assert message is not None  # noqa: S101 - no other task has run since the condition was true
        return message

    def sees_no(self, *fragments: str) -> None:
        """Check that no message of the bot shows all fragments now.

        Raises:
            AssertionError: A message does; the error has the whole chat.
        """
        if any(message.from_bot and message.shows(*fragments) for message in self.messages):
            raise AssertionError(f"A message shows {fragments!r}.\n{self.transcript()}")

    def transcript(self) -> str:
        """Return the chat as text, for error messages."""
        lines = [f"--- chat {self.chat_id} ---"]
        for message in self.messages:
            who = "bot" if message.from_bot else str(message.sender.get("first_name"))
            kind = "" if message.kind == "text" else f" [{message.kind}]"
            mark = " (edited)" if message.edited else ""
            lines.append(f"#{message.message_id} {who}{kind}{mark}: {message.text}")
            lines += ["    " + " ".join(f"[{button.text}]" for button in row) for row in message.rows]
        return "\n".join([*lines, "---"])


class Group(Chat):
    """A group chat that the bot is in."""

    def __init__(self, telegram: TelegramState, chat_id: int, title: str) -> None:
        super().__init__(telegram, chat_id)
        self.title = title

    @override
    def to_json(self) -> Json:
        """Return the chat as the Bot API describes it."""
        return {"id": self.chat_id, "type": "supergroup", "title": self.title}
