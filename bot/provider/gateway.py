"""Gateways: the running clients of the providers on offer, one each, so that no limit or pause is shared."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from pydantic import SecretStr

from bot.provider.address import address
from bot.provider.budget import Budget
from bot.provider.client import ProviderClient
from bot.provider.profiles import Profile


@dataclass(frozen=True, slots=True, eq=False)
class Gateway:
    """One provider: its facts, its client, and the rate budget of its host."""

    profile: Profile
    budget: Budget
    client: ProviderClient

    @property
    def id(self) -> str:
        """The id of the provider, which the rows of the database carry."""
        return self.profile.id

    @property
    def address(self) -> str:
        """Where API keys are sent, as it is sealed with them."""
        return address(self.profile.url)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key in plain form, with the gateway of its provider, through which alone it is sent."""

    gateway: Gateway
    secret: SecretStr

    @property
    def provider(self) -> str:
        """The id of its provider."""
        return self.gateway.id


class Gateways:
    """The gateways by the ids of their profiles, in their order; leaving the context closes them."""

    def __init__(
        self, profiles: Sequence[Profile], clock: Callable[[], float], *, referral: str | None = None
    ) -> None:
        """Create one gateway for each profile.

        Args:
            profiles: at least one profile.
            clock: returns monotonic seconds.
            referral: a referral id to send with each purchase.
        """
        self._gateways = {
            profile.id: _gateway(profile, Budget(profile.key_rate, profile.host_rate, clock), referral)
            for profile in profiles
        }
        self._stack = AsyncExitStack()

    def of(self, provider_id: str) -> Gateway:
        """Return the gateway of a provider.

        Raises:
            KeyError: the provider is not on offer.
        """
        return self._gateways[provider_id]

    def find(self, provider_id: str) -> Gateway | None:
        """Return the gateway of a provider, or None if it is not on offer."""
        return self._gateways.get(provider_id)

    @property
    def first(self) -> Gateway:
        """The gateway of the first provider on offer."""
        return next(iter(self))

    def __iter__(self) -> Iterator[Gateway]:
        return iter(self._gateways.values())

    def __len__(self) -> int:
        return len(self._gateways)

    async def __aenter__(self) -> Self:
        for gateway in self:
            await self._stack.enter_async_context(gateway.client)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


def _gateway(profile: Profile, budget: Budget, referral: str | None) -> Gateway:
    return Gateway(profile, budget, ProviderClient(profile, budget, referral=referral))
