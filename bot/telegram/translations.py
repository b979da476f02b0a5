"""Loads the translations at start, and finds the translator for a user's language."""

import gettext
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot import locales
from bot.domain import User
from bot.telegram.translator import SOURCE_LANGUAGE, Translator

LANGUAGES: Final = {"en": "English", "vi": "Tiếng Việt", "ru": "Русский"}
"""Language code to the language's own name, in the order of the buttons."""


class Translations:
    """The translators of all languages."""

    def __init__(self, currency: str = "", currencies: Mapping[str, str] | None = None) -> None:
        """Load the translations.

        Args:
            currency: printed after amounts of a provider that is not known.
            currencies: id of a provider → its currency.
        """
        self._translators = {
            language: Translator(language, _catalog(language), currency, currencies=currencies or {})
            for language in LANGUAGES
        }

    def all(self) -> list[Translator]:
        """Return every translator, English first."""
        return list(self._translators.values())

    def find(self, language: str | None) -> Translator:
        """Return the translator for a language code such as ``vi`` or ``ru-RU``; English by default."""
        code = (language or "").replace("_", "-").split("-")[0].lower()
        return self._translators.get(code) or self._translators[SOURCE_LANGUAGE]

    def of(self, user: User) -> Translator:
        """Return the translator for a user's language and time zone, with the currency of their provider."""
        return replace(self.find(user.language), zone=user.zone).at(user.provider)


def _catalog(language: str) -> gettext.NullTranslations:
    if language == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    compiled = BytesIO()
    source = files(locales).joinpath(f"{language}.po").read_bytes()
    write_mo(compiled, read_po(BytesIO(source), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
