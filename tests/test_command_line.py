"""The command line: `python -m bot` as a process, with nothing around it but what a test gives it."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot import __version__
from bot.__main__ import main
from bot.accounts.vault import Vault
from bot.settings import Settings
from bot.storage import users
from bot.storage.database import Database

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "123456:AAsecretHALFofTHEtoken"
OLD, NEW, STRANGE = (f"{letter * 42}A=" for letter in "ONS")
KEYS = {1: "a1b2c3d4e5f60718293a4b5c6d7e8f90", 2: "00000000000000000000000000000002"}
NOTHING_LISTENS = "http://127.0.0.1:9"


def _environment(**values: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    return kept | {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | values


def _run(folder: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=_environment(**values),
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert "Traceback" not in done.stderr
    return done


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
    """A database in which two users' keys are sealed with the old sealing key."""
    path = tmp_path / "data" / "bot.db"
    vault = Vault([SecretStr(OLD)])
    async with await Database.open(path) as db:
        for user_id, key in KEYS.items():
            await db.write(users.get_or_create, user_id, None, 0)
            await db.write(users.bind, user_id, vault.seal(user_id, SecretStr(key)), 0)
    return path


async def _opened(path: Path, *sealing_keys: str) -> dict[int, str]:
    vault = Vault([SecretStr(key) for key in sealing_keys])
    async with await Database.open(path) as db:
        rows = await db.read(users.list_sealed_keys)
    return {user_id: vault.open(user_id, sealed).get_secret_value() for _, user_id, sealed in rows}


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("command", [[], ["reseal"]])
def test_without_an_environment_it_says_what_is_missing(tmp_path: Path, command: list[str]) -> None:
    """Each missing setting is a sentence, the status is 2, and nothing has been made."""
    done = _run(tmp_path, *command)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "Invalid settings:",
        "  BOT_TOKEN is missing.",
        "  SEALING_KEYS is missing.",
        "Copy .env.example to .env and fill it in, or set them in the environment.",
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_typo_in_the_file_stops_the_start(tmp_path: Path) -> None:
    """The .env of the current folder is read, and a name that is no setting is told."""
    (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nSEALING_KEYS={NEW}\nMAX_ACTIV=3\n", encoding="utf-8")
    done = _run(tmp_path)
    assert done.returncode == 2
    assert "  MAX_ACTIV is not a known setting; see .env.example for the names.\n" in done.stderr
    assert TOKEN not in done.stderr
    assert NEW not in done.stderr


def test_the_version_is_printed(tmp_path: Path) -> None:
    """--version prints the version and does nothing else."""
    done = _run(tmp_path, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that does not exist ends with status 2 and the list of those that do."""
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    for command in ("run", "demo", "new-key", "reseal"):
        assert command in told


def test_a_new_sealing_key_works(tmp_path: Path) -> None:
    """new-key prints a key that the settings take, and nothing else; it needs no settings itself."""
    done = _run(tmp_path, "new-key")
    assert (done.returncode, done.stderr) == (0, "")
    settings = Settings.load(None, bot_token=TOKEN, sealing_keys=done.stdout.removesuffix("\n"))
    assert len(settings.sealing_keys) == 1


async def test_resealing_renews_every_key(tmp_path: Path, database: Path) -> None:
    """After reseal the newest sealing key alone opens every key, and the old one none."""
    done = _run(tmp_path, "reseal", **_settings(database, f"{NEW},{OLD}"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "API keys sealed with the newest sealing key: 2\n"
    assert await _opened(database, NEW) == KEYS


@pytest.mark.parametrize(("command", "keys"), [("run", STRANGE), ("reseal", f"{NEW},{STRANGE}")])
async def test_a_wrong_sealing_key_stops_everything(
    tmp_path: Path, database: Path, command: str, keys: str
) -> None:
    """If a key does not open, the bot says so, ends with status 1, and leaves the database byte for byte."""
    before = _files(database.parent)
    done = _run(tmp_path, command, **_settings(database, keys))
    assert (done.returncode, done.stdout) == (1, "")
    assert "an API key in its database was sealed with another key, or damaged.\n" in done.stderr
    assert "SEALING_KEYS must hold the key it was sealed with; nothing has been changed.\n" in done.stderr
    assert _files(database.parent) == before
    assert await _opened(database, OLD) == KEYS


async def test_one_bad_row_keeps_the_others_as_they_are(tmp_path: Path, database: Path) -> None:
    """Resealing is all or nothing: with one key that does not open none is sealed anew."""
    async with await Database.open(database) as db:
        await db.write(users.replace_sealed_keys, {2: "damaged"})
    before = _files(database.parent)
    done = _run(tmp_path, "reseal", **_settings(database, f"{NEW},{OLD}"))
    assert done.returncode == 1
    assert _files(database.parent) == before


def test_a_database_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    """A folder in the database's place is told with its path, and the status is 1."""
    done = _run(tmp_path, **_settings(tmp_path, NEW))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"The bot cannot start: {tmp_path}: Is a directory."


@pytest.mark.parametrize("port", ["-1", "65536", "web", "8080.0"])
def test_a_port_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], port: str) -> None:
    """The demo's port must be one, and the sentence says so."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", f"--port={port}"])
    assert ended.value.code == 2
    assert "argument --port: must be a number from 0 to 65535\n" in capsys.readouterr().err


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    """The demo says that the port is taken, and ends with status 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _run(tmp_path, "demo", f"--port={port}")
    assert done.returncode == 1
    assert done.stderr == f"The bot cannot start: port {port}: Address already in use.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_demo_needs_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Whatever settings are around, the demo serves its page, says where, and ends in order."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", "0"),
        cwd=tmp_path,
        env=_environment(TMPDIR=str(tmp_path), BOT_TOKEN="wrong", MAX_ACTIVE="wrong", ALLOWED_USERS="77"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        found = re.fullmatch(r"The demo is at (http://127\.0\.0\.1:\d+/) - press Ctrl\+C to end it\.\n", line)
        assert found, line
        async with aiohttp.ClientSession() as session, session.get(found[1]) as response:
            assert response.status == 200
            assert "<script" in await response.text()
        process.send_signal(number)
        rest, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, rest, errors) == (0, b"", b"")
    assert list(tmp_path.iterdir()) == []
