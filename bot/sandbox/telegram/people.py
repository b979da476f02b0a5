"""The people who use the bot: they send messages, tap buttons, search inline and block the bot."""

from contextlib import suppress

from typing_extensions import override

from bot.sandbox.telegram.chats import Chat, Message
from bot.sandbox.telegram.entities import formatted, parser
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.objects import Button, Json, Query, Toast
from bot.sandbox.telegram.start_links import is_start_parameter, start_parameter
from bot.sandbox.telegram.state import TelegramState

MAX_QUERY = 256
"""The maximum length of an inline query, in characters."""


class Person(Chat):
    """A person, and their private chat with the bot.

    Attributes:
        blocked: Whether the person has blocked the bot.
        clipboard: The text that a button has copied.
    """

    def __init__(self, telegram: TelegramState, user_id: int, first_name: str, language: str) -> None:
        super().__init__(telegram, user_id)
        self.user_id = user_id
        self.first_name = first_name
        self.language = language
        self.blocked = False
        self.clipboard: str | None = None

    @override
    def to_json(self) -> Json:
        """Return the private chat as the Bot API describes it."""
        return {"id": self.user_id, "type": "private", "first_name": self.first_name}

    def user(self) -> Json:
        """Return the person as a user of the Bot API."""
        return {
            "id": self.user_id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language,
        }

    async def send(self, text: str, *, reply_to: Message | None = None, chat: Chat | None = None) -> Message:
        """Send a message to the bot, or into a group, and return it."""
        if not text.strip():
            raise ValueError("the message is empty")
        message = self._message(chat, reply_to)
        message.text = text.strip()
        message.entities = parser().detect(message.text)
        return self._post(message)

    async def send_photo(self, content: bytes = b"photo", *, caption: str = "") -> Message:
        """Send a picture."""
        return self._send_file("photo", "photo.jpg", "image/jpeg", content, caption)

    async def send_document(self, content: bytes, name: str = "file.txt", *, caption: str = "") -> Message:
        """Send a file."""
        return self._send_file("document", name, "application/octet-stream", content, caption)

    async def send_sticker(self) -> Message:
        """Send a sticker."""
        return self._send_file("sticker", "sticker.webp", "image/webp", b"sticker", "")

    async def send_voice(self) -> Message:
        """Send a voice message."""
        return self._send_file("voice", "voice.ogg", "audio/ogg", b"voice", "")

    async def edit(self, message: Message, text: str) -> None:
        """Edit a message that the person has sent."""
        message.text, message.entities = text, parser().detect(text)
        message.edited_at = self.telegram.now()
        message.chat.changed()
        self.telegram.updates.put("edited_message", message.to_json())

    def delete(self, message: Message) -> None:
        """Delete a message for both sides; the bot gets no update."""
        message.chat.remove(message)

    def block(self) -> None:
        """Block the bot."""
        self._set_blocked(blocked=True)

    def unblock(self) -> None:
        """Unblock the bot."""
        self._set_blocked(blocked=False)

    async def click(
        self,
        label: str,
        *,
        message: Message | None = None,
        timeout: float = 30,  # noqa: ASYNC109 - a parameter is shorter in tests
    ) -> Toast | None:
        """Wait for a button, tap it, and wait for the bot's answer to a callback.

        A link to the bot sends "/start" with the link's parameter.

        Args:
            label: The text of the button, or its beginning, or a part of it.
            message: The message with the button; by default the newest one that has it.
            timeout: The maximum time to wait for the button, and for the answer, in seconds.

        Returns:
            The answer, or None if the button is a link or copies a text.

        Raises:
            AssertionError: The button was not found, the bot did not answer in time, or Telegram would refuse
                the link.
        """
        where, button = await self._find_button(label, message, timeout)
        if button.copy_text is not None:
            self.clipboard = button.copy_text
        if button.url is not None:
            await self._follow(button.url)
        if button.data is None:
            return None
        return await self._answer(self.tap(where, button.data), label, timeout)

    async def press(
        self,
        data: str,
        *,
        message: Message | None = None,
        timeout: float = 30,  # noqa: ASYNC109 - as above
    ) -> Toast | None:
        """Send forged callback data, as a modified app can, and return the answer.

        Raises:
            AssertionError: The bot did not answer in time.
        """
        return await self._answer(self.tap(message or self.newest, data), data, timeout)

    def tap(self, message: Message, data: str) -> Query:
        """Send a callback query without waiting for the answer."""
        query = self.telegram.open_query(self.user_id, inline=False)
        update: Json = {
            "id": query.query_id,
            "from": self.user(),
            "chat_instance": str(message.chat_id),
            "data": data,
        }
        if self.telegram.clock() - message.date > self.telegram.limits.delete_seconds:
            update["message"] = {"chat": message.chat.to_json(), "message_id": message.message_id, "date": 0}
        else:
            update["message"] = message.to_json()
        query.update_id = self.telegram.updates.put("callback_query", update)
        return query

    async def inline(self, text: str, timeout: float = 30) -> list[Json]:  # noqa: ASYNC109 - as above
        """Search inline, and return the results.

        Raises:
            AssertionError: The bot did not answer in time.
        """
        return (await self.search(text, timeout)).results or []

    async def search(self, text: str, timeout: float = 30) -> Query:  # noqa: ASYNC109 - as above
        """Search inline, and return the query with the results and the button above them.

        Raises:
            AssertionError: The bot did not answer in time.
        """
        query = self.type(text)
        await self._answer(query, f"@{self.telegram.username} {text}", timeout)
        return query

    def type(self, text: str) -> Query:
        """Search inline without waiting for the results."""
        if len(text) > MAX_QUERY:
            raise ValueError("the query is too long")
        query = self.telegram.open_query(self.user_id, inline=True)
        update = {
            "id": query.query_id,
            "from": self.user(),
            "query": text,
            "offset": "",
            "chat_type": "sender",
        }
        self.telegram.updates.put("inline_query", update)
        return query

    async def press_over(self, query: Query) -> Message:
        """Press the button above inline results, and Start in the chat that it opens.

        Raises:
            AssertionError: The results have no button.
        """
        if query.button is None:
            raise AssertionError(f"The results have no button.\n{self.transcript()}")
        return await self.send(f"/start {query.button['start_parameter']}")

    def choose(self, result: Json, query: str = "", *, chat: Chat | None = None) -> Message:
        """Send an inline result into the chat, or into a group."""
        message = self._message(chat, None)
        message.via_bot = True
        content = result.get("input_message_content") or {}
        message.text, message.entities = formatted(
            content.get("message_text") or "", content.get("parse_mode")
        )
        message.rows = read_markup(result.get("reply_markup"), self.telegram.limits).rows
        self._post(message)
        chosen = {"result_id": result["id"], "from": self.user(), "query": query}
        self.telegram.updates.put("chosen_inline_result", chosen)
        return message

    async def _follow(self, url: str) -> None:
        """Open a link: a link to the bot sends "/start", others do nothing."""
        parameter = start_parameter(url, self.telegram.username)
        if parameter is None:
            return
        if parameter and not is_start_parameter(parameter):
            raise AssertionError(f"START_PARAM_INVALID: {url}")
        await self.send(f"/start {parameter}")

    async def _find_button(
        self,
        label: str,
        message: Message | None,
        timeout: float,  # noqa: ASYNC109 - as above
    ) -> tuple[Message, Button]:
        def find() -> tuple[Message, Button] | None:
            messages = self.messages if message is None else [message]
            for matches in (str.__eq__, str.startswith, str.__contains__):
                for candidate in reversed(messages):
                    for button in candidate.buttons:
                        if matches(button.text, label) and not candidate.deleted:
                            return candidate, button
            return None

        with suppress(AssertionError):
            await self.until(lambda _: find() is not None, timeout)
        found = find()
        if found is None:
            there = [name for shown in self.messages for name in shown.labels]
            raise AssertionError(f"There is no button {label!r} among {there}.\n{self.transcript()}")
        return found

    async def _answer(self, query: Query, what: str, timeout: float) -> Toast | None:  # noqa: ASYNC109 - as above
        try:
            await self.until(lambda _: query.answered, timeout)
        except AssertionError:
            raise AssertionError(f"No answer to {what!r} within {timeout} s.\n{self.transcript()}") from None
        return query.toast

    def _message(self, chat: Chat | None, reply_to: Message | None) -> Message:
        return Message(
            message_id=self.telegram.next_message_id(),
            chat=chat or self,
            sender=self.user(),
            from_bot=False,
            date=self.telegram.now(),
            drawn_at=self.telegram.clock(),
            reply_to=reply_to,
        )

    def _send_file(self, kind: str, name: str, mime: str, content: bytes, caption: str) -> Message:
        message = self._message(None, None)
        message.kind, message.text = kind, caption
        message.file = self.telegram.add_file(name, mime, content)
        return self._post(message)

    def _post(self, message: Message) -> Message:
        if self.blocked:
            self.unblock()
        message.chat.add(message)
        if message.chat is self or self._reaches_bot(message):
            self.telegram.updates.put("message", message.to_json())
        return message

    def _reaches_bot(self, message: Message) -> bool:
        """Return whether a bot in privacy mode gets a message of a group."""
        name = f"@{self.telegram.username}"
        answers_bot = message.reply_to is not None and message.reply_to.from_bot
        return answers_bot or message.via_bot or message.text.startswith("/") or name in message.text

    def _set_blocked(self, *, blocked: bool) -> None:
        if self.blocked == blocked:
            return
        self.blocked = blocked
        member = {"status": "member", "user": self.telegram.me()}
        kicked = {"status": "kicked", "user": self.telegram.me(), "until_date": 0}
        update = {
            "chat": self.to_json(),
            "from": self.user(),
            "date": self.telegram.now(),
            "old_chat_member": member if blocked else kicked,
            "new_chat_member": kicked if blocked else member,
        }
        self.telegram.updates.put("my_chat_member", update)
        self.changed()
