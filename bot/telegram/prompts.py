"""Questions that wait for a typed answer; they are known by their text, and nothing is remembered."""

from aiogram import Bot
from aiogram.filters import BaseFilter
from aiogram.types import Message

from bot.accounts.preferences import Preference
from bot.telegram import texts
from bot.telegram.translations import Translations

ASKED_FOR = (
    Preference.DAY_LIMIT,
    Preference.PRICE_LIMIT,
    Preference.LOW_BALANCE,
    Preference.PREFIXES,
)
"""The settings whose value is typed."""


def question_of(message: Message, bot: Bot) -> str:
    """Return the text of the bot's own message that a message replies to; empty if it replies to none."""
    asked = message.reply_to_message
    if asked is None or asked.from_user is None or asked.from_user.id != bot.id:
        return ""
    return asked.text or ""


class AnswersSetting(BaseFilter):
    """Passes a reply to the bot's question for the value of a setting, in any language."""

    async def __call__(
        self, message: Message, bot: Bot, translations: Translations
    ) -> bool | dict[str, Preference]:
        """Return which setting was asked for, as `asked`."""
        question = question_of(message, bot)
        for preference in ASKED_FOR if question else ():
            for t in translations.all():
                if question.endswith(texts.preferences.prompt(t, preference)):
                    return {"asked": preference}
        return False
