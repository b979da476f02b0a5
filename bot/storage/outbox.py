"""Outbox of codes, notices, changed cards and changed buttons under codes that are not in the chats yet."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.domain import Activation, Code, Notice, NoticeKind

_CHANGED_BUTTONS = """
    SELECT c.*, a.user_id FROM codes c JOIN activations a ON a.id = c.activation_id
    WHERE c.message_id IS NOT NULL AND (a.ended_at IS NOT NULL OR c.ordinal <
        (SELECT max(later.ordinal) FROM codes later WHERE later.activation_id = c.activation_id))
"""
_PENDING = f"""
    SELECT a.user_id FROM codes c JOIN activations a ON a.id = c.activation_id WHERE c.delivered_at IS NULL
    UNION SELECT user_id FROM notices WHERE delivered_at IS NULL
    UNION SELECT user_id FROM activations WHERE card_drawn < card_version
    UNION SELECT user_id FROM ({_CHANGED_BUTTONS})
"""  # noqa: S608  # the inner statement is a constant


DeliveryKey = tuple[str, int, int]
"""Kind of a delivery, the id of its activation or notice, and a code's ordinal or a notice's time."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A pending delivery: a code, the buttons under a sent code, a notice, or a card.

    Attributes:
        activation_id: the activation; None for a notice without one.
        message_id: the message with the code, if only its buttons are out of date.
        since: UTC seconds of its creation; None for a card.
    """

    user_id: int
    activation_id: int | None
    code: Code | None = None
    notice: Notice | None = None
    since: int | None = None
    message_id: int | None = None

    @property
    def is_card(self) -> bool:
        """Whether it is a card."""
        return self.code is None and self.notice is None

    @property
    def key(self) -> DeliveryKey:
        """The identity of this delivery; every version of a card has the same."""
        if self.notice is not None:
            return "notice", self.notice.id, self.since or 0  # the id of a deleted notice is used again
        if self.code is not None:
            return (
                "code" if self.message_id is None else "buttons",
                self.activation_id or 0,
                self.code.ordinal,
            )
        return "card", self.activation_id or 0, 0


def add_notice(
    connection: sqlite3.Connection,
    user_id: int,
    activation_id: int | None,
    kind: NoticeKind,
    now: int,
    details: Mapping[str, str] | None = None,
) -> None:
    """Add a notice for a user. For a user whose data was deleted nothing is added."""
    connection.execute(
        """INSERT INTO notices (user_id, activation_id, kind, created_at, details)
           SELECT id, ?, ?, ?, ? FROM users WHERE id = ?""",
        (activation_id, kind, now, json.dumps(details) if details else None, user_id),
    )


def users_with_deliveries(connection: sqlite3.Connection) -> list[int]:
    """Return the ids of reachable users with pending deliveries."""
    rows = connection.execute(
        f"SELECT id FROM users WHERE unreachable = 0 AND id IN ({_PENDING})"  # noqa: S608
    )
    return [row["id"] for row in rows]


def next_delivery(
    connection: sqlite3.Connection,
    user_id: int,
    skipped: Collection[DeliveryKey] = (),
    skipped_activations: Collection[int] = (),
) -> Delivery | None:
    """Return the next delivery of a user, or None: codes, then notices, cards, buttons; oldest first.

    Args:
        connection: a reader, or inside a transaction.
        user_id: the user.
        skipped: deliveries that must wait.
        skipped_activations: activations whose codes must wait.
    """
    codes = connection.execute(
        """SELECT c.* FROM codes c JOIN activations a ON a.id = c.activation_id
           WHERE c.delivered_at IS NULL AND a.user_id = ?
           ORDER BY c.received_at, c.activation_id, c.ordinal""",
        (user_id,),
    )
    for row in codes:
        delivery = Delivery(user_id, row["activation_id"], code=_code(row), since=row["received_at"])
        if delivery.key not in skipped and delivery.activation_id not in skipped_activations:
            return delivery
    notices = connection.execute(
        "SELECT * FROM notices WHERE delivered_at IS NULL AND user_id = ? ORDER BY id", (user_id,)
    )
    for row in notices:
        notice = Notice(row["id"], NoticeKind(row["kind"]), json.loads(row["details"] or "{}"))
        delivery = Delivery(user_id, row["activation_id"], notice=notice, since=row["created_at"])
        if delivery.key not in skipped:
            return delivery
    cards = connection.execute(
        "SELECT id FROM activations WHERE card_drawn < card_version AND user_id = ? ORDER BY id", (user_id,)
    )
    for row in cards:
        delivery = Delivery(user_id, row["id"])
        if delivery.key not in skipped:
            return delivery
    buttons = connection.execute(
        f"{_CHANGED_BUTTONS} AND a.user_id = ? ORDER BY c.message_id",
        (user_id,),
    )
    for row in buttons:
        delivery = Delivery(user_id, row["activation_id"], code=_code(row), message_id=row["message_id"])
        if delivery.key not in skipped:
            return delivery
    return None


def count_waiting_codes(connection: sqlite3.Connection, user_id: int, before: int) -> int:
    """Return the number of a user's codes that came before a time (UTC seconds) and are not delivered."""
    (number,) = connection.execute(
        """SELECT count(*) FROM codes c JOIN activations a ON a.id = c.activation_id
           WHERE a.user_id = ? AND c.delivered_at IS NULL AND c.received_at < ?""",
        (user_id, before),
    ).fetchone()
    return int(number)


