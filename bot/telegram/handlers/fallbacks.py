"""What is left: other kinds of messages, edited ones, dead buttons, and people who block the bot."""

from aiogram import F, Router
from aiogram.types import ChatMemberUpdated, Message, TelegramObject

from bot.accounts.accounts import Accounts
from bot.domain import User
from bot.telegram import texts
from bot.telegram.handlers.api_key import looks_like_key, refuse_key_out_of_place, surely_a_key
from bot.telegram.replies import Reply
from bot.telegram.translator import Translator


async def unknown_command(_: TelegramObject, reply: Reply, t: Translator) -> None:
    """Answer a command that is none."""
    await reply.send(texts.problems.unknown_command(t))


async def other_kind(_: TelegramObject, reply: Reply, t: Translator) -> None:
    """Answer a photo, a sticker, and the like."""
    await reply.send(texts.problems.text_only(t))


async def edited(edited_message: Message, reply: Reply, user: User, t: Translator) -> None:
    """Answer an edited message; a key in it is not left in the chat."""
    text = (edited_message.text or "").strip()
    if surely_a_key(text) or (user.key_id is None and looks_like_key(text)):
        await refuse_key_out_of_place(edited_message, reply, t)
    else:
        await reply.send(texts.problems.edited(t))


async def dead_button(_: TelegramObject, reply: Reply, t: Translator) -> None:
    """Answer a button that nothing answers to any more."""
    await reply.toast(texts.problems.stale_button(t), alert=True)


async def blocked(_: TelegramObject, user: User, accounts: Accounts) -> None:
    """Stop sending to somebody who blocked the bot; what they miss is kept."""
    await accounts.mark_unreachable(user)


def router() -> Router:
    """Return the routes of this module; they come last."""
    routes = Router(name="others")
    routes.my_chat_member.register(blocked, F.new_chat_member.status == "kicked")
    routes.my_chat_member.register(unblocked)
    routes.message.register(unknown_command, F.text.startswith("/"))
    routes.message.register(other_kind)
    routes.edited_message.register(edited)
    routes.callback_query.register(dead_button)
    return routes


async def unblocked(_event: ChatMemberUpdated) -> None:
    """Do nothing more: whoever comes back has been welcomed by the time an update gets here."""
