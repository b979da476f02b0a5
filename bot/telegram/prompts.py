"""Questions that the user answers by a reply, which the bot recognises by their text.

A bare number answers a question of the last minutes too: the reply bar is easily closed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from aiogram import Bot
from aiogram.filters import BaseFilter
from aiogram.types import Message

from bot.accounts.preferences import Preference
from bot.lru import LruDict
from bot.telegram import texts
from bot.telegram.translations import Translations

TYPED = (
    Preference.DAY_LIMIT,
    Preference.PRICE_LIMIT,
    Preference.LOW_BALANCE,
    Preference.PREFIXES,
)
"""The settings whose value is typed."""

ANSWER_WITHIN: Final = 5 * 60
"""Seconds for which a bare number answers a question."""
MAX_QUESTIONS: Final = 10_000
_BARE_AMOUNT: Final = re.compile(r"[0-9]{1,7}(?:[.,][0-9]{1,4})?")
_BARE_PREFIXES: Final = re.compile(r"\+?[0-9]{4,9}(?:[, ]+\+?[0-9]{4,9})*")


def question_of(message: Message, bot: Bot) -> str:
    """Return the text of the bot's message that a message replies to; empty if there is none."""
    asked = message.reply_to_message
    if asked is None or asked.from_user is None or asked.from_user.id != bot.id:
        return ""
    return asked.text or ""


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """The last question of each user for the value of a setting; only in memory.

    Attributes:
        now: the clock in UTC seconds.
    """

    now: Callable[[], float]
    _asked: LruDict[int, tuple[Preference, float]] = field(default_factory=lambda: LruDict(MAX_QUESTIONS))

    def add(self, user_id: int, preference: Preference) -> None:
        """Note that a user is asked for a value."""
        self._asked.put(user_id, (preference, self.now()))

    def remove(self, user_id: int) -> None:
        """Forget the question of a user."""
        self._asked.discard(user_id)

    def take(self, user_id: int, text: str) -> Preference | None:
        """Return the setting that a text answers without a reply. The next text answers nothing more."""
        asked = self._asked.get(user_id)
        self._asked.discard(user_id)
        if asked is None or self.now() - asked[1] > ANSWER_WITHIN:
            return None
        preference, _ = asked
        bare = _BARE_PREFIXES if preference is Preference.PREFIXES else _BARE_AMOUNT
        return preference if bare.fullmatch(text.strip()) else None


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


class AnswersLastQuestion(BaseFilter):
    """Passes a bare number that answers the last question for the value of a setting, without a reply."""

    def __init__(self, questions: OpenQuestions) -> None:
        self._questions = questions

    async def __call__(self, message: Message) -> bool | dict[str, Preference]:
        """Return the setting that was asked for, as `asked`."""
        asked = self._questions.take(message.chat.id, message.text or "")
        return {"asked": asked} if asked is not None and message.reply_to_message is None else False
