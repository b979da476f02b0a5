"""Code cleanup: deletes messages with codes after the delay that their user has set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from typing_extensions import override

from bot.delivery.deletion_loop import DeletionLoop
from bot.domain import DeletionState
from bot.storage import code_messages
from bot.storage.code_messages import CODE_MESSAGES, CodeMessage
from bot.storage.message_deletions import DeletionTable


@dataclass(eq=False, slots=True)
class CodeCleanup(DeletionLoop[CodeMessage]):
    """The loop over the messages with codes. It gives up after 23 hours; Telegram allows two days."""

    table: DeletionTable[CodeMessage] = field(default=CODE_MESSAGES, init=False)
    retry_pauses: ClassVar[Sequence[int]] = (60, 5 * 60, 30 * 60)
    give_up_after: ClassVar[int] = 23 * 3600

    @override
    async def _finish(self, message: CodeMessage, state: DeletionState) -> None:
        if await self.db.write(code_messages.delete, message, int(self.now())):
            self.delivery_queue.notify(message.user_id)
