"""Tests of the sandbox provider's faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest

from bot.sandbox.provider import HEROSMS, FaultKind, ProviderServer, SandboxProvider

BUY = {"action": "getNumber", "service": "tg", "country": "10"}
BALANCE = {"action": "getBalance"}
SHORT = aiohttp.ClientTimeout(total=0.05)


class Client:
    """An HTTP client of the provider."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    def send(
        self, params: dict[str, str], *, key: str = "alice", timeout: aiohttp.ClientTimeout | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Send a request, and return its response as a context manager."""
        query = {"api_key": key, **params}
        patience = timeout or aiohttp.ClientTimeout(total=10)
        # By POST, because aiohttp's client sends a GET a second time when its connection is cut.
        return self.session.post(self.url, data=query, timeout=patience, allow_redirects=False)

    async def text(self, params: dict[str, str], *, key: str = "alice") -> str:
        """Send a request, and return the text of the response."""
        async with self.send(params, key=key) as response:
            return await response.text()


@pytest.fixture
def provider() -> SandboxProvider:
    """Return a provider with two accounts."""
    provider = SandboxProvider()
    provider.open_account("alice")
    provider.open_account("bob")
    return provider


@pytest.fixture
async def client(provider: SandboxProvider) -> AsyncIterator[Client]:
    """Serve the provider, and return a client."""
    async with ProviderServer(provider) as server, aiohttp.ClientSession() as session:
        yield Client(session, server.url)


async def test_delay(client: Client, provider: SandboxProvider) -> None:
    """A delayed response is correct, and it comes after the delay."""
    provider.fail(FaultKind.DELAY, seconds=0.02)
    before = asyncio.get_running_loop().time()

    assert await client.text(BALANCE) == "ACCESS_BALANCE:10"
    assert asyncio.get_running_loop().time() - before >= 0.02


async def test_a_delay_is_combined_with_another_fault(client: Client, provider: SandboxProvider) -> None:
    """A delay is combined with another fault in one request."""
    delay = provider.fail(FaultKind.DELAY, seconds=0.01)
    empty = provider.fail(FaultKind.EMPTY)

    assert await client.text(BALANCE) == ""
    assert (delay.hits, empty.hits) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "sold"),
    [
        (FaultKind.CUT, 0),
        (FaultKind.COMMIT_THEN_CUT, 1),
    ],
)
async def test_cut_connections(client: Client, provider: SandboxProvider, kind: FaultKind, sold: int) -> None:
    """The client gets a reset, whether the number was bought or not."""
    provider.fail(kind, action="getNumber")

    with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
        await client.text(BUY)
    assert len(provider.ledger) == sold
    assert len(provider.requests) == 1


async def test_a_late_action(client: Client, provider: SandboxProvider) -> None:
    """The client gets the page of a gateway at once, and the number is sold after that."""
    provider.fail(FaultKind.COMMIT_LATER, action="getNumber", seconds=0.05)

    async with client.send(BUY) as response:
        assert response.status == 504
    assert not provider.ledger
    await provider.wait_for(lambda provider: len(provider.ledger) == 1)


@pytest.mark.parametrize(("kind", "sold"), [(FaultKind.HANG, 0), (FaultKind.COMMIT_THEN_HANG, 1)])
async def test_no_answer(client: Client, provider: SandboxProvider, kind: FaultKind, sold: int) -> None:
    """The client times out, and the next request gets a response."""
    provider.fail(kind)

    with pytest.raises(TimeoutError):
        async with client.send(BUY, timeout=SHORT):
            pass
    assert len(provider.ledger) == sold
    assert (await client.text(BALANCE)).startswith("ACCESS_BALANCE:")


@pytest.mark.parametrize(
    "kind", [FaultKind.HANG, FaultKind.COMMIT_THEN_HANG, FaultKind.DELAY, FaultKind.ENDLESS]
)
async def test_shutdown_does_not_wait(provider: SandboxProvider, kind: FaultKind) -> None:
    """The server stops at once, even if a client waits for a response."""
    provider.fail(kind, seconds=3600 if kind is FaultKind.DELAY else 0)
    async with aiohttp.ClientSession() as session:
        async with asyncio.timeout(0.9), ProviderServer(provider) as server:
            request = asyncio.ensure_future(Client(session, server.url).text(BUY))
            await provider.wait_for(lambda provider: len(provider.requests) == 1)
        if kind is FaultKind.DELAY:
            assert (await request).startswith("ACCESS_NUMBER:")
        else:
            with pytest.raises(aiohttp.ClientError):
                await request


async def test_half_a_body(client: Client, provider: SandboxProvider) -> None:
    """The action is done, and the connection is closed in the middle of the body."""
    provider.fail(FaultKind.HALF_BODY)

    async with client.send(BUY) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert len(provider.ledger) == 1


async def test_cut_json(client: Client, provider: SandboxProvider) -> None:
    """Half of the body is sent as a complete response."""
    whole = await client.text({"action": "getPrices"})
    provider.fail(FaultKind.CUT_JSON)

    assert await client.text({"action": "getPrices"}) == whole[: len(whole) // 2]


async def test_another_body_after_the_action(client: Client, provider: SandboxProvider) -> None:
    """The action is done, and the response has the given body and status."""
    provider.fail(FaultKind.COMMIT_THEN_BODY, body="ERROR_SQL", status=500)

    async with client.send(BUY) as response:
        assert (response.status, await response.text()) == (500, "ERROR_SQL")
    assert len(provider.ledger) == 1


async def test_html(client: Client, provider: SandboxProvider) -> None:
    """The response is a web page with the given status, and no number is sold."""
    provider.fail(FaultKind.HTML)
    provider.fail(FaultKind.HTML, status=403, body="<html>blocked</html>")

    async with client.send(BUY) as response:
        assert response.status == 200
        assert (await response.text()).startswith("<!DOCTYPE html>")
    async with client.send(BUY) as response:
        assert (response.status, await response.text()) == (403, "<html>blocked</html>")
    assert provider.ledger == []


async def test_http_errors(client: Client, provider: SandboxProvider) -> None:
    """The response is an HTTP error with a line of text."""
    provider.fail(FaultKind.STATUS)
    provider.fail(FaultKind.STATUS, status=502, body="Bad Gateway")

    async with client.send(BUY) as response:
        assert (response.status, await response.text()) == (500, "Internal Server Error")
    async with client.send(BUY) as response:
        assert (response.status, await response.text()) == (502, "Bad Gateway")
    assert provider.ledger == []


async def test_throttle(client: Client, provider: SandboxProvider) -> None:
    """A 429 has Retry-After if it is given, and a JSON body in a JSON dialect."""
    provider.fail(FaultKind.THROTTLE, retry_after=7)
    async with client.send(BUY) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        assert await response.text() == "Too Many Requests"
    provider.dialect = HEROSMS
    provider.fail(FaultKind.THROTTLE)
    async with client.send(BUY) as response:
        assert "Retry-After" not in response.headers
        assert (await response.json())["title"] == "RATE_LIMIT"


async def test_a_body_of_any_bytes(client: Client, provider: SandboxProvider) -> None:
    """The response has the given text or bytes, and the action is not done."""
    provider.fail(FaultKind.BODY, body="BANNED:'2030-01-01 00:00:00'")
    provider.fail(FaultKind.BODY, body=b"\xff\xfe")

    assert await client.text(BUY) == "BANNED:'2030-01-01 00:00:00'"
    async with client.send(BUY) as response:
        assert await response.read() == b"\xff\xfe"
    assert provider.ledger == []


async def test_redirect(client: Client, provider: SandboxProvider) -> None:
    """The response is a redirect to the given address."""
    provider.fail(FaultKind.REDIRECT, body="http://127.0.0.1:1/elsewhere")

    async with client.send(BUY) as response:
        assert (response.status, response.headers["Location"]) == (302, "http://127.0.0.1:1/elsewhere")


async def test_huge(client: Client, provider: SandboxProvider) -> None:
    """A huge response has eight megabytes."""
    provider.fail(FaultKind.HUGE)

    async with client.send(BALANCE) as response:
        assert len(await response.read()) == 8 * 1024 * 1024


async def test_endless(client: Client, provider: SandboxProvider) -> None:
    """An endless response has no content length, and ends when the client disconnects."""
    provider.fail(FaultKind.ENDLESS)

    async with client.send(BALANCE) as response:
        assert response.content_length is None
        assert len(await response.content.readexactly(1_000_000)) == 1_000_000
    assert await client.text(BALANCE) == "ACCESS_BALANCE:10"


async def test_a_fault_for_one_action_and_key(client: Client, provider: SandboxProvider) -> None:
    """A fault for one action and one key does not affect others."""
    provider.fail(FaultKind.EMPTY, action="getBalance", key="alice")

    assert await client.text(BALANCE, key="bob") == "ACCESS_BALANCE:10"
    assert await client.text({"action": "getPrices"}) != ""
    assert await client.text(BALANCE) == ""
    assert await client.text(BALANCE) == "ACCESS_BALANCE:10"


async def test_times(client: Client, provider: SandboxProvider) -> None:
    """Faults happen in the order of their creation, as often as given, and are then removed."""
    provider.fail(FaultKind.BODY, body="first", times=2)
    provider.fail(FaultKind.BODY, body="second")

    answers = [await client.text(BALANCE) for _ in range(4)]
    assert answers == ["first", "first", "second", "ACCESS_BALANCE:10"]
    assert provider.faults == []


async def test_heal(client: Client, provider: SandboxProvider) -> None:
    """A fault without a limit lasts until it is removed, alone or with all others."""
    lasting = provider.fail(FaultKind.BODY, body="sick", times=None)
    assert [await client.text(BALANCE) for _ in range(3)] == ["sick"] * 3
    provider.fail(FaultKind.BODY, body="worse")
    provider.heal(lasting)
    assert await client.text(BALANCE) == "worse"
    provider.heal(lasting)
    provider.fail(FaultKind.BODY, body="sick", times=None)
    provider.heal()

    assert await client.text(BALANCE) == "ACCESS_BALANCE:10"
    assert lasting.hits == 3


async def test_heal_ends_the_delays(client: Client, provider: SandboxProvider) -> None:
    """What a delay holds up comes at once when all faults are removed."""
    provider.fail(FaultKind.DELAY, seconds=60)
    asked = asyncio.create_task(client.text(BALANCE))
    await provider.wait_for(lambda _: bool(provider.requests))
    provider.heal()
    assert await asyncio.wait_for(asked, 10) == "ACCESS_BALANCE:10"


async def test_chance(client: Client, provider: SandboxProvider) -> None:
    """A fault with a chance affects some of the requests."""
    fault = provider.fail(FaultKind.EMPTY, chance=0.5, times=None)
    answers = [await client.text(BALANCE) for _ in range(60)]

    assert 15 < answers.count("") < 45
    assert fault.hits == answers.count("")
