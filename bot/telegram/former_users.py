"""What a person may still do who was taken out of ALLOWED_USERS: end their numbers, and delete their data."""

import re
from contextlib import suppress
from typing import Final

from aiogram.types import Update

from bot.domain import Step
from bot.telegram import callbacks

_COMMAND: Final = re.compile(r"/(?:active|forget)(?:@\w+)?(?:\s.*)?", re.DOTALL)
_BUTTONS: Final = (
    callbacks.OpenScreen,
    callbacks.ShowCard,
    callbacks.TakeStep,
    callbacks.ScheduleCancel,
    callbacks.CheckPurchase,
    callbacks.AdoptNumber,
    callbacks.ForgetUser,
)


def ends_something(update: Update) -> bool:
    """Return whether an update only shows or ends the numbers of a user, or deletes their data."""
    if update.message is not None:
        return bool(_COMMAND.fullmatch(update.message.text or ""))
    if update.callback_query is None:
        return False
    for kind in _BUTTONS:
        with suppress(ValueError, TypeError):
            match kind.unpack(update.callback_query.data or ""):
                case callbacks.OpenScreen(screen=screen):
                    return screen is callbacks.Screen.ACTIVE
                case callbacks.TakeStep(step=step):
                    return step in {Step.CANCEL, Step.COMPLETE}
                case _:
                    return True
    return False
