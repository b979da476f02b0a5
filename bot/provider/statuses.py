"""Reading of the answers that tell the status of an activation, or the text of its SMS."""

from collections.abc import Mapping
from typing import Final

from bot import errors
from bot.domain import Closed, CodeShown, Status, Waiting
from bot.provider import wire
from bot.provider.transport import Reply
from bot.provider.values import text, unquoted

_WAITING: Final = frozenset(
    {
        "STATUS_WAIT_CODE",
        "STATUS_WAIT_READY",
        "STATUS_WAIT_SCREEN",
        "STATUS_ACCESS",
        "STATUS_ACCESS_SCREEN",
        "STATUS_WAITING",
        "ASLEEP",
    }
)
_WAITING_AGAIN: Final = frozenset({"STATUS_WAIT_RETRY", "STATUS_WAIT_RESEND"})
_CLOSED: Final = frozenset({"STATUS_CANCEL", "STATUS_FINISH", "STATUS_REVOKE", "ACCESS_CANCEL"})


def shown_status(reply: Reply) -> Status:
    """Return the status in an answer to ``getStatus``.

    Raises:
        errors.Unreadable: there is none.
    """
    answer = reply.answer
    if isinstance(answer, wire.Token):
        if answer.name in ("STATUS_OK", "FULL_SMS"):
            return CodeShown(unquoted(answer.tail), _header_text(reply.headers))
        if answer.name in _WAITING:
            return Waiting()
        if answer.name in _WAITING_AGAIN:
            return Waiting(again=True, previous=unquoted(answer.tail) or None)
        if answer.name in _CLOSED:
            return Closed()
    raise errors.Unreadable("no status")


def shown_message(answer: wire.Answer) -> str | None:
    """Return the text of an SMS in an answer to ``getFullSms`` or ``getStatusV2``; None without one."""
    if isinstance(answer, wire.Token):
        return unquoted(answer.tail) or None if answer.name == "FULL_SMS" else None
    row = answer.value if isinstance(answer.value, dict) else {}
    sms = row.get("data") or row.get("sms")
    return text(sms.get("text")) or None if isinstance(sms, dict) else None


def _header_text(headers: Mapping[str, str]) -> str | None:
    """Return the text of an SMS in the headers, or None; bytes that are no text are replaced."""
    return headers.get("X-Text", "").encode(errors="replace").decode().strip() or None
