"""Marks what was sent as delivered. If that fails, only the mark is tried again, never the message."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from bot import errors
from bot.delivery.attempts import ChatState, Sent
from bot.delivery.code_cleanup import CodeCleanup
from bot.domain import Activation, Code, can_auto_complete
from bot.ports import PollSchedule
from bot.storage import activations, code_messages, outbox, preferences, transitions
from bot.storage.database import Database

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True, kw_only=True)
class DeliveryMarks:
    """Marks codes, notices, cards and buttons, and starts what follows a delivered code."""

    db: Database
    poll_schedule: PollSchedule
    code_cleanup: CodeCleanup
    now: Callable[[], float]

    async def write_due(self, chat: ChatState, now: float) -> None:
        """Mark the deliveries of a chat that were sent; what fails is tried again later.

        Args:
            chat: the state of the chat.
            now: seconds of the event loop.
        """
        for sent in [sent for sent in chat.sent.values() if sent.not_before <= now]:
            await self._write(chat, sent, now)

    async def _write(self, chat: ChatState, sent: Sent, now: float) -> None:
        key, user_id = sent.delivery.key, sent.delivery.user_id
        try:
            await self._write_mark(sent)
        except errors.ActivationGone:
            del chat.sent[key]  # the user has deleted all their data meanwhile
        except errors.StorageError as error:
            log.warning("chat %d: a message is sent, but cannot be marked as delivered: %s", user_id, error)
            sent.wait(now)
        except Exception:
            log.exception("chat %d: a message is sent, but cannot be marked as delivered", user_id)
            sent.wait(now)
        else:
            del chat.sent[key]

    async def _write_mark(self, sent: Sent) -> None:
        delivery, activation, message_ids = sent.delivery, sent.activation, sent.message_ids
        now = int(self.now())
        if delivery.notice:
            await self.db.write(outbox.notice_delivered, delivery.user_id, delivery.notice.id, now)
        elif activation and delivery.code and delivery.message_id is not None:
            await self.db.write(outbox.buttons_drawn, activation.id, delivery.code.ordinal)
        elif activation and delivery.code:
            after = await self.db.write(_mark_code, activation, delivery.code, message_ids, now)
            if after.complete_scheduled:
                self.poll_schedule.add(after)
            self.code_cleanup.changed.set()
        elif activation:
            message_id = message_ids[0] if message_ids else activation.card_message_id
            await self.db.write(outbox.card_drawn, activation, message_id)


def _mark_code(
    connection: Connection, activation: Activation, code: Code, message_ids: Sequence[int], now: int
) -> Activation:
    """Mark a code as delivered, and schedule the cleanup and the completion that its user has set.

    Args:
        connection: inside a transaction.
        activation: the activation of the code, as it was when the code was sent.
        code: the code.
        message_ids: the messages with the code.
        now: UTC seconds.

    Returns:
        The activation after that.
    """
    buttons_may_change = activation.open and activation.last_code == code
    outbox.code_delivered(
        connection, activation.id, code.ordinal, now, message_ids[-1] if buttons_may_change else None
    )
    chosen = preferences.get(connection, activation.user_id)
    if chosen.delete_codes_after is not None:
        code_messages.add(connection, activation, message_ids, now + chosen.delete_codes_after)
    activation = activations.get(connection, activation.id)
    if chosen.complete_after_code and can_auto_complete(activation):
        return transitions.schedule_completion(connection, activation.id, wanted=True)
    return activation
