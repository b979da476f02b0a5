"""Publishes the command menu and the descriptions of the bot."""

import logging

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats

from bot.telegram import texts
from bot.telegram.translations import Translations
from bot.telegram.translator import SOURCE_LANGUAGE

log = logging.getLogger(__name__)


async def publish(bot: Bot, translations: Translations) -> None:
    """Set the command menu and the descriptions in every language. A failure is logged, not raised."""
    for t in translations.all():
        language = None if t.language == SOURCE_LANGUAGE else t.language
        commands = [
            BotCommand(command=name, description=texts.profile.command(t, name))
            for name in texts.profile.COMMANDS
        ]
        try:
            await bot.set_my_commands(
                commands, scope=BotCommandScopeAllPrivateChats(), language_code=language
            )
            await bot.set_my_description(texts.profile.description(t), language_code=language)
            await bot.set_my_short_description(texts.profile.short_description(t), language_code=language)
        except AiogramError as error:
            log.warning("the command menu could not be set: %s", type(error).__name__)
            return
