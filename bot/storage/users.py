"""The users and their sealed API keys."""

import sqlite3

from bot.domain import User
from bot.errors import KeyMissing
from bot.storage.activations import OPEN_STATES


def meet(connection: sqlite3.Connection, user_id: int, language: str | None, now: int) -> User:
    """Return the user, made on the first meeting; the language is Telegram's until they choose one."""
    connection.execute(
        "INSERT INTO users (id, language, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (user_id, language, now),
    )
    user = find(connection, user_id)
    assert user is not None  # noqa: S101  # it was inserted a line above
    return user


def find(connection: sqlite3.Connection, user_id: int) -> User | None:
    """Return the user, or None if we never met."""
    row = connection.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
    if row is None:
        return None
    return User(row["id"], row["language"], row["key_id"], row["country"], bool(row["unreachable"]))


def set_country(connection: sqlite3.Connection, user_id: int, country: str) -> None:
    """Remember the country chosen last."""
    connection.execute("UPDATE users SET country = ? WHERE id = ?", (country, user_id))


def set_language(connection: sqlite3.Connection, user_id: int, language: str) -> None:
    """Remember the language the user chose."""
    connection.execute("UPDATE users SET language = ? WHERE id = ?", (language, user_id))


def set_unreachable(connection: sqlite3.Connection, user_id: int, *, unreachable: bool) -> None:
    """Keep what is to be brought until the user's next message, or stop keeping it."""
    connection.execute("UPDATE users SET unreachable = ? WHERE id = ?", (unreachable, user_id))


def bind(connection: sqlite3.Connection, user_id: int, sealed: str, now: int) -> int:
    """Bind a sealed key in place of the one before; return its id."""
    key_id = connection.execute(
        "INSERT INTO api_keys (user_id, sealed, bound_at) VALUES (?, ?, ?)", (user_id, sealed, now)
    ).lastrowid
    assert key_id is not None  # noqa: S101  # an INSERT of one row has a row id
    connection.execute("UPDATE users SET key_id = ? WHERE id = ?", (key_id, user_id))
    drop_unused_keys(connection, user_id)
    return key_id


def unbind(connection: sqlite3.Connection, user_id: int) -> None:
    """Unbind the key. It stays, sealed, only while an open activation was bought with it."""
    connection.execute("UPDATE users SET key_id = NULL WHERE id = ?", (user_id,))
    drop_unused_keys(connection, user_id)


def drop_unused_keys(connection: sqlite3.Connection, user_id: int) -> None:
    """Delete the user's keys that are neither bound nor needed by an open activation."""
    connection.execute(
        f"""DELETE FROM api_keys WHERE user_id = ?
            AND id NOT IN (SELECT key_id FROM users WHERE key_id IS NOT NULL)
            AND id NOT IN (SELECT key_id FROM activations WHERE state IN ({OPEN_STATES}))""",  # noqa: S608
        (user_id,),
    )


def sealed_key(connection: sqlite3.Connection, key_id: int) -> tuple[int, str]:
    """Return the owner and the sealed key.

    Raises:
        KeyMissing: the key is no longer kept.
    """
    row = connection.execute("SELECT user_id, sealed FROM api_keys WHERE id = ?", (key_id,)).fetchone()
    if row is None:
        raise KeyMissing
    return row["user_id"], row["sealed"]


def sealed_keys(connection: sqlite3.Connection) -> list[tuple[int, int, str]]:
    """Return id, owner and sealed key of every key."""
    rows = connection.execute("SELECT id, user_id, sealed FROM api_keys ORDER BY id")
    return [(row["id"], row["user_id"], row["sealed"]) for row in rows]


def reseal(connection: sqlite3.Connection, resealed: dict[int, str]) -> None:
    """Replace the sealed form of keys, by id."""
    connection.executemany(
        "UPDATE api_keys SET sealed = ? WHERE id = ?", [(sealed, id_) for id_, sealed in resealed.items()]
    )


def refuse_key(connection: sqlite3.Connection, key_id: int, now: int) -> bool:
    """Note that the provider refuses a key; return whether that is new."""
    cursor = connection.execute(
        "UPDATE api_keys SET refused_at = ? WHERE id = ? AND refused_at IS NULL", (now, key_id)
    )
    return cursor.rowcount > 0


def refused_keys(connection: sqlite3.Connection) -> set[int]:
    """Return the ids of the keys the provider refuses."""
    rows = connection.execute("SELECT id FROM api_keys WHERE refused_at IS NOT NULL")
    return {row["id"] for row in rows}


def accept_key(connection: sqlite3.Connection, key_id: int) -> None:
    """Note that the provider takes a key again."""
    connection.execute("UPDATE api_keys SET refused_at = NULL WHERE id = ?", (key_id,))
