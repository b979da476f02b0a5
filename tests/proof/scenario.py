"""A scenario: both servers, the program between them, people who use it, and SMS that arrive."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

from bot.accounts.vault import Vault
from bot.sandbox.provider import Dialect, Number, NumberState, ProviderServer, SandboxProvider
from bot.sandbox.telegram import Message, Telegram, TelegramServer
from tests.conftest import Clock
from tests.program import Program
from tests.proof.audit import Audit, find_secrets
from tests.proof.findings import Findings
from tests.proof.people import SERVICES, Customer

CONSTANTS: Final = {
    "bot.accounts.bind_limiter.MAX_OF_ALL": 2000,
    "bot.accounts.bind_limiter.MAX_OF_USER": 200,
    "bot.activations.steps.CANCEL_RETRY": 1,
    "bot.runtime.RECONNECT_PAUSE": 0.2,
    "bot.delivery.rate_limits.ALL_RATE": 2000,
    "bot.delivery.rate_limits.CHAT_BURST": 200,
    "bot.delivery.rate_limits.CHAT_RATE": 200,
    "bot.delivery.attempts.LOST_PAUSES": [0.5],
    "bot.delivery.attempts.MIN_BACKOFF": 0.05,
    "bot.delivery.attempts.MAX_BACKOFF": 0.5,
    "bot.delivery.message_deletion.MessageDeletion.retry_pauses": [0.2, 0.5, 1],
    "bot.activations.reconciliation.SETTLED_AFTER": 3,
    "bot.activations.schedule.CODE_INTERVAL": 0.3,
    "bot.activations.schedule.DOUBT_INTERVAL": 0.5,
    "bot.activations.schedule.FINAL_CHECK_DELAY": 0.3,
    "bot.activations.schedule.MAX_BACKOFF": 0.5,
    "bot.activations.schedule.OVERTIME_INTERVAL": 0.3,
    "bot.activations.schedule.REFUSED_KEY_INTERVAL": 0.5,
    "bot.activations.schedule.UNCLEAR_PAUSES": [0.3, 0.5],
    "bot.telegram.dispatcher.REQUEST_TIMEOUT": 1.5,
}
"""Constants of the program that are shortened here: delays in seconds, and rates per second."""
TIMEOUTS: Final = {"read_timeout": 0.8, "purchase_timeout": 1.5, "connect_timeout": 1.0}
LIFETIME: Final = 1200
READING_TIME: Final = 1.0
"""Seconds for which a page must be shown before it obeys a tap, as in production."""
BUSY_TIMEOUT: Final = 0.5
"""Seconds that the program waits for a lock of another process."""
_WAITING: Final = (NumberState.WAITING, NumberState.WAITING_AGAIN)


class Scenario:
    """The servers and people around one program; the seed determines all random choices.

    Attributes:
        clock: the clock of the provider; the program starts with the same time.
        stranger: another provider; nothing may be sent to it.
        stranger_url: its address, to which the provider may redirect a request.
    """

    def __init__(
        self,
        program: Program,
        folder: Path,
        seed: str,
        dialect: Dialect,
        *,
        people: int,
        reading_time: float = READING_TIME,
        **settings: str,
    ) -> None:
        self.program = program
        self.folder = folder
        self.seed = seed
        self.rng = random.Random(f"scenario {seed}")  # noqa: S311  # repeatable, not secret
        self.clock = Clock()
        self.provider = SandboxProvider(clock=self.clock, cancel_after=1, lifetime=LIFETIME, dialect=dialect)
        self.stranger = SandboxProvider()
        self.stranger_url = ""
        self.telegram = Telegram(clock=self.clock)
        self.telegram.limits.lift()
        for service in SERVICES:
            self.provider.set_stock(service, 100_000, price="0.01")
        self.customers = [self._customer(number) for number in range(1, people + 1)]
        if people > 3:
            self.customers[3].key = self.customers[2].key  # two people with one account
        for customer in self.customers:
            customer.neighbours = [other for other in self.customers if other is not customer]
        self.customers[0].takes_steps = False
        self.audit = Audit(self.provider, self.telegram, self.customers, reading_time)
        self.deaths = self.audit.records.deaths
        self.order: dict[str, Any] = {
            "folder": str(folder),
            "output": str(folder / "log"),
            "errors": str(folder / "log"),
            "steps": True,
            "constants": CONSTANTS | {"bot.app.MIN_READING_TIME": reading_time},
            "busy timeout": BUSY_TIMEOUT,
            "timeouts": TIMEOUTS,
            "pauses": 0.02,
        }
        self.environment = {
            "BOT_TOKEN": self.telegram.token,
            "SEALING_KEYS": Vault.new_sealing_key(),
            "DATABASE_PATH": str(folder / "bot.db"),
            "POLL_INTERVAL": "0.1",
            "KEY_RATE": "500",
            "PROVIDER_RATE": "2000",
            "CANCEL_AFTER": "1",
            "ACTIVATION_LIFETIME": str(LIFETIME),
            "MAX_ACTIVE": "12",
        } | settings
        self._codes = count(self.rng.randrange(100_000, 500_000))
        self._stack = AsyncExitStack()
        self._lives: list[asyncio.Task[None]] = []

    def _customer(self, number: int) -> Customer:
        key = f"{self.rng.getrandbits(128):032x}"
        self.provider.open_account(key, "1000")
        return Customer(self.telegram.person(number), key, f"{self.seed} {number}")

    async def __aenter__(self) -> Self:
        provider = await self._stack.enter_async_context(ProviderServer(self.provider))
        telegram = await self._stack.enter_async_context(TelegramServer(self.telegram))
        stranger = await self._stack.enter_async_context(ProviderServer(self.stranger))
        self.stranger_url = stranger.url
        self.environment |= {"PROVIDER_URL": provider.url, "TELEGRAM_API_URL": telegram.url}
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_people()
        self.program.kill()
        if self.program.running:
            await self.program.ended()
        await self._stack.aclose()

    async def start(self, **order: Any) -> None:
        """Start the program; `order` overrides the order of the scenario."""
        ahead = {"ahead": self.clock.ahead}
        await self.program.start(self.order | {"environment": self.environment} | ahead | order)

    async def start_listening(self, **order: Any) -> None:
        """Start the program and wait until it asks for updates."""
        before = len(self.telegram.called("getUpdates"))
        await self.start(**order)
        await self.telegram.until_called("getUpdates", before + 1, timeout=30)

    async def bind_keys(self) -> None:
        """Bind the key of every second person, without faults; the others bind theirs later."""
        await self.start_listening()
        for customer in self.customers[::2]:
            await customer.bind()
        await self.program.stop()

    def live(self, pace: float = 0.1) -> None:
        """Let all people use the bot and SMS arrive, until `stop_people`."""
        self._lives = [asyncio.create_task(customer.live(pace)) for customer in self.customers]
        self._lives.append(asyncio.create_task(self._send_codes(pace)))

    async def stop_people(self) -> None:
        """Stop all people and the arriving SMS."""
        for life in self._lives:
            life.cancel()
        ended = await asyncio.gather(*self._lives, return_exceptions=True)
        self._lives = []
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    async def _send_codes(self, pace: float) -> None:
        while True:
            await asyncio.sleep(pace * self.rng.uniform(0.2, 1.0))
            waiting = [number for number in self.provider.numbers.values() if number.state in _WAITING]
            if waiting:
                self.send_code(self.rng.choice(waiting))

    def send_code(self, number: Number) -> None:
        """Let an SMS with a new code arrive."""
        self.provider.deliver(number.id, str(next(self._codes)))

    async def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Wait until a condition of the servers holds; return whether it did in time."""
        changed = asyncio.Event()
        ends = [server.on_change(changed.set) for server in (self.provider, self.telegram)]
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    changed.clear()
                    await changed.wait()
                    await asyncio.sleep(0.1)  # many changes come together, and checking is expensive
        except TimeoutError:
            return bool(condition())
        finally:
            for end in ends:
                end()
        return True

    async def catch_up(self) -> None:
        """Run the program until it has delivered every code, then stop it."""
        await self.start_listening()
        await self.until(lambda: not self.audit.missing_codes(), 10)
        await self.program.stop()

    async def settle(self, seconds: float = 25) -> Findings:
        """Run the program without faults until nothing is in progress; return the final audit.

        The bot must know every number that its owner knows: one more SMS to each of them must be delivered.
        Then the time of all numbers ends, and every card must say how.
        """
        await self.stop_people()
        self.provider.heal()
        self.telegram.heal()
        for customer in self.customers:
            customer.person.unblock()
        if not self.program.running:
            await self.start_listening()
        await self.until(lambda: not len(self.telegram.updates), seconds)
        await asyncio.gather(*(customer.until_handled() for customer in self.customers))
        await self.until(lambda: not self.audit.check(settled=True).wrong, seconds)
        if (found := self.audit.check(settled=True)).wrong:
            return found
        awaited = self._send_last_codes()
        await self.until(lambda: all(number.shown == len(number.messages) for _, number in awaited), seconds)
        for customer, number in awaited:
            if number.shown < len(number.messages):
                found.add(customer, f"number {number.id} is forgotten: its status is not checked")
        if found.wrong:
            return found
        await self.until(lambda: not self.audit.check(settled=True).wrong, seconds)
        if status := await self.program.stop():
            found.add(self.customers[0], f"after SIGTERM the program ends with {status}")
        await self.until(lambda: not self._key_messages(), seconds)
        self.clock.ahead += 2 * LIFETIME  # some times were stored by a wrong clock
        await self.start_listening()
        await self.until(lambda: not self.audit.check(settled=True).wrong and not self._left_open(), seconds)
        ended = self.audit.check(settled=True)
        for customer, text in self._left_open():
            ended.add(customer, f"a card is left open: {text!r}")
        await self.program.stop()
        self._check_secrets(ended)
        ended.wrong += found.wrong
        ended.totals.kills = len(self.deaths)
        return ended

    def _send_last_codes(self) -> list[tuple[Customer, Number]]:
        known = [
            (customer, number)
            for customer in self.customers
            for number in self.audit.numbers(customer)
            if self.audit.owner(number) is customer and number.state in _WAITING
        ]
        for _, number in known:
            self.send_code(number)
        return known

    def _left_open(self) -> list[tuple[Customer, str]]:
        """Return the cards that do not say how their number ended, although its time is over."""
        return [
            (customer, card)
            for customer in self.customers
            for number in self.audit.numbers(customer)
            if self.audit.owner(number) is customer
            and (card := self.audit.card(number))
            and not self.audit.says_the_end(card)
        ]

    def _check_secrets(self, found: Findings) -> None:
        """Check that the keys are in no file and no chat, and went to their provider only."""
        keys = {customer.key for customer in self.customers}
        secrets = [self.telegram.token.partition(":")[2], self.environment["SEALING_KEYS"], *keys]
        for name in find_secrets(self.folder, secrets):
            found.add(self.customers[0], f"a secret is in {name}")
        for customer, message in self._key_messages():
            found.add(customer, f"message {message.message_id} has a secret")
        if self.stranger.requests:
            found.add(self.customers[0], f"another server was asked: {self.stranger.requests}")

    def _key_messages(self) -> list[tuple[Customer, Message]]:
        """Return the messages with a key that are still in a chat, though the bot knew of them."""
        return [
            (customer, message)
            for customer in self.customers
            for message in customer.person.messages
            if any(other.key in message.text for other in self.customers)
            and not self.audit.records.was_forgotten(message.drawn_at)
        ]

    def check(self) -> Findings:
        """Check what must hold at any time."""
        return self.audit.check(settled=False)
