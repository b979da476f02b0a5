"""What is kept of a user: their history page by page, sums of it, a copy of everything, and an end to it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from bot.accounts.accounts import Accounts
from bot.domain import HistoryPage, Outcome, PurchasedService, Result, Spending, StoredData, start_of_day
from bot.history import export
from bot.history.export import ExportFile, ExportFormat
from bot.storage import history, statistics, user_deletion
from bot.storage.database import Database
from bot.storage.history import Records

PAGE_SIZE: Final = 8


class History:
    """The history of each user, for themselves only."""

    def __init__(self, db: Database, accounts: Accounts, now: Callable[[], float], currency: str) -> None:
        self._db = db
        self._accounts = accounts
        self._now = now
        self._currency = currency

    async def listing(self, user_id: int, service: str, result: Result, page: int) -> HistoryPage:
        """Return a page of the user's history, newest first; an empty service stands for all."""
        return await self._db.read(history.list_page, user_id, service, result, page, PAGE_SIZE)

    async def services(self, user_id: int) -> list[PurchasedService]:
        """Return the services in the user's history, most bought first."""
        return await self._db.read(history.services, user_id)

    async def spending(self, user_id: int) -> Spending:
        """Return what the user's numbers of this day and this month come to; both begin in UTC."""
        day = start_of_day(self._now())
        month = datetime.fromtimestamp(day, UTC).replace(day=1)
        return await self._db.read(history.spending, user_id, day, int(month.timestamp()))

    async def outcomes(self, user_id: int) -> list[Outcome]:
        """Return what became of the user's numbers, by service, country and operators, most bought first."""
        return await self._db.read(statistics.outcomes, user_id)

    async def files(
        self, user_id: int, forms: Sequence[ExportFormat], country_name: Callable[[str], str]
    ) -> list[ExportFile]:
        """Return what is kept of the user, but no API key, in these forms; all of them show one moment."""
        records = await self._db.read(history.records, user_id)
        now = int(self._now())
        return [await asyncio.to_thread(self._file, form, records, country_name, now) for form in forms]

    def _file(
        self, form: ExportFormat, records: Records, country_name: Callable[[str], str], now: int
    ) -> ExportFile:
        name = f"numbers-{datetime.fromtimestamp(now, UTC):%Y-%m-%d}"
        match form:
            case ExportFormat.TABLE:
                return export.table(records, name, country_name, self._currency)
            case ExportFormat.EVERYTHING:
                return export.everything(records, name, self._currency, now)

    async def kept(self, user_id: int) -> StoredData:
        """Return how much is kept of the user."""
        return await self._db.read(user_deletion.stored_data, user_id)

    async def codes_on_the_way(self, user_id: int) -> int:
        """Return how many of the user's codes are not in the chat yet: they cannot be forgotten."""
        return await self._db.read(user_deletion.count_undelivered_codes, user_id)

    async def forget(self, user_id: int) -> None:
        """Delete everything of the user, in one transaction.

        Raises:
            NumbersOpen: an activation has not ended, or its purchase is under way.
            CodesOnTheWay: a code is not in the chat yet.
        """
        self._accounts.forget_keys(await self._db.write(user_deletion.delete_user, user_id))
        await self._db.truncate_wal()
