"""Methods that send messages."""

from bot.sandbox.telegram.chats import Chat, Message
from bot.sandbox.telegram.entities import formatted, utf16_length
from bot.sandbox.telegram.errors import RefusedCall, bad_request, flood, forbidden
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.objects import Json, UploadedFile
from bot.sandbox.telegram.parameters import Upload
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.pictures import check_photo
from bot.sandbox.telegram.service import Telegram

ACTION_SECONDS = 5
MAX_FILE_BYTES = 50 * 2**20
"""The maximum size of a file that a bot uploads."""
_ACTIONS = {
    "typing",
    "upload_photo",
    "upload_document",
}


def open_chat(telegram: Telegram, params: Json) -> Chat:
    """Return the chat of a call.

    Raises:
        RefusedCall: The chat is unknown, or the person has blocked the bot.
    """
    chat = telegram.chat(params.get("chat_id"))
    if isinstance(chat, Person) and chat.blocked:
        raise forbidden("bot was blocked by the user")
    return chat


def check_flood(telegram: Telegram, chat: Chat) -> None:
    """Count a message for the rate limit.

    Raises:
        RefusedCall: The bot has sent too many messages.
    """
    if wait := telegram.flood.admit(chat.chat_id):
        raise flood(wait)


def read_text(telegram: Telegram, params: Json, *, too_long: str) -> tuple[str, list[Json]]:
    """Return the text of a call and its entities.

    Raises:
        RefusedCall: The text is empty or broken, or too long, with the given error.
    """
    source = params.get("text")
    if not isinstance(source, str) or not source:
        raise bad_request("message text is empty")
    text, entities = formatted(source, params.get("parse_mode"))
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > telegram.limits.text:
        raise bad_request(too_long)
    return text, entities


def send_message(telegram: Telegram, params: Json) -> Json:
    """Send a text message."""
    chat = open_chat(telegram, params)
    text, entities = read_text(telegram, params, too_long="message is too long")
    return _post(telegram, chat, params, text=text, entities=entities)


def send_document(telegram: Telegram, params: Json) -> Json:
    """Send a file of any kind."""
    return _send_file(telegram, params, "document")


def send_photo(telegram: Telegram, params: Json) -> Json:
    """Send a picture."""
    return _send_file(telegram, params, "photo")


def send_chat_action(telegram: Telegram, params: Json) -> bool:
    """Show what the bot does, for a few seconds or until its next message."""
    chat = open_chat(telegram, params)
    if params.get("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.action = (params["action"], telegram.clock() + ACTION_SECONDS)
    chat.changed()
    return True


def _send_file(telegram: Telegram, params: Json, kind: str) -> Json:
    chat = open_chat(telegram, params)
    file = _read_file(telegram, params.get(kind), kind)
    text, entities = formatted(params.get("caption") or "", params.get("parse_mode"))
    if utf16_length(text) > telegram.limits.caption:
        raise bad_request("message caption is too long")
    return _post(telegram, chat, params, text=text, entities=entities, kind=kind, file=file)


def _read_file(telegram: Telegram, value: object, kind: str) -> UploadedFile:
    if not isinstance(value, Upload):
        raise bad_request(f"there is no {kind} in the request")
    if not value.content:
        raise bad_request("file must be non-empty")
    if len(value.content) > MAX_FILE_BYTES:
        raise RefusedCall(413, "Request Entity Too Large")
    if kind == "photo":
        check_photo(value.content)
    return telegram.add_file(value.name, value.mime, value.content)


def _post(
    telegram: Telegram,
    chat: Chat,
    params: Json,
    *,
    text: str,
    entities: list[Json],
    kind: str = "text",
    file: UploadedFile | None = None,
) -> Json:
    markup = read_markup(params.get("reply_markup"), telegram.limits)
    reply = params.get("reply_parameters") or {}
    reply_to = chat.find(reply.get("message_id") or 0)
    if reply and reply_to is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    check_flood(telegram, chat)
    message = Message(
        message_id=telegram.next_message_id(),
        chat=chat,
        sender=telegram.me(),
        from_bot=True,
        date=telegram.now(),
        text=text,
        entities=entities,
        rows=markup.rows,
        kind=kind,
        file=file,
        reply_to=reply_to,
        force_reply=markup.force_reply,
        drawn_at=telegram.clock(),
    )
    chat.add(message)
    return message.to_json()
