"""The base class of the sandbox's HTTP servers: start on a loopback address, and stop."""

from types import TracebackType
from typing import ClassVar, Self

from aiohttp import web


class LoopbackServer:
    """An HTTP server; use it as an async context manager.

    A server that is started again keeps its port.

    Attributes:
        path: The path of the server's URL.
    """

    path: ClassVar[str] = ""

    def __init__(self, host: str, port: int) -> None:
        """Prepare the server.

        Args:
            host: The address to listen on.
            port: The port; 0 chooses a free one at the start.
        """
        self._host = host
        self._port = port
        self._runner: web.BaseRunner | None = None

    @property
    def url(self) -> str:
        """The URL of the server; the port is known after the start."""
        return f"http://{self._host}:{self._port}{self.path}"

    async def __aenter__(self) -> Self:
        self._runner = self._make_runner()
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def _make_runner(self) -> web.BaseRunner:
        """Return a new runner for the server's handlers."""
        raise NotImplementedError
