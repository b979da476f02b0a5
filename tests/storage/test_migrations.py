"""Migrations: step by step, from empty and from filled databases, and invalid files."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.errors import MigrationError, StorageError
from bot.storage import migrations
from bot.storage.database import Database

FILES = migrations.read_files(migrations.directory())
NEWEST = len(FILES)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _schema(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Return the schema with normalized whitespace."""
    rows = connection.execute(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY name"
    )
    return [(*row[:3], " ".join(row[3].split())) for row in rows]


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in rows]


def _fill(connection: sqlite3.Connection) -> None:
    """Insert one row into each table; every value is 1, so that all foreign keys match."""
    connection.execute("BEGIN")
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for table in sorted({*_tables(connection)} - {"account_secret"}):  # a migration fills it
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        marks = ", ".join("?" * len(columns))
        values = [1 if column[2] == "INTEGER" else "1" for column in columns]
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608
    connection.execute("COMMIT")


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        for table in _tables(connection)
    }


def _first(count: int, folder: Path) -> Path:
    """Return a folder with the first migration files."""
    folder.mkdir()
    for number in range(1, count + 1):
        shutil.copy(FILES[number], folder)
    return folder


def _folder(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir(exist_ok=True)
    for name, script in files.items():
        (folder / f"{name.removeprefix('n')}.sql").write_text(script, encoding="utf-8")
    return folder


def test_the_stairway_is_climbed_one_by_one(tmp_path: Path) -> None:
    """Files applied one by one give the same schema as all files at once."""
    with _opened(tmp_path / "steps.db") as steps, _opened(tmp_path / "leap.db") as leap:
        for number in range(1, NEWEST + 1):
            assert migrations.migrate(steps, _first(number, tmp_path / str(number))) == [number]
            assert _version(steps) == number
        assert migrations.migrate(leap, migrations.directory()) == list(FILES)
        assert _schema(steps) == _schema(leap)


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_an_earlier_database_with_rows_is_upgraded(tmp_path: Path, version: int) -> None:
    """The data of every earlier version is kept, and the schema is the newest."""
    with _opened(tmp_path / "earlier.db") as earlier, _opened(tmp_path / "fresh.db") as fresh:
        migrations.migrate(earlier, _first(version, tmp_path / "first"))
        _fill(earlier)
        before = _counts(earlier)
        assert migrations.migrate(earlier, migrations.directory()) == list(range(version + 1, NEWEST + 1))
        migrations.migrate(fresh, migrations.directory())
        after = _counts(earlier)
        assert all(after[table] == count == 1 for table, count in before.items() if table in after)
        assert _schema(earlier) == _schema(fresh)
        assert earlier.execute("PRAGMA foreign_key_check").fetchall() == []
        assert earlier.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_renamed_tables_and_columns_keep_their_rows(tmp_path: Path) -> None:
    """Quotes, alerts, alert notices, unreachable users and scheduled steps are kept by the renaming."""
    with _opened(tmp_path / "bot.db") as connection:
        migrations.migrate(connection, _first(8, tmp_path / "first"))
        connection.executescript(
            """
            INSERT INTO users (id, parked, created_at) VALUES (1, 1, 0);
            INSERT INTO pages VALUES ('token', 1, 'tg', 'Telegram', '10', '', '0.5', 7);
            INSERT INTO watches
                (id, user_id, service, service_name, country, operators, created_at, ends_at, rang_at)
            VALUES (3, 1, 'tg', 'Telegram', '10', '', 0, 9, 5);
            INSERT INTO notices (user_id, kind, created_at, details)
            VALUES (1, 'watch', 0, '{"watch": "3", "count": "2"}'), (1, 'low_balance', 0, NULL);
            INSERT INTO preferences (user_id, low_balance_told) VALUES (1, 1);
            """
        )
        migrations.migrate(connection, migrations.directory())
        assert connection.execute("SELECT unreachable FROM users").fetchall() == [(1,)]
        assert connection.execute("SELECT token, drawn_at FROM quotes").fetchall() == [("token", 7)]
        assert connection.execute("SELECT id, notified_at FROM alerts").fetchall() == [(3, 5)]
        assert connection.execute("SELECT low_balance_notified FROM money_limits").fetchall() == [(1,)]
        assert connection.execute("SELECT kind, details FROM notices ORDER BY id").fetchall() == [
            ("alert", '{"count":"2","alert_id":"3"}'),
            ("low_balance", None),
        ]


def test_a_database_that_is_up_to_date_is_left_alone(tmp_path: Path) -> None:
    """A second start applies nothing and writes nothing."""
    path = tmp_path / "bot.db"
    with _opened(path) as connection:
        migrations.migrate(connection, migrations.directory())
    before = path.read_bytes()
    with _opened(path) as connection:
        assert migrations.migrate(connection, migrations.directory()) == []
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "broken",
    [
        "CREATE TABLE b (x); INSERT INTO a VALUES (2); CREATE TABLE a (x);",
        "DROP TABLE a; SELECT nonsense",
        "INSERT INTO a VALUES (2); CREATE TABLE (",
    ],
)
def test_a_broken_file_changes_nothing(tmp_path: Path, broken: str) -> None:
    """A file with an error is rolled back as a whole; earlier files stay applied."""
    folder = _folder(
        tmp_path, n0001_a="CREATE TABLE a (x); INSERT INTO a VALUES (1);", n0002_b="DELETE FROM a WHERE x > 1"
    )
    with _opened(tmp_path / "bot.db") as connection:
        migrations.migrate(connection, folder)
        before = list(connection.iterdump())
        _folder(tmp_path, n0003_broken=broken)
        with pytest.raises(MigrationError, match=r"^0003_broken\.sql failed: "):
            migrations.migrate(connection, folder)
        assert list(connection.iterdump()) == before
        assert _version(connection) == 2
        assert not connection.in_transaction
        _folder(tmp_path, n0003_broken="INSERT INTO a VALUES (3)")
        assert migrations.migrate(connection, folder) == [3]


