"""Binding, replacing and unbinding the API key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aiogram import F, Router
from aiogram.types import InlineKeyboardMarkup, Message, TelegramObject

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.provider.profiles import Profile
from bot.settings import Settings
from bot.telegram import keyboards, texts
from bot.telegram.api_key_patterns import may_hold_key
from bot.telegram.callbacks import ChooseLanguage, ChooseProvider, OpenScreen, ReplaceKey, Screen, UnbindKey
from bot.telegram.context import Context
from bot.telegram.key_guard import KeyMessage
from bot.telegram.routing import Opens, handler, is_plain_text
from bot.telegram.translations import LANGUAGES, Translations
from bot.telegram.translator import Translator
from bot.telegram.welcome import Welcome


async def _holds_key(_event: TelegramObject, key_message: KeyMessage | None = None) -> bool:
    return key_message is not None


async def _binds_key(message: Message, context: Context, key_message: KeyMessage) -> bool:
    """Return whether a message with a key is one that the bot may bind."""
    is_command = (message.text or "").startswith("/")
    return key_message.asked or not (context.has_key or is_command)


async def _has_no_key(_message: Message, context: Context) -> bool:
    return not context.has_key


@dataclass(eq=False, slots=True, kw_only=True)
class ApiKeyScreens:
    """The screens of the API key, and the messages that hold one."""

    accounts: Accounts
    status_checks: StatusChecks
    steps: ActivationSteps
    alerts: Alerts
    settings: Settings
    translations: Translations
    welcome: Welcome
    open_link: Callable[[Context, str], Awaitable[None]]

    def router(self) -> Router:
        """Return the routes of these screens."""
        router = Router(name="api_key")
        router.message.register(handler(self.show_key), Opens("key"))
        router.callback_query.register(handler(self.show_key), OpenScreen.filter(F.screen == Screen.KEY))
        router.callback_query.register(handler(self.ask_for_key), ReplaceKey.filter())
        router.callback_query.register(handler(self.unbind), UnbindKey.filter())
        router.callback_query.register(handler(self.choose_provider), ChooseProvider.filter())
        router.callback_query.register(handler(self.choose_language), ChooseLanguage.filter())
        router.message.register(handler(self.ask_again), is_plain_text, _has_no_key)
        return router

    def key_message_router(self) -> Router:
        """Return the routes of messages with a key; they come before all other routes of messages."""
        router = Router(name="key_messages")
        router.message.register(handler(self.take_key), _holds_key, _binds_key)
        router.message.register(handler(self.answer_misplaced_key), _holds_key)
        router.edited_message.register(handler(self.answer_misplaced_key), _holds_key)
        return router

    async def take_key(self, context: Context, key_message: KeyMessage) -> None:
        """Check the key of a message with the provider, and bind it; its deletion has begun."""
        t, reply = context.t, context.reply
        if len(key_message.keys) != 1:
            deletion = await key_message.deletion.state()
            answer = texts.api_key.several_keys if key_message.keys else texts.api_key.not_a_key
            await reply.send(answer(t, deletion), self._ask_again(t))
            return
        provider = key_message.provider
        if provider is None or self.accounts.gateways.find(provider) is None:
            chosen = self.accounts.profile_for_key(context.user)
            # The last choice of a user with a key may be long ago, and nothing named it now.
            if chosen is None or (context.has_key and len(self.accounts.gateways) > 1):
                deletion = await key_message.deletion.state()
                await reply.send(texts.api_key.choose_first(t, deletion), self._providers(t))
                return
            provider = chosen.id
        await reply.chat.show_typing()
        try:
            balance = await self.accounts.bind(context.user.id, key_message.keys[0], provider)
        except (errors.ProviderError, errors.TooManyBindings) as error:
            deletion = await key_message.deletion.state()
            await reply.send(texts.api_key.failed(t, error, deletion), self._ask_again(t))
            return
        moved = await self.status_checks.move_to_bound_key(context.user.id)
        deletion = await key_message.deletion.state()
        bound = texts.api_key.bound(t.at(provider), balance, deletion, taken_over=moved)
        await reply.send(bound, keyboards.home.menu(t))
        if link := await self.accounts.start_link(context.user.id):
            await self.accounts.set_start_link(context.user.id, None)
            user = await self.accounts.find(context.user.id, context.user.language)
            await self.open_link(replace(context, user=user, t=self.translations.of(user)), link)

    async def answer_misplaced_key(self, context: Context, key_message: KeyMessage) -> None:
        """Say how to replace the key, after a key that was sent where no key was asked for."""
        deletion = await key_message.deletion.state()
        t = context.t
        text = texts.api_key.out_of_place(t, deletion)
        await context.reply.send(text, keyboards.ways_on.to_screen(t, Screen.KEY))

    async def ask_again(self, context: Context) -> None:
        """Answer a text of a user without a key that does not look like one."""
        if not may_hold_key(context.text):
            raise errors.KeyMissing
        text = texts.api_key.not_a_key(context.t, stays=True)
        await context.reply.send(text, self._ask_again(context.t))

    async def show_key(self, context: Context) -> None:
        """Show the bound key's screen, or ask for a key."""
        if context.has_key:
            profile = self.accounts.gateways.of(context.user.provider).profile
            name = profile.name if len(self.accounts.gateways) > 1 else None
            text = texts.api_key.screen(context.t, name, plain_http=profile.unencrypted)
            await context.reply.show(text, keyboards.api_key.screen(context.t))
        else:
            await context.reply.show(*await self.welcome.draw(context))

    async def choose_language(self, context: Context, callback_data: ChooseLanguage) -> None:
        """Store the language that was chosen on the welcome, and show the welcome in it."""
        if callback_data.language not in LANGUAGES:
            raise errors.BadPreference
        user = await self.accounts.preferences.choose_language(context.user, callback_data.language)
        await self.show_key(replace(context, user=user, t=self.translations.of(user)))

    async def choose_provider(self, context: Context, callback_data: ChooseProvider) -> None:
        """Store the provider of the next key and ask for the key; ask again if it is not on offer."""
        t = context.t
        gateway = self.accounts.gateways.find(callback_data.provider)
        if gateway is None:
            await context.reply.show(texts.api_key.which_provider(t), self._providers(t))
            return
        user = await self.accounts.choose_provider(context.user, gateway.id)
        if context.has_key:
            await self._prompt(context, gateway.profile)
        else:
            await context.reply.show(*await self.welcome.draw(replace(context, user=user)))

    def _providers(self, t: Translator) -> InlineKeyboardMarkup:
        return keyboards.api_key.choose_provider(t, [one.profile for one in self.accounts.gateways], {})

    async def _prompt(self, context: Context, profile: Profile | None) -> None:
        t = context.t
        text = texts.api_key.prompt(t) if profile is None else texts.api_key.prompt_for(t, profile)
        await context.reply.send(text, keyboards.api_key.prompt(t))

    def _ask_again(self, t: Translator) -> InlineKeyboardMarkup:
        again = keyboards.buttons.try_again(t, ReplaceKey())
        return keyboards.api_key.find_key(t, self.settings.key_page, again)

    async def ask_for_key(self, context: Context) -> None:
        """Ask for another key; if several providers are on offer, ask for its provider first."""
        if len(self.accounts.gateways) > 1:
            await context.reply.show(texts.api_key.which_provider(context.t), self._providers(context.t))
        else:
            await self._prompt(context, None)

    async def unbind(self, context: Context, callback_data: UnbindKey) -> None:
        """Unbind the key after a question."""
        t, user = context.t, context.user
        if not context.has_key:
            raise errors.KeyMissing
        if callback_data.confirmed:
            await self.accounts.unbind(user.id)
            await context.reply.show(texts.api_key.unbound(t), keyboards.buttons.only_home(t))
            return
        active = await self.steps.open_of(user.id)
        has_alerts = bool((await self.alerts.of(user)).running)
        await context.reply.show(
            texts.api_key.unbind_question(t, len(active), alerts=has_alerts),
            keyboards.api_key.unbind(t),
        )
