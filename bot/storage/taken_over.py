"""Numbers that were bought elsewhere: which listed ones may be taken over, and the rows of those that are."""

import sqlite3
from collections.abc import Iterable

from bot.domain import Activation, ListedActivation, State, may_have_bought
from bot.errors import AlreadyTakenOver, KeyMissing, MayBePurchase, TooManyActive
from bot.storage import activations, columns, preferences, users


def select_free(
    connection: sqlite3.Connection, key_id: int, rows: Iterable[ListedActivation], since: int
) -> list[ListedActivation]:
    """Return the listed numbers that the bot does not have, and that none of its purchases may have bought.

    Args:
        connection: a reader, or inside a transaction.
        key_id: the API key of the list.
        rows: the provider's list.
        since: UTC seconds; a purchase since then of which no number could be found may still have one.

    Raises:
        KeyMissing: no such key.
    """
    listed = {row.id: row for row in rows}
    account = users.account_of_key(connection, key_id)
    known = activations.known_ids(connection, [*listed], *account)
    unclear = activations.list_unclear(connection, *account, key_id, since)
    return [
        row
        for row in listed.values()
        if row.id not in known and not any(may_have_bought(purchase, row) for purchase in unclear)
    ]


def insert(
    connection: sqlite3.Connection,
    user_id: int,
    key_id: int,
    row: ListedActivation,
    /,
    *,
    token: str,
    service: tuple[str, str],
    country: str,
    phone: str | None,
    now: int,
    ends_at: int,
    since: int,
    max_active: int,
) -> Activation:
    """Insert a listed number as an activation, and return it. An open one that the user has is returned.

    Args:
        connection: inside a transaction.
        user_id: the user.
        key_id: the API key of the list.
        row: the number as it is listed.
        token: a new token.
        service: its code and its name.
        country: the provider's id.
        phone: its digits; None if they are not known.
        now: UTC seconds.
        ends_at: when it ends at the latest, in UTC seconds.
        since: as for `select_free`.
        max_active: the most open activations that the settings allow a user.

    Raises:
        KeyMissing: the key is not the user's bound key.
        AlreadyTakenOver: another user has the number, or it has ended for this user.
        MayBePurchase: a purchase that is still being checked may have bought it.
        TooManyActive: the user has as many open activations as allowed.
    """
    user = users.find(connection, user_id)
    if user is None or user.key_id != key_id:
        raise KeyMissing
    account = users.account_of_key(connection, key_id)
    if (holder := activations.find_by_provider_id(connection, row.id, *account)) is not None:
        if holder.user_id != user_id or not holder.open:
            raise AlreadyTakenOver(own=holder.user_id == user_id)
        return holder
    if not select_free(connection, key_id, [row], since):
        raise MayBePurchase
    limit = preferences.get(connection, user_id).numbers_at_once(max_active)
    if (held := activations.count_open(connection, user_id)) >= limit:
        raise TooManyActive(held, limit)
    row_id = connection.execute(
        """INSERT INTO activations
           (token, user_id, key_id, provider, account, service, service_name, country, operators, state,
            ordered_at, provider_id, phone, charged, ends_at, taken_over)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, TRUE)""",
        (
            token,
            user_id,
            key_id,
            *account,
            *service,
            country,
            columns.list_to_text(()),
            State.WAITING,
            now,
            row.id,
            phone,
            columns.amount_to_text(row.charged),
            ends_at,
        ),
    ).lastrowid
    assert row_id is not None  # noqa: S101  # an INSERT of one row has a row id
    return activations.get(connection, row_id)
