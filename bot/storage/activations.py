"""Read-only queries on activations."""

import sqlite3
from typing import Final

from bot.domain import NOTHING_BOUGHT, OPEN, UNCLEAR, Activation, Ending, State
from bot.errors import ActivationGone
from bot.storage import columns, favourites, outbox

OPEN_STATES: Final = ", ".join(f"'{state}'" for state in sorted(OPEN))
"""The open states as an SQL list; these activations count towards the limit of active numbers."""

_UNCLEAR_STATES: Final = ", ".join(f"'{state}'" for state in sorted(UNCLEAR))
_OF_ACCOUNT: Final = "provider = :provider AND (account = :account OR key_id = :key_id)"
"""SQL condition for an activation of an account; its key counts where the account is not known."""

OTHER_OF_ACCOUNT: Final = f"id != :id AND {_OF_ACCOUNT}"
"""SQL condition for another activation of the same account; see `same_account` for its parameters."""

_MAY_BE_ACCOUNT: Final = "provider = ?1 AND (?2 IS NULL OR account IS NULL OR account = ?2)"
"""SQL condition on an activation; the parameters are the provider and the account's fingerprint."""


def get(connection: sqlite3.Connection, id_: int, user_id: int | None = None) -> Activation:
    """Return an activation with its codes.

    Args:
        connection: a reader, or inside a transaction.
        id_: our id, not the provider's.
        user_id: the required owner; None for any.

    Raises:
        ActivationGone: no such activation, or another user's.
    """
    row = connection.execute("SELECT * FROM activations WHERE id = ?", (id_,)).fetchone()
    if row is None or (user_id is not None and row["user_id"] != user_id):
        raise ActivationGone
    return _activation(connection, row)


def list_open(connection: sqlite3.Connection) -> list[Activation]:
    """Return all open activations, oldest first."""
    rows = connection.execute(
        f"SELECT * FROM activations WHERE state IN ({OPEN_STATES}) ORDER BY id"  # noqa: S608
    ).fetchall()
    return [_activation(connection, row) for row in rows]


def list_open_for_user(connection: sqlite3.Connection, user_id: int) -> list[Activation]:
    """Return the open activations of a user, oldest first."""
    rows = connection.execute(
        f"SELECT * FROM activations WHERE user_id = ? AND state IN ({OPEN_STATES}) ORDER BY id",  # noqa: S608
        (user_id,),
    ).fetchall()
    return [_activation(connection, row) for row in rows]


def count_open(connection: sqlite3.Connection, user_id: int) -> int:
    """Return the number of open activations of a user."""
    (count,) = connection.execute(
        f"SELECT count(*) FROM activations WHERE user_id = ? AND state IN ({OPEN_STATES})",  # noqa: S608
        (user_id,),
    ).fetchone()
    return int(count)


def last_purchases(
    connection: sqlite3.Connection, user_id: int, provider: str, limit: int
) -> list[Activation]:
    """Return the newest activation per service, country and operators bought at a provider, newest first."""
    rows = connection.execute(
        """SELECT * FROM activations WHERE id IN (
               SELECT max(id) FROM activations WHERE user_id = ? AND provider = ? AND bought_at IS NOT NULL
               GROUP BY country, service, operators
           ) ORDER BY id DESC LIMIT ?""",
        (user_id, provider, limit),
    ).fetchall()
    return [_activation(connection, row) for row in rows]


def is_token_used(connection: sqlite3.Connection, token: str) -> bool:
    """Return whether an activation was created with this token of a quote."""
    found = connection.execute("SELECT 1 FROM activations WHERE token = ?", (token,)).fetchone()
    return found is not None


def known_ids(connection: sqlite3.Connection, ids: list[str], provider: str, account: str | None) -> set[str]:
    """Return those of the provider's ids that belong to a stored activation of an account at the provider.

    An activation without an account counts too: the account of its key is not known.
    """
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(
        f"SELECT provider_id FROM activations WHERE {_MAY_BE_ACCOUNT} AND provider_id IN ({marks})",  # noqa: S608
        (provider, account, *ids),
    )
    return {row["provider_id"] for row in rows}


def find_by_provider_id(
    connection: sqlite3.Connection, provider_id: str, provider: str, account: str | None
) -> Activation | None:
    """Return the activation of an account with one of the provider's ids, as for `known_ids`, or None."""
    row = connection.execute(
        f"SELECT * FROM activations WHERE {_MAY_BE_ACCOUNT} AND provider_id = ?3 ORDER BY id DESC LIMIT 1",  # noqa: S608
        (provider, account, provider_id),
    ).fetchone()
    return None if row is None else _activation(connection, row)


