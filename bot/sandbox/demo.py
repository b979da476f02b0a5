"""The demo: both sandbox servers, the chat page, and the settings of the bot that uses them."""

import asyncio
import base64
import os
import tempfile
from contextlib import AsyncExitStack, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from bot.sandbox.control_panel import ControlPanel
from bot.sandbox.page import PageServer
from bot.sandbox.provider import ProviderServer, SandboxProvider
from bot.sandbox.switches import AT_HOME, DemoClock, Switches
from bot.sandbox.telegram import Telegram, TelegramServer

CANCEL_AFTER: Final = 20
LIFETIME: Final = 1200
API_KEY: Final = "demo7f3a9c51e8b24d60"
PERSON: Final = 1001
"""The id of the person who uses the page."""
USERNAME: Final = "demo_bot"
NAME: Final = "SMS Activation"
PORTS: Final = range(8080, 8100)
"""The ports of the page: the first free one is taken."""


class Demo:
    """The servers that the bot needs to run without a real token, a real key and the network.

    Attributes:
        settings: The settings of the bot; a switch changes them.
        clock: The wall clock of the bot and of both servers; a switch moves it.
        url: The URL of the page.
    """

    def __init__(self, port: int | None = None) -> None:
        """Prepare the demo.

        Args:
            port: The port of the page; None takes the first free one of `PORTS`, 0 any free one.
        """
        self._ports = PORTS if port is None else (port,)
        self._stack = AsyncExitStack()
        self.clock = DemoClock()
        self.provider = SandboxProvider(
            clock=self.clock, cancel_after=CANCEL_AFTER, lifetime=LIFETIME, dialect=AT_HOME
        )
        self.provider.open_account(API_KEY, Decimal("12.50"))
        self.telegram = Telegram(clock=self.clock, username=USERNAME, name=NAME)
        self.switches = Switches(self.provider, self.clock, self.begin_anew)
        self.panel = ControlPanel(self.provider, self.switches, self.telegram.person(PERSON), API_KEY)
        self._run_ends = asyncio.Event()
        self.settings: dict[str, Any] = {}
        self.url = ""

    async def __aenter__(self) -> Self:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bot-demo-"))
        provider = await self._stack.enter_async_context(ProviderServer(self.provider))
        telegram = await self._stack.enter_async_context(TelegramServer(self.telegram))
        page = await self._open_page()
        self.url = page.url
        self.settings = {
            "bot_token": self.telegram.token,
            "sealing_keys": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "provider_url": provider.url,
            "telegram_api_url": telegram.url,
            "database_path": Path(folder) / "bot.db",
            "currency": "USD",
            "poll_interval": 1.0,
            "cancel_after": CANCEL_AFTER,
            "activation_lifetime": LIFETIME,
            "key_rate": 20.0,
            "log_level": "WARNING",
            **self.switches.bot_settings,
        }
        return self

    async def _open_page(self) -> PageServer:
        """Start the page on the first free port.

        Raises:
            OSError: No port can be used; the error is that of the last one.
        """
        *ports, last = self._ports
        for port in ports:
            with suppress(OSError):
                return await self._stack.enter_async_context(self._page(port))
        return await self._stack.enter_async_context(self._page(last))

    def _page(self, port: int) -> PageServer:
        return PageServer(self.telegram, self.panel, person_id=PERSON, port=port)

    def next_turn(self) -> asyncio.Event:
        """Return the event that ends the next run of the bot, which uses the settings of that time."""
        self._run_ends = asyncio.Event()
        return self._run_ends

    def begin_anew(self) -> None:
        """End the current run of the bot, so that it restarts with new settings."""
        self.settings |= self.switches.bot_settings
        self._run_ends.set()

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
