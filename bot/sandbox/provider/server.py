"""The HTTP server of the sandbox provider, with the faults of a connection."""

import asyncio
import contextlib
import socket
import struct
from types import TracebackType
from typing import Final, Self

from aiohttp import web
from typing_extensions import override

from bot.sandbox.loopback import LoopbackServer
from bot.sandbox.provider.actions import handle
from bot.sandbox.provider.faults import FaultKind, ProviderFault
from bot.sandbox.provider.responses import ProviderResponse, method_not_allowed, too_many_requests
from bot.sandbox.provider.service import SandboxProvider

PATH: Final = "/stubs/handler_api.php"
_HTML_TYPE = "text/html; charset=UTF-8"
_HTML = (
    "<!DOCTYPE html><html><head><title>Attention Required!</title></head>"
    "<body><h1>Sorry, you have been blocked</h1><p>Error 1020</p></body></html>"
)
_HUGE_BODY = b"0" * 8 * 1024 * 1024
_CHUNK = b"0" * 64 * 1024
_CLOSED_PORT = "http://127.0.0.1:9/"
_SHUTDOWN_SECONDS = 1

_COMMITTING = frozenset(
    {
        FaultKind.COMMIT_THEN_CUT,
        FaultKind.COMMIT_THEN_HANG,
        FaultKind.COMMIT_THEN_BODY,
        FaultKind.HALF_BODY,
        FaultKind.CUT_JSON,
    }
)


class ProviderServer(LoopbackServer):
    """An HTTP server for a provider; use it as an async context manager.

    Leaving the context closes every connection at once, also those with a delayed response.
    """

    path = PATH

    def __init__(self, provider: SandboxProvider, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self._provider = provider
        self._stopping = asyncio.Event()

    @override
    async def __aenter__(self) -> Self:
        self._stopping.clear()
        return await super().__aenter__()

    @override
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._provider.end_delays()
        await super().__aexit__(exc_type, exc, traceback)

    @override
    def _make_runner(self) -> web.ServerRunner:
        # Without cancellation, a handler would go on after its client has disconnected.
        server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        return web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path != PATH:
            return web.Response(status=404, text="404 page not found")
        params = dict(request.query)
        if request.method == "POST":
            form = await request.post()
            params.update({name: value for name, value in form.items() if isinstance(value, str)})
        seconds, fault = self._provider.record(request.method, params)
        if seconds:
            await self._pause(seconds)
        dialect = self._provider.dialect
        if fault is not None and fault.kind is FaultKind.COMMIT_LATER:
            asyncio.get_running_loop().call_later(fault.seconds, self._act_late, params)
        if fault is not None and fault.kind not in _COMMITTING:
            return await self._fail_without_action(request, fault)
        if request.method not in dialect.methods:
            reply = method_not_allowed(dialect, request.method)
        else:
            reply = handle(self._provider, params)
        if fault is not None:
            return await self._fail_after_action(request, fault, reply)
        return _respond(reply)

    def _act_late(self, params: dict[str, str]) -> None:
        if not self._stopping.is_set():
            handle(self._provider, params)

    async def _fail_without_action(
        self, request: web.BaseRequest, fault: ProviderFault
    ) -> web.StreamResponse:
        """Respond with a fault before the action, or instead of it."""
        match fault.kind:
            case FaultKind.HANG:
                return await self._hang(request)
            case FaultKind.CUT:
                return await self._cut(request)
            case FaultKind.HUGE:
                return web.Response(body=_body(fault, _HUGE_BODY), content_type="text/html")
            case FaultKind.ENDLESS:
                return await self._stream(request)
            case FaultKind.REDIRECT:
                location = _body(fault, _CLOSED_PORT).decode()
                return web.Response(status=fault.status or 302, headers={"Location": location})
            case FaultKind.THROTTLE:
                reply = too_many_requests(self._provider.dialect)
                reply = ProviderResponse(
                    _body(fault, reply.body), reply.content_type, fault.status or reply.status
                )
            case FaultKind.STATUS:
                text = _body(fault, "Internal Server Error")
                reply = ProviderResponse(text, "text/plain; charset=UTF-8", fault.status or 500)
            case FaultKind.HTML | FaultKind.COMMIT_LATER:
                status = 504 if fault.kind is FaultKind.COMMIT_LATER else 200
                reply = ProviderResponse(_body(fault, _HTML), _HTML_TYPE, fault.status or status)
            case _:  # EMPTY and BODY
                reply = ProviderResponse(_body(fault, ""), _HTML_TYPE, fault.status or 200)
        response = _respond(reply)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = f"{fault.retry_after:g}"
        return response

    async def _fail_after_action(
        self, request: web.BaseRequest, fault: ProviderFault, reply: ProviderResponse
    ) -> web.StreamResponse:
        """Respond with a fault after the action is done."""
        match fault.kind:
            case FaultKind.COMMIT_THEN_CUT:
                return await self._cut(request)
            case FaultKind.COMMIT_THEN_HANG:
                return await self._hang(request)
            case FaultKind.HALF_BODY:
                return await self._send_half(request, reply)
            case FaultKind.CUT_JSON:
                half = reply.body[: len(reply.body) // 2]
                return _respond(ProviderResponse(half, reply.content_type, reply.status, reply.headers))
            case _:  # COMMIT_THEN_BODY
                return _respond(ProviderResponse(_body(fault, ""), _HTML_TYPE, fault.status or 200))

    async def _pause(self, seconds: float) -> None:
        self._provider.delays.add(ended := asyncio.Event())
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), seconds)
        finally:
            self._provider.delays.discard(ended)

    async def _hang(self, request: web.BaseRequest) -> web.StreamResponse:
        await self._stopping.wait()
        return _hang_up(request)

    async def _cut(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.transport is not None:
            connection = request.transport.get_extra_info("socket")
            # With a linger time of 0 the kernel closes the connection with RST instead of FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return _hang_up(request)

    async def _send_half(self, request: web.BaseRequest, reply: ProviderResponse) -> web.StreamResponse:
        response = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type})
        response.content_length = len(reply.body)
        await response.prepare(request)
        await response.write(reply.body[: len(reply.body) // 2])
        response.force_close()
        return response

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": _HTML_TYPE})
        await response.prepare(request)
        while not self._stopping.is_set():
            await response.write(_CHUNK)
            await asyncio.sleep(0)
        return _hang_up(request)


def _hang_up(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _body(fault: ProviderFault, default: str | bytes) -> bytes:
    body = default if fault.body is None else fault.body
    return body.encode() if isinstance(body, str) else body


def _respond(reply: ProviderResponse) -> web.Response:
    headers = {"Content-Type": reply.content_type, **reply.headers}
    return web.Response(body=reply.body, status=reply.status, headers=headers)
