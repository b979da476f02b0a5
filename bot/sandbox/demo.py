"""The demo: both sandbox servers and the chat page, and the settings by which the real bot uses them."""

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
Buy a number: it appears below.
Or type `@{USERNAME} tele`, as one can in any chat."""
NAME: Final = "SMS Activation"


class Demo:
    """Everything the bot needs in order to run without a token, a key, or the network.

    Attributes:
        settings: what the bot is to run with; they change when a switch moves the provider.
        url: where the page is.
    """

    def __init__(self, port: int = 8080) -> None:
        self._port = port
        self._stack = AsyncExitStack()
        self.provider = SandboxProvider(cancel_after=CANCEL_AFTER, lifetime=LIFETIME)
        self.provider.open_account(API_KEY, Decimal("12.50"))
        self.telegram = Telegram(username=USERNAME, name=NAME)
        self.panel = ControlPanel(self.provider, self.begin_anew)
        self._turn = asyncio.Event()
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
            "poll_interval": 1.0,
            "cancel_after": CANCEL_AFTER,
            "activation_lifetime": LIFETIME,
            "key_rate": 20.0,
            "log_level": "WARNING",
        }
        return self

    def next_turn(self) -> asyncio.Event:
        """Return an event that is set when the bot has to end and start anew, with the settings of then."""
        self._turn = asyncio.Event()
        return self._turn

    def begin_anew(self) -> None:
        """End the bot's turn."""
        self.settings["countries"] = "all" if self.panel.worldwide else VIETNAM
        self._turn.set()

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