def code_delivered(
    connection: sqlite3.Connection,
    activation_id: int,
    ordinal: int,
    now: int,
    message_id: int | None = None,
) -> None:
    """Mark a code as delivered, and store the message whose buttons may change; None if they stay."""
    connection.execute(
        "UPDATE codes SET delivered_at = ?, message_id = ? WHERE activation_id = ? AND ordinal = ?",
        (now, message_id, activation_id, ordinal),
    )


def buttons_drawn(connection: sqlite3.Connection, activation_id: int, ordinal: int) -> None:
    """Mark the buttons under a code as up to date; they do not change again."""
    connection.execute(
        "UPDATE codes SET message_id = NULL WHERE activation_id = ? AND ordinal = ?",
        (activation_id, ordinal),
    )


def notice_delivered(connection: sqlite3.Connection, user_id: int, notice_id: int, now: int) -> None:
    """Mark a notice as delivered. The id of a deleted notice may now belong to another user."""
    connection.execute(
        "UPDATE notices SET delivered_at = ? WHERE id = ? AND user_id = ?", (now, notice_id, user_id)
    )


def card_drawn(connection: sqlite3.Connection, drawn: Activation, message_id: int | None) -> None:
    """Store the card version that the chat shows and its message.

    If the card was moved to another message while it was being drawn, the new message is kept.
    """
    connection.execute(
        """
        UPDATE activations SET card_drawn = ?,
            card_message_id = CASE WHEN card_message_id IS ? THEN ? ELSE card_message_id END
        WHERE id = ?
        """,
        (drawn.card_version, drawn.card_message_id, message_id, drawn.id),
    )


def move_card(connection: sqlite3.Connection, activation_id: int, message_id: int | None) -> None:
    """Set the message that the card is drawn into; None sends a new message."""
    connection.execute(
        "UPDATE activations SET card_message_id = ?, card_version = card_version + 1 WHERE id = ?",
        (message_id, activation_id),
    )


def is_card(connection: sqlite3.Connection, user_id: int, message_id: int) -> bool:
    """Return whether a message in the user's chat is the card of one of their activations."""
    found = connection.execute(
        "SELECT 1 FROM activations WHERE user_id = ? AND card_message_id = ?", (user_id, message_id)
    ).fetchone()
    return found is not None


def list_codes(connection: sqlite3.Connection, activation_id: int) -> tuple[Code, ...]:
    """Return the codes of an activation, oldest first."""
    rows = connection.execute(
        "SELECT * FROM codes WHERE activation_id = ? ORDER BY ordinal", (activation_id,)
    )
    return tuple(_code(row) for row in rows)


def _code(row: sqlite3.Row) -> Code:
    return Code(
        row["ordinal"],
        row["text"],
        row["received_at"],
        late=bool(row["late"]),
        earlier=bool(row["earlier"]),
        deleted=bool(row["text_deleted"]),
    )
