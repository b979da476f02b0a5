"""Questions that the user answers by a reply; the bot recognises them by their text and stores nothing."""

import re

from aiogram import Bot
from aiogram.filters import BaseFilter
from aiogram.types import Message

from bot.accounts.preferences import Preference
from bot.telegram import texts
from bot.telegram.translations import Translations

TYPED = (
    Preference.DAY_LIMIT,
    Preference.PRICE_LIMIT,
    Preference.LOW_BALANCE,
    Preference.PREFIXES,
)
"""The settings whose value is typed."""


def question_of(message: Message, bot: Bot) -> str:
    """Return the text of the bot's message that a message replies to; empty if there is none."""
    asked = message.reply_to_message
    if asked is None or asked.from_user is None or asked.from_user.id != bot.id:
        return ""
    return asked.text or ""


class AnswersSetting(BaseFilter):
    """Passes a reply to the bot's question for the value of a setting, in any language."""

    def __init__(self, translations: Translations) -> None:
        self._prompts = [
            (texts.preferences.prompt(t, preference), preference)
            for t in translations.all()
            for preference in TYPED
        ]

    async def __call__(self, message: Message, bot: Bot) -> bool | dict[str, Preference]:
        """Return the setting that was asked for, as `asked`."""
        question = question_of(message, bot)
        for prompt, preference in self._prompts:
            if question.endswith(prompt):
                return {"asked": preference}
        return False


class AnswersNote(BaseFilter):
    """Passes a reply to the bot's question for a note, in any language."""

    def __init__(self, translations: Translations) -> None:
        mark = "MARK"
        prompts = (re.escape(str(texts.notes.prompt(t, mark))) for t in translations.all())
        endings = "|".join(prompt.replace(mark, r"(\d{1,18})") for prompt in prompts)
        self._prompt = re.compile(rf"(?:{endings})\Z")

    async def __call__(self, message: Message, bot: Bot) -> bool | dict[str, int]:
        """Return the id of the number that the note is for, as `noted`."""
        found = self._prompt.search(question_of(message, bot))
        return {"noted": int(next(filter(None, found.groups())))} if found else False
