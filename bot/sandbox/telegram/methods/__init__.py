"""What each method of the Bot API does."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.sandbox.telegram.methods import delivery, editing, profile, queries, sending
from bot.sandbox.telegram.objects import Json

if TYPE_CHECKING:
    from bot.sandbox.telegram.state import Telegram

Handler = Callable[["Telegram", Json], Any]

HANDLERS: dict[str, Handler] = {
    "answerCallbackQuery": queries.answer_callback_query,
    "answerInlineQuery": queries.answer_inline_query,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "deleteMyCommands": profile.delete_my_commands,
    "deleteWebhook": delivery.delete_webhook,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageText": editing.edit_message_text,
    "getChat": profile.get_chat,
    "getChatMenuButton": profile.get_chat_menu_button,
    "getFile": delivery.get_file,
    "getMe": profile.get_me,
    "getMyCommands": profile.get_my_commands,
    "getMyDescription": profile.get_my_description,
    "getMyName": profile.get_my_name,
    "getMyShortDescription": profile.get_my_short_description,
    "sendChatAction": sending.send_chat_action,
    "sendMessage": sending.send_message,
    "setChatMenuButton": profile.set_chat_menu_button,
    "setMyCommands": profile.set_my_commands,
    "setMyDescription": profile.set_my_description,
    "setMyName": profile.set_my_name,
    "setMyShortDescription": profile.set_my_short_description,
}
"""The methods that are played; `sendDocument` and its like share one handler in `sending`."""
