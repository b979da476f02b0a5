"""Tables of users and of their encrypted API keys."""

import sqlite3
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.domain import User
from bot.errors import KeyMissing
from bot.storage.activations import OPEN_STATES

_SELECT_KEYS: Final = """SELECT k.id, k.user_id, k.sealed, k.provider, k.address,
    EXISTS (SELECT 1 FROM users u WHERE u.key_id = k.id) AS bound FROM api_keys k"""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """An encrypted API key of a user.

    Attributes:
        sealed: the encrypted form.
        provider: the id of its provider; None for a key of a version that did not store it.
        address: where it is sent, as it is sealed with it; None for a key of a version that did not store it.
        bound: whether it is the user's current key; otherwise only open activations use it.
    """

    id: int
    user_id: int
    sealed: str
    provider: str | None
    address: str | None
    bound: bool


class Account(NamedTuple):
    """An account at a provider: what the ids of numbers are compared within.

    Attributes:
        provider: the id of the provider.
        fingerprint: the fingerprint of the API key; None if it is not known.
    """

    provider: str
    fingerprint: str | None


def get_or_create(connection: sqlite3.Connection, user_id: int, language: str | None, now: int) -> User:
    """Return a user, created if missing. The language applies only to a new user."""
    connection.execute(
        "INSERT INTO users (id, language, created_at, provider) VALUES (?, ?, ?, '') ON CONFLICT DO NOTHING",
        (user_id, language, now),
    )
    user = find(connection, user_id)
    assert user is not None  # noqa: S101  # it was inserted above
    return user


def find(connection: sqlite3.Connection, user_id: int) -> User | None:
    """Return a user, or None."""
    row = connection.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
    if row is None:
        return None
    return User(
        row["id"],
        row["language"],
        row["key_id"],
        row["country"],
        unreachable=bool(row["unreachable"]),
        language_chosen=bool(row["language_chosen"]),
        by_country=bool(row["by_country"]),
        zone_name=row["time_zone"],
        day_from=row["day_from"],
        provider=row["provider"],
        key_for=row["key_for"],
    )


def set_key_for(connection: sqlite3.Connection, user_id: int, provider: str) -> None:
    """Set the provider that the user chose for the next API key."""
    connection.execute("UPDATE users SET key_for = ? WHERE id = ?", (provider, user_id))


def set_by_country(connection: sqlite3.Connection, user_id: int, *, by_country: bool) -> None:
    """Set whether the user chose last to browse by country."""
    connection.execute("UPDATE users SET by_country = ? WHERE id = ?", (by_country, user_id))


def set_country(connection: sqlite3.Connection, user_id: int, country: str) -> None:
    """Set the country that the user chose last."""
    connection.execute("UPDATE users SET country = ? WHERE id = ?", (country, user_id))


def set_language(connection: sqlite3.Connection, user_id: int, language: str) -> None:
    """Set the language that the user chose."""
    connection.execute("UPDATE users SET language = ?, language_chosen = 1 WHERE id = ?", (language, user_id))


def set_start_link(connection: sqlite3.Connection, user_id: int, link: str | None, now: int) -> None:
    """Store the link that the user has followed (at UTC seconds), or remove it."""
    connection.execute(
        "UPDATE users SET start_link = ?, start_link_at = ? WHERE id = ?", (link, now, user_id)
    )


def get_start_link(connection: sqlite3.Connection, user_id: int, since: int) -> str | None:
    """Return the link that the user has followed since a time (UTC seconds), or None."""
    row = connection.execute(
        "SELECT start_link FROM users WHERE id = ? AND start_link_at >= ?", (user_id, since)
    ).fetchone()
    return row["start_link"] if row else None


def keep_limit_day(connection: sqlite3.Connection, user_id: int, now: int) -> None:
    """Let the present day of the daily limit go on; call it before a change of the time zone."""
    if (user := find(connection, user_id)) is not None:
        connection.execute("UPDATE users SET day_from = ? WHERE id = ?", (user.limit_day(now), user_id))


def set_time_zone(connection: sqlite3.Connection, user_id: int, zone_name: str) -> None:
    """Set the time zone that the user chose."""
    connection.execute("UPDATE users SET time_zone = ? WHERE id = ?", (zone_name, user_id))


def set_unreachable(connection: sqlite3.Connection, user_id: int, *, unreachable: bool) -> None:
    """Set whether the user blocked the bot; deliveries to unreachable users wait."""
    connection.execute("UPDATE users SET unreachable = ? WHERE id = ?", (unreachable, user_id))


