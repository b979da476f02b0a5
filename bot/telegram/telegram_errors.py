"""What an error of Telegram means: temporary or final, and what a log may say about it."""

from typing import Final

from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
)

from bot import errors

NOT_MODIFIED: Final = "message is not modified"
"""The part of Telegram's error by which an edit without a change is recognised."""
_TOO_OLD: Final = "query is too old"
_GONE: Final = (
    "chat not found",
    "user is deactivated",
    "bot was blocked",
    "have no rights",
    "PEER_ID_INVALID",
)
_DELETED: Final = "message to delete not found"
_KNOWN: Final = (
    NOT_MODIFIED,
    _TOO_OLD,
    _DELETED,
    *_GONE,
    "message to edit not found",
    "message can't be edited",
    "message can't be deleted",
    "message text is empty",
    "message is too long",
    "can't parse entities",
    "terminated by other getUpdates request",
    "can't use getUpdates method while webhook is active",
)
"""Parts of Telegram's descriptions that hold nothing of a message, so that a log may show them."""

_FINAL: Final = (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramEntityTooLarge,
    TelegramMigrateToChat,
)


class NotConnected(TelegramNetworkError):
    """No connection to Telegram was made, so the call was certainly not carried out."""


def is_temporary(error: AiogramError) -> bool:
    """Return whether the same call may succeed later: everything but a clear refusal of this call."""
    return not isinstance(error, _FINAL)


def seconds_to_wait(error: AiogramError) -> float | None:
    """Return the seconds that Telegram tells to wait; None if it does not tell."""
    return float(error.retry_after) if isinstance(error, TelegramRetryAfter) else None


def is_not_modified(error: AiogramError) -> bool:
    """Return whether an edit changes nothing, so that the message is already as it should be."""
    return _says(error, NOT_MODIFIED)


def is_too_old(error: AiogramError) -> bool:
    """Return whether Telegram calls a tap or an inline query too old to be answered."""
    return _says(error, _TOO_OLD)


def is_deleted(error: AiogramError) -> bool:
    """Return whether a message that is to be deleted does not exist any more."""
    return _says(error, _DELETED)


def describe(error: AiogramError) -> str:
    """Return the class of an error and the known part of its description; never content of a message."""
    known = next((words for words in _KNOWN if _says(error, words)), None)
    if (seconds := seconds_to_wait(error)) is not None:
        known = f"retry after {seconds:.0f} s"
    return f"{type(error).__name__}: {known}" if known else type(error).__name__


def delivery_error(error: AiogramError) -> errors.DeliveryError:
    """Return an error of Telegram as the outbox knows it."""
    if is_temporary(error):
        return errors.AnswerLost() if _may_have_been_done(error) else errors.TryLater(seconds_to_wait(error))
    if isinstance(error, TelegramForbiddenError):
        return errors.ChatGone()
    if any(_says(error, words) for words in _GONE):
        return errors.ChatNotFound()
    return errors.MessageRefused(describe(error))


def _may_have_been_done(error: AiogramError) -> bool:
    """Return whether Telegram may have carried out a call that failed: there is no readable answer to it."""
    if isinstance(error, TelegramNetworkError):
        return not isinstance(error, NotConnected)
    return not isinstance(error, TelegramAPIError)


def _says(error: AiogramError, words: str) -> bool:
    return isinstance(error, TelegramAPIError) and words in error.message
