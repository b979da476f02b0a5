"""Charges: finds out in the background what the provider took for a number that was bought."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.accounts.preferences import Preferences
from bot.activations import evidence
from bot.activations.status import StatusChecks
from bot.concurrency import or_none_after
from bot.domain import Activation
from bot.storage import activations, charges
from bot.storage.database import Database

BALANCE_TIMEOUT: Final = 5.0
"""Seconds to wait for the balance after a purchase."""


@dataclass(eq=False, slots=True, kw_only=True)
class Charges:
    """Reads the provider's list, or else the balance, after a purchase."""

    db: Database
    accounts: Accounts
    preferences: Preferences
    status_checks: StatusChecks
    now: Callable[[], float]

    async def find(self, activation: Activation) -> None:
        """Store what was charged for a number that was just bought, if that can be known.

        The balance is also read if the user wants a notice about a low balance.
        """
        try:
            if activation.charged is None and activation.listed_before is not None:
                await self.status_checks.read_list(activation.id, fresh=True)
                activation = await self.db.read(activations.get, activation.id)
            wants_balance = (await self.preferences.of(activation.user_id)).low_balance is not None
            if activation.charged is not None and not wants_balance:
                return
            charged = await or_none_after(BALANCE_TIMEOUT, self.by_balance(activation))
            if charged is not None and activation.charged is None:
                now = int(self.now())
                after = await self.db.write(charges.save, activation.id, charged, now)
                self.status_checks.notify_change(after)
        except (errors.KeyMissing, errors.ActivationGone):
            return  # the user has deleted the key, or all their data, meanwhile

    async def by_balance(self, activation: Activation) -> Decimal | None:
        """Return by how much the balance has fallen since before a purchase.

        None if it has not fallen, or if something else may have changed it; always None at a provider that
        charges when the code comes.

        Raises:
            KeyMissing: the API key was deleted.
            ProviderError: the balance cannot be had now.
        """
        after = await self.accounts.balance_of_key(activation.user_id, activation.key_id)
        before = activation.balance_before
        late = self.accounts.gateways.of(activation.provider).profile.charges == "code"
        if late or before is None or after >= before:
            return None
        since, now = activation.ordered_at - evidence.MAX_AGE, int(self.now())
        moved = await self.db.read(charges.account_moved_since, activation, since, now)
        return None if moved else before - after
