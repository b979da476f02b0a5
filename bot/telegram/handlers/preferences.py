"""The screens of the user's own settings."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import Message, TelegramObject

from bot import errors
from bot.accounts.preferences import Preference, Preferences
from bot.domain import User
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.callbacks import Go, Screen
from bot.telegram.handlers.api_key import refuse_key_out_of_place, surely_a_key
from bot.telegram.prompts import ASKED_FOR, AnswersSetting
from bot.telegram.replies import Reply
from bot.telegram.translations import LANGUAGES, Translations
from bot.telegram.translator import Html, Translator, joined


async def show_settings(
    _: TelegramObject, reply: Reply, user: User, t: Translator, preferences: Preferences
) -> None:
    """Show every setting with its value."""
    chosen = await preferences.of(user.id)
    text = texts.preferences.screen(t, chosen, LANGUAGES[t.language], preferences.max_active)
    await reply.show(text, keyboards.preferences.menu(t))


async def show_setting(
    _: TelegramObject,
    callback_data: callbacks.Setting,
    reply: Reply,
    user: User,
    t: Translator,
    preferences: Preferences,
) -> None:
    """Show one setting and what it can be set to."""
    await _show(callback_data.preference, reply, user, t, preferences)


async def show_languages(
    _: TelegramObject, reply: Reply, user: User, t: Translator, preferences: Preferences
) -> None:
    """Show the languages."""
    await _show(Preference.LANGUAGE, reply, user, t, preferences)


async def _show(
    preference: Preference, reply: Reply, user: User, t: Translator, preferences: Preferences
) -> None:
    chosen = await preferences.of(user.id)
    most = preferences.max_active
    text = texts.preferences.setting(
        t,
        preference,
        chosen,
        language=LANGUAGES[t.language],
        most=most,
        spent=await preferences.spent_today(user.id),
    )
    await reply.show(
        text, keyboards.preferences.setting(t, preference, chosen, languages=LANGUAGES, most=most)
    )


async def choose(
    _: TelegramObject,
    callback_data: callbacks.Choose,
    reply: Reply,
    user: User,
    t: Translator,
    preferences: Preferences,
    translations: Translations,
) -> None:
    """Set what a button carries, and show the setting as it is now."""
    preference, value = callback_data.preference, callback_data.value
    if preference is not Preference.LANGUAGE:
        await preferences.choose(user, preference, value)
    elif value in LANGUAGES:
        user = await preferences.choose_language(user, value)
        t = translations.find(value)
    else:
        raise errors.BadPreference
    await _show(preference, reply, user, t, preferences)
    await reply.toast(texts.preferences.changed(t))


async def ask(_: TelegramObject, callback_data: callbacks.Ask, reply: Reply, t: Translator) -> None:
    """Ask for the value of a setting."""
    if callback_data.preference not in ASKED_FOR:
        raise errors.BadPreference
    await _ask(callback_data.preference, reply, t)


async def _ask(preference: Preference, reply: Reply, t: Translator, before: Html | None = None) -> None:
    text = joined(before, texts.preferences.prompt(t, preference), by="\n\n")
    await reply.send(text, keyboards.preferences.prompt(t, preference))


async def take_answer(
    message: Message, asked: Preference, reply: Reply, user: User, t: Translator, preferences: Preferences
) -> None:
    """Take a reply for the value of a setting; what cannot be one is asked for again."""
    text = (message.text or "").strip()
    if surely_a_key(text):
        await refuse_key_out_of_place(message, reply, t)
        return
    try:
        await preferences.choose(user, asked, text)
    except errors.BadPreference as error:
        await _ask(asked, reply, t, texts.preferences.bad_value(t, error))
    else:
        await _show(asked, reply, user, t, preferences)


def router() -> Router:
    """Return the routes of this module; they come before those that take any text."""
    routes = Router(name="preferences")
    routes.message.register(show_settings, Command("settings"))
    routes.callback_query.register(show_settings, Go.filter(F.screen == Screen.SETTINGS))
    routes.message.register(show_languages, Command("language"))
    routes.callback_query.register(show_setting, callbacks.Setting.filter())
    routes.callback_query.register(choose, callbacks.Choose.filter())
    routes.callback_query.register(ask, callbacks.Ask.filter())
    routes.message.register(take_answer, F.text, ~F.text.startswith("/"), AnswersSetting())
    return routes