def test_a_locked_database_is_not_migrated(tmp_path: Path) -> None:
    """If another process holds the lock, the start fails instead of using the old schema."""
    with _opened(tmp_path / "bot.db") as other, _opened(tmp_path / "bot.db") as connection:
        other.execute("BEGIN IMMEDIATE")
        connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(MigrationError, match="locked"):
            migrations.migrate(connection, migrations.directory())
        other.execute("ROLLBACK")
        assert migrations.migrate(connection, migrations.directory()) == list(FILES)


def test_a_file_may_end_in_a_comment(tmp_path: Path) -> None:
    """A comment in the last line of a file does not comment out the version update."""
    with _opened(tmp_path / "bot.db") as connection:
        migrations.migrate(connection, _folder(tmp_path, n0001_a="CREATE TABLE a (x) -- the end"))
        assert _version(connection) == 1


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ([], "have a gap or there are no files"),
        (["0001_a", "0003_c"], "have a gap"),
        (["0002_b"], "have a gap"),
        (["0000_zero", "0001_a"], "have a gap"),
        (["0001_a", "0002_b", "0002_c"], "number 0002 is used twice"),
        (["0001_a", "2_b"], r"2_b\.sql is not named like"),
        (["0001_a", "0002-b"], r"0002-b\.sql is not named like"),
        (["0001_a", "0002_B"], r"0002_B\.sql is not named like"),
    ],
)
def test_files_out_of_order_are_refused(tmp_path: Path, names: list[str], problem: str) -> None:
    """A gap, a duplicate number and an invalid name are refused before any file is applied."""
    folder = _folder(tmp_path, **{f"n{name}": "CREATE TABLE a (x)" for name in names})
    with _opened(tmp_path / "bot.db") as connection:
        with pytest.raises(MigrationError, match=problem):
            migrations.migrate(connection, folder)
        assert _schema(connection) == []
        assert _version(connection) == 0


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """An older program does not change a newer database."""
    path = tmp_path / "bot.db"
    await (await Database.open(path)).close()
    with _opened(path) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    before = path.read_bytes()
    with pytest.raises(StorageError, match=f"version {NEWEST + 1}, this program knows {NEWEST}"):
        await (await Database.open(path)).close()
    assert path.read_bytes() == before
