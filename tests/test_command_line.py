"""The command line: each command as a process of its own, with the environment that the test gives it."""

import os
import re
import signal
import socket
from pathlib import Path

import aiohttp
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bot.__main__ import main
from bot.accounts.vault import Vault
from bot.operations.instance_lock import InstanceLock
from bot.settings import Settings
from bot.storage import users
from bot.storage.database import Database
from tests import factories
from tests.program import Ended, Program

TOKEN = "123456:AAsecretHALFofTHEtoken"
OLD, NEW, STRANGE = (f"{letter * 42}A=" for letter in "ONS")
KEYS = {1: "a1b2c3d4e5f60718293a4b5c6d7e8f90", 2: "00000000000000000000000000000002"}
NOTHING_LISTENS = "http://127.0.0.1:9"


async def _run(program: Program, folder: Path, *arguments: str, **values: str) -> Ended:
    environment = {"PATH": os.environ["PATH"]} | values
    ended = await program.run(*arguments, folder=folder, environment=environment)
    assert "Traceback" not in ended.errors
    return ended


def _settings(path: Path, sealing_keys: str) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN,
        "SEALING_KEYS": sealing_keys,
        "DATABASE_PATH": str(path),
        "PROVIDER_URL": NOTHING_LISTENS,
        "TELEGRAM_API_URL": NOTHING_LISTENS,
    }


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """A database with the API keys of two users, sealed with the old sealing key."""
    path = tmp_path / "data" / "bot.db"
    async with await Database.open(path) as db:
        for user_id, key in KEYS.items():
            await db.write(users.get_or_create, user_id, None, 0)
            sealed = _sealed_before(user_id, key)
            await db.write(users.bind, user_id, sealed, 0, provider="own", address="")
        await db.write(lambda connection: connection.execute("UPDATE users SET provider = NULL"))
        await db.write(
            lambda connection: connection.execute("UPDATE api_keys SET provider = NULL, address = NULL")
        )
    return path


def _sealed_before(user_id: int, key: str) -> str:
    """Return an API key as version 0.2.0 sealed it, without its provider."""
    return Fernet(OLD).encrypt(f"{user_id}:{key}".encode()).decode()


async def _opened(path: Path, *sealing_keys: str) -> dict[int, str]:
    vault = Vault([SecretStr(key) for key in sealing_keys])
    async with await Database.open(path) as db:
        rows = await db.read(users.list_sealed_keys)
    return {
        key.user_id: (
            vault.open(key.user_id, key.address, key.sealed)
            if key.address
            else vault.open_without_address(key.user_id, key.sealed)
        ).get_secret_value()
        for key in rows
    }


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("command", [[], ["reseal"]])
async def test_without_an_environment_it_says_what_is_missing(
    program: Program, tmp_path: Path, command: list[str]
) -> None:
    """Each missing setting is one line, the status is 2, and no file is created."""
    done = await _run(program, tmp_path, *command)
    assert done.status == 2
    assert done.output == ""
    assert done.errors.splitlines() == [
        "Invalid settings:",
        "  BOT_TOKEN is missing.",
        "  SEALING_KEYS is missing.",
        "Copy .env.example to .env and fill it in, or set them in the environment.",
    ]
    assert list(tmp_path.iterdir()) == []


