"""Shared fixtures: a client that uses POST or GET, the sandbox provider, and a server of raw bytes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from types import TracebackType
from typing import Any, Literal, Self

import pytest
from pydantic import SecretStr

from bot.provider.budget import Budget
from bot.provider.client import ProviderClient
from bot.provider.profiles import Profile, own
from bot.sandbox.provider import ProviderServer, SandboxProvider

KEY = SecretStr("0badc0ffee5ec2e70badc0ffee5ec2e7")


class RawServer:
    """A server that answers every request with the same bytes.

    Attributes:
        answer: the bytes to send; None closes the connection without an answer.
        keeps: whether the connection stays open after an answer.
        requests: raw bytes of every request.
        connections: number of opened connections.
        context: TLS context; None for plain HTTP.
    """

    def __init__(self, answer: bytes | None = None) -> None:
        self.answer = answer
        self.keeps = False
        self.requests: list[bytes] = []
        self.connections = 0
        self.context: ssl.SSLContext | None = None
        self.url = ""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.context)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http{'s' if self.context else ''}://127.0.0.1:{port}/stubs/handler_api.php"
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    def hang_up(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while True:
                self.requests.append(await _read_request(reader))
                if self.answer is None:
                    break
                writer.write(self.answer)
                await writer.drain()
                if not self.keeps:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line[16:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)


Connect = Callable[..., AbstractAsyncContextManager[ProviderClient]]


@pytest.fixture(params=["post", "get"])
def method(request: pytest.FixtureRequest) -> Literal["get", "post"]:
    """The HTTP method of the client."""
    return "get" if request.param == "get" else "post"


@pytest.fixture
def connect(method: Literal["get", "post"]) -> Connect:
    """Return a function that makes clients with a large rate budget, by default of an unknown provider."""

    def connect(
        url: str, profile: Profile | None = None, *, budget: Budget | None = None, **settings: Any
    ) -> ProviderClient:
        facts = replace(profile, url=url) if profile else own(url, method)
        return ProviderClient(facts, budget or Budget(1000, 1000), **settings)

    return connect


@pytest.fixture
def key() -> SecretStr:
    """An API key of the provider."""
    return KEY


@pytest.fixture
async def provider(key: SecretStr) -> SandboxProvider:
    """The sandbox provider with one account."""
    provider = SandboxProvider(cancel_after=0)
    provider.open_account(key.get_secret_value())
    return provider


@pytest.fixture
async def url(provider: SandboxProvider) -> AsyncIterator[str]:
    """The address of the provider."""
    async with ProviderServer(provider) as server:
        yield server.url


@pytest.fixture
async def client(connect: Connect, url: str) -> AsyncIterator[ProviderClient]:
    """A client of the sandbox provider."""
    async with connect(url) as client:
        yield client


@pytest.fixture
async def raw() -> AsyncIterator[RawServer]:
    """A server of raw bytes."""
    async with RawServer() as raw:
        yield raw
