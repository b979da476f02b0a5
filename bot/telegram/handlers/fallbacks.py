"""Updates that no screen handles: unknown commands, other kinds of messages, old buttons, membership."""

from aiogram import F, Router

from bot.accounts.accounts import Accounts
from bot.telegram import keyboards, texts
from bot.telegram.callbacks import Screen
from bot.telegram.context import Context
from bot.telegram.routing import handler


class Fallbacks:
    """The handlers of last resort."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def router(self) -> Router:
        """Return the routes; they come last."""
        router = Router(name="fallbacks")
        router.my_chat_member.register(handler(self.mark_unreachable), F.new_chat_member.status == "kicked")
        router.my_chat_member.register(_ignore)
        router.message.register(handler(self.unknown_command), F.text.startswith("/"))
        router.message.register(handler(self.unsupported_message))
        router.edited_message.register(handler(self.edited_message))
        router.callback_query.register(handler(self.stale_button))
        return router

    async def unknown_command(self, context: Context) -> None:
        """Answer a command that the bot does not have."""
        await context.reply.send(
            texts.problems.unknown_command(context.t), keyboards.ways_on.to_screen(context.t, Screen.HELP)
        )

    async def unsupported_message(self, context: Context) -> None:
        """Answer a photo, a sticker, and the like."""
        await context.reply.send(
            texts.problems.text_only(context.t), keyboards.ways_on.to_screen(context.t, Screen.BUY)
        )

    async def edited_message(self, context: Context) -> None:
        """Answer an edited message."""
        await context.reply.send(texts.problems.edited(context.t), keyboards.buttons.only_home(context.t))

    async def stale_button(self, context: Context) -> None:
        """Answer a button that no handler accepts."""
        home = keyboards.buttons.only_home(context.t)
        await context.reply.toast(texts.problems.stale_button(context.t), alert=True, markup=home)

    async def mark_unreachable(self, context: Context) -> None:
        """Stop deliveries to a user who blocked the bot; what is pending stays stored."""
        await self._accounts.mark_unreachable(context.user)


async def _ignore(_event: object) -> None:
    """Accept other membership changes; the middleware has resumed deliveries already."""
