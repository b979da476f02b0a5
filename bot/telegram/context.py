"""What a handler needs to know about the update that it handles."""

from dataclasses import dataclass

from bot.catalog.catalog import Catalog
from bot.catalog.catalogs import Catalogs
from bot.catalog.search import ServiceSearch
from bot.domain import User
from bot.telegram.replies import Reply
from bot.telegram.translator import Translator


@dataclass(frozen=True, slots=True)
class Context:
    """The user of an update, their language, and the way to reply.

    Attributes:
        user: the user as stored; not stored yet if they have only blocked the bot or used inline mode.
        t: the translator of the user's language.
        reply: answers the update.
        catalogs: the catalogs of all providers on offer.
    """

    user: User
    t: Translator
    reply: Reply
    catalogs: Catalogs

    @property
    def catalog(self) -> Catalog:
        """The catalog of the user's provider."""
        return self.catalogs.for_user(self.user)

    @property
    def search(self) -> ServiceSearch:
        """The search of that catalog."""
        return self.catalogs.search_for(self.user)

    @property
    def text(self) -> str:
        """The text of the user's message without surrounding white space; empty if there is none."""
        message = self.reply.message
        return (message.text or "").strip() if message is not None else ""

    @property
    def has_key(self) -> bool:
        """Whether the user has bound an API key."""
        return self.user.key_id is not None
