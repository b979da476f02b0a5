"""Access to every table of the schema with rows of a user; tables added later are included."""

from sqlite3 import Connection
from typing import Final

WITHOUT_USER_DATA: Final = {"sqlite_sequence", "account_secret"}
"""Tables without rows of users; every other table must have a column that names the user."""


def user_tables(connection: Connection) -> dict[str, str]:
    """Return table → SQL condition that selects one user's rows, with one parameter for the user's id."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: _row_condition(connection, name) for name in sorted({*names} - WITHOUT_USER_DATA)}


def _row_condition(connection: Connection, table: str) -> str:
    columns = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
    if table == "users":
        return "id = ?"
    if "user_id" in columns:
        return "user_id = ?"
    if "activation_id" in columns:
        return "activation_id IN (SELECT id FROM activations WHERE user_id = ?)"
    raise AssertionError(f"The table {table} has no column that names the user of a row.")


def count_rows(connection: Connection, user_id: int) -> dict[str, int]:
    """Return table → number of rows of a user."""
    return {
        table: connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}", (user_id,)).fetchone()[0]  # noqa: S608  # names of our own schema
        for table, condition in user_tables(connection).items()
    }


def fill_tables(connection: Connection, user_id: int, mark: str) -> None:
    """Insert a row of a user with an activation into every table that has none of theirs.

    Args:
        connection: inside a transaction.
        user_id: the user's id.
        mark: part of every text in these rows.
    """
    (activation_id,) = connection.execute(
        "SELECT max(id) FROM activations WHERE user_id = ?", (user_id,)
    ).fetchone()
    known = {"user_id": user_id, "activation_id": activation_id}
    for table, count in count_rows(connection, user_id).items():
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
    """Return a valid text for a column: with the mark in it unless it is an amount, as JSON if required."""
    if column in {"operators", "listed_before"}:
        return f'["{mark}"]'
    if column == "details":
        return f'{{"about": "{mark}"}}'
    return "1" if column.endswith("_limit") or column == "low_balance" else f"{mark} {column}"
