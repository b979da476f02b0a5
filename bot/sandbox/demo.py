"""The demo: both sandbox servers and the chat page, and the settings by which the real bot uses them."""

import asyncio
import base64
import os
import random
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

import phonenumbers

from bot import data
from bot.sandbox.page import PageServer, RentedPhone, Switch
from bot.sandbox.provider import ClosedNumberError, FaultKind, Number, Provider, ProviderServer, State
from bot.sandbox.telegram import Telegram, TelegramServer

API_KEY: Final = "demo7f3a9c51e8b24d60"
CANCEL_AFTER: Final = 20
LIFETIME: Final = 1200
SMS_AFTER: Final = (4.0, 8.0)
"""Seconds after which an SMS arrives by itself."""
HINT: Final = f"""Try it: nothing here is real
Press START in the chat.
Send this demo key: `{API_KEY}`
Buy a number: it appears below."""
NAME: Final = "SMS Activation"
_STATES: Final = {
    State.WAITING: "Waiting for an SMS",
    State.RECEIVED: "SMS received",
    State.WAITING_AGAIN: "Waiting for another",
    State.FINISHED: "Completed",
    State.CANCELLED: "Cancelled",
    State.EXPIRED: "Expired",
}


class Drawer:
    """The provider's side of the demo: the rented numbers as phones, and the switches."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._names = data.service_names()
        self._random = random.Random()  # noqa: S311  # the codes of a demo open nothing
        self._by_itself = True
        self._promised: set[tuple[str, int]] = set()
        self._listeners: list[Callable[[], object]] = []
        self._outage = False
        provider.on_change(self._on_change)

    def rented(self) -> Sequence[RentedPhone]:
        """Return the phones to show, newest first."""
        return [self._phone(number) for number in reversed(self._provider.numbers.values())]

    def deliver(self, phone_id: str, text: str) -> None:
        """Let an SMS arrive at a phone; at one that has been closed nothing arrives."""
        try:
            self._provider.deliver(phone_id, text)
        except (ClosedNumberError, KeyError):
            self._changed()

    def switches(self) -> Sequence[Switch]:
        """Return the switches to show."""
        return [
            Switch(
                "by_itself",
                "An SMS arrives by itself",
                self._by_itself,
                "Within seconds. Turn it off to write it yourself, or to try Cancel.",
            ),
            Switch(
                "outage",
                "The provider is down",
                self._outage,
                "It answers nothing but errors. No number and no SMS is lost.",
            ),
        ]

    def flip(self, name: str, value: bool) -> None:  # the page's protocol
        """Turn a switch on or off."""
        match name:
            case "by_itself":
                self._by_itself = value
                self._promise_all()
            case "outage":
                self._outage = value
                self._provider.heal()
                if value:
                    self._provider.fail(FaultKind.STATUS, status=503, times=None)
        self._changed()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back whenever a phone or a switch has changed; the answer ends it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _phone(self, number: Number) -> RentedPhone:
        return RentedPhone(
            id=number.id,
            phone=_pretty(number.phone),
            service_name=self._names.get(number.service, number.service),
            operator=number.operator.replace("_", " ").title(),
            state=_STATES[number.state],
            messages=list(number.messages),
            can_receive=number.state.is_open,
        )

    def _on_change(self) -> None:
        self._promise_all()
        self._changed()

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()

    def _promise_all(self) -> None:
        """Have an SMS arrive, once, at every phone that waits for one."""
        if not self._by_itself:
            return
        for number in self._provider.numbers.values():
            waits = number.state in (State.WAITING, State.WAITING_AGAIN)
            promise = (number.id, len(number.messages))
            if waits and promise not in self._promised:
                self._promised.add(promise)
                loop = asyncio.get_running_loop()
                loop.call_later(self._random.uniform(*SMS_AFTER), self._keep, promise)

    def _keep(self, promise: tuple[str, int]) -> None:
        number_id, messages = promise
        number = self._provider.numbers.get(number_id)
        self._promised.discard(promise)
        if self._by_itself and number and number.state.is_open and len(number.messages) == messages:
            self.deliver(number_id, f"{self._random.randrange(10**6):06}")


def _pretty(phone: str) -> str:
    """Return a phone number in groups, as people write it."""
    try:
        parsed = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return f"+{phone}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class Demo:
    """Everything the bot needs in order to run without a token, a key, or the network."""

    def __init__(self, port: int = 8080) -> None:
        self._port = port
        self._stack = AsyncExitStack()
        self.provider = Provider(cancel_after=CANCEL_AFTER, lifetime=LIFETIME)
        self.provider.open_account(API_KEY, Decimal("12.50"))
        self.telegram = Telegram(username="demo_bot")
        self.telegram.profile.names[""] = NAME
        self.drawer = Drawer(self.provider)
        self.settings: dict[str, Any] = {}
        self.url = ""

    async def __aenter__(self) -> Self:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bot-demo-"))
        provider = await self._stack.enter_async_context(ProviderServer(self.provider))
        telegram = await self._stack.enter_async_context(TelegramServer(self.telegram))
        page = await self._stack.enter_async_context(
            PageServer(self.telegram, self.drawer, port=self._port, hint=HINT)
        )
        self.url = page.url
        self.settings = {
            "bot_token": self.telegram.token,
            "sealing_keys": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "provider_url": provider.url,
            "telegram_api_url": telegram.url,
            "database_path": Path(folder) / "bot.db",
            "countries": "10",
            "poll_interval": 1.0,
            "cancel_after": CANCEL_AFTER,
            "activation_lifetime": LIFETIME,
            "key_rate": 20.0,
            "log_level": "WARNING",
        }
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
