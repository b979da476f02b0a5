"""Methods that edit or delete messages."""

from bot.sandbox.telegram.chats import Message
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.methods.sending import check_flood, open_chat, read_text
from bot.sandbox.telegram.objects import Json, Rows
from bot.sandbox.telegram.service import Telegram

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def edit_message_text(telegram: Telegram, params: Json) -> Json:
    """Edit the text and the buttons of a message of the bot."""
    message = _own_message(telegram, params)
    text, entities = read_text(telegram, params, too_long="MESSAGE_TOO_LONG")
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _change(telegram, message, text, entities, _rows(telegram, params))


def edit_message_reply_markup(telegram: Telegram, params: Json) -> Json:
    """Edit the buttons of a message of the bot."""
    message = _own_message(telegram, params)
    rows = _rows(telegram, params)
    return _change(telegram, message, message.text, message.entities, rows, marks_edit=False)


def delete_message(telegram: Telegram, params: Json) -> bool:
    """Delete a message."""
    chat = open_chat(telegram, params)
    message = chat.find(params.get("message_id", 0))
    if message is None:
        raise bad_request("message to delete not found")
    if telegram.clock() - message.date > telegram.limits.delete_seconds:
        raise bad_request("message can't be deleted for everyone")
    chat.remove(message)
    return True


def _own_message(telegram: Telegram, params: Json) -> Message:
    if not params.get("message_id"):
        raise bad_request("message identifier is not specified")
    message = open_chat(telegram, params).find(params["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return message


def _rows(telegram: Telegram, params: Json) -> Rows:
    return read_markup(params.get("reply_markup"), telegram.limits).rows


def _change(
    telegram: Telegram,
    message: Message,
    text: str,
    entities: list[Json],
    rows: Rows,
    *,
    marks_edit: bool = True,
) -> Json:
    same_text = (text, entities) == (message.text, message.entities)
    if same_text and rows == message.rows:
        raise bad_request(NOT_MODIFIED)
    check_flood(telegram, message.chat)
    message.text, message.entities, message.rows = text, entities, rows
    message.drawn_at = telegram.clock()
    if marks_edit:
        message.edited_at = telegram.now()
    message.chat.changed()
    return message.to_json()
