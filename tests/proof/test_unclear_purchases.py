"""A sale behind a gateway's 504, two people with one account, and a database that fails during a purchase."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.sandbox.provider import SMS3T, SMS_ACTIVATE, Dialect, FaultKind
from bot.telegram.texts.phones import pretty
from tests.program import Program
from tests.proof.journeys import assert_delivered, find, open_page, until_logged
from tests.proof.scenario import Scenario
from tests.proof.trouble import damaged, full_disk, locked


@pytest.mark.timeout(120)
@pytest.mark.parametrize("dialect", [SMS_ACTIVATE, SMS3T], ids=lambda dialect: dialect.name)
async def test_a_sale_behind_a_504(program: Program, tmp_path: Path, dialect: Dialect) -> None:
    """The number is found in the provider's list; without a list the purchase is called unclear."""
    async with Scenario(program, tmp_path, "late", dialect, people=1, reading_time=0) as scenario:
        (ann,) = scenario.customers
        await scenario.bind_keys()
        await scenario.start_listening()
        page, data = await open_page(ann)
        scenario.provider.fail(FaultKind.COMMIT_LATER, action="getNumber", seconds=1.5)
        ann.tap(page, data)
        await ann.person.sees("It’s unclear whether a number was bought")
        assert not scenario.provider.ledger
        await scenario.provider.wait_for(lambda provider: len(provider.ledger) == 1)
        (number,) = scenario.provider.numbers.values()
        if dialect is SMS_ACTIVATE:
            await ann.person.sees(f"📱 {pretty(number.phone)}")
            scenario.send_code(number)
            await assert_delivered(scenario, number)
        found = await scenario.settle()
        assert not found.wrong, found.report()
        assert found.totals.unknown == (dialect is SMS3T)


@pytest.mark.timeout(120)
async def test_two_people_with_one_account(program: Program, tmp_path: Path) -> None:
    """Both have an unclear purchase: one chooses a number, and each gets the codes of their own only."""
    async with Scenario(program, tmp_path, "shared", SMS_ACTIVATE, people=4, reading_time=0) as scenario:
        two = scenario.customers[2:]
        await scenario.bind_keys()
        await scenario.start_listening()
        await two[1].bind()
        pages = [await open_page(customer) for customer in two]
        scenario.provider.fail(FaultKind.COMMIT_LATER, action="getNumber", seconds=0.5, times=2)
        for customer, (page, data) in zip(two, pages, strict=True):
            customer.tap(page, data)
        await scenario.provider.wait_for(lambda provider: len(provider.ledger) == 2)
        for customer in two:
            await customer.person.sees("Tap Check again to choose")
        two[0].tap(pages[0][0], find(pages[0][0], "k:"))
        question = await two[0].person.sees("Which of these numbers")
        two[0].tap(question, find(question, "p:"))
        for customer in two:  # the other number is certain then
            await customer.person.sees("📱")
        first, second = scenario.provider.numbers.values()
        assert {scenario.audit.owner(first), scenario.audit.owner(second)} == {*two}
        for number in (first, second):
            scenario.send_code(number)
            await assert_delivered(scenario, number)
        found = await scenario.settle()
        assert not found.wrong, found.report()


@pytest.mark.parametrize("broken", [locked, damaged, full_disk], ids=lambda broken: broken.__name__)
async def test_a_database_that_fails_during_a_purchase(
    scenario: Scenario, broken: Callable[[Scenario], AbstractAsyncContextManager[None]]
) -> None:
    """The number that is sold meanwhile is recorded, shown and followed as soon as the database works."""
    ann = scenario.customers[0]
    page, data = await open_page(ann)
    scenario.provider.fail(FaultKind.DELAY, action="getNumber", seconds=1)
    ann.tap(page, data)
    await scenario.provider.wait_for(lambda _: bool(scenario.audit.requests("getNumber", ann.key)))
    async with broken(scenario):
        await scenario.provider.wait_for(lambda provider: len(provider.ledger) == 1)
        (number,) = scenario.provider.numbers.values()
        if broken is not full_disk:  # the log may have free space in its file
            await until_logged(scenario, "cannot be recorded", "file is not a database")
    assert await scenario.until(lambda: scenario.audit.card(number), 20)
    scenario.send_code(number)
    await assert_delivered(scenario, number)
    found = await scenario.settle()
    assert not found.wrong, found.report()
