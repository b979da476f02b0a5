"""The HTTP server of the chat page, with its static files and its WebSocket."""

import asyncio
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import quote, urlsplit

from aiohttp import WSCloseCode, web
from typing_extensions import override

from bot.sandbox.loopback import LoopbackServer
from bot.sandbox.page.panel import Panel
from bot.sandbox.page.session import PageSession
from bot.sandbox.telegram import Telegram
from bot.sandbox.telegram.pictures import picture_type

SHUTDOWN_SECONDS = 0.1
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _static_files() -> dict[str, Traversable]:
    return {file.name: file for file in files(__package__ or "").joinpath("static").iterdir()}


class PageServer(LoopbackServer):
    """A web page on which one person chats with the bot; use it as an async context manager."""

    path = "/"

    def __init__(
        self,
        telegram: Telegram,
        panel: Panel,
        *,
        person_id: int = 1001,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Prepare the page.

        Args:
            telegram: The sandbox that the bot is connected to.
            panel: The source of the control panel.
            person_id: The person who uses the page.
            host: The address to listen on.
            port: The port; 0 chooses a free one.
        """
        super().__init__(host, port)
        self.telegram = telegram
        self.panel = panel
        self.person = telegram.person(person_id)
        self._sockets: set[web.WebSocketResponse] = set()

    @override
    def _make_runner(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/", self._static)
        app.router.add_get("/static/{name}", self._static)
        app.router.add_get("/files/{file_id}", self._file)
        app.router.add_get("/socket", self._socket)
        app.on_shutdown.append(self._hang_up)
        return web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name", "index.html")
        # The name is looked up and never joined to a path, because it can have an encoded slash.
        resource = _static_files().get(name)
        if resource is None:
            raise web.HTTPNotFound
        content_type = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        return web.Response(body=resource.read_bytes(), content_type=content_type, headers=_HEADERS)

    async def _file(self, request: web.Request) -> web.Response:
        file = self.telegram.files.get(request.match_info["file_id"])
        if file is None:
            raise web.HTTPNotFound
        picture = picture_type(file.content)
        if picture is not None:
            return web.Response(body=file.content, content_type=picture, headers=_HEADERS)
        # Other files are downloads, whatever their type says: a browser must not open them in this page.
        disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        headers = _HEADERS | {"Content-Disposition": disposition}
        return web.Response(body=file.content, content_type=file.mime, headers=headers)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        # Without this check, any page in the same browser could open this socket.
        if urlsplit(request.headers.get("Origin", "")).netloc not in ("", request.host):
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await PageSession(self.telegram, self.person, self.panel, socket).run()
        finally:
            self._sockets.discard(socket)
        return socket

    async def _hang_up(self, _app: web.Application) -> None:
        closing = (socket.close(code=WSCloseCode.GOING_AWAY) for socket in tuple(self._sockets))
        await asyncio.gather(*closing)
