"""The Bot API methods that the bot calls, with one handler each."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.telegram.methods import editing, profile, queries, sending, updates
from bot.sandbox.telegram.objects import Json
from bot.sandbox.telegram.service import Telegram

Handler = Callable[[Telegram, Json], Any]

HANDLERS: dict[str, Handler] = {
    "answerCallbackQuery": queries.answer_callback_query,
    "answerInlineQuery": queries.answer_inline_query,
    "deleteMessage": editing.delete_message,
    "deleteWebhook": updates.delete_webhook,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageText": editing.edit_message_text,
    "getMe": profile.get_me,
    "sendChatAction": sending.send_chat_action,
    "sendDocument": sending.send_document,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "setMyCommands": profile.set_my_commands,
    "setMyDescription": profile.set_my_description,
    "setMyShortDescription": profile.set_my_short_description,
}
"""All handlers by method; getUpdates is missing because it is asynchronous."""
