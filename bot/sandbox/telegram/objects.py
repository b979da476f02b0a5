"""Value classes of the sandbox Telegram: calls, toasts, buttons, files and queries."""

from dataclasses import dataclass, field
from typing import Any

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
class UploadedFile:
    """A file that the bot or a person has uploaded."""

    file_id: str
    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(eq=False)
class Query:
    """A tap or an inline search, and the bot's answer.

    Attributes:
        update_id: The id of the update; None if the bot does not want its kind.
        toast: The answer to a tap.
        results: The results of an inline search.
        button: The button above the results, which opens the chat with the bot.
    """

    query_id: str
    user_id: int
    asked_at: float
    inline: bool = False
    update_id: int | None = None
    toast: Toast | None = None
    results: list[Json] | None = None
    button: Json | None = None

    @property
    def answered(self) -> bool:
        """Whether the bot has answered."""
        return self.toast is not None or self.results is not None
