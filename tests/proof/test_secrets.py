"""The key and the bot's token are nowhere: not in a log, a file, a URL, a message or a button."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from yarl import URL

from bot.sandbox.provider import SMS_ACTIVATE
from tests.program import Program
from tests.proof.mischief import misbehave
from tests.proof.season import Season


class Wiretap:
    """Lies on the way to the provider and notes what everybody on that way could read of an address."""

    def __init__(self, url: str) -> None:
        self._target = URL(url)
        self._server: asyncio.Server | None = None
        self.heads: list[bytes] = []

    @property
    def url(self) -> str:
        """The address to use in place of the provider's."""
        assert self._server is not None
        return str(self._target.with_port(self._server.sockets[0].getsockname()[1]))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Wiretap"]:
        """Listen until the end of the context."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        try:
            yield self
        finally:
            self._server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._target.host, self._target.port)

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, *, note: bool) -> None:
            try:
                while data := await source.read(65536):
                    if note:
                        self.heads += [data.partition(b"\r\n\r\n")[0]] if data.startswith(b"POST ") else []
                    target.write(data)
                    await target.drain()
            except OSError:
                pass
            finally:
                target.transport.abort()

        await asyncio.gather(
            copy(reader, far_writer, note=True), copy(far_reader, writer, note=False), return_exceptions=True
        )


@pytest.mark.timeout(120)
async def test_a_whole_journey_tells_no_secret(program: Program, tmp_path: Path) -> None:
    """Through kills and faults, with all libraries at DEBUG, no secret is written, sent or in an address."""
    async with Season(program, tmp_path, "secrets", SMS_ACTIVATE, people=4) as season:
        async with Wiretap(season.environment["PROVIDER_URL"]).listening() as wire:
            season.environment |= {
                "LOG_LEVEL": "DEBUG",
                "PROVIDER_METHOD": "post",
                "PROVIDER_URL": wire.url,
                "PYTHONASYNCIODEBUG": "1",
            }
            season.order["debug"] = True
            await season.meet()
            await season.start_listening()
            season.live()
            await season.provider.wait_for(lambda provider: len(provider.ledger) > 3, timeout=40)
            await misbehave(season, 3)
            season.program.kill()
            await season.program.ended()
            season.deaths.append(season.telegram.clock())
            found = await season.settle()
        assert found.sums.purchases > 0
        _assert_nowhere(season, wire)


def _assert_nowhere(season: Season, wire: Wiretap) -> None:
    token = season.telegram.token
    keys = [customer.key for customer in season.customers]
    secrets = [token, token.partition(":")[2], season.environment["SEALING_KEYS"], *keys]
    sent = json.dumps([[call.method, call.params] for call in season.telegram.calls], default=repr)
    answered = [query.toast.text for query in season.telegram.queries.values() if query.toast]
    asked = [
        str([value for name, value in request.params.items() if name != "api_key"])
        for request in season.provider.requests
    ]
    said = "\n".join([sent, *answered, *asked])
    written = {path.name: path.read_bytes() for path in season.folder.rglob("*") if path.is_file()}
    assert b" DEBUG " in written["log"]
    assert b"aiosqlite" in written["log"]
    assert b"SQLite format 3" in written["bot.db"]
    assert wire.heads
    for secret in secrets:
        assert secret not in said
        for name, content in written.items():
            assert secret.encode() not in content, name
        for head in wire.heads:
            assert secret.encode() not in head
    assert {request.params.get("api_key") for request in season.provider.requests} <= set(keys)
