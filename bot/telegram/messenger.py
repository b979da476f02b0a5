"""Sends codes, notices and cards to chats, for the outbox."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, Message, ReplyParameters

from bot import errors
from bot.accounts.accounts import Accounts
from bot.activations.card_notes import CardNotes
from bot.alerts.alerts import AlertMatch
from bot.catalog.availability import Alternatives
from bot.catalog.catalogs import Catalogs
from bot.domain import Activation, Code, Notice, NoticeKind, User
from bot.telegram import country_names, keyboards, telegram_errors, texts
from bot.telegram.callbacks import Screen
from bot.telegram.chats import UPLOAD_TIMEOUT
from bot.telegram.operator_names import operator_names
from bot.telegram.screens import ScreenUpdates
from bot.telegram.telegram_errors import NOT_MODIFIED
from bot.telegram.translations import Translations
from bot.telegram.translator import Html, Translator

ALTERNATIVES_TIMEOUT: Final = 2.0
"""Seconds that a card may wait for the alternatives to a sold-out offer."""
T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class ChatMessenger:
    """The messenger that calls the Bot API. Every method raises an error of `DeliveryError`."""

    bot: Bot
    translations: Translations
    accounts: Accounts
    catalogs: Catalogs
    screen_updates: ScreenUpdates
    notes: CardNotes
    now: Callable[[], float]

    def code_parts(self, user: User, activation: Activation, code: Code) -> int:
        """Return how many messages a code needs: its texts, and a file if it is very long."""
        return _parts(texts.messages.code(self._t(user, activation), activation, code), code)

    async def code(self, user: User, activation: Activation, code: Code, part: int) -> int:
        """Send one of the messages of a code; return its id.

        If Telegram refuses it, the same text is sent without markup, and then a fixed sentence with its
        beginning.
        """
        t = self._t(user, activation)
        messages = texts.messages.code(t, activation, code)
        pieces = texts.messages.pieces(code) or [""]
        is_last = part == _parts(messages, code) - 1
        markup = keyboards.card.code(t, activation, code, self._offered(activation)) if is_last else None
        try:
            if part == len(messages):
                return await self._send_code_file(user, code, markup)
            card = None
            if part == 0 and activation.card_message_id is not None:
                card = ReplyParameters(
                    message_id=activation.card_message_id, allow_sending_without_reply=True
                )
            return (await self._send(user, messages[part], markup, card)).message_id
        except errors.MessageRefused:
            log.warning("chat %d: Telegram refuses a code; it is sent as plain text", user.id)
        piece = pieces[min(part, len(pieces) - 1)]
        sentence = texts.messages.plain_code(t, piece)
        try:
            return await self._send_plain(user, piece if piece.strip() else sentence)
        except errors.MessageRefused:
            log.warning("chat %d: Telegram refuses a code as plain text", user.id)
        return await self._send_plain(user, sentence)

    async def code_buttons(self, user: User, activation: Activation, code: Code, message_id: int) -> None:
        """Draw the buttons under a sent code again; do nothing if Telegram refuses to edit the message."""
        t = self._t(user, activation)
        markup = keyboards.card.code(t, activation, code, self._offered(activation))
        try:
            await _call(
                self.bot.edit_message_reply_markup(
                    chat_id=user.id, message_id=message_id, reply_markup=markup
                )
            )
        except errors.MessageRefused as refusal:  # it may be deleted, or too old
            log.debug("chat %d: the buttons under a code stay: %s", user.id, refusal)
        except errors.TryLater as error:
            raise errors.EditLater(error.seconds) from None

    async def _send_code_file(self, user: User, code: Code, markup: InlineKeyboardMarkup | None) -> int:
        file = BufferedInputFile(code.shown.encode("utf-8", errors="replace"), "sms.txt")
        caption = texts.messages.file_caption(self.translations.of(user))
        sending = self.bot.send_document(
            user.id, file, caption=caption, reply_markup=markup, request_timeout=UPLOAD_TIMEOUT
        )
        return (await _call(sending)).message_id

    async def _send_plain(self, user: User, text: str) -> int:
        return (await _call(self.bot.send_message(user.id, text, parse_mode=None))).message_id

    def _t(self, user: User, activation: Activation) -> Translator:
        """Return the user's translator with the currency of the provider of a number."""
        return self.translations.of(user).at(activation.provider)

    async def ping(self) -> None:
        """Ask Telegram for the bot's name, to see whether it answers."""
        await _call(self.bot.get_me())

    async def notice(self, user: User, activation: Activation | None, notice: Notice) -> int:
        """Send a notice as a new message; return its id."""
        t = self.translations.of(user)
        if notice.kind is NoticeKind.ALERT:
            match = AlertMatch.read(notice.details)
            country = self._country(t, match.provider, match.country)
            text = texts.alerts.available(
                t, match, country=country, operators=operator_names(t, match.operators)
            )
            return (await self._send(user, text, keyboards.alerts.available(t, match.alert_id))).message_id
        country = ""
        markup = keyboards.preferences.low_balance(t) if notice.kind is NoticeKind.LOW_BALANCE else None
        if notice.kind in (NoticeKind.ANSWER, NoticeKind.KEY_MESSAGE_STAYS):
            markup = keyboards.buttons.only_home(t)
        if notice.kind is NoticeKind.KEY_REFUSED:
            markup = keyboards.ways_on.to_screen(t, Screen.KEY)
        if activation is not None:
            t = t.at(activation.provider)
            country = self._country(t, activation.provider, activation.country)
            if not activation.open:
                markup = keyboards.card.again(t, activation)
            elif notice.kind is NoticeKind.CHARGED_MORE:
                markup = keyboards.card.charged_more(t, activation)
            else:
                offered = self._offered(activation)
                markup = keyboards.card.actions(t, activation, int(self.now()), offered=offered)
        text = texts.messages.notice(t, activation, notice, country)
        return (await self._send(user, text, markup)).message_id

    async def card(self, user: User, activation: Activation) -> int:
        """Edit the card's message, or send a new one if it is gone; return the message's id."""
        t = self._t(user, activation)
        alternatives = await self._alternatives(user, activation) if activation.sold_out else None
        now = int(self.now())
        note = self.notes.get(activation, now)
        gateway = self.accounts.gateways.find(activation.provider)
        text = texts.card.text(
            t,
            activation,
            country=self._country(t, activation.provider, activation.country),
            operators=operator_names(t, activation.operators),
            now=now,
            cancel_after=gateway.profile.cancel_after if gateway is not None else 0,
            others=alternatives,
            note=note,
        )
        offered = self._offered(activation)
        markup = keyboards.card.actions(t, activation, now, alternatives, note, offered)
        if activation.card_message_id is not None:
            await self.screen_updates.stop((user.id, activation.card_message_id))
            try:
                await _call(
                    self.bot.edit_message_text(
                        text, chat_id=user.id, message_id=activation.card_message_id, reply_markup=markup
                    )
                )
            except errors.MessageRefused as refusal:
                # A deleted card is not sent again only to hide its codes.
                if NOT_MODIFIED not in str(refusal) and not activation.hides_codes(now):
                    return (await self._send(user, text, markup)).message_id
            except errors.TryLater as error:
                raise errors.EditLater(error.seconds) from None
            return activation.card_message_id
        return (await self._send(user, text, markup)).message_id

    def _offered(self, activation: Activation) -> keyboards.card.Offered:
        """Return what the provider of a number takes."""
        gateway = self.accounts.gateways.find(activation.provider)
        if gateway is None:
            return keyboards.card.ALL_OFFERED
        return keyboards.card.Offered(gateway.profile.resend, gateway.profile.sms_sent)

    def _country(self, t: Translator, provider: str, id_: str) -> str:
        return country_names.at(t, partial(self.catalogs.country_name, provider), id_)

    async def _alternatives(self, user: User, activation: Activation) -> Alternatives | None:
        """Return the alternatives to a sold-out offer; None if they are not known in time."""
        try:
            key = await self.accounts.key_of(user, activation.provider)
            alternatives = await self.catalogs.of(key.provider).alternatives(
                key,
                activation.country,
                activation.service,
                activation.operators,
                ALTERNATIVES_TIMEOUT,
            )
        except errors.BotError:
            return None
        return alternatives if alternatives or alternatives.complete else None

    async def delete(self, user_id: int, message_id: int) -> None:
        """Delete a message."""
        await _call(self.bot.delete_message(user_id, message_id))

    async def _send(
        self,
        user: User,
        text: Html,
        markup: InlineKeyboardMarkup | None,
        replied: ReplyParameters | None = None,
    ) -> Message:
        return await _call(
            self.bot.send_message(user.id, text, reply_markup=markup, reply_parameters=replied)
        )


def _parts(messages: list[Html], code: Code) -> int:
    """Return how many messages a code needs, with the file that follows its texts if they are not enough."""
    return len(messages) + texts.messages.needs_file(code)


async def _call(call: Awaitable[T]) -> T:
    """Await a call of the Bot API; raise its failure as a `DeliveryError`."""
    try:
        return await call
    except AiogramError as error:
        failure = telegram_errors.delivery_error(error)
        if isinstance(failure, errors.TryLater):
            log.info("Telegram is unreachable: %s", telegram_errors.describe(error))
        raise failure from None
