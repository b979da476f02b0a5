"""Export of a user's data: the activations as CSV for a spreadsheet, and everything as JSON."""

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
"""Bytes; Telegram accepts files up to 50 MB from a bot, and larger exports are zipped."""
CODE_SEPARATOR: Final = " | "

Records = Mapping[str, Sequence[Row]]
"""Table name → rows."""

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
    "price_charged",
    "provider",
    "currency",
    "state",
    "ending",
    "refusal",
    "bought_utc",
    "ended_utc",
    "provider_id",
    "taken_over",
    "note",
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
        "text_deleted",
        "complete_after_code",
        "low_balance_notified",
        "several_prices",
        "taken_over",
        "by_country",
    }
)
_LISTS: Final = frozenset({"operators", "listed_before", "details"})
_TIME_SUFFIXES: Final = ("_at", "_from")


class ExportFormat(StrEnum):
    """Format of an export."""

    TABLE = "csv"
    EVERYTHING = "json"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export."""

    name: str
    content: bytes


def activations_csv(
    records: Records,
    name: str,
    country_name: Callable[[str, str], str],
    currency: Callable[[str], str],
) -> ExportFile:
    """Return the activations as CSV for a spreadsheet, one per row with all its codes.

    The country's name depends on the provider and its id, the currency on the provider.

    A text that a spreadsheet would run as a formula, or change as a number (leading zero, plus, long id),
    starts with an apostrophe.
    """
    codes = _by_activation(records)
    lines = io.StringIO(newline="")
    lines.write("\N{BYTE ORDER MARK}")  # some spreadsheets need it to recognize UTF-8
    writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in records["activations"]:
        received = codes.get(row["id"], [])
        writer.writerow(
            [
                row["id"],
                _moment(row["ordered_at"]),
                csv_cell(row["service"]),
                csv_cell(row["service_name"]),
                csv_cell(row["country"]),
                csv_cell(country_name(row["provider"], row["country"])),
                csv_cell(" ".join(json.loads(row["operators"]))),
                csv_cell(f"+{row['phone']}") if row["phone"] else "",
                csv_cell(CODE_SEPARATOR.join(code["text"] for code in received)),
                _moment(received[0]["received_at"]) if received else "",
                _amount(row["price"]),
                _amount(row["charged"]),
                csv_cell(row["provider"]),
                csv_cell(currency(row["provider"])),
                row["state"],
                row["ending"] or "",
                csv_cell(row["refusal"] or ""),
                _moment(row["bought_at"]),
                _moment(row["ended_at"]),
                csv_cell(row["provider_id"] or ""),
                "yes" if row["taken_over"] else "no",
                csv_cell(row["note"] or ""),
            ]
        )
    return zipped_if_large(f"{name}.csv", lines.getvalue().encode())


def all_json(records: Records, name: str, currencies: Mapping[str, str], now: int) -> ExportFile:
    """Return all records as JSON with the names of the database; times are ISO 8601 in UTC.

    `currencies` has the currency of each provider; one that is not known is empty.
    """
    codes = {
        id_: [_values(code, without={"activation_id"}) for code in rows]
        for id_, rows in _by_activation(records).items()
    }
    bound = next((row["key_id"] for row in records["users"]), None)
    content: dict[str, Any] = {"exported_at": _iso(now), "currencies": currencies}
    for table, rows in records.items():
        match table:
            case "codes":
                continue
            case "api_keys":
                content["api_keys"] = [
                    {"bound": row["id"] == bound} | _values(row, without={"id"}) for row in rows
                ]
            case "activations":
                content["activations"] = [_values(row) | {"codes": codes.get(row["id"], [])} for row in rows]
            case _:
                content[table] = [_values(row) for row in rows]
    # With an indent, json uses its Python encoder, which lets other threads run in between.
    return zipped_if_large(f"{name}.json", json.dumps(content, ensure_ascii=False, indent=1).encode())


def _by_activation(records: Records) -> dict[int, list[Row]]:
    codes: dict[int, list[Row]] = {}
    for code in records["codes"]:
        codes.setdefault(code["activation_id"], []).append(code)
    return codes


def _values(row: Row, *, without: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    hidden = {"user_id", "key_id", "account", "token", "sealed", *without}
    return {name: _value(name, row[name]) for name in row.keys() if name not in hidden}  # noqa: SIM118  # a row iterates over its values


def _value(name: str, value: str | int | None) -> Any:
    if value is None:
        return None
    if name in _FLAGS:
        return bool(value)
    if isinstance(value, int):
        return _iso(value) if name.endswith(_TIME_SUFFIXES) else value
    return json.loads(value) if name in _LISTS else value


def csv_cell(text: str, *, number: bool = False) -> str:
    """Return a text as a cell that a spreadsheet neither runs as a formula nor changes as a number.

    Args:
        text: the text.
        number: the text is a number that the spreadsheet may read as one.
    """
    start = text.lstrip()
    risky = bool(_FORMULA.match(text) or _FORMULA.match(start))
    if not number:
        risky = risky or bool(_NUMBER_LIKE.match(start) and not _PLAIN_NUMBER.fullmatch(text))
    return f"'{text}" if risky else text


def _amount(text: str | None) -> str:
    return csv_cell(f"{Decimal(text):f}", number=True) if text else ""


def _moment(seconds: int | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def _iso(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def zipped_if_large(name: str, content: bytes, limit: int = MAX_FILE) -> ExportFile:
    """Return a file, zipped if it has more than `limit` bytes."""
    if len(content) <= limit:
        return ExportFile(name, content)
    archive_bytes = io.BytesIO()
    with zipfile.ZipFile(archive_bytes, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return ExportFile(f"{name}.zip", archive_bytes.getvalue())
