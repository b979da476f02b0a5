"""The demo: both sandbox servers, the chat page, and the settings of the bot that uses them."""

import asyncio
import base64
import os
import tempfile
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from bot.sandbox.control_panel import ControlPanel
from bot.sandbox.page import PageServer
from bot.sandbox.provider import ProviderServer, SandboxProvider
from bot.sandbox.telegram import Telegram, TelegramServer

API_KEY: Final = "demo7f3a9c51e8b24d60"
USERNAME: Final = "demo_bot"
VIETNAM: Final = "10"
CANCEL_AFTER: Final = 20
LIFETIME: Final = 1200
HINT: Final = f"""Try it: nothing here is real
Press START in the chat.
Send this demo key: `{API_KEY}`
Buy a number. It appears below.
Or type `@{USERNAME} tele`. This works in any chat."""
NAME: Final = "SMS Activation"


class Demo:
    """The servers that the bot needs to run without a real token, a real key and the network.

    Attributes:
        settings: The settings of the bot; they change when a switch changes the provider's countries.
        url: The URL of the page.
    """

    def __init__(self, port: int = 8080) -> None:
        self._port = port
        self._stack = AsyncExitStack()
        self.provider = SandboxProvider(cancel_after=CANCEL_AFTER, lifetime=LIFETIME)
        self.provider.open_account(API_KEY, Decimal("12.50"))
        self.telegram = Telegram(username=USERNAME, name=NAME)
        self.panel = ControlPanel(self.provider, self.begin_anew)
        self._run_ends = asyncio.Event()
        self.settings: dict[str, Any] = {}
        self.url = ""

    async def __aenter__(self) -> Self:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bot-demo-"))
        provider = await self._stack.enter_async_context(ProviderServer(self.provider))
        telegram = await self._stack.enter_async_context(TelegramServer(self.telegram))
        page = await self._stack.enter_async_context(
            PageServer(self.telegram, self.panel, port=self._port, hint=HINT)
        )
        self.url = page.url
        self.settings = {
            "bot_token": self.telegram.token,
            "sealing_keys": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "provider_url": provider.url,
            "telegram_api_url": telegram.url,
            "database_path": Path(folder) / "bot.db",
            "countries": VIETNAM,
            "currency": "USD",
            "poll_interval": 1.0,
            "cancel_after": CANCEL_AFTER,
            "activation_lifetime": LIFETIME,
            "key_rate": 20.0,
            "log_level": "WARNING",
        }
        return self

    def next_turn(self) -> asyncio.Event:
        """Return the event that ends the next run of the bot, which uses the settings of that time."""
        self._run_ends = asyncio.Event()
        return self._run_ends

    def begin_anew(self) -> None:
        """End the current run of the bot, so that it restarts with new settings."""
        self.settings["countries"] = "all" if self.panel.worldwide else VIETNAM
        self._run_ends.set()

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
