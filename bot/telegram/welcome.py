"""The welcome of a user without an API key, with the link that they have followed."""

from dataclasses import dataclass

from bot.accounts.accounts import Accounts
from bot.telegram import keyboards, texts
from bot.telegram.context import Context
from bot.telegram.screens import ScreenContent
from bot.telegram.translations import LANGUAGES
from bot.telegram.translator import joined


@dataclass(eq=False, slots=True)
class Welcome:
    """Draws the welcome."""

    accounts: Accounts

    async def draw(self, context: Context) -> ScreenContent:
        """Return the welcome. It offers the languages until one was chosen.

        If several providers are on offer, it asks for the provider first.
        """
        t, user = context.t, context.user
        several = len(self.accounts.gateways) > 1
        profile = self.accounts.profile_for_key(user)
        link = await self.accounts.start_link(user.id)
        later = texts.deep_links.opened_later(t) if link else None
        languages = {} if user.language_chosen else LANGUAGES
        if profile is None:
            profiles = [gateway.profile for gateway in self.accounts.gateways]
            text = joined(texts.api_key.welcome_to_several(t), later, by="\n\n")
            return text, keyboards.api_key.choose_provider(t, profiles, languages)
        name = profile.name if several else profile.host
        text = joined(
            texts.api_key.welcome(t, name, plain_http=profile.unencrypted),
            texts.api_key.only_to(t, profile.host or profile.name) if several else None,
            later,
            by="\n\n",
        )
        return text, keyboards.api_key.welcome(t, profile.key_link, languages, several=several)
