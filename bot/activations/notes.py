"""Notes of users on their numbers: short texts that the cards and lists show."""

from dataclasses import dataclass
from sqlite3 import Connection
from typing import Final

from bot.domain import visible
from bot.ports import DeliveryQueue
from bot.storage import activations, transitions
from bot.storage.database import Database

MAX_NOTE: Final = 40
"""Characters of a note."""
NO_NOTE: Final = "-"
"""The answer that removes a note."""


@dataclass(eq=False, slots=True)
class Notes:
    """Stores notes and draws the cards again."""

    db: Database
    delivery_queue: DeliveryQueue

    async def store(self, user_id: int, id_: int, text: str) -> str | None:
        """Store the note on a number, clean and short; return what was stored, None if it was removed.

        Raises:
            ActivationGone: the user has no such number.
        """
        note = clean(text)
        await self.db.write(_store, user_id, id_, note)
        self.delivery_queue.notify(user_id)
        return note


def clean(text: str) -> str | None:
    """Return a typed text as a note: one line of visible characters; None if there are none, or for "-"."""
    note = visible(" ".join(visible(text).split())[:MAX_NOTE]).strip()
    return None if note in {"", NO_NOTE} else note


def _store(connection: Connection, user_id: int, id_: int, note: str | None) -> None:
    activations.get(connection, id_, user_id)
    transitions.set_note(connection, id_, note)
