"""Methods that put something into a chat."""

from typing import TYPE_CHECKING

from bot.sandbox.telegram.chats import Chat
from bot.sandbox.telegram.entities import formatted, utf16_length
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.objects import File, Json, Message
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.pictures import check_photo
from bot.sandbox.telegram.refusals import Refusal, bad_request, flood, forbidden
from bot.sandbox.telegram.uploads import Upload

if TYPE_CHECKING:
    from bot.sandbox.telegram.state import Telegram

FILE_KINDS = {
    "sendAnimation": "animation",
    "sendAudio": "audio",
    "sendDocument": "document",
    "sendPhoto": "photo",
    "sendSticker": "sticker",
    "sendVideo": "video",
    "sendVideoNote": "video_note",
    "sendVoice": "voice",
}
ACTION_SECONDS = 5
MOST_BYTES = 50 * 2**20
"""Of a file that a bot uploads."""
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def open_chat(telegram: "Telegram", params: Json) -> Chat:
    """Return the chat of a call.

    Raises:
        Refusal: when it is unknown, or closed to the bot.
    """
    chat = telegram.chat(params.get("chat_id"))
    if isinstance(chat, Person) and chat.blocked:
        raise forbidden("bot was blocked by the user")
    return chat


def check_flood(telegram: "Telegram", chat: Chat) -> None:
    """Count a message.

    Raises:
        Refusal: when the bot is too fast.
    """
    if wait := telegram.flood.admit(chat.chat_id):
        raise flood(wait)


def send_message(telegram: "Telegram", params: Json) -> Json:
    """Send a text."""
    chat = open_chat(telegram, params)
    source = params.get("text")
    if not isinstance(source, str) or not source:
        raise bad_request("message text is empty")
    text, entities = formatted(source, params.get("parse_mode"), params.get("entities"))
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > telegram.limits.text:
        raise bad_request("message is too long")
    return _post(telegram, chat, params, text=text, entities=entities)


def send_file(telegram: "Telegram", params: Json, kind: str) -> Json:
    """Send a document, a photo, or anything else that is a file with a caption."""
    chat = open_chat(telegram, params)
    file = read_file(telegram, params.get(kind), kind)
    text, entities = read_caption(telegram, params)
    return _post(telegram, chat, params, text=text, entities=entities, kind=kind, file=file)


def send_chat_action(telegram: "Telegram", params: Json) -> bool:
    """Show that the bot is busy, for some seconds or until its next message."""
    chat = open_chat(telegram, params)
    if params.get("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.action = (params["action"], telegram.clock() + ACTION_SECONDS)
    chat.changed()
    return True


def read_caption(telegram: "Telegram", params: Json) -> tuple[str, list[Json]]:
    """Return a caption and its entities.

    Raises:
        Refusal: when it is too long or does not parse.
    """
    source = params.get("caption") or ""
    text, entities = formatted(source, params.get("parse_mode"), params.get("caption_entities"))
    if utf16_length(text) > telegram.limits.caption:
        raise bad_request("message caption is too long")
    return text, entities


def read_file(telegram: "Telegram", value: object, kind: str) -> File:
    """Return the file that a call brings along or names.

    Raises:
        Refusal: when there is none, or it is too big, or no photo where it should be one.
    """
    if isinstance(value, Upload):
        if not value.content:
            raise bad_request("file must be non-empty")
        if len(value.content) > MOST_BYTES:
            raise Refusal(413, "Request Entity Too Large")
        if kind == "photo":
            check_photo(value.content)
        return telegram.add_file(value.name, value.mime, value.content)
    if isinstance(value, str) and value in telegram.files:
        return telegram.files[value]
    if value:
        raise bad_request("wrong file identifier/HTTP URL specified")
    raise bad_request(f"there is no {kind} in the request")


def _post(
    telegram: "Telegram",
    chat: Chat,
    params: Json,
    *,
    text: str,
    entities: list[Json],
    kind: str = "text",
    file: File | None = None,
) -> Json:
    markup = read_markup(params.get("reply_markup"), telegram.limits)
    reply_to = _replied(chat, params)
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
    )
    chat.add(message)
    return message.to_json()


def _replied(chat: Chat, params: Json) -> Message | None:
    reply = params.get("reply_parameters") or {}
    message_id = reply.get("message_id") or params.get("reply_to_message_id")
    if not message_id:
        return None
    message = chat.find(message_id)
    lenient = reply.get("allow_sending_without_reply") or params.get("allow_sending_without_reply")
    if message is None and not lenient:
        raise bad_request("message to be replied not found")
    return message
