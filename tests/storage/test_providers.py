"""The provider of each row: filled in by the start after its migration, and renamed with the provider."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.accounts.vault import Vault
from bot.provider.address import address
from bot.storage import migrations, preferences, providers, users
from tests.conftest import KEY, World

ANN, BOB, CLEO = 1, 2, 3
TABLES = ("api_keys", "users", "activations", "quotes", "favourites", "alerts", "money_limits")
BEFORE = 21
"""The number of the migration before the one of the providers."""


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    """Return rows of a database."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


@pytest.fixture
async def upgraded(world: World, tmp_path: Path) -> World:
    """The bot on a database of the version before, with an open number of Ann and a key of Bob elsewhere."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for each, file in migrations.read_files(migrations.directory()).items():
        if each <= BEFORE:
            shutil.copy(file, folder)
    here, now = address(world.values["provider_url"]), int(world.clock())
    number = world.provider.buy(world.provider.accounts[KEY], "tg", "10")
    vault = Vault([SecretStr(world.values["sealing_keys"])])
    sealed = vault.seal(ANN, here, SecretStr(KEY)), vault.seal(BOB, "old.example/api", SecretStr("b" * 32))
    path: Path = world.values["database_path"]
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.migrate(connection, folder)
        connection.executescript(
            f"""
            INSERT INTO api_keys (id, user_id, sealed, bound_at, provider, account) VALUES
                (5, {BOB}, '{sealed[1]}', 1, 'old.example/api', 'b'),
                (6, {ANN}, '{sealed[0]}', 1, '{here}', 'a');
            INSERT INTO users (id, key_id, country, created_at)
                VALUES ({ANN}, 6, '10', 1), ({BOB}, 5, '10', 1), ({CLEO}, NULL, NULL, 1);
            INSERT INTO activations (id, token, user_id, key_id, service, service_name, country, operators,
                    state, ordered_at, provider_id, phone, bought_at, ends_at, cancel_from, account, ended_at,
                    ending)
                VALUES (1, 'a', {ANN}, 1, 'tg', 'Telegram', '10', '[]', 'completed', 1, '77', '1', 1, 2, 1,
                        'x', 2, 'user'),
                    (2, 'b', {ANN}, 6, 'tg', 'Telegram', '10', '[]', 'waiting', {now}, '{number.id}',
                        '{number.phone}', {now}, {now + 1200}, {now + 120}, 'a', NULL, NULL);
            INSERT INTO quotes VALUES ('q', {ANN}, 'tg', 'Telegram', '10', '[]', '0.5', {now}, 0);
            INSERT INTO favourites (id, user_id, service, service_name, country, operators, kept_at) VALUES
                (1, {ANN}, 'wa', 'WhatsApp', '10', '[]', 1), (2, {BOB}, 'wa', 'WhatsApp', '10', '[]', 1),
                (9, {ANN}, 'fb', 'Facebook', '10', '[]', 1);
            DELETE FROM favourites WHERE id = 9;
            INSERT INTO alerts
                (id, user_id, service, service_name, country, operators, created_at, ends_at)
                VALUES (3, {ANN}, 'vi', 'Viber', '10', '[]', {now}, {now + 10**6});
            INSERT INTO preferences (user_id, day_limit, price_limit, max_active, low_balance)
                VALUES ({ANN}, '5', '0.7', 3, '1.5'), ({CLEO}, '9', NULL, NULL, NULL);
            """  # noqa: S608  # constants of the test
        )
    await world.start()
    return world


async def test_the_version_before_goes_on_as_it_was(upgraded: World) -> None:
    """At the upgrade every row gets the provider of its key; numbers, favourites, alerts and limits go on."""
    ann, path = upgraded.telegram.person(ANN), upgraded.values["database_path"]
    assert rows(path, "SELECT id, provider FROM api_keys") == [(5, "old.example/api"), (6, "own")]
    assert rows(path, "SELECT id, provider FROM users") == [
        (ANN, "own"),
        (BOB, "old.example/api"),
        (CLEO, "own"),
    ]
    assert rows(path, "SELECT id, user_id, provider FROM favourites") == [
        (1, ANN, "own"),
        (2, BOB, "old.example/api"),
    ]
    for table in ("activations", "quotes", "alerts", "money_limits"):
        assert rows(path, f"SELECT DISTINCT provider FROM {table}") == [("own",)]  # noqa: S608
    (number,) = upgraded.provider.numbers.values()
    upgraded.provider.deliver(number.id, "5150")
    await ann.sees("5150")
    await ann.sees("WhatsApp", after=await ann.send("/favourites"))
    await ann.sees("Viber", after=await ann.send("/alerts"))
    await ann.sees("5", "0.70", "1.50", after=await ann.send("/settings"))
    assert rows(path, "SELECT max_active FROM preferences") == [(3,), (None,)]


async def test_ids_of_deleted_rows_stay_used_after_the_upgrade(upgraded: World) -> None:
    """A button of a deleted favourite in an old message does not open a newer one."""
    ann = upgraded.telegram.person(ANN)
    page = await upgraded.open_page(ann)
    await ann.click("☆ Favourite", message=page)
    path = upgraded.values["database_path"]
    assert rows(path, "SELECT id, provider FROM favourites WHERE service = 'tg'") == [(10, "own")]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A migrated database in memory, with keys of two providers and a favourite at each."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        migrations.migrate(connection, migrations.directory())
        for user_id, provider in ((ANN, "own"), (BOB, "acme")):
            users.get_or_create(connection, user_id, None, 1)
            users.bind(connection, user_id, "s", 1, provider=provider, address=f"{provider}.example/api")
            _keep(connection, user_id, provider, "tg")
        yield connection


def _keep(connection: sqlite3.Connection, user_id: int, provider: str, service: str) -> None:
    connection.execute(
        """INSERT INTO favourites (user_id, provider, service, service_name, country, operators, kept_at)
           VALUES (?, ?, ?, 'X', '10', '[]', 1)""",
        (user_id, provider, service),
    )


def _all(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row["provider"] for row in connection.execute(f"SELECT provider FROM {table} ORDER BY id")]  # noqa: S608


@pytest.mark.parametrize(
    ("offered", "after"),
    [
        ({"own.example/api": "own", "acme.example/api": "acme"}, ["own", "acme"]),
        ({"own.example/api": "sms3t", "acme.example/api": "acme"}, ["sms3t", "acme"]),
        ({"own.example/api": "sms3t"}, ["sms3t", "acme"]),
        ({"new.example/api": "own"}, ["own", "acme"]),
        ({"acme.example/api": "own"}, ["own", "own"]),
    ],
    ids=["the same", "renamed", "one gone", "moved", "the other one has the id"],
)
def test_rows_follow_the_address_of_their_keys(
    connection: sqlite3.Connection, offered: dict[str, str], after: list[str]
) -> None:
    """The provider that has an address gets its rows under the id that the settings give it now."""
    providers.follow_addresses(connection, offered)
    for table in ("api_keys", "users", "favourites"):
        assert _all(connection, table) == after


def test_rows_without_a_key_follow_their_address(connection: sqlite3.Connection) -> None:
    """Rows of a provider that was unknown at the upgrade have its address as id, until it is on offer."""
    _keep(connection, ANN, "old.example/api", "tg")
    _keep(connection, ANN, "old.example/api", "wa")
    _keep(connection, ANN, "late", "wa")
    providers.follow_addresses(connection, {"old.example/api": "late"})
    assert _all(connection, "favourites") == ["own", "acme", "late", "old.example/api", "late"]


def test_every_row_is_filled_in_by_its_key_or_user(connection: sqlite3.Connection) -> None:
    """Rows of users without a key get the provider of the newest key."""
    users.get_or_create(connection, CLEO, None, 1)
    _keep(connection, CLEO, "", "tg")
    for table in TABLES:
        connection.execute(f"UPDATE {table} SET provider = NULL")  # noqa: S608
    assert not providers.is_filled_in(connection)
    ids = {"own.example/api": "own", "acme.example/api": "acme"}
    providers.fill_in(connection, ids, ("own", "own.example/api"))
    assert providers.is_filled_in(connection)
    for table in ("users", "favourites"):
        assert _all(connection, table) == ["own", "acme", "acme"]


def test_what_was_chosen_before_the_first_key_is_for_its_provider(connection: sqlite3.Connection) -> None:
    """Limits that were set without a key hold at the first provider; another provider has its own."""
    users.get_or_create(connection, CLEO, None, 1)
    users.set_country(connection, CLEO, "10")
    preferences.update(connection, CLEO, lambda chosen: replace(chosen, price_limit=Decimal(2), max_active=3))
    for provider, limit, country in (
        ("own", Decimal(2), "10"),
        ("acme", None, None),
        ("own", Decimal(2), None),
    ):
        users.bind(connection, CLEO, "s", 1, provider=provider, address="x")
        chosen, user = preferences.get(connection, CLEO), users.find(connection, CLEO)
        assert user is not None
        assert (chosen.price_limit, chosen.max_active) == (limit, 3)
        assert (user.provider, user.country) == (provider, country)
