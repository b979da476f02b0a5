"""The buttons of a number's card; what they change is drawn by the courier."""

from aiogram import Router
from aiogram.types import TelegramObject

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.reconciliation import Reconciliation, several
from bot.activations.steps import Activations
from bot.catalog.catalog import Catalog
from bot.domain import Activation, Ending, Step, User
from bot.telegram import callbacks, keyboards, texts
from bot.telegram.handlers import shop
from bot.telegram.replies import Reply
from bot.telegram.translator import Translator, escaped


async def take_step(
    _: TelegramObject,
    callback_data: callbacks.Take,
    reply: Reply,
    user: User,
    t: Translator,
    activations: Activations,
) -> None:
    """Take a step and say what came of it."""
    await _take(callback_data.step, callback_data.id, reply, user, t, activations)


async def _take(
    step: Step,
    id_: int,
    reply: Reply,
    user: User,
    t: Translator,
    activations: Activations,
) -> Activation | None:
    """Take a step and say what came of it; return the number after it, or None if it was refused."""
    before = await activations.get(user.id, id_)
    try:
        after = await activations.take(user.id, id_, step)
    except errors.CancelTooEarly as error:
        allowed_at = error.allowed_at
        await reply.send(
            texts.steps.cancel_too_early(t, allowed_at), keyboards.card.too_early(t, id_, allowed_at)
        )
    except errors.ProviderError as error:
        await reply.say(texts.steps.refused(t, step, error))
    else:
        await reply.toast(texts.steps.done(t, step, before, after))
        return after
    return None


async def cancel_for_another(
    _: TelegramObject,
    callback_data: callbacks.CancelForAnother,
    reply: Reply,
    user: User,
    t: Translator,
    accounts: Accounts,
    activations: Activations,
    catalog: Catalog,
) -> None:
    """Cancel as Cancel does; if that cancelled the number, show the operators. Nothing is bought."""
    after = await _take(Step.CANCEL, callback_data.id, reply, user, t, activations)
    if after is not None and after.ending is Ending.USER:
        again = callbacks.Operators(country=after.country, service=after.service)
        await shop.show_operators(_, again, reply, user, t, accounts, catalog, activations)


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
    _: TelegramObject,
    callback_data: callbacks.Card,
    reply: Reply,
    user: User,
    t: Translator,
    activations: Activations,
) -> None:
    """Show a card anew, as the newest message; the old one would only grow wrong."""
    before = await activations.show_card(user.id, callback_data.id)
    if before.card_message_id is not None:
        await reply.retire(before.card_message_id, texts.card.moved(t))


def router() -> Router:
    """Return the routes of this module."""
    routes = Router(name="cards")
    routes.callback_query.register(take_step, callbacks.Take.filter())
    routes.callback_query.register(cancel_for_another, callbacks.CancelForAnother.filter())
    routes.callback_query.register(cancel_later, callbacks.CancelLater.filter())
    routes.callback_query.register(check_again, callbacks.Check.filter())
    routes.callback_query.register(adopt, callbacks.Adopt.filter())
    routes.callback_query.register(show_card, callbacks.Card.filter())
    return routes
