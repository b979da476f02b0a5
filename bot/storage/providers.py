"""The provider column of all tables: filled in after its migration, and renamed with the provider."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.storage.activations import OPEN_STATES

_OF_USER: Final = ("quotes", "favourites", "alerts", "money_limits")
"""Tables whose rows were made for the provider that their user had."""


@dataclass(frozen=True, slots=True)
class OpenNumber:
    """An open activation and the provider that has it.

    Attributes:
        phone: the phone number in digits; None if the purchase is not finished.
        provider: the id of the provider.
        address: where its API key is sent; None if the key is gone.
    """

    id: int
    phone: str | None
    provider: str
    address: str | None


def fill_in(connection: sqlite3.Connection, ids: Mapping[str, str], default: tuple[str, str]) -> None:
    """Fill in the provider of rows that were stored before there was one.

    Every such row is of the one provider that the bot had. An API key knows the address of it. The rows of a
    provider that is not on offer get its address as its id.

    Args:
        connection: inside a transaction.
        ids: address → id of the providers on offer.
        default: id and address of the provider of keys without an address, and of rows if there is no key.
    """
    id_, address = default
    connection.execute("UPDATE api_keys SET address = ? WHERE address IS NULL", (address,))
    for (known,) in connection.execute(
        "SELECT DISTINCT address FROM api_keys WHERE provider IS NULL"
    ).fetchall():
        connection.execute(
            "UPDATE api_keys SET provider = ? WHERE provider IS NULL AND address = ?",
            (ids.get(known, known), known),
        )
    newest = connection.execute("SELECT provider FROM api_keys ORDER BY id DESC LIMIT 1").fetchone()
    former = id_ if newest is None else newest["provider"]
    connection.execute(
        """UPDATE users SET provider = coalesce((SELECT provider FROM api_keys k WHERE k.id = key_id), ?)
           WHERE provider IS NULL""",
        (former,),
    )
    of_user = "coalesce((SELECT provider FROM users u WHERE u.id = user_id), ?)"
    connection.execute(
        f"""UPDATE activations
            SET provider = coalesce((SELECT provider FROM api_keys k WHERE k.id = key_id), {of_user})
            WHERE provider IS NULL""",  # noqa: S608  # constants
        (former,),
    )
    for table in _OF_USER:
        connection.execute(f"UPDATE {table} SET provider = {of_user} WHERE provider IS NULL", (former,))  # noqa: S608


def is_filled_in(connection: sqlite3.Connection) -> bool:
    """Return whether every row has its provider; users and API keys stand for the rows of users."""
    found = connection.execute(
        "SELECT 1 FROM users WHERE provider IS NULL UNION ALL SELECT 1 FROM api_keys WHERE provider IS NULL"
    ).fetchone()
    return found is None


def follow_addresses(connection: sqlite3.Connection, ids: Mapping[str, str]) -> None:
    """Give each API key the id that its address has now, and the rows of a renamed provider the new id.

    A row that its user has under the new id too keeps the earlier one.

    Args:
        connection: inside a transaction.
        ids: address → id of the providers on offer.
    """
    known = connection.execute(
        "SELECT provider, address FROM api_keys GROUP BY provider, address ORDER BY max(id) DESC"
    ).fetchall()
    for address, now in ids.items():
        connection.execute(
            "UPDATE api_keys SET provider = ?1 WHERE address = ?2 AND provider != ?1", (now, address)
        )
    for earlier, address in [*map(tuple, known), *((address, address) for address in ids)]:
        if address not in ids or earlier in ids.values():
            continue
        for table in ("users", "activations", *_OF_USER):
            connection.execute(
                f"UPDATE OR IGNORE {table} SET provider = ? WHERE provider = ?",  # noqa: S608  # constants
                (ids[address], earlier),
            )
    for table in ("users", "activations"):
        connection.execute(
            f"""UPDATE OR IGNORE {table} SET provider = k.provider FROM api_keys k
                WHERE k.id = {table}.key_id AND k.provider != {table}.provider"""  # noqa: S608  # constants
        )


def list_open(connection: sqlite3.Connection) -> list[OpenNumber]:
    """Return all open activations with their providers, oldest first."""
    rows = connection.execute(
        f"""SELECT a.id, a.phone, a.provider, k.address FROM activations a
            LEFT JOIN api_keys k ON k.id = a.key_id
            WHERE a.state IN ({OPEN_STATES}) ORDER BY a.id"""  # noqa: S608  # constants
    )
    return [OpenNumber(**dict(row)) for row in rows]
