"""Writes what is kept of a user as files to keep: a table for a spreadsheet, and everything as JSON."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from sqlite3 import Row
from typing import Any, Final

MAX_FILE: Final = 49_000_000
"""Bytes of a file that a bot may send, with room for what goes around it; a larger one is zipped."""
BETWEEN_CODES: Final = " | "

Records = Mapping[str, Sequence[Row]]
"""Table → its rows."""

_COLUMNS: Final = (
    "id",
    "ordered_utc",
    "service",
    "service_name",
    "country",
    "country_name",
    "operators",
    "phone",
    "codes",
    "first_code_utc",
    "price_shown",
    "currency",
    "state",
    "ending",
    "refusal",
    "bought_utc",
    "ended_utc",
    "provider_id",
)
_FORMULA: Final = re.compile(r"[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]")
_NUMBER_LIKE: Final = re.compile(r"[.,(]?\d")
_PLAIN_NUMBER: Final = re.compile(r"0|[1-9]\d{0,9}")
_FLAGS: Final = frozenset(
    {
        "unreachable",
        "cancel_scheduled",
        "resent",
        "waiting_seen",
        "late",
        "earlier",
        "complete_after_code",
        "low_balance_notified",
    }
)
_LISTS: Final = frozenset({"operators", "listed_before", "details"})
_MOMENTS: Final = ("_at", "_from")


class ExportFormat(StrEnum):
    """What an export can be."""

    TABLE = "csv"
    EVERYTHING = "json"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file to send."""

    name: str
    content: bytes


def table(records: Records, name: str, country_name: Callable[[str], str], currency: str) -> ExportFile:
    """Return the activations as CSV, one in a row with all its codes, for a spreadsheet to open.

    No cell is a formula. What a spreadsheet would take for a number and change (a leading zero, a plus, a
    long id) has an apostrophe in front of it.
    """
    codes = _by_activation(records)
    lines = io.StringIO(newline="")
    lines.write("\N{BYTE ORDER MARK}")  # else some spreadsheets take the text for another encoding
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in records["activations"]:
        arrived = codes.get(row["id"], [])
        writer.writerow(
            [
                row["id"],
                _moment(row["ordered_at"]),
                cell(row["service"]),
                cell(row["service_name"]),
                cell(row["country"]),
                cell(country_name(row["country"])),
                cell(" ".join(json.loads(row["operators"]))),
                cell(f"+{row['phone']}") if row["phone"] else "",
                cell(BETWEEN_CODES.join(code["text"] for code in arrived)),
                _moment(arrived[0]["received_at"]) if arrived else "",
                cell(f"{Decimal(row['price']):f}", number=True) if row["price"] else "",
                cell(currency),
                row["state"],
                row["ending"] or "",
                cell(row["refusal"] or ""),
                _moment(row["bought_at"]),
                _moment(row["ended_at"]),
                cell(row["provider_id"] or ""),
            ]
        )
    return packed(f"{name}.csv", lines.getvalue().encode())


def everything(records: Records, name: str, currency: str, now: int) -> ExportFile:
    """Return all that is kept as JSON, by the database's own names; times are ISO 8601 in UTC."""
    codes = {
        id_: [_values(code, without={"activation_id"}) for code in rows]
        for id_, rows in _by_activation(records).items()
    }
    bound = next((row["key_id"] for row in records["users"]), None)
    content: dict[str, Any] = {"exported_at": _iso(now), "currency": currency or None}
    for name_of_table, rows in records.items():
        match name_of_table:
            case "codes":
                continue
            case "api_keys":
                content["api_keys"] = [
                    {"bound": row["id"] == bound} | _values(row, without={"id"}) for row in rows
                ]
            case "activations":
                content["activations"] = [_values(row) | {"codes": codes.get(row["id"], [])} for row in rows]
            case _:
                content[name_of_table] = [_values(row) for row in rows]
    # With an indent it is Python that writes, piece by piece, so that other threads get their turn.
    return packed(f"{name}.json", json.dumps(content, ensure_ascii=False, indent=1).encode())


def _by_activation(records: Records) -> dict[int, list[Row]]:
    codes: dict[int, list[Row]] = {}
    for code in records["codes"]:
        codes.setdefault(code["activation_id"], []).append(code)
    return codes


def _values(row: Row, *, without: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    hidden = {"user_id", "key_id", "token", "sealed", *without}
    return {name: _value(name, row[name]) for name in row.keys() if name not in hidden}  # noqa: SIM118  # a row iterates over its values


def _value(name: str, value: str | int | None) -> Any:
    if value is None:
        return None
    if name in _FLAGS:
        return bool(value)
    if isinstance(value, int):
        return _iso(value) if name.endswith(_MOMENTS) else value
    return json.loads(value) if name in _LISTS else value


def cell(text: str, *, number: bool = False) -> str:
    """Return a text as a cell that no spreadsheet calculates with, or takes for another number."""
    start = text.lstrip()
    risky = bool(_FORMULA.match(text) or _FORMULA.match(start))
    if not number:
        risky = risky or bool(_NUMBER_LIKE.match(start) and not _PLAIN_NUMBER.fullmatch(text))
    return f"'{text}" if risky else text


def _moment(seconds: int | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def _iso(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def packed(name: str, content: bytes, limit: int = MAX_FILE) -> ExportFile:
    """Return the file, zipped if it would be too large to send."""
    if len(content) <= limit:
        return ExportFile(name, content)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return ExportFile(f"{name}.zip", zipped.getvalue())
