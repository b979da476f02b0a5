"""A user's stored data: pages of past purchases, sums, statistics, the export, and its deletion."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.accounts.accounts import Accounts
from bot.catalog.fuzzy import normalized
from bot.domain import (
    HistoryEntry,
    HistoryPage,
    Outcome,
    PurchasedService,
    Result,
    Spending,
    StoredData,
    User,
    start_of_month,
)
from bot.history import export
from bot.history.export import ExportFile, ExportFormat
from bot.storage import history, outbox, statistics, user_deletion
from bot.storage.database import Database
from bot.storage.history import Records

PAGE_SIZE: Final = 8
KEEP_UNDELIVERED: Final = 3600
"""Seconds for which a code that is not delivered prevents the deletion of its user's data. An older one may
never be delivered, and its card shows it."""
OVERDUE_AFTER: Final = 60
"""Seconds after which a code that is not delivered is reported to its user."""


_PHONE: Final = re.compile(r"[+(]*\d[\d ().-]*")
_MIN_DIGITS: Final = 4
"""Digits that are searched for in phone numbers."""
_MIN_NATIONAL: Final = 8
"""Digits from which the first one may be a trunk prefix, such as 0 in Vietnam and 8 in Russia."""
MAX_FOUND: Final = 8
"""Numbers that a search shows."""
MAX_NOTED: Final = 500
"""Newest notes that a search looks at."""


def phone_digits(text: str) -> str:
    """Return the digits of a text that is a phone number or a part of one; empty for another text."""
    digits = "".join(filter(str.isdecimal, text)) if _PHONE.fullmatch(text) else ""
    return digits if len(digits) >= _MIN_DIGITS else ""


@dataclass(eq=False, slots=True)
class History:
    """Stored data by user."""

    db: Database
    accounts: Accounts
    now: Callable[[], float]

    async def listing(self, user_id: int, service: str, result: Result, page: int) -> HistoryPage:
        """Return a page of the user's purchases, newest first; an empty service means all services."""
        return await self.db.read(history.list_page, user_id, service, result, page, PAGE_SIZE)

    async def find(self, user_id: int, query: str) -> list[HistoryEntry]:
        """Return the user's numbers that contain the digits of a query, or its words in their note."""
        digits = phone_digits(query)
        if not digits:
            term = normalized(query)
            noted = await self.db.read(history.list_noted, user_id, MAX_NOTED)
            found = [entry for entry in noted if len(term) > 1 and term in normalized(entry.note or "")]
            return found[:MAX_FOUND]
        without_trunk_prefix = digits[len(digits) >= _MIN_NATIONAL :]
        return await self.db.read(history.find_by_phone, user_id, without_trunk_prefix, MAX_FOUND)

    async def services(self, user_id: int) -> list[PurchasedService]:
        """Return the services that the user has bought, most bought first."""
        return await self.db.read(history.services, user_id)

    async def spending(self, user: User) -> Spending:
        """Return what the numbers at the user's provider cost on this day of the limit, and in this month."""
        now = self.now()
        day, month = user.limit_day(now), start_of_month(now, user.zone)
        return await self.db.read(history.spending, user.id, user.provider, day, month)

    async def outcomes(self, user: User) -> list[Outcome]:
        """Return the success figures at the user's provider by service, country and operators.

        The most bought ones come first.
        """
        return await self.db.read(statistics.outcomes, user.id, user.provider)

    async def files(
        self, user_id: int, formats: Sequence[ExportFormat], country_name: Callable[[str, str], str]
    ) -> list[ExportFile]:
        """Return the user's stored data in the requested formats, without API keys.

        All files are made from one read of the database.
        """
        records = await self.db.read(history.records, user_id)
        now = int(self.now())
        return [
            await asyncio.to_thread(self._file, format_, records, country_name, now) for format_ in formats
        ]

    def _file(
        self, format_: ExportFormat, records: Records, country_name: Callable[[str, str], str], now: int
    ) -> ExportFile:
        currencies = {gateway.id: gateway.profile.currency for gateway in self.accounts.gateways}
        name = f"numbers-{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"
        match format_:
            case ExportFormat.TABLE:
                return export.activations_csv(
                    records, name, country_name, lambda id_: currencies.get(id_, "")
                )
            case ExportFormat.EVERYTHING:
                return export.all_json(records, name, currencies, now)

    async def kept(self, user_id: int) -> StoredData:
        """Return how much data is stored about the user."""
        return await self.db.read(user_deletion.stored_data, user_id)

    async def codes_on_the_way(self, user_id: int) -> int:
        """Return how many of the user's new codes are undelivered; until then the data cannot be deleted."""
        return await self.db.read(user_deletion.count_undelivered_codes, user_id, self._undeletable_since())

    def _undeletable_since(self) -> int:
        return int(self.now()) - KEEP_UNDELIVERED

    async def overdue_codes(self, user_id: int) -> int:
        """Return how many of the user's codes came over a minute ago and could not be sent yet."""
        return await self.db.read(outbox.count_waiting_codes, user_id, int(self.now()) - OVERDUE_AFTER)

    async def forget(self, user_id: int) -> None:
        """Delete all data of the user in one transaction.

        Raises:
            NumbersOpen: an activation has not ended.
            CodesOnTheWay: a new code is not delivered yet.
        """
        since = self._undeletable_since()
        self.accounts.forget_keys(await self.db.write(user_deletion.delete_user, user_id, since))
        await self.db.truncate_wal()
