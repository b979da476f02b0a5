"""A purchase whose number was recorded by something else than this process is followed."""

import sqlite3
from contextlib import closing

from bot.sandbox.provider import FaultKind
from tests.conftest import World


async def test_a_number_that_is_found_recorded_is_checked(bot_world: World) -> None:
    """If a check of an unclear purchase finds that it has a number by now, status checks of it begin."""
    ann = await bot_world.customer()
    await bot_world.open_page(ann)
    bot_world.provider.fail(FaultKind.COMMIT_THEN_BODY, action="getNumber", body="ERROR_SQL")
    await ann.click("Buy")
    unclear = await ann.sees("It’s unclear whether a number was bought", "balance dropped by")
    number = bot_world.provider.numbers[bot_world.provider.ledger[-1].id]
    bot_world.provider.deliver(number.id, "1234")
    with closing(sqlite3.connect(bot_world.values["database_path"])) as connection, connection:
        connection.execute(
            """UPDATE activations SET state = 'waiting', provider_id = ?, phone = ?, bought_at = ordered_at,
               ends_at = ordered_at + 1200, cancel_from = ordered_at + 120""",
            (number.id, number.phone),
        )
    await ann.click("Check again", message=unclear)
    await ann.sees("· Telegram", "📩", "1234", timeout=10)
