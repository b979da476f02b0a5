"""Binding, replacing and unbinding the API key."""

import re
from typing import Final

from aiogram import Bot, F, Router
from aiogram.filters import BaseFilter, Command, CommandObject
from aiogram.types import Message, TelegramObject
from pydantic import SecretStr

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.status import StatusChecks
from bot.activations.steps import ActivationSteps
from bot.alerts.alerts import Alerts
from bot.domain import User
from bot.settings import Settings
from bot.telegram import keyboards, texts
from bot.telegram.callbacks import Go, Replace, Screen, Unbind
from bot.telegram.prompts import question_of
from bot.telegram.replies import Reply
from bot.telegram.translations import Translations
from bot.telegram.translator import Translator

_LIKE_A_KEY: Final = re.compile(r"(?=.*[^A-Za-z])[!-~]{6,256}|[A-Za-z]{16,256}")
_SURELY_A_KEY: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_$.-]{20,256}")


def looks_like_key(text: str) -> bool:
    """Return whether a text may be an API key: in one piece, and no plain word."""
    return bool(_LIKE_A_KEY.fullmatch(text))


def surely_a_key(text: str) -> bool:
    """Return whether a text can hardly be anything but a key, so that it is not left in the chat."""
    return bool(_SURELY_A_KEY.fullmatch(text))


class AnswersPrompt(BaseFilter):
    """Passes a reply to the bot's own question for a key, in any language: nothing else is remembered."""

    async def __call__(self, message: Message, bot: Bot, translations: Translations) -> bool:
        """Return whether the message replies to that question."""
        return question_of(message, bot) in {str(texts.api_key.prompt(t)) for t in translations.all()}


class NoKeyYet(BaseFilter):
    """Passes a message of somebody without a key."""

    async def __call__(self, _message: Message, user: User) -> bool:
        """Return whether no key is bound."""
        return user.key_id is None


async def take_key(
    message: Message, reply: Reply, user: User, t: Translator, accounts: Accounts, status_checks: StatusChecks
) -> None:
    """Take a text for an API key: delete the message first of all, then check it, then bind it."""
    await _bind((message.text or "").strip(), reply, user, t, accounts, status_checks)


async def take_first_key(
    message: Message, reply: Reply, user: User, t: Translator, accounts: Accounts, status_checks: StatusChecks
) -> None:
    """Take a text of somebody without a key for one, if it looks like one."""
    text = (message.text or "").strip()
    if looks_like_key(text):
        await _bind(text, reply, user, t, accounts, status_checks)
    else:
        await reply.send(texts.api_key.not_a_key(t))


async def _bind(
    text: str, reply: Reply, user: User, t: Translator, accounts: Accounts, status_checks: StatusChecks
) -> None:
    deleted = await reply.delete()
    if not looks_like_key(text):
        await reply.send(texts.api_key.not_a_key(t, deleted=deleted))
        return
    await reply.typing()
    try:
        balance = await accounts.bind(user.id, SecretStr(text))
    except errors.ProviderError as error:
        await reply.send(texts.api_key.failed(t, error, deleted=deleted))
        return
    taken_over = await status_checks.move_to_bound_key(user.id)
    bound = texts.api_key.bound(t, balance, deleted=deleted, taken_over=taken_over)
    await reply.send(bound, keyboards.home.menu(t))


async def refuse_key_out_of_place(_: TelegramObject, reply: Reply, t: Translator) -> None:
    """Delete what is surely a key where a search was expected, and say how to replace the key."""
    await reply.send(texts.api_key.out_of_place(t, deleted=await reply.delete()))


async def key_command(
    _: TelegramObject,
    command: CommandObject,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    status_checks: StatusChecks,
    settings: Settings,
) -> None:
    """Show the key screen; a key that comes with the command is taken at once."""
    if command.args:
        await _bind(command.args.strip(), reply, user, t, accounts, status_checks)
    else:
        await show_key(_, reply, user, t, settings)


async def show_key(_: TelegramObject, reply: Reply, user: User, t: Translator, settings: Settings) -> None:
    """Show that a key is bound and what can be done with it, or ask for one."""
    if user.key_id is None:
        await reply.show(texts.api_key.welcome(t, settings.provider_name, plain_http=settings.plain_http))
    else:
        await reply.show(texts.api_key.screen(t, plain_http=settings.plain_http), keyboards.api_key.screen(t))


async def ask_for_key(_: TelegramObject, reply: Reply, t: Translator) -> None:
    """Ask for another key."""
    await reply.send(texts.api_key.prompt(t), keyboards.api_key.prompt(t))


async def unbind(
    _: TelegramObject,
    callback_data: Unbind,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    activations: ActivationSteps,
    alerts: Alerts,
) -> None:
    """Unbind the key, after asking once more."""
    if user.key_id is None:
        raise errors.KeyMissing
    if callback_data.sure:
        await accounts.unbind(user.id)
        await reply.show(texts.api_key.unbound(t), keyboards.buttons.only_home(t))
    else:
        active = await activations.open_of(user.id)
        watching = bool((await alerts.of(user.id)).running)
        await reply.show(
            texts.api_key.unbind_question(t, len(active), alerts=watching), keyboards.api_key.unbind(t)
        )


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="key")
    routes.message.register(key_command, Command("key"))
    routes.callback_query.register(show_key, Go.filter(F.screen == Screen.KEY))
    routes.callback_query.register(ask_for_key, Replace.filter())
    routes.callback_query.register(unbind, Unbind.filter())
    routes.message.register(take_key, F.text, ~F.text.startswith("/"), AnswersPrompt())
    routes.message.register(take_first_key, F.text, ~F.text.startswith("/"), NoKeyYet())
    routes.message.register(refuse_key_out_of_place, F.text.func(surely_a_key))
    return routes
