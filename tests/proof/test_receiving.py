"""Updates that cannot be decoded, a second poller of the bot, and a second process on its database."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.sandbox.telegram.errors import RefusedCall
from tests.program import ROOT
from tests.proof.journeys import buy, until_logged
from tests.proof.scenario import Scenario
from tests.proof.trouble import POISON


@pytest.mark.parametrize("poison", range(len(POISON)))
async def test_an_update_that_cannot_be_decoded(scenario: Scenario, poison: int) -> None:
    """It stops neither the key behind it nor the taps around it, also after a restart."""
    ann, bob = scenario.customers
    updates = scenario.telegram.updates
    await scenario.program.stop()
    updates.put_raw(POISON[poison])
    await bob.person.send(bob.key)
    updates.put_raw(POISON[poison])
    await scenario.start_listening()
    await bob.person.sees("Your key works")
    asked = await ann.person.send("/buy")
    updates.put_raw(POISON[poison])
    await ann.person.sees("Choose a service", after=asked)
    await buy(scenario, ann)
    found = await scenario.settle()
    assert not found.wrong, found.report()


async def test_a_second_poller(scenario: Scenario) -> None:
    """While another program receives the updates of the bot, a refused poll is only a pause."""
    ann = scenario.customers[0]
    for _ in range(2):
        polls = len(scenario.telegram.called("getUpdates"))
        try:
            await scenario.telegram.updates.take(0, 100, 0)
        except RefusedCall:
            continue
        await scenario.telegram.until_called("getUpdates", polls + 1)
    await until_logged(scenario, "another program receives the updates of this bot")
    number = await buy(scenario, ann)
    assert scenario.audit.card(number)
    assert scenario.program.running


async def test_a_second_process_is_refused(scenario: Scenario) -> None:
    """A second process on the same database ends with a sentence that names the first; that one goes on."""
    environment = scenario.environment | {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    asked = len(scenario.telegram.called("getMe"))
    second = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot"),
        cwd=scenario.folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await second.communicate()
    assert second.returncode == 1
    database = Path(scenario.environment["DATABASE_PATH"])
    sentence = f"process {scenario.program.pid} uses the database {database} already; stop it first"
    assert sentence in errors.decode()
    assert len(scenario.telegram.called("getMe")) == asked
    await buy(scenario, scenario.customers[0])
    found = await scenario.settle()
    assert not found.wrong, found.report()
