"""The API keys and the token appear in no log, file, URL, message or button."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from yarl import URL

from bot.sandbox.provider import SMS_ACTIVATE
from tests.program import Program
from tests.proof.fault_injection import inject_faults
from tests.proof.scenario import Scenario


class Proxy:
    """A TCP proxy in front of the provider that records the head of each request."""

    def __init__(self, url: str) -> None:
        self._target = URL(url)
        self._server: asyncio.Server | None = None
        self.heads: list[bytes] = []

    @property
    def url(self) -> str:
        """The URL to use in place of the provider's."""
        assert self._server is not None
        return str(self._target.with_port(self._server.sockets[0].getsockname()[1]))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Proxy"]:
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
async def test_a_whole_journey_shows_no_secret(program: Program, tmp_path: Path) -> None:
    """With kills, faults and all libraries at DEBUG, no secret is written, sent or part of a URL."""
    async with Scenario(program, tmp_path, "secrets", SMS_ACTIVATE, people=4) as scenario:
        async with Proxy(scenario.environment["PROVIDER_URL"]).listening() as proxy:
            scenario.environment |= {
                "LOG_LEVEL": "DEBUG",
                "PROVIDER_METHOD": "post",
                "PROVIDER_URL": proxy.url,
                "PYTHONASYNCIODEBUG": "1",
            }
            scenario.order["debug"] = True
            await scenario.bind_keys()
            await scenario.start_listening()
            scenario.live()
            await scenario.provider.wait_for(lambda provider: len(provider.ledger) > 3, timeout=40)
            await inject_faults(scenario, 3)
            scenario.program.kill()
            await scenario.program.ended()
            scenario.deaths.append(scenario.telegram.clock())
            found = await scenario.settle()
        assert not found.wrong, found.report()
        assert found.totals.purchases > 0
        _assert_nowhere(scenario, proxy)


def _assert_nowhere(scenario: Scenario, proxy: Proxy) -> None:
    token = scenario.telegram.token
    keys = [customer.key for customer in scenario.customers]
    secrets = [token, token.partition(":")[2], scenario.environment["SEALING_KEYS"], *keys]
    sent = json.dumps([[call.method, call.params] for call in scenario.telegram.calls], default=repr)
    answered = [query.toast.text for query in scenario.telegram.queries.values() if query.toast]
    asked = [
        str([value for name, value in request.params.items() if name != "api_key"])
        for request in scenario.provider.requests
    ]
    said = "\n".join([sent, *answered, *asked])
    written = {path.name: path.read_bytes() for path in scenario.folder.rglob("*") if path.is_file()}
    assert b" DEBUG " in written["log"]
    assert b"aiosqlite" in written["log"]
    assert b"SQLite format 3" in written["bot.db"]
    assert proxy.heads
    for secret in secrets:
        assert secret not in said
        for name, content in written.items():
            assert secret.encode() not in content, name
        for head in proxy.heads:
            assert secret.encode() not in head
    assert {request.params.get("api_key") for request in scenario.provider.requests} <= set(keys)
