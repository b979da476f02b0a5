"""Forward-only migrations: numbered SQL files, each applied in one transaction with its version number."""

import re
import sqlite3
from pathlib import Path
from typing import Final

from bot.errors import MigrationError

_NAME: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def directory() -> Path:
    """Return the folder of the migration files: in the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parent / "migrations"


def read_files(folder: Path) -> dict[int, Path]:
    """Return number → file, in order.

    Raises:
        MigrationError: there are no files, a number is missing or duplicate, or a name is invalid.
    """
    files: dict[int, Path] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name} is not named like 0001_what_it_does.sql")
        if int(match[1]) in files:
            raise MigrationError(f"number {match[1]} is used twice")
        files[int(match[1])] = path
    if list(files) != list(range(1, len(files) + 1)) or not files:
        raise MigrationError(f"the numbers in {folder} have a gap or there are no files")
    return files


def migrate(connection: sqlite3.Connection, folder: Path) -> list[int]:
    """Apply the pending files and return their numbers. A file that fails is rolled back.

    Raises:
        MigrationError: the files are invalid, the database is newer than the files, or a file fails.
    """
    files = read_files(folder)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(files):
        raise MigrationError(f"the database has version {version}, this program knows {len(files)}")
    pending = [number for number in files if number > version]
    for number in pending:
        script = files[number].read_text(encoding="utf-8")
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\n;PRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.rollback()
            raise MigrationError(f"{files[number].name} failed: {error}") from None
    return pending
