"""The wheel: built, installed and run outside the checkout."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import aiohttp
import pytest
from packaging.requirements import Requirement

from bot import __version__

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "bot"

READ_DATA = """
import asyncio
from pathlib import Path
import bot
from bot import data
from bot.storage import migrations
from bot.storage.database import Database
from bot.telegram.translations import Translations

async def main():
    async with await Database.open(Path("bot.db")) as db:
        version = await db.read(lambda connection: connection.execute("PRAGMA user_version").fetchone()[0])
    print(bot.__file__)
    print(version, len(migrations.read_files(migrations.directory())))
    print(len(data.service_names()), len(data.country_names()), len(data.country_operators()))
    print(*(translator.language for translator in Translations().all()))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*install, str(site), str(wheel)], cwd=folder, check=True, capture_output=True)
    return site


def _environment(site: Path) -> dict[str, str]:
    """Return an environment in which Python finds the wheel and not the checkout."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "TMPDIR": str(site.parent)}


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".pyo")
    }


def _metadata(site: Path) -> Distribution:
    (info,) = site.glob("*.dist-info")
    return PathDistribution(info)


def test_the_wheel_contains_the_whole_package(site: Path) -> None:
    """The wheel contains every file of the package and the migrations, and nothing else of the checkout."""
    files = {f"bot/{name}" for name in _files(PACKAGE)}
    files |= {f"bot/migrations/{name}" for name in _files(ROOT / "migrations")}
    installed = _files(site)
    assert {name for name in installed if name.startswith("bot/")} == files
    assert {name.partition("/")[0].partition("-")[0] for name in installed} == {
        "bin",
        "bot",
        "sms_activation_bot",
    }


def test_the_installed_program_finds_its_data(site: Path, tmp_path: Path) -> None:
    """Outside the checkout it migrates an empty database and finds the code lists and the languages."""
    done = subprocess.run(
        [sys.executable, "-c", READ_DATA],
        cwd=tmp_path,
        env=_environment(site),
        check=True,
        capture_output=True,
        text=True,
    )
    where, versions, lists, languages = done.stdout.splitlines()
    assert Path(where) == site / "bot" / "__init__.py"
    migrations = str(len(list((ROOT / "migrations").glob("*.sql"))))
    assert versions.split() == [migrations, migrations]
    assert all(int(length) > 10 for length in lists.split())
    assert set(languages.split()) == {"en", *(path.stem for path in (PACKAGE / "locales").glob("*.po"))}


def test_the_installed_command_works(site: Path, tmp_path: Path) -> None:
    """The installed command runs the program, and its version is the version of the package."""
    done = subprocess.run(
        [site / "bin" / "sms-activation-bot", "--version"],
        cwd=tmp_path,
        env=_environment(site),
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"{__version__}\n"
    assert _metadata(site).version == __version__


async def test_the_installed_demo_serves_its_page(site: Path, tmp_path: Path) -> None:
    """The demo of the installed wheel starts, and serves every file that its page uses."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", "0"),
        cwd=tmp_path,
        env=_environment(site),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", (await process.stdout.readline()).decode())
        assert found
        async with aiohttp.ClientSession(found[0], raise_for_status=True) as session:
            page = await (await session.get("/")).text()
            named = set(re.findall(r"/static/([\w.]+)", page))
            names = {path.name for path in (PACKAGE / "sandbox" / "page" / "static").iterdir()}
            assert named <= names
            for name in names:
                assert await (await session.get(f"/static/{name}")).read()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_pinned(site: Path, name: str) -> None:
    """Each requirement of the wheel is in the lock file, with an allowed version and a hash."""
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+) .*\\\n    --hash=sha256:", text, re.MULTILINE))
    assert len(pinned) == len(re.findall(r"^\S", text, re.MULTILINE))
    for requirement in map(Requirement, _metadata(site).requires or []):
        assert pinned[requirement.name] in requirement.specifier, requirement.name
    assert "://" not in text
