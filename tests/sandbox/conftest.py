"""Fixtures of the sandbox tests: both servers, and clients of them."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.sandbox.provider import ProviderServer, SandboxProvider
from bot.sandbox.telegram import Telegram, TelegramServer
from tests.sandbox.clients import ANN, Ask, AskText, Clock, ProviderClient


@pytest.fixture
def telegram() -> Telegram:
    """Return a sandbox Telegram with one person, Ann."""
    telegram = Telegram()
    telegram.person(ANN)
    return telegram


@pytest.fixture
async def server(telegram: Telegram) -> AsyncIterator[TelegramServer]:
    """Serve the Bot API."""
    async with TelegramServer(telegram) as server:
        yield server


@pytest.fixture
async def api(telegram: Telegram, server: TelegramServer) -> AsyncIterator[Bot]:
    """Return aiogram's client of the Bot API."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    async with Bot(telegram.token, session=session) as bot:
        yield bot


@pytest.fixture
def clock() -> Clock:
    """Return the provider's clock."""
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> SandboxProvider:
    """Return a provider with forty tg numbers at 0.50, and two accounts with a balance of 5."""
    provider = SandboxProvider(clock=clock)
    provider.open_account("alice", "5")
    provider.open_account("bob", "5")
    provider.set_stock("tg", 40, price="0.50")
    return provider


@pytest.fixture
def two_prices(provider: SandboxProvider) -> None:
    """Replace the tg numbers by five of viettel at 0.35 and two of mobifone at 0.40."""
    provider.set_stock("tg", 0, price="0.4")
    provider.set_stock("tg", 5, price="0.35", operator="viettel")
    provider.set_stock("tg", 2, operator="mobifone")


@pytest.fixture
async def provider_client(provider: SandboxProvider) -> AsyncIterator[ProviderClient]:
    """Serve the provider, and return a client."""
    async with ProviderServer(provider) as server, aiohttp.ClientSession() as session:
        yield ProviderClient(session, server.url)


@pytest.fixture
def ask(provider_client: ProviderClient) -> Ask:
    """Return a function that sends a request to the provider and returns the response."""
    return provider_client.ask


@pytest.fixture
def ask_text(provider_client: ProviderClient) -> AskText:
    """Return a function that sends a request to the provider and returns the text of the response."""
    return provider_client.ask_text
