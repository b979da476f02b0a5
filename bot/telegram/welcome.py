"""The welcome of a user without an API key, with the link that they have followed."""

from dataclasses import dataclass

from bot.accounts.accounts import Accounts
from bot.settings import Settings
from bot.telegram import keyboards, texts
from bot.telegram.context import Context
from bot.telegram.screens import ScreenContent
from bot.telegram.translations import LANGUAGES
from bot.telegram.translator import joined


@dataclass(eq=False, slots=True)
class Welcome:
    """Draws the welcome."""

    accounts: Accounts
    settings: Settings

    async def draw(self, context: Context) -> ScreenContent:
        """Return the welcome. It offers the languages until one was chosen."""
        t, settings = context.t, self.settings
        link = await self.accounts.start_link(context.user.id)
        text = joined(
            texts.api_key.welcome(t, settings.provider_name, plain_http=settings.plain_http),
            texts.deep_links.opened_later(t) if link else None,
            by="\n\n",
        )
        languages = {} if context.user.language_chosen else LANGUAGES
        return text, keyboards.api_key.welcome(t, settings.key_page, languages)
