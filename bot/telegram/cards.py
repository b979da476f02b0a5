"""The buttons of a number's card; what they change is drawn by the courier."""

from contextlib import suppress

from aiogram import Router
from aiogram.types import TelegramObject

from bot import errors
from bot.accounts import Accounts
from bot.activations import Activations
from bot.asking import within
from bot.domain import State, User
from bot.reconciliation import Reconciliation, several
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.reply import Reply
from bot.telegram.translator import Translator, escaped


async def take_step(
    _: TelegramObject,
    callback_data: callbacks.Take,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    activations: Activations,
) -> None:
    """Take a step and say what came of it."""
    step = callback_data.step
    before = await activations.get(user.id, callback_data.id)
    try:
        after = await activations.take(user.id, callback_data.id, step)
    except errors.CancelTooEarly as error:
        await reply.send(
            texts.steps.cancel_too_early(t, error.allowed_at), keyboards.card.too_early(t, callback_data.id)
        )
    except errors.ProviderError as error:
        await reply.say(texts.steps.refused(t, step, error))
    else:
        balance = None
        if after.state is State.CANCELLED:
            with suppress(errors.BotError):  # the toast must be there before the person wonders
                balance = await within(reply.time_left / 2, accounts.balance(user))
        await reply.toast(texts.steps.done(t, step, before, after, balance))


async def cancel_later(
    _: TelegramObject,
    callback_data: callbacks.CancelLater,
    reply: Reply,
    user: User,
    t: Translator,
    activations: Activations,
) -> None:
    """Keep the wish to cancel as soon as that is allowed, or drop it."""
    wanted = callback_data.wanted
    activation = await activations.cancel_when_allowed(user.id, callback_data.id, wanted=wanted)
    words = texts.steps.will_cancel(t) if wanted else texts.steps.will_keep(t)
    if reply.message and reply.message.message_id != activation.card_message_id:
        # The offer is answered, so its buttons go.
        await reply.show(escaped(words), keyboards.buttons.only_home(t))
    else:
        await reply.toast(words)


async def check_again(
    _: TelegramObject,
    callback_data: callbacks.Check,
    reply: Reply,
    user: User,
    t: Translator,
    reconciliation: Reconciliation,
) -> None:
    """Look again what became of an unclear purchase."""
    activation = await reconciliation.reconcile(callback_data.id, user.id)
    candidates = await reconciliation.candidates(user, activation.id) if several(activation) else []
    if len(candidates) > 1:
        await reply.send(
            texts.steps.choose_candidate(t), keyboards.card.candidates(activation.id, candidates)
        )
    else:
        await reply.toast(texts.steps.checked(t, activation))


async def adopt(
    _: TelegramObject,
    callback_data: callbacks.Adopt,
    reply: Reply,
    user: User,
    t: Translator,
    reconciliation: Reconciliation,
) -> None:
    """Take the number the user names for what an unclear purchase has bought."""
    activation = await reconciliation.adopt(user, callback_data.id, callback_data.provider_id)
    await reply.toast(texts.steps.checked(t, activation))


async def show_card(
    _: TelegramObject, callback_data: callbacks.Card, user: User, activations: Activations
) -> None:
    """Show a card anew, as the newest message."""
    await activations.show_card(user.id, callback_data.id)


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="cards")
    routes.callback_query.register(take_step, callbacks.Take.filter())
    routes.callback_query.register(cancel_later, callbacks.CancelLater.filter())
    routes.callback_query.register(check_again, callbacks.Check.filter())
    routes.callback_query.register(adopt, callbacks.Adopt.filter())
    routes.callback_query.register(show_card, callbacks.Card.filter())
    return routes
