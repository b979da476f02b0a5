"""The logs: no line contains a secret, at DEBUG and with failing servers too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox.provider import FaultKind
from bot.sandbox.telegram import TelegramFault
from bot.storage import users
from bot.storage.database import Database
from tests.conftest import KEY, World
from tests.program import Program

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "123456:AAsecretHALFofTHEtoken"
CONSTANTS = {
    "bot.delivery.attempts.MIN_BACKOFF": 0.1,
    "bot.accounts.bind_limiter.MAX_OF_USER": 20,
    "bot.app.MIN_READING_TIME": 0.0,
}


async def _use_failing_servers(world: World) -> None:
    """Use the bot in a chat while the provider and Telegram fail in several ways."""
    ann = world.telegram.person(1)
    await ann.send("/start")
    await ann.sees("API key", timeout=60)
    for kind, status, body in (
        (FaultKind.CUT, None, None),
        (FaultKind.REDIRECT, None, "/elsewhere"),
        (FaultKind.HTML, None, None),
        (FaultKind.HALF_BODY, None, None),
        (FaultKind.STATUS, 500, f"no such key: {KEY}"),
        (FaultKind.BODY, None, f"NOT_SEEN_BEFORE:{KEY}"),
    ):
        fault = world.provider.fail(kind, times=None, status=status, body=body)
        pasted = await ann.send(KEY)
        await ann.sees("I didn’t save it", after=pasted)
        world.provider.heal(fault)
    await ann.send(KEY)
    await ann.sees("Balance")
    number = await world.buy(ann)
    world.telegram.fail(TelegramFault.CUT, method="getUpdates")
    for _ in range(2):  # the request for updates after the first message fails
        asked = await ann.send("/help")
        await ann.sees("How it works", after=asked)
    for fault_of_telegram in (TelegramFault.CUT, TelegramFault.ERROR, TelegramFault.RETRY_AFTER):
        world.telegram.fail(fault_of_telegram, method="sendMessage")
    world.provider.deliver(number.id, "12345")
    await ann.sees("· Telegram", "12345", timeout=60)
    world.telegram.heal()


@pytest.mark.timeout(120)
async def test_the_whole_bot_logs_no_secret(program: Program, world: World, tmp_path: Path) -> None:
    """At DEBUG, with API keys in URLs, the log contains no API key, no sealed key and no token."""
    log = tmp_path / "log"
    settings = {name.upper(): str(value) for name, value in world.values.items()}
    environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "DEBUG", "PROVIDER_METHOD": "get"} | settings
    order = {"environment": environment, "folder": str(tmp_path), "output": str(log), "errors": str(log)}
    await program.start(order | {"constants": CONSTANTS})
    await _use_failing_servers(world)
    assert await program.stop() == 0
    async with await Database.open(world.values["database_path"]) as db:
        (stored,) = await db.read(users.list_sealed_keys)
    text = log.read_text(encoding="utf-8")
    assert "INFO    bot.runtime: listening" in text
    assert "WARNING bot.telegram.update_source: updates cannot be fetched, retrying" in text
    token = world.telegram.token
    for secret in (KEY, stored.sealed, token, token.partition(":")[2], world.values["sealing_keys"]):
        assert secret not in text


def _said(level: str, script: str) -> str:
    """Run a script with the logs configured, and return its output."""
    secret = TOKEN.partition(":")[2]
    prelude = f"""
import asyncio, logging
from bot import logs
logs.configure({level!r}, [{secret!r}])
TOKEN, KEY, log = {TOKEN!r}, {KEY!r}, logging.getLogger("test")
"""
    done = subprocess.run(
        [sys.executable, "-c", prelude + script],
        env={"PATH": os.environ["PATH"]},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == ""
    return done.stderr


AIOSQLITE = """
import aiosqlite

async def main():
    async with aiosqlite.connect(":memory:") as connection:
        await connection.execute("SELECT ?", (KEY,))
    log.debug("done")
"""
AIOHTTP = """
import aiohttp
from aiohttp import web

async def no(request):
    raise web.HTTPBadRequest if "fail" in request.query else web.HTTPFound(request.rel_url)

