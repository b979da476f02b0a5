"""What a chat is made of: messages, buttons, files, and what the bot answers to a tap."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiogram.types import MessageEntity
from aiogram.utils.text_decorations import html_decoration

from bot.sandbox.telegram.pictures import picture_size

if TYPE_CHECKING:
    from bot.sandbox.telegram.chats import Chat

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API by the bot."""

    time: float
    method: str
    params: Json


@dataclass(frozen=True, slots=True)
class Toast:
    """The bot's answer to a tapped button."""

    text: str = ""
    alert: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message."""

    text: str
    data: str | None = None
    copy_text: str | None = None
    url: str | None = None
    switch_inline: str | None = None
    switch_inline_here: str | None = None
    style: str | None = None
    disabled: bool = False
    wire: Json = field(default_factory=dict, compare=False, repr=False)


Rows = list[list[Button]]


@dataclass(frozen=True, slots=True)
class File:
    """A file that the bot or a person uploaded."""

    file_id: str
    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(eq=False)
class Message:
    """A message in a chat, as a person sees it."""

    message_id: int
    chat: "Chat" = field(repr=False)
    sender: Json = field(repr=False)
    from_bot: bool
    date: int
    text: str = ""
    entities: list[Json] = field(default_factory=list, repr=False)
    rows: Rows = field(default_factory=list)
    kind: str = "text"
    file: File | None = None
    reply_to: "Message | None" = field(default=None, repr=False)
    force_reply: str | None = None
    edited_at: int | None = None
    deleted: bool = False
    via_bot: bool = False

    @property
    def chat_id(self) -> int:
        """The chat that the message is in."""
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
        """What is written on the buttons."""
        return [button.text for button in self.buttons]

    def shows(self, *fragments: str) -> bool:
        """Tell whether all fragments are in the text or on the buttons."""
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

    def _file_json(self, file: File) -> Json:
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


@dataclass(eq=False)
class Query:
    """A tap or an inline search that waits for the bot's answer.

    Attributes:
        results: what an inline search has found.
        button: what stands over these results, and leads to the chat with the bot.
    """

    query_id: str
    user_id: int
    asked_at: float
    inline: bool = False
    toast: Toast | None = None
    results: list[Json] | None = None
    button: Json | None = None

    @property
    def answered(self) -> bool:
        """Whether the bot has said something."""
        return self.toast is not None or self.results is not None