def bind(
    connection: sqlite3.Connection,
    user_id: int,
    sealed: str,
    now: int,
    *,
    provider: str,
    address: str,
    account: str | None = None,
) -> int:
    """Bind an encrypted key instead of the previous one and return its id.

    The first one decides which provider the limits in money are for that were set before. At another provider
    than the last one, the chosen country is forgotten, because its id may mean another one there.

    Args:
        connection: inside a transaction.
        user_id: the user.
        sealed: the encrypted key.
        now: UTC seconds.
        provider: the id of the provider of the key.
        address: where the key is sent.
        account: the fingerprint of the key.
    """
    key_id = connection.execute(
        """INSERT INTO api_keys (user_id, sealed, bound_at, provider, address, account)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (user_id, sealed, now, provider, address, account),
    ).lastrowid
    assert key_id is not None  # noqa: S101  # an INSERT of one row has a row id
    connection.execute(
        """UPDATE users SET key_id = ?1, provider = ?2, country = iif(provider IN (?2, ''), country, NULL)
           WHERE id = ?3""",
        (key_id, provider, user_id),
    )
    connection.execute(
        "UPDATE OR IGNORE money_limits SET provider = ? WHERE user_id = ? AND provider = ''",
        (provider, user_id),
    )
    delete_unused_keys(connection, user_id)
    return key_id


def unbind(connection: sqlite3.Connection, user_id: int) -> None:
    """Unbind the key. It is stored only as long as an open activation uses it."""
    connection.execute("UPDATE users SET key_id = NULL WHERE id = ?", (user_id,))
    delete_unused_keys(connection, user_id)


def delete_unused_keys(connection: sqlite3.Connection, user_id: int) -> None:
    """Delete keys of a user that are neither bound nor used by an open activation."""
    connection.execute(
        f"""DELETE FROM api_keys WHERE user_id = ?
            AND id NOT IN (SELECT key_id FROM users WHERE key_id IS NOT NULL)
            AND id NOT IN (SELECT key_id FROM activations WHERE state IN ({OPEN_STATES}))""",  # noqa: S608
        (user_id,),
    )


def get_sealed_key(connection: sqlite3.Connection, key_id: int) -> SealedKey:
    """Return an encrypted key.

    Raises:
        KeyMissing: no such key.
    """
    row = connection.execute(f"{_SELECT_KEYS} WHERE k.id = ?", (key_id,)).fetchone()
    if row is None:
        raise KeyMissing
    return _sealed_key(row)


def list_sealed_keys(connection: sqlite3.Connection) -> list[SealedKey]:
    """Return every encrypted key."""
    return [_sealed_key(row) for row in connection.execute(f"{_SELECT_KEYS} ORDER BY k.id")]


def _sealed_key(row: sqlite3.Row) -> SealedKey:
    return SealedKey(**{**dict(row), "bound": bool(row["bound"])})


def replace_sealed_keys(connection: sqlite3.Connection, resealed: dict[int, str]) -> None:
    """Replace the encrypted form of keys, by key id."""
    connection.executemany(
        "UPDATE api_keys SET sealed = ? WHERE id = ?", [(sealed, id_) for id_, sealed in resealed.items()]
    )


def account_of_key(connection: sqlite3.Connection, key_id: int) -> Account:
    """Return the account of a key.

    Raises:
        KeyMissing: no such key.
    """
    row = connection.execute("SELECT provider, account FROM api_keys WHERE id = ?", (key_id,)).fetchone()
    if row is None:
        raise KeyMissing
    return Account(row["provider"], row["account"])


def account_secret(connection: sqlite3.Connection) -> str:
    """Return the secret of the accounts' fingerprints."""
    row = connection.execute("SELECT secret FROM account_secret ORDER BY rowid LIMIT 1").fetchone()
    return str(row["secret"])


def has_key_without_account(connection: sqlite3.Connection) -> bool:
    """Return whether a key was stored before accounts were known."""
    return connection.execute("SELECT 1 FROM api_keys WHERE account IS NULL").fetchone() is not None


def set_accounts(connection: sqlite3.Connection, accounts: dict[int, str]) -> None:
    """Set the accounts of keys and of their activations, by key id.

    Of several rows with the same number of an account only the first one gets the account.
    """
    rows = [(account, key_id) for key_id, account in accounts.items()]
    connection.executemany("UPDATE api_keys SET account = ? WHERE id = ?", rows)
    connection.executemany("UPDATE OR IGNORE activations SET account = ? WHERE key_id = ?", rows)


def mark_key_refused(connection: sqlite3.Connection, key_id: int, now: int) -> bool:
    """Mark a key as refused by the provider; return whether it was not marked before."""
    cursor = connection.execute(
        "UPDATE api_keys SET refused_at = ? WHERE id = ? AND refused_at IS NULL", (now, key_id)
    )
    return cursor.rowcount > 0


def refused_key_ids(connection: sqlite3.Connection) -> set[int]:
    """Return the ids of the keys marked as refused."""
    rows = connection.execute("SELECT id FROM api_keys WHERE refused_at IS NOT NULL")
    return {row["id"] for row in rows}


def mark_key_accepted(connection: sqlite3.Connection, key_id: int) -> None:
    """Remove the refused mark of a key."""
    connection.execute("UPDATE api_keys SET refused_at = NULL WHERE id = ?", (key_id,))