async def main():
    app = web.Application()
    app.router.add_get("/", no)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/?api_key={KEY}&action=getBalance"
    async with aiohttp.ClientSession() as session:
        try:
            await session.get(url)
        except aiohttp.TooManyRedirects:
            log.exception("a redirect")
        try:
            (await session.get(url + "&fail=1", allow_redirects=False)).raise_for_status()
        except aiohttp.ClientResponseError as error:
            log.error("%s %r", error, error)
    await runner.cleanup()
    log.debug("done")
"""
AIOGRAM = """
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError

async def main():
    server = TelegramAPIServer.from_base("http://127.0.0.1:9")
    bot = Bot(TOKEN, session=AiohttpSession(api=server))
    try:
        await bot.get_me()
    except TelegramNetworkError:
        log.exception("%r %s", bot.token, server.api_url(bot.token, "getMe"))
    await bot.session.close()
    log.debug("done")
"""


QUOTING = """
import json
from aiogram.exceptions import ClientDecodeError
from aiogram.types import Update
from pydantic import ValidationError

def decode():
    try:
        try:
            Update.model_validate({"update_id": 1, "message": {"text": KEY}})
        except ValidationError as error:
            raise ClientDecodeError("Failed", error, {"text": KEY}) from error
    except ClientDecodeError as error:
        try:
            json.loads('{"text": "' + KEY)
        except ValueError:
            raise ExceptionGroup("several", [error, RuntimeError("kept")])

try:
    decode()
except ExceptionGroup as error:
    log.exception("first")
    inner = error.exceptions[0]
log.error("second %s", inner)
log.error("third %s: %s", type(inner).__name__, inner.original)
logging.getLogger("aiogram.dispatcher").error("Failed to fetch updates - %s: %s", "X", inner)
logging.getLogger("aiogram.event").error(f"fourth {inner}")
try:
    int(KEY)
except ValueError:
    log.exception("fifth", extra={"without_texts": True})
try:
    (KEY + "\\ud800").encode()
except UnicodeError:
    log.exception("sixth")
"""


def test_no_error_prints_what_it_could_not_read() -> None:
    """Errors of libraries that quote an answer or an update show their class and their place only."""
    said = _said("DEBUG", QUOTING)
    assert KEY not in said
    assert "aiogram.exceptions.ClientDecodeError" in said
    assert "ValidationError" in said
    assert "RuntimeError: kept" in said
    assert "in decode" in said
    for word in ("first", "second", "third", "Failed to fetch updates", "fourth", "fifth", "sixth"):
        assert word in said


@pytest.mark.parametrize("script", [AIOSQLITE, AIOHTTP, AIOGRAM], ids=["aiosqlite", "aiohttp", "aiogram"])
def test_no_library_logs_a_secret(script: str) -> None:
    """The DEBUG lines of a library and its logged errors contain no secret."""
    said = _said("DEBUG", script + "asyncio.run(main())")
    assert "DEBUG   test: done" in said
    assert KEY not in said
    assert TOKEN.partition(":")[2] not in said


def test_a_secret_is_replaced_everywhere() -> None:
    """A secret is replaced in messages, arguments, tracebacks and encoded URLs; the rest stays readable."""
    said = _said(
        "INFO",
        """
try:
    raise ValueError(TOKEN)
except ValueError:
    log.exception("%s in bot%s/getMe", TOKEN, TOKEN.replace(":", "%3A"))
log.info("GET /?api_key=%s&action=getNumber by {'api_key=%s'}", KEY, KEY)
""",
    )
    assert "test: 123456:[secret] in bot123456%3A[secret]/getMe" in said
    assert "ValueError: 123456:[secret]" in said
    assert "GET /?api_key=[secret]&action=getNumber by {'api_key=[secret]'}" in said


@pytest.mark.parametrize(
    ("level", "seen"),
    [("DEBUG", "DIWE"), ("INFO", "IWE"), ("WARNING", "WE"), ("ERROR", "E")],
)
def test_lines_below_the_level_are_left_out(level: str, seen: str) -> None:
    """Lines below the configured level are left out, also those of libraries with a lower level."""
    said = _said(level, "log.debug('D'); log.info('I'); log.warning('W'); log.error('E')")
    assert "".join(line.rpartition(" ")[2] for line in said.splitlines()) == seen
