"""Queries for the purchase history, the spending and the data export of a user."""

import sqlite3
from typing import Final

from bot.domain import Ending, HistoryEntry, HistoryPage, PurchasedService, Result, Spending, State
from bot.storage import columns, statistics
from bot.storage.activations import OPEN_STATES

_WITH_CODE = "EXISTS (SELECT 1 FROM codes c WHERE c.activation_id = a.id)"
_LAST_TEXT = "(SELECT c.text FROM codes c WHERE c.activation_id = a.id ORDER BY c.ordinal DESC LIMIT 1)"
_ENTRY = f"a.*, {_WITH_CODE} AS with_code, {_LAST_TEXT} AS last_text"

Records = dict[str, list[sqlite3.Row]]
"""Table name → rows."""


_RESULT_CONDITIONS: Final = {
    Result.ALL: "1",
    Result.CODE: _WITH_CODE,
    Result.NO_CODE: f"a.state IN ('cancelled', 'completed', 'expired') AND NOT {_WITH_CODE}",
    Result.NOT_BOUGHT: "a.state = 'refused'",
}


def list_page(
    connection: sqlite3.Connection, user_id: int, service: str, result: Result, page: int, size: int
) -> HistoryPage:
    """Return a page of a user's history, newest first.

    Args:
        connection: a reader.
        user_id: the user.
        service: service code to filter by; empty for all.
        result: result to filter by.
        page: page number from 0; reduced to the last page if it is too high.
        size: entries per page.
    """
    where = f"a.user_id = ? AND (? = '' OR a.service = ?) AND {_RESULT_CONDITIONS[result]}"
    values = (user_id, service, service)
    (count,) = connection.execute(f"SELECT count(*) FROM activations a WHERE {where}", values).fetchone()  # noqa: S608
    pages = max(1, -(-count // size))
    page = min(max(page, 0), pages - 1)
    rows = connection.execute(
        f"""SELECT {_ENTRY} FROM activations a WHERE {where}
            ORDER BY a.ordered_at DESC, a.id DESC LIMIT ? OFFSET ?""",  # noqa: S608
        (*values, size, page * size),
    )
    name = connection.execute(
        "SELECT service_name FROM activations WHERE user_id = ? AND service = ? ORDER BY id DESC LIMIT 1",
        (user_id, service),
    ).fetchone()
    entries = tuple(_entry(row) for row in rows)
    return HistoryPage(entries, page, pages, count, name and name["service_name"])


def find_by_phone(
    connection: sqlite3.Connection, user_id: int, digits: str, limit: int
) -> list[HistoryEntry]:
    """Return a user's numbers that contain some digits: those that end with them first, then newest first."""
    rows = connection.execute(
        f"""SELECT {_ENTRY} FROM activations a
            WHERE a.user_id = ? AND a.phone LIKE ?
            ORDER BY a.phone LIKE ? DESC, a.id DESC LIMIT ?""",  # noqa: S608  # the condition is a constant
        (user_id, f"%{digits}%", f"%{digits}", limit),
    )
    return [_entry(row) for row in rows]


def list_noted(connection: sqlite3.Connection, user_id: int, limit: int) -> list[HistoryEntry]:
    """Return a user's numbers that have a note, newest first."""
    rows = connection.execute(
        f"""SELECT {_ENTRY} FROM activations a
            WHERE a.user_id = ? AND a.note IS NOT NULL ORDER BY a.id DESC LIMIT ?""",  # noqa: S608  # the condition is a constant
        (user_id, limit),
    )
    return [_entry(row) for row in rows]


def services(connection: sqlite3.Connection, user_id: int) -> list[PurchasedService]:
    """Return the services a user has ordered, most frequent first, with their newest names."""
    rows = connection.execute(
        """SELECT service, service_name, count(*) AS number, max(id) FROM activations
           WHERE user_id = ? GROUP BY service ORDER BY number DESC, service""",
        (user_id,),
    )
    return [PurchasedService(row["service"], row["service_name"], row["number"]) for row in rows]


def spending(connection: sqlite3.Connection, user_id: int, provider: str, day: int, month: int) -> Spending:
    """Return what a user has spent at a provider since ``day`` and ``month``, both in UTC seconds."""
    rows = connection.execute(
        f"""SELECT price, charged, ordered_at FROM activations a
            WHERE user_id = ? AND provider = ? AND ordered_at >= ? AND {_WITH_CODE}
              AND {statistics.COUNTS_AS_SPENT}""",  # noqa: S608
        (user_id, provider, min(day, month)),
    ).fetchall()
    still_open = connection.execute(
        f"""SELECT price, charged FROM activations a
            WHERE user_id = ? AND provider = ? AND state IN ({OPEN_STATES}) AND NOT {_WITH_CODE}
              AND {statistics.COUNTS_AS_SPENT}""",  # noqa: S608
        (user_id, provider),
    )
    return Spending(
        day=statistics.price_sum(row for row in rows if row["ordered_at"] >= day),
        month=statistics.price_sum(row for row in rows if row["ordered_at"] >= month),
        still_open=statistics.price_sum(still_open),
    )


def records(connection: sqlite3.Connection, user_id: int) -> Records:
    """Return all rows of a user by table, oldest first, without encrypted API keys."""

    def of_user(table: str, order: str, columns: str = "*") -> list[sqlite3.Row]:
        statement = f"SELECT {columns} FROM {table} WHERE user_id = ? ORDER BY {order}"  # noqa: S608
        return connection.execute(statement, (user_id,)).fetchall()

    return {
        "users": connection.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchall(),
        "api_keys": of_user("api_keys", "id", "id, provider, address, bound_at, refused_at"),
        "preferences": of_user("preferences", "user_id"),
        "money_limits": of_user("money_limits", "provider"),
        "favourites": of_user("favourites", "id"),
        "alerts": of_user("alerts", "id"),
        "activations": of_user("activations", "ordered_at, id"),
        "codes": connection.execute(
            """SELECT c.* FROM codes c JOIN activations a ON a.id = c.activation_id
               WHERE a.user_id = ? ORDER BY c.activation_id, c.ordinal""",
            (user_id,),
        ).fetchall(),
        "quotes": of_user("quotes", "drawn_at"),
        "notices": of_user("notices", "id"),
        "code_messages": of_user("code_messages", "message_id"),
        "message_deletions": of_user("message_deletions", "message_id"),
        "handled_taps": of_user("handled_taps", "handled_at"),
    }


def _entry(row: sqlite3.Row) -> HistoryEntry:
    return HistoryEntry(
        id=row["id"],
        service_name=row["service_name"],
        phone=row["phone"],
        state=State(row["state"]),
        ending=None if row["ending"] is None else Ending(row["ending"]),
        ordered_at=row["ordered_at"],
        with_code=bool(row["with_code"]),
        taken_over=bool(row["taken_over"]),
        note=row["note"],
        last_text=row["last_text"] if row["hide_codes_at"] is None else None,
        cost=columns.amount_from_text(row["charged"] or row["price"]),
        provider=row["provider"],
    )