def find_twin(connection: sqlite3.Connection, activation: Activation, provider_id: str) -> Activation | None:
    """Return another activation of the same account with this number, or None; an open one first."""
    row = connection.execute(
        f"""SELECT * FROM activations WHERE provider_id = :provider_id AND {OTHER_OF_ACCOUNT}
            ORDER BY state IN ({OPEN_STATES}) DESC, id DESC LIMIT 1""",  # noqa: S608
        {"provider_id": provider_id, **same_account(activation)},
    ).fetchone()
    return None if row is None else _activation(connection, row)


def has_parallel_order(connection: sqlite3.Connection, activation: Activation) -> bool:
    """Return whether the same service and country is being ordered with the same account in parallel."""
    return _has_rival(connection, activation, "state = 'ordering'")


def has_unclear_rival(connection: sqlite3.Connection, activation: Activation) -> bool:
    """Return whether another user has an unclear purchase of the same service with the same account."""
    return _has_rival(connection, activation, "state = 'unknown' AND user_id != :user_id")


def same_account(activation: Activation) -> dict[str, object]:
    """Return the parameters of `OTHER_OF_ACCOUNT` for an activation."""
    return {
        "id": activation.id,
        "provider": activation.provider,
        "account": activation.account,
        "key_id": activation.key_id,
    }


def _has_rival(connection: sqlite3.Connection, activation: Activation, condition: str) -> bool:
    found = connection.execute(
        f"""SELECT 1 FROM activations WHERE {OTHER_OF_ACCOUNT}
            AND service = :service AND country = :country AND {condition}""",  # noqa: S608
        {
            "service": activation.service,
            "country": activation.country,
            "user_id": activation.user_id,
            **same_account(activation),
        },
    ).fetchone()
    return found is not None


def list_unclear(
    connection: sqlite3.Connection, provider: str, account: str | None, key_id: int, since: int
) -> list[Activation]:
    """Return the purchases of an account that may have bought a number that the bot does not know.

    These are the unclear ones, and those since a time (UTC seconds) of which no number could be found.
    """
    rows = connection.execute(
        f"""SELECT * FROM activations WHERE {_OF_ACCOUNT}
            AND (state IN ({_UNCLEAR_STATES}) OR (state = :refused AND refusal = :nothing
                AND ordered_at >= :since)) ORDER BY id""",  # noqa: S608
        {
            "provider": provider,
            "account": account,
            "key_id": key_id,
            "refused": State.REFUSED,
            "nothing": NOTHING_BOUGHT,
            "since": since,
        },
    ).fetchall()
    return [_activation(connection, row) for row in rows]


def list_not_found(connection: sqlite3.Connection, provider: str, since: int) -> list[Activation]:
    """Return the purchases at a provider since a time (UTC seconds) of which no number could be found."""
    rows = connection.execute(
        """SELECT * FROM activations WHERE provider = ? AND state = ? AND refusal = ? AND ordered_at >= ?
           ORDER BY id""",
        (provider, State.REFUSED, NOTHING_BOUGHT, since),
    ).fetchall()
    return [_activation(connection, row) for row in rows]


def _activation(connection: sqlite3.Connection, row: sqlite3.Row) -> Activation:
    operators = columns.list_from_text(row["operators"])
    return Activation(
        id=row["id"],
        token=row["token"],
        user_id=row["user_id"],
        key_id=row["key_id"],
        provider=row["provider"],
        service=row["service"],
        service_name=row["service_name"],
        country=row["country"],
        operators=operators,
        price=columns.amount_from_text(row["price"]),
        state=State(row["state"]),
        ordered_at=row["ordered_at"],
        provider_id=row["provider_id"],
        phone=row["phone"],
        bought_at=row["bought_at"],
        ends_at=row["ends_at"],
        cancel_from=row["cancel_from"],
        cancel_scheduled=bool(row["cancel_scheduled"]),
        cancel_sent_at=row["cancel_sent_at"],
        complete_scheduled=bool(row["complete_scheduled"]),
        sms_sent_at=row["sms_sent_at"],
        resent=bool(row["resent"]),
        waiting_seen=bool(row["waiting_seen"]),
        ended_at=row["ended_at"],
        ending=None if row["ending"] is None else Ending(row["ending"]),
        refusal=row["refusal"],
        details_deleted=row["details_deleted_at"] is not None,
        hide_codes_at=row["hide_codes_at"],
        balance_before=columns.amount_from_text(row["balance_before"]),
        listed_before=None if row["listed_before"] is None else columns.list_from_text(row["listed_before"]),
        balance_after=columns.amount_from_text(row["balance_after"]),
        charged=columns.amount_from_text(row["charged"]),
        unclear_at=row["unclear_at"],
        account=row["account"],
        card_message_id=row["card_message_id"],
        card_version=row["card_version"],
        unanswered_since=row["unanswered_since"],
        taken_over=bool(row["taken_over"]),
        note=row["note"],
        favourite=favourites.exists(
            connection,
            row["user_id"],
            row["provider"],
            country=row["country"],
            service=row["service"],
            operators=operators,
        ),
        codes=outbox.list_codes(connection, row["id"]),
    )