async def test_a_typo_in_the_file_stops_the_start(program: Program, tmp_path: Path) -> None:
    """The .env file of the current folder is read, and an unknown name in it is reported."""
    (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nSEALING_KEYS={NEW}\nMAX_ACTIV=3\n", encoding="utf-8")
    done = await _run(program, tmp_path)
    assert done.status == 2
    assert "  MAX_ACTIV is not a known setting; see .env.example for the names.\n" in done.errors
    assert TOKEN not in done.errors
    assert NEW not in done.errors


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown command ends with status 2 and the list of commands."""
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    for command in ("run", "demo", "new-key", "reseal"):
        assert command in told


async def test_a_new_sealing_key_works(program: Program, tmp_path: Path) -> None:
    """new-key prints a key that the settings accept, and nothing else; it needs no settings itself."""
    done = await _run(program, tmp_path, "new-key")
    assert (done.status, done.errors) == (0, "")
    settings = Settings.load(None, bot_token=TOKEN, sealing_keys=done.output.removesuffix("\n"))
    assert len(settings.sealing_keys) == 1


async def test_reseal_seals_every_key_with_the_newest(
    program: Program, tmp_path: Path, database: Path
) -> None:
    """After reseal the newest sealing key alone opens every API key."""
    done = await _run(program, tmp_path, "reseal", **_settings(database, f"{NEW},{OLD}"))
    assert (done.status, done.errors) == (0, "")
    assert done.output == "API keys sealed with the newest sealing key: 2\n"
    assert await _opened(database, NEW) == KEYS


@pytest.mark.parametrize(("command", "keys"), [("run", STRANGE), ("reseal", f"{NEW},{STRANGE}")])
async def test_a_wrong_sealing_key_stops_everything(
    program: Program, tmp_path: Path, database: Path, command: str, keys: str
) -> None:
    """If an API key cannot be opened, the bot reports it, ends with status 1, and changes nothing."""
    before = _files(database.parent)
    done = await _run(program, tmp_path, command, **_settings(database, keys))
    assert (done.status, done.output) == (1, "")
    assert "an API key in its database was sealed with another key, or damaged.\n" in done.errors
    assert "SEALING_KEYS must hold the key it was sealed with; nothing has been changed.\n" in done.errors
    assert _files(database.parent) == before
    assert await _opened(database, OLD) == KEYS


async def test_reseal_changes_all_keys_or_none(program: Program, tmp_path: Path, database: Path) -> None:
    """If one API key cannot be opened, no key is resealed."""
    async with await Database.open(database) as db:
        await db.write(users.replace_sealed_keys, {2: "damaged"})
    before = _files(database.parent)
    done = await _run(program, tmp_path, "reseal", **_settings(database, f"{NEW},{OLD}"))
    assert done.status == 1
    assert _files(database.parent) == before


@pytest.mark.parametrize("command", ["run", "reseal"])
async def test_a_database_in_use_is_a_sentence(
    program: Program, tmp_path: Path, database: Path, command: str
) -> None:
    """While one process uses the database, another one names it, ends with status 1, and changes nothing."""
    with InstanceLock(database):
        before = _files(database.parent)
        done = await _run(program, tmp_path, command, **_settings(database, f"{NEW},{OLD}"))
        assert _files(database.parent) == before
    assert (done.status, done.output) == (1, "")
    assert done.errors.splitlines()[-1] == (
        f"The bot cannot start: process {os.getpid()} uses the database {database} already; stop it first."
    )


async def test_readable_secrets_are_restricted(program: Program, tmp_path: Path, database: Path) -> None:
    """A .env file and a database that others may read are restricted to their owner, with a warning."""
    values = _settings(database, STRANGE)
    env_file = tmp_path / ".env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    for path in (env_file, database):
        path.chmod(0o644)
    done = await _run(program, tmp_path)
    for path in (env_file, database):
        assert path.stat().st_mode & 0o777 == 0o600
        assert f"{path.name} could be read by others (mode 644); now only by its owner\n" in done.errors


async def test_a_database_that_cannot_be_used_is_a_sentence(program: Program, tmp_path: Path) -> None:
    """A folder at the path of the database is reported with its path, and the status is 1."""
    done = await _run(program, tmp_path, **_settings(tmp_path, NEW))
    assert done.status == 1
    assert done.errors.splitlines()[-1] == f"The bot cannot start: {tmp_path}: Is a directory."


@pytest.mark.parametrize("port", ["-1", "65536", "web", "8080.0"])
def test_an_invalid_port_is_refused(capsys: pytest.CaptureFixture[str], port: str) -> None:
    """The demo accepts only a port from 0 to 65535, and the message says so."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", f"--port={port}"])
    assert ended.value.code == 2
    assert "argument --port: must be a number from 0 to 65535\n" in capsys.readouterr().err


async def test_a_port_in_use_is_a_sentence(program: Program, tmp_path: Path) -> None:
    """The demo reports a port in use, and ends with status 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = await _run(program, tmp_path, "demo", f"--port={port}")
    assert done.status == 1
    assert done.errors == f"The bot cannot start: port {port}: Address already in use.\n"


async def test_the_demo_takes_the_next_free_port(program: Program, tmp_path: Path) -> None:
    """If the usual port is taken, the demo takes the next one and prints the address that it has."""
    environment = {"PATH": os.environ["PATH"]}
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as freed:
        ports = [taken.getsockname()[1], freed.getsockname()[1]]
        freed.close()
        constants = {"bot.sandbox.demo.PORTS": ports}
        async with program.demo(tmp_path, environment, arguments=["demo"], constants=constants) as output:
            line = (await output.readline()).decode()
    assert f"http://127.0.0.1:{ports[1]}/" in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_demo_needs_nothing(program: Program, tmp_path: Path, number: signal.Signals) -> None:
    """The demo ignores the settings in its environment, serves its page, and ends while a page is open."""
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
        "BOT_TOKEN": "wrong",
        "MAX_ACTIVE": "wrong",
        "ALLOWED_USERS": "77",
    }
    async with program.demo(tmp_path, environment) as output:
        line = (await output.readline()).decode()
        found = re.fullmatch(r"The demo is at (http://127\.0\.0\.1:\d+/) - press Ctrl\+C to end it\.\n", line)
        assert found, line
        async with aiohttp.ClientSession() as session:
            async with session.get(found[1]) as response:
                assert response.status == 200
                assert "<script" in await response.text()
            async with session.ws_connect(f"{found[1]}socket"):
                assert await program.stop(number) == 0
        assert await output.read() == b""
    assert list(tmp_path.iterdir()) == []


async def test_another_provider_while_a_number_is_open_is_a_sentence(
    program: Program, tmp_path: Path, database: Path
) -> None:
    """The start ends with the number, its provider and what to do, and changes nothing."""
    async with await Database.open(database) as db:
        sealed = Vault([SecretStr(OLD)]).seal(1, "sms.example/api", SecretStr(KEYS[1]))
        await db.write(users.bind, 1, sealed, 0, provider="acme", address="sms.example/api")
        await db.write(factories.add_bought, 1, at=0, provider="acme")
    before = _files(database.parent)
    done = await _run(program, tmp_path, **_settings(database, OLD))
    assert (done.status, done.output) == (2, "")
    assert done.errors.splitlines()[-3:] == [
        "The bot cannot start: numbers are open at a provider that is gone.",
        "  Number +84912345678 is open at acme (sms.example/api), which is not in the settings.",
        "  Set the provider back, at this address, until they have ended.",
    ]
    assert _files(database.parent) == before
