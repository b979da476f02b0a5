"""The client raises only errors of the tree, and no error contains the API key."""

import asyncio
import inspect
import logging
import re
import socket
import ssl
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from bot import errors
from bot.provider.budget import Budget
from bot.provider.client import ProviderClient, StatusChange
from bot.provider.purchases import PurchaseRequest
from bot.sandbox.provider import HEROSMS, FaultKind, SandboxProvider

if TYPE_CHECKING:
    from tests.provider.conftest import Connect, RawServer

ORDER = PurchaseRequest("tg", "10")

NOT_SENT: set[type[BaseException]] = {
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorDNSError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientProxyConnectionError,
    aiohttp.ClientSSLError,
    aiohttp.client_exceptions.UnixClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.InvalidUrlClientError,
    aiohttp.NonHttpUrlClientError,
}
"""Exceptions of aiohttp before the first byte of a request is sent."""

UNCLEAR: set[type[BaseException]] = {
    aiohttp.ClientError,
    aiohttp.ClientConnectionError,
    aiohttp.ClientConnectionResetError,
    aiohttp.ClientOSError,
    aiohttp.ClientPayloadError,
    aiohttp.ClientResponseError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ContentTypeError,
    aiohttp.ServerConnectionError,
    aiohttp.ServerDisconnectedError,
    aiohttp.ServerTimeoutError,
    aiohttp.SocketTimeoutError,
    aiohttp.TooManyRedirects,
    aiohttp.WSServerHandshakeError,
    aiohttp.client_exceptions.UploadAbortedError,
}
"""Exceptions of aiohttp after that, or at an unknown time."""

FOREIGN: set[type[BaseException]] = {
    aiohttp.RedirectClientError,
    aiohttp.InvalidUrlRedirectClientError,
    aiohttp.NonHttpUrlRedirectClientError,
    aiohttp.WSMessageTypeError,
    aiohttp.WebSocketError,
    aiohttp.EofStream,
    aiohttp.BadContentDispositionHeader,
    aiohttp.BadContentDispositionParam,
}
"""Exceptions of redirects, web sockets and multipart answers, and internal ones of aiohttp."""


def descendants(parent: type[BaseException]) -> Iterator[type[BaseException]]:
    """Yield a class and its subclasses in the same package."""
    yield parent
    for child in parent.__subclasses__():
        if child.__module__.partition(".")[0] == parent.__module__.partition(".")[0]:
            yield from descendants(child)


DROPPED = {
    aiohttp.ClientConnectionResetError,
    aiohttp.ClientOSError,
    aiohttp.ClientPayloadError,
    aiohttp.ServerDisconnectedError,
}
"""A connection that broke after the request was sent."""


def raised_by_aiohttp() -> set[type[BaseException]]:
    """Return every exception class of aiohttp."""
    named = [thing for thing in vars(aiohttp).values() if inspect.isclass(thing)]
    return {child for thing in named if issubclass(thing, BaseException) for child in descendants(thing)}


def test_every_exception_of_aiohttp_has_its_place() -> None:
    """Each exception of aiohttp is in one of the three groups."""
    assert raised_by_aiohttp() == NOT_SENT | UNCLEAR | FOREIGN


@pytest.mark.parametrize(
    "raised",
    [
        *sorted(NOT_SENT | UNCLEAR, key=str),
        OSError(24, "Too many open files"),
        ConnectionResetError(104, "Connection reset by peer"),
        TimeoutError(),
        ValueError("a number was expected"),
    ],
    ids=lambda raised: getattr(raised, "__name__", repr(raised)),
)
async def test_exceptions_under_way(
    monkeypatch: pytest.MonkeyPatch,
    connect: "Connect",
    raw: "RawServer",
    key: SecretStr,
    raised: Exception | type[Exception],
) -> None:
    """Each exception becomes NotSent or NoAnswer; only a read whose connection is dropped is sent twice."""
    raw.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    attempts = []

    async def fail(*_: object, **__: object) -> NoReturn:
        attempts.append(raised)
        raise raised.__new__(raised) if isinstance(raised, type) else raised

    before = raised in NOT_SENT
    if before:
        monkeypatch.setattr(aiohttp.TCPConnector, "connect", fail)
    else:
        monkeypatch.setattr(aiohttp.ClientResponse, "start", fail)
    async with connect(raw.url) as client:
        for call in (client.balance(key), client.buy(key, ORDER)):
            with pytest.raises(errors.Unavailable) as caught:
                await call
            assert type(caught.value) is (errors.NotSent if before else errors.NoAnswer)

    assert len(attempts) == (3 if raised in DROPPED or isinstance(raised, ConnectionError) else 2)


async def test_a_refused_connection(connect: "Connect", key: SecretStr) -> None:
    """A refused connection is NotSent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        async with connect(f"http://127.0.0.1:{free.getsockname()[1]}/") as client:
            with pytest.raises(errors.NotSent):
                await client.buy(key, ORDER)


async def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch, connect: "Connect", key: SecretStr) -> None:
    """An unknown host name is NotSent."""

    async def unknown(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    async with connect("http://provider.example/") as client:
        with pytest.raises(errors.NotSent):
            await client.buy(key, ORDER)


async def test_a_name_that_is_looked_up_for_ever(
    monkeypatch: pytest.MonkeyPatch, connect: "Connect", key: SecretStr
) -> None:
    """A DNS timeout is NotSent."""

    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hang)
    async with connect("http://provider.example/", connect_timeout=0.05) as client:
        with pytest.raises(errors.NotSent) as caught:
            await client.buy(key, ORDER)
        check(caught.value, key.get_secret_value())


async def test_a_handshake_that_never_ends(
    connect: "Connect", key: SecretStr, provider: SandboxProvider
) -> None:
    """A TLS timeout is NotSent."""
    done = asyncio.Event()

    async def silence(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server, connect(url, connect_timeout=0.05) as client:
        with pytest.raises(errors.NotSent):
            await client.buy(key, ORDER)
        done.set()
    assert provider.ledger == []


async def test_no_tls(connect: "Connect", url: str, key: SecretStr, provider: SandboxProvider) -> None:
    """A server without TLS is NotSent."""
    async with connect(url.replace("http:", "https:")) as client:
        with pytest.raises(errors.NotSent):
            await client.buy(key, ORDER)
    assert len(provider.requests) == 0


def certificate(folder: Path) -> ssl.SSLContext:
    """Return a TLS server context with a self-signed certificate."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


