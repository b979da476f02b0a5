"""Every table of the database, and a row in each of them for a person: what comes later is covered too."""

from sqlite3 import Connection
from typing import Final

ABOUT_NOBODY: Final = {"sqlite_sequence"}
"""Tables that hold nothing of a person; every other one must say whose its rows are."""


def tables(connection: Connection) -> dict[str, str]:
    """Return every table about people, with the condition that finds one person's rows (one parameter)."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: _whose(connection, name) for name in sorted({*names} - ABOUT_NOBODY)}


def _whose(connection: Connection, table: str) -> str:
    columns = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
    if table == "users":
        return "id = ?"
    if "user_id" in columns:
        return "user_id = ?"
    if "activation_id" in columns:
        return "activation_id IN (SELECT id FROM activations WHERE user_id = ?)"
    raise AssertionError(f"The table {table} does not say whose its rows are.")


def rows(connection: Connection, user_id: int) -> dict[str, int]:
    """Return how many rows of a person each table holds."""
    return {
        table: connection.execute(f"SELECT count(*) FROM {table} WHERE {whose}", (user_id,)).fetchone()[0]  # noqa: S608  # names of our own schema
        for table, whose in tables(connection).items()
    }


def fill(connection: Connection, user_id: int, mark: str) -> None:
    """Put a row of a person who has an activation into every table where they have none yet.

    Args:
        connection: inside a transaction.
        user_id: whose.
        mark: stands in every text of these rows.
    """
    (activation_id,) = connection.execute(
        "SELECT max(id) FROM activations WHERE user_id = ?", (user_id,)
    ).fetchone()
    known = {"user_id": user_id, "activation_id": activation_id}
    for table, count in rows(connection, user_id).items():
        if count:
            continue
        values: dict[str, str | int] = {}
        for column in connection.execute(f"PRAGMA table_info({table})").fetchall():
            name, is_text = column["name"], column["type"] == "TEXT"
            if name != "id":
                values[name] = known.get(name, _text(name, mark) if is_text else 1)
        marks = ", ".join("?" * len(values))
        connection.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})",  # noqa: S608  # names of our own schema
            list(values.values()),
        )


def _text(column: str, mark: str) -> str:
    """Return a text for a column; those that hold JSON get some."""
    if column in {"operators", "listed_before"}:
        return f'["{mark}"]'
    if column == "details":
        return f'{{"about": "{mark}"}}'
    return "1" if column.endswith("_limit") or column == "low_balance" else f"{mark} {column}"
