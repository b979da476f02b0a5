"""The home screen: the balance, the active numbers, shortcuts with their prices, and the menu."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.concurrency import gather_fail_fast, or_none_after
from bot.domain import Activation, Favourite, Offer
from bot.favourites import Favourites, Shortcuts
from bot.telegram import country_names, keyboards, texts
from bot.telegram.callbacks import OpenScreen, Screen
from bot.telegram.context import Context
from bot.telegram.screens import ProgressiveScreen, ScreenContent

MAX_SHORTCUTS: Final = 4
"""Favourites and recent purchases on the home screen."""
MIN_FAVOURITES: Final = 2
"""Favourites that are shown before a recent purchase takes their place."""
MAX_PRICED_COUNTRIES: Final = 2
"""Countries whose prices the home screen requests; the prices of others are shown if they are cached."""
PRICES_TIMEOUT: Final = 3.0
"""Seconds that the prices may take; the screen is complete without them."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Dashboard:
    """Makes home screens."""

    accounts: Accounts
    steps: ActivationSteps
    status_checks: StatusChecks
    favourites: Favourites
    now: Callable[[], float]

    async def show(self, context: Context) -> None:
        """Show the home screen of a user with a key."""
        user_id = context.user.id
        shortcuts = shortened(await self.favourites.shortcuts(context.user))
        page = _HomePage(self, context, await self.steps.open_of(user_id), shortcuts)
        await context.reply.show_progressive(
            ProgressiveScreen(context.t, page.load, page.draw, OpenScreen(screen=Screen.HOME))
        )


def shortened(shortcuts: Shortcuts) -> Shortcuts:
    """Return the shortcuts that have a place on the home screen."""
    kept = shortcuts.favourites[: max(MIN_FAVOURITES, MAX_SHORTCUTS - len(shortcuts.recent))]
    return Shortcuts(kept[:MAX_SHORTCUTS], shortcuts.recent[: MAX_SHORTCUTS - len(kept)])


@dataclass(slots=True)
class _HomePage:
    """One home screen while its data is loading.

    Attributes:
        problem: why there is no balance, or None.
    """

    parts: Dashboard
    context: Context
    active: list[Activation]
    shortcuts: Shortcuts
    balance: Decimal | None = None
    problem: errors.ProviderError | None = field(default=None, init=False)

    async def load(self) -> None:
        """Load the balance and the prices at the same time."""
        await gather_fail_fast(self._load_balance(), self._load_prices())

    async def _load_balance(self) -> None:
        try:
            self.balance = await self.parts.accounts.balance(self.context.user)
            await self.parts.status_checks.resume_bound_key(self.context.user)
        except errors.ProviderError as error:
            self.problem = error
            log.debug("no balance: %s", type(error).__name__)

    async def _load_prices(self) -> None:
        catalog = self.context.catalog
        offered = (one.country for one in self._shown if catalog.is_offered(one.country))
        missing = [each for each in dict.fromkeys(offered) if catalog.lists.fresh_offers(each) is None]
        if missing:
            key = await self.parts.accounts.key_of(self.context.user)
            loads = (catalog.offers(key, country) for country in missing[:MAX_PRICED_COUNTRIES])
            await gather_fail_fast(*(or_none_after(PRICES_TIMEOUT, load) for load in loads))

    @property
    def _shown(self) -> list[Favourite | Activation]:
        return [*self.shortcuts.favourites, *self.shortcuts.recent]

    def _offer(self, one: Favourite | Activation) -> Offer | None:
        """Return the cached offer of a shortcut; None if there is no fresh one."""
        return (self.context.catalog.lists.fresh_offers(one.country) or {}).get(one.service)

    def draw(self, loading: bool) -> ScreenContent:
        """Return the screen. What is still loading has a placeholder."""
        t, now = self.context.t, int(self.parts.now())
        text = texts.home.screen(t, self.balance, len(self.active), self.problem, loading=loading)
        say = country_names.to_say(t, self.context.catalog)
        shortcuts = keyboards.favourites.priced_shortcuts(
            t, self.shortcuts, say, lambda one: texts.favourites.price(t, self._offer(one), loading=loading)
        )
        return text, keyboards.home.screen(t, self.active, now, shortcuts)
