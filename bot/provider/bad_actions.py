"""The meaning of BAD_ACTION at providers that send it for more than an absent action."""

from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import SecretStr

from bot import errors
from bot.provider.budget import Budget
from bot.provider.transport import PURCHASES, Reply, Transport

MIN_ANSWERS: Final = 3
MIN_SPREAD: Final = 120.0
"""How many such answers to ``getBalance`` over how many seconds show that a key that worked is revoked."""
_BALANCE: Final = "getBalance"


@dataclass(slots=True)
class BadActions:
    """Finds out what BAD_ACTION means by asking for the balance, which every provider tells.

    Attributes:
        meaning: what the profile says: an absent action, a failure of the server, or anything.
    """

    meaning: Literal["absent", "trouble", "anything"]
    budget: Budget
    transport: Transport
    _doubts: dict[SecretStr, tuple[float, int]] = field(default_factory=dict)

    def note_worked(self, key: SecretStr) -> None:
        """Note a good answer to a request with a key."""
        self._doubts.pop(key, None)

    async def explain(self, key: SecretStr, action: str, error: errors.UnsupportedAction) -> Reply:
        """Raise what BAD_ACTION means as an answer to an action.

        Returns:
            The answer to a second request for a balance, if that is what failed and it has worked now.

        Raises:
            errors.KeyRefused: the API key does not work.
            errors.UnknownActivation: the provider does not know the number of a status check.
            errors.ServerTrouble: the server has failed.
            errors.UnsupportedAction: the action is absent.
        """
        if self.meaning == "absent":
            raise error
        if self.meaning == "trouble" or action in PURCHASES:
            raise errors.ServerTrouble("BAD_ACTION") from None
        reply = await self._balance(key, is_first_failed=action == _BALANCE)
        if action == _BALANCE:
            return reply
        if action == "getStatus":
            raise errors.UnknownActivation from None
        if action == "setStatus":
            raise error
        raise errors.ServerTrouble("BAD_ACTION") from None

    async def _balance(self, key: SecretStr, *, is_first_failed: bool) -> Reply:
        """Return the answer to a request for the balance, which shows that the key works.

        Raises:
            errors.KeyRefused: the key is refused: one that never worked, twice; another one, for minutes.
            errors.ServerTrouble: nothing is known of the key.
        """
        has_worked = self.budget.is_accepted(key)
        if is_first_failed and self._is_revoked(key):
            raise errors.KeyRefused from None
        for _ in range((1 if has_worked else 2) - is_first_failed):
            try:
                return await self.transport.request(key, _BALANCE)
            except errors.UnsupportedAction:
                if self._is_revoked(key):
                    raise errors.KeyRefused from None
            except errors.KeyRefused:
                raise
            except errors.ProviderError as failure:
                raise errors.ServerTrouble(type(failure).__name__) from None
        if has_worked:
            raise errors.ServerTrouble("BAD_ACTION")
        raise errors.KeyRefused

    def _is_revoked(self, key: SecretStr) -> bool:
        """Count a failed request for the balance; return whether a key that worked is revoked by now."""
        now = self.budget.clock()
        since, count = self._doubts.get(key, (now, 0))
        self._doubts[key] = since, count + 1
        return count + 1 >= MIN_ANSWERS and now - since >= MIN_SPREAD
