"""What the proofs do again and again: buy a number in a scenario, and wait for its codes."""

import asyncio
from functools import partial
from pathlib import Path

from bot.sandbox.provider import Number
from bot.sandbox.telegram import Message
from tests.proof.people import Customer
from tests.proof.scenario import Scenario


async def open_page(customer: Customer) -> tuple[Message, str]:
    """Open a confirmation page for Telegram; return it and the callback data of its Buy button."""
    person = customer.person
    asked = await person.send("/buy")
    page = await person.sees("Choose a service", after=asked)
    for data in ("o:10:tg:0", "c:10:tg:"):
        await person.until(partial(_offers, page, data))
        customer.tap(page, find(page, data))
    await person.until(partial(_offers, page, "b:"))
    return page, find(page, "b:")


async def buy(scenario: Scenario, customer: Customer) -> Number:
    """Buy a number and return it when its card is in the chat."""
    bought = len(scenario.provider.ledger)
    page, data = await open_page(customer)
    customer.tap(page, data)
    await scenario.provider.wait_for(lambda provider: len(provider.ledger) > bought)
    number = scenario.provider.numbers[scenario.provider.ledger[-1].id]
    await scenario.until(lambda: scenario.audit.card(number), 20)
    return number


async def assert_delivered(scenario: Scenario, number: Number, seconds: float = 20) -> None:
    """Wait until every SMS of a number is in the chat, and audit the rest."""

    def delivered() -> bool:
        return number.shown == len(number.messages) and not scenario.audit.missing_codes()

    assert await scenario.until(delivered, seconds), scenario.customers[0].person.transcript()
    found = scenario.check()
    assert not found.wrong, found.report()


async def until_logged(scenario: Scenario, *words: str) -> None:
    """Wait until the log has one of the words."""
    log = Path(scenario.order["output"])
    async with asyncio.timeout(20):
        while not any(word in log.read_text(encoding="utf-8") for word in words):  # noqa: ASYNC110  # a file
            await asyncio.sleep(0.05)


def find(message: Message, data: str) -> str:
    """Return the callback data of the first button whose data begins like this."""
    return next(b.data for b in message.buttons if b.data and b.data.startswith(data))


def _offers(message: Message, data: str, _: object) -> bool:
    return any(button.data and button.data.startswith(data) for button in message.buttons)
