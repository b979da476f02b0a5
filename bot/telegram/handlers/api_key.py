"""Binding, replacing and unbinding the API key."""

from dataclasses import dataclass

from aiogram import Bot, F, Router
from aiogram.filters import BaseFilter, Command, CommandObject
from aiogram.types import Message
from pydantic import SecretStr

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.settings import Settings
from bot.telegram import keyboards, texts
from bot.telegram.api_key_patterns import looks_like_key, surely_a_key
from bot.telegram.callbacks import OpenScreen, ReplaceKey, Screen, UnbindKey
from bot.telegram.context import Context
from bot.telegram.prompts import question_of
from bot.telegram.routing import PLAIN_TEXT, handler
from bot.telegram.translations import Translations


class AnswersKeyPrompt(BaseFilter):
    """Passes a reply to the bot's own question for a key, in any language."""

    def __init__(self, translations: Translations) -> None:
        self._prompts = {str(texts.api_key.prompt(t)) for t in translations.all()}

    async def __call__(self, message: Message, bot: Bot) -> bool:
        """Return whether the message replies to that question."""
        return question_of(message, bot) in self._prompts


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

    def router(self) -> Router:
        """Return the routes of these screens."""
        router = Router(name="api_key")
        router.message.register(handler(self.key_command), Command("key"))
        router.callback_query.register(handler(self.show_key), OpenScreen.filter(F.screen == Screen.KEY))
        router.callback_query.register(handler(self.ask_for_key), ReplaceKey.filter())
        router.callback_query.register(handler(self.unbind), UnbindKey.filter())
        router.message.register(handler(self.take_key), PLAIN_TEXT, AnswersKeyPrompt(self.translations))
        router.message.register(handler(self.take_first_key), PLAIN_TEXT, _has_no_key)
        router.message.register(handler(self.delete_misplaced_key), F.text.func(surely_a_key))
        return router

    async def take_key(self, context: Context) -> None:
        """Delete the message, then check its text as an API key and bind it."""
        await self._bind(context, context.text)

    async def take_first_key(self, context: Context) -> None:
        """Bind a text of a user without a key if it looks like a key."""
        if looks_like_key(context.text):
            await self._bind(context, context.text)
        else:
            await context.reply.send(texts.api_key.not_a_key(context.t))

    async def _bind(self, context: Context, text: str) -> None:
        t, reply = context.t, context.reply
        deleted = await reply.delete_message()
        if not looks_like_key(text):
            await reply.send(texts.api_key.not_a_key(t, deleted=deleted))
            return
        await reply.chat.show_typing()
        try:
            balance = await self.accounts.bind(context.user.id, SecretStr(text))
        except errors.ProviderError as error:
            await reply.send(texts.api_key.failed(t, error, deleted=deleted))
            return
        moved = await self.status_checks.move_to_bound_key(context.user.id)
        bound = texts.api_key.bound(t, balance, deleted=deleted, taken_over=moved)
        await reply.send(bound, keyboards.home.menu(t))

    async def delete_misplaced_key(self, context: Context) -> None:
        """Delete a key that was sent where no key was asked for, and say how to replace the key."""
        deleted = await context.reply.delete_message()
        await context.reply.send(texts.api_key.out_of_place(context.t, deleted=deleted))

    async def key_command(self, context: Context, command: CommandObject) -> None:
        """Show the key screen, or bind the key that comes with the command."""
        if command.args:
            await self._bind(context, command.args.strip())
        else:
            await self.show_key(context)

    async def show_key(self, context: Context) -> None:
        """Show the bound key's screen, or ask for a key."""
        if context.has_key:
            text = texts.api_key.screen(context.t, plain_http=self.settings.plain_http)
            await context.reply.show(text, keyboards.api_key.screen(context.t))
        else:
            await context.reply.show(
                texts.api_key.welcome(
                    context.t, self.settings.provider_name, plain_http=self.settings.plain_http
                )
            )

    async def ask_for_key(self, context: Context) -> None:
        """Ask for another key."""
        await context.reply.send(texts.api_key.prompt(context.t), keyboards.api_key.prompt(context.t))

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
        has_alerts = bool((await self.alerts.of(user.id)).running)
        await context.reply.show(
            texts.api_key.unbind_question(t, len(active), alerts=has_alerts),
            keyboards.api_key.unbind(t),
        )
