"""The HTTP server of the sandbox Bot API."""

import asyncio
import json
from typing import Any

from aiohttp import web
from typing_extensions import override

from bot.sandbox.loopback import LoopbackServer
from bot.sandbox.telegram.dispatch import perform, prepare
from bot.sandbox.telegram.errors import RefusedCall, flood, forbidden
from bot.sandbox.telegram.faults import Failure, Hit, TelegramFault
from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.parameters import read_params
from bot.sandbox.telegram.schema import Method
from bot.sandbox.telegram.service import Telegram

MAX_UPLOAD_BYTES = 64 * 2**20
SHUTDOWN_SECONDS = 0.1
_REASONS = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


class _CutError(Exception):
    """The connection must be closed without a response."""


class _BodyError(Exception):
    """The response must be a text that is no answer of the Bot API."""

    def __init__(self, status: int, text: str, content_type: str) -> None:
        super().__init__(status)
        self.response = web.Response(status=status, text=text, content_type=content_type)


class TelegramServer(LoopbackServer):
    """An HTTP server for a `Telegram`; use it as an async context manager."""

    def __init__(self, telegram: Telegram, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self.telegram = telegram

    @override
    def _make_runner(self) -> web.AppRunner:
        app = web.Application(client_max_size=MAX_UPLOAD_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        return web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)

    async def _call(self, request: web.Request) -> web.Response:
        response = await self._answer(request)
        response.headers["Date"] = self.telegram.date()
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
            values = await read_params(request)
            method, params = prepare(self.telegram, request.match_info["method"], values)
            result = await self._perform(method, params)
        except RefusedCall as refusal:
            return web.json_response(refusal.body(), status=refusal.code)
        except _BodyError as body:
            return body.response
        except _CutError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return web.json_response({"ok": True, "result": result})

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self.telegram.token:
            raise RefusedCall(401, "Unauthorized")

    async def _perform(self, method: Method, params: Json) -> Any:
        failure = self.telegram.faults.next(method.name, params.get("chat_id"))
        if failure is None:
            return await perform(self.telegram, method, params)
        try:
            await self._fail(failure)
        finally:
            hit = Hit(self.telegram.clock(), failure.kind, method.name, params.get("chat_id"))
            self.telegram.faults.hits.append(hit)
        result = await perform(self.telegram, method, params)
        if failure.kind is TelegramFault.COMMIT_THEN_CUT:
            raise _CutError
        if failure.kind is TelegramFault.CUT_BODY:
            answer = json.dumps({"ok": True, "result": result})
            raise _BodyError(200, answer[: len(answer) // 2], "application/json")
        return result

    async def _fail(self, failure: Failure) -> None:
        """Apply the part of a failure that comes before the call; raise if the call must not be done."""
        match failure.kind:
            case TelegramFault.ERROR:
                reason = _REASONS.get(failure.status, "Internal Server Error")
                raise RefusedCall(failure.status, reason)
            case TelegramFault.PAGE:
                reason = f"{failure.status} {_REASONS.get(failure.status, 'Internal Server Error')}"
                raise _BodyError(failure.status, f"<html><h1>{reason}</h1></html>", "text/html")
            case TelegramFault.RETRY_AFTER:
                raise flood(failure.retry_after)
            case TelegramFault.FORBIDDEN:
                await asyncio.sleep(failure.seconds)  # a late answer can be outdated
                raise forbidden("bot was blocked by the user")
            case TelegramFault.CUT:
                raise _CutError
            case TelegramFault.HANG:
                await asyncio.sleep(failure.seconds) if failure.seconds else await asyncio.Event().wait()
                raise _CutError
            case TelegramFault.DELAY:
                await asyncio.sleep(failure.seconds)
            case TelegramFault.COMMIT_THEN_CUT | TelegramFault.CUT_BODY:
                pass
