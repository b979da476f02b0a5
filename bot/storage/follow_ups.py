"""Follow-ups: status checks of ended activations, and what they change."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from bot.domain import REOPENS, Activation, Ending, NewCode, NoticeKind, State, new_listed_codes
from bot.storage import activations, outbox, transitions

_REOPENED_STATES: Final = ", ".join(f"'{state}'" for state in sorted(REOPENS))


def schedule(connection: sqlite3.Connection, id_: int, at: int | None) -> None:
    """Set when an ended activation is checked again (UTC seconds); None for never."""
    connection.execute("UPDATE activations SET check_again_at = ? WHERE id = ?", (at, id_))


def schedule_for_key(connection: sqlite3.Connection, key_id: int, at: int) -> None:
    """Bring all follow-ups of an API key forward to a time (UTC seconds)."""
    connection.execute(
        "UPDATE activations SET check_again_at = ? WHERE key_id = ? AND check_again_at > ?", (at, key_id, at)
    )


def list_due(connection: sqlite3.Connection, now: float, limit: int) -> list[int]:
    """Return the ids of ended activations whose follow-up is due, most overdue first."""
    rows = connection.execute(
        "SELECT id FROM activations WHERE check_again_at <= ? ORDER BY check_again_at LIMIT ?", (now, limit)
    )
    return [row["id"] for row in rows]


def next_at(connection: sqlite3.Connection) -> int | None:
    """Return when the next follow-up is due (UTC seconds), or None without any."""
    (at,) = connection.execute(
        "SELECT min(check_again_at) FROM activations WHERE check_again_at IS NOT NULL"
    ).fetchone()
    return None if at is None else int(at)


def reopen(connection: sqlite3.Connection, id_: int, now: int) -> Activation:
    """Change an ended activation back to waiting, and add a notice.

    Without effect unless it ended without the user's step.
    """
    reopened = connection.execute(
        f"""UPDATE activations SET state = ?, ended_at = NULL, ending = NULL, balance_after = NULL,
            check_again_at = NULL WHERE id = ? AND state IN ({_REOPENED_STATES}) AND ending != ?""",  # noqa: S608
        (State.WAITING, id_, Ending.USER),
    ).rowcount
    activation = transitions.increment_card_version(connection, id_)
    if reopened:
        outbox.add_notice(connection, activation.user_id, id_, NoticeKind.REOPENED, now)
    return activation


def settle(connection: sqlite3.Connection, id_: int) -> Activation:
    """Record that the provider has ended an activation that ended in doubt, and stop its follow-ups."""
    connection.execute(
        "UPDATE activations SET ending = ?, check_again_at = NULL WHERE id = ?", (Ending.UNSEEN, id_)
    )
    return transitions.increment_card_version(connection, id_)


def set_unanswered(connection: sqlite3.Connection, id_: int, since: int | None) -> Activation:
    """Set since when the provider has not answered (UTC seconds); None when it answers again."""
    connection.execute("UPDATE activations SET unanswered_since = ? WHERE id = ?", (since, id_))
    return transitions.increment_card_version(connection, id_)


def shift_times(connection: sqlite3.Connection, id_: int, seconds: int) -> Activation:
    """Add seconds to the times of an open activation that were taken from a wrong clock."""
    connection.execute(
        f"""UPDATE activations SET ordered_at = ordered_at + ?1, bought_at = bought_at + ?1,
            ends_at = ends_at + ?1, cancel_from = cancel_from + ?1, sms_sent_at = sms_sent_at + ?1,
            cancel_sent_at = cancel_sent_at + ?1, unanswered_since = unanswered_since + ?1
            WHERE id = ?2 AND state IN ({activations.OPEN_STATES})""",  # noqa: S608
        (seconds, id_),
    )
    return transitions.increment_card_version(connection, id_)


def set_phone(connection: sqlite3.Connection, id_: int, phone: str) -> Activation:
    """Set a phone number that the purchase did not give."""
    connection.execute("UPDATE activations SET phone = ? WHERE id = ? AND phone IS NULL", (phone, id_))
    return transitions.increment_card_version(connection, id_)


def add_listed_codes(connection: sqlite3.Connection, id_: int, listed: Sequence[str], now: int) -> Activation:
    """Store the codes of the provider's list that are not stored yet, each as a pending delivery."""
    activation = activations.get(connection, id_)
    for code in new_listed_codes(activation, listed):
        if code.earlier:
            activation = _add_earlier_code(connection, activation, code.text, now)
        else:
            activation = transitions.add_code(connection, id_, NewCode(code.text), now)
    return activation


def _add_earlier_code(
    connection: sqlite3.Connection, activation: Activation, text: str, now: int
) -> Activation:
    """Store a code that came before a stored one; the state stays."""
    late = not activation.held or (activation.ends_at is not None and now >= activation.ends_at)
    connection.execute(
        """INSERT INTO codes (activation_id, ordinal, text, received_at, late, earlier)
           VALUES (?, ?, ?, ?, ?, TRUE)""",
        (activation.id, len(activation.codes) + 1, text, now, late),
    )
    return transitions.increment_card_version(connection, activation.id)