async def test_a_certificate_nobody_vouches_for(
    connect: "Connect", raw: "RawServer", key: SecretStr, tmp_path: Path
) -> None:
    """An invalid certificate is NotSent."""
    server = type(raw)(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    server.context = certificate(tmp_path)
    async with server, connect(server.url) as client:
        with pytest.raises(errors.NotSent):
            await client.buy(key, ORDER)
    assert server.requests == []


async def test_a_closed_client(connect: "Connect", url: str, key: SecretStr) -> None:
    """A closed client raises NotSent."""
    async with connect(url) as client:
        pass
    with pytest.raises(errors.NotSent):
        await client.buy(key, ORDER)


def everything(client: ProviderClient, key: SecretStr) -> list[Any]:
    """Return a call of every action."""
    return [
        client.balance(key),
        client.buy(key, ORDER),
        client.counts(key, "10"),
        client.offers(key, country="10"),
        client.set_status(key, "1", StatusChange.CANCEL),
        client.status(key, "1"),
        client.active(key),
        client.services(key, "10"),
    ]


def check(error: BaseException, secret: str) -> None:
    """Assert that neither an error nor its traceback contains a secret."""
    for shown in (str(error), repr(error), *traceback.format_exception(error), repr(error.args)):
        assert secret not in shown


@pytest.mark.parametrize("kind", FaultKind)
async def test_the_key_is_shown_nowhere(
    connect: "Connect",
    url: str,
    provider: SandboxProvider,
    key: SecretStr,
    kind: FaultKind,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No error and no log line of any library contains the key."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    asyncio.get_running_loop().set_debug(True)
    secret = key.get_secret_value()
    provider.fail(
        kind, times=None, body=f"{url}?api_key={secret}", status=403 if kind is FaultKind.HTML else None
    )
    async with connect(url, read_timeout=0.1, purchase_timeout=0.1) as client:
        for call in everything(client, key):
            try:
                await call
            except errors.ProviderError as error:
                check(error, secret)
        assert secret not in repr(client)
        assert secret not in repr(vars(client))

    assert secret not in caplog.text
    assert all(secret not in repr(record.__dict__) for record in caplog.records)


async def test_the_key_is_shown_nowhere_without_a_connection(
    connect: "Connect", key: SecretStr, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure before the request is sent does not show the key."""
    caplog.set_level(logging.DEBUG)
    async with connect("https://127.0.0.1:9/") as client:
        for call in everything(client, key):
            with pytest.raises(errors.NotSent) as caught:
                await call
            check(caught.value, key.get_secret_value())

    assert key.get_secret_value() not in caplog.text


async def test_a_provider_that_repeats_the_key(
    client: ProviderClient, provider: SandboxProvider, key: SecretStr
) -> None:
    """The error of an answer that repeats the key does not contain it."""
    secret = key.get_secret_value()
    for body in (
        f"BAD_KEY:{secret}",
        f"<html>{secret}",
        f"No: {secret}",
        f'{{"error":"{secret}"}}',
        f"STATUS_{secret}",
    ):
        provider.fail(FaultKind.BODY, body=body)
        with pytest.raises(errors.ProviderError) as caught:
            await client.balance(key)
        check(caught.value, secret)


@pytest.mark.parametrize("method", ["post"], indirect=True)
async def test_with_post_the_key_is_in_no_url(connect: "Connect", raw: "RawServer", key: SecretStr) -> None:
    """By POST the key is only in the body."""
    async with connect(raw.url) as client:
        for call in everything(client, key):
            with suppress(errors.ProviderError):
                await call

    assert len(raw.requests) == 8 + 6  # the server drops the connection, and the reads are sent twice
    for request in raw.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        assert key.get_secret_value().encode() not in head
        assert key.get_secret_value().encode() in body


async def test_a_refused_key(connect: "Connect", url: str, provider: SandboxProvider) -> None:
    """An unknown key is KeyRefused in every dialect."""
    for dialect in (provider.dialect, HEROSMS):
        provider.dialect = dialect
        async with connect(url, budget=Budget(100, 100)) as client:
            for wrong in ("someone else's", ""):
                with pytest.raises(errors.KeyRefused):
                    await client.balance(SecretStr(wrong))


def drawn(docstring: str) -> dict[str, str | None]:
    """Return each class of a tree in text form with its parent."""
    parents: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    for line in docstring.splitlines():
        if match := re.match(r"([│├└─ ]*)([A-Z][a-z]+[A-Za-z]*)(?: {2,}|$)", line):
            depth, name = len(match[1]), match[2]
            above = [(column, parent) for column, parent in above if column < depth]
            parents[name] = above[-1][1] if above else None
            above.append((depth, name))
    return parents


def test_the_tree_is_as_it_is_drawn() -> None:
    """The tree in the docstring has every class under its parent, and no other."""
    classes = set(descendants(errors.BotError))
    parents = {
        each.__name__: None if each is errors.BotError else each.__bases__[0].__name__ for each in classes
    }

    assert drawn(errors.__doc__ or "") == parents
