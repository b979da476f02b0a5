"""The screens of a user's settings."""

from dataclasses import dataclass, replace

from aiogram import F, Router

from bot import errors
from bot.accounts.preferences import Preference, Preferences
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.api_key_patterns import may_hold_key
from bot.telegram.callbacks import OpenScreen, Screen
from bot.telegram.context import Context
from bot.telegram.prompts import TYPED, AnswersSetting
from bot.telegram.routing import PLAIN_TEXT, Opens, handler
from bot.telegram.translations import LANGUAGES, Translations
from bot.telegram.translator import Html, joined


@dataclass(eq=False, slots=True)
class PreferenceScreens:
    """The list of settings, one setting, and the question for a typed value."""

    preferences: Preferences
    translations: Translations

    def router(self) -> Router:
        """Return the routes of these screens; they come before the routes that take any text."""
        router = Router(name="preferences")
        router.message.register(handler(self.show_settings), Opens("settings"))
        router.callback_query.register(
            handler(self.show_settings), OpenScreen.filter(F.screen == Screen.SETTINGS)
        )
        router.message.register(handler(self.show_languages), Opens("language"))
        router.callback_query.register(handler(self.show_setting), callbacks.ShowSetting.filter())
        router.callback_query.register(handler(self.choose), callbacks.SetSetting.filter())
        router.callback_query.register(handler(self.ask), callbacks.AskSetting.filter())
        router.message.register(handler(self.take_answer), PLAIN_TEXT, AnswersSetting(self.translations))
        return router

    async def show_settings(self, context: Context) -> None:
        """Show every setting with its value."""
        t = context.t
        preferences = await self.preferences.of(context.user.id)
        await context.reply.show(
            texts.preferences.screen(t, preferences, LANGUAGES[t.language], self.preferences.max_active),
            keyboards.preferences.menu(t),
        )

    async def show_setting(self, context: Context, callback_data: callbacks.ShowSetting) -> None:
        """Show one setting and its choices."""
        await self._show(context, callback_data.preference)

    async def show_languages(self, context: Context) -> None:
        """Show the languages."""
        await self._show(context, Preference.LANGUAGE)

    async def _show(self, context: Context, preference: Preference) -> None:
        t, most = context.t, self.preferences.max_active
        preferences = await self.preferences.of(context.user.id)
        text = texts.preferences.setting(
            t,
            preference,
            preferences,
            language=LANGUAGES[t.language],
            most=most,
            spent=await self.preferences.spent_today(context.user),
        )
        markup = keyboards.preferences.setting(t, preference, preferences, languages=LANGUAGES, most=most)
        await context.reply.show(text, markup)

    async def choose(self, context: Context, callback_data: callbacks.SetSetting) -> None:
        """Store the value of a button and show the setting again."""
        preference, value = callback_data.preference, callback_data.value
        if preference is not Preference.LANGUAGE:
            await self.preferences.choose(context.user, preference, value)
        elif value in LANGUAGES:
            user = await self.preferences.choose_language(context.user, value)
            context = replace(context, user=user, t=self.translations.find(value))
        else:
            raise errors.BadPreference
        await self._show(context, preference)
        await context.reply.hint(texts.preferences.changed(context.t), alert=False)

    async def ask(self, context: Context, callback_data: callbacks.AskSetting) -> None:
        """Ask for the value of a setting."""
        if callback_data.preference not in TYPED:
            raise errors.BadPreference
        await self._ask(context, callback_data.preference)

    async def _ask(self, context: Context, preference: Preference, above: Html | None = None) -> None:
        t = context.t
        text = joined(above, texts.preferences.prompt(t, preference), by="\n\n")
        await context.reply.send(text, keyboards.preferences.prompt(t, preference))

    async def take_answer(self, context: Context, asked: Preference) -> None:
        """Store a typed value; ask again if it is not valid."""
        try:
            await self.preferences.choose(context.user, asked, context.text)
        except errors.BadPreference as error:
            if isinstance(error, errors.NotAPrefix) and may_hold_key(error.wrong):
                error.wrong = "…"
            await self._ask(context, asked, texts.preferences.bad_value(context.t, error))
        else:
            await self._show(context, asked)
